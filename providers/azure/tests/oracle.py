"""Has OpenAI's and Anthropic's own clients for Azure build requests, and says what they would send.

Each line of the input is a case: how the client is made, and the body of a chat. The answer is the
path with its query, and the names of the headers by which it shows who it is.
"""

import json
import sys

import anthropic
import httpx2
import openai

seen = []


def answer(request):
    seen.append(request)
    return httpx2.Response(400, json={"error": {"message": "no"}})


for line in sys.stdin:
    case = json.loads(line)
    http_client = httpx2.Client(transport=httpx2.MockTransport(answer))
    library = anthropic if case["client"].startswith("Anthropic") else openai
    client = getattr(library, case["client"])(
        **case["made"], http_client=http_client, max_retries=0
    )
    try:
        if library is anthropic:
            client.messages.create(**case["body"])
        else:
            client.chat.completions.create(**case["body"])
    except library.BadRequestError:
        pass
    request = seen.pop()
    shown = sorted({"api-key", "authorization", "x-api-key"} & set(request.headers))
    print(
        json.dumps(
            {
                "method": request.method,
                "uri": request.url.raw_path.decode(),
                "shown": shown,
                "body": json.loads(request.content),
            }
        )
    )
