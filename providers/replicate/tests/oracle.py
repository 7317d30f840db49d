"""Says what Replicate's own library would ask, writes predictions by its types, and reads streams.

Each line of the input is a case: `{"ask": …}` and `{"look": id}` and `{"cancel": id}` are answered with
the request that the library makes; `{"write": …}` with the text that its types write of a prediction;
`{"hear": …}` with the pieces that it reads in a stream.
"""

import json
import sys

import httpx
from replicate.client import Client
from replicate.identifier import _resolve
from replicate.prediction import Prediction
from replicate.stream import EventSource, ServerSentEvent

SENT = []
SMALLEST = {"id": "p1", "model": "a/b", "version": "v", "status": "starting"}


def answer(request):
    SENT.append(request)
    return httpx.Response(200, json=SMALLEST)


CLIENT = Client(api_token="token", transport=httpx.MockTransport(answer))


def sent():
    request = SENT.pop()
    return {
        "asked": f"{request.method} {request.url.path}",
        "authorization": request.headers["authorization"],
        "prefer": request.headers.get("prefer"),
        "body": json.loads(request.content or b"null"),
    }


def ask(case):
    _, owner, name, version = _resolve(case["model"])
    more = {"stream": True} if case["stream"] else {"wait": True}
    if version:
        CLIENT.predictions.create(version=version, input=case["input"], **more)
    else:
        CLIENT.models.predictions.create(model=(owner, name), input=case["input"], **more)
    return sent()


def hear(text):
    head = {"content-type": "text/event-stream"}
    events = EventSource(CLIENT, httpx.Response(200, headers=head, content=text.encode()))
    try:
        outputs = [e.data for e in events if e.event == ServerSentEvent.EventType.OUTPUT]
    except RuntimeError as error:
        return {"error": str(error)}
    return {"said": outputs}


def judge(case):
    match case:
        case {"ask": asked}:
            return ask(asked)
        case {"look": name}:
            CLIENT.predictions.get(name)
            return sent()
        case {"cancel": name}:
            CLIENT.predictions.cancel(name)
            return sent()
        case {"write": prediction}:
            return Prediction(**prediction).json()
        case {"hear": text}:
            return hear(text)


for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))))
