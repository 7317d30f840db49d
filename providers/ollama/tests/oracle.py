"""Judges what a server would be sent, and writes what it would say, by Ollama's own library.

Each line of the input is a case: `{"request": …}` is answered with the complaints about it, a list;
`{"lines": […]}` with the text that the library's types write of them, a line each.
"""

import base64
import json
import sys

import httpx
import pydantic
from ollama import ChatResponse, Client, Options

# What the server takes and the library does not know yet: `api/types.go` of the server's repository.
NEWER = {
    "request": {"truncate", "shift"},
    "option": {"min_p"},
    "message": {"tool_call_id"},
    "call": {"id"},
}

SENT = []


def answer(request):
    SENT.append(json.loads(request.content))
    return httpx.Response(200, content=b"{}\n")


CLIENT = Client(transport=httpx.MockTransport(answer))


def without(value, names):
    return {name: inner for name, inner in value.items() if name not in names}


def known(request):
    """The request, as far as the library can say it."""
    request = without(request, NEWER["request"])
    if "options" in request:
        request["options"] = without(request["options"], NEWER["option"])
        Options.model_validate(request["options"])
    messages = [without(message, NEWER["message"]) for message in request["messages"]]
    for message in messages:
        if "tool_calls" in message:
            message["tool_calls"] = [without(call, NEWER["call"]) for call in message["tool_calls"]]
    return {**request, "messages": messages}


def differences(ours, theirs, place):
    """Where what the library sends is something else. What is empty it does not send."""
    if place.endswith(".parameters"):
        return  # of a schema the library leaves out what it does not know
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys()):
            yield from differences(ours.get(name), theirs.get(name), f"{place}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for at, (own, their) in enumerate(zip(ours, theirs)):
            yield from differences(own, their, f"{place}[{at}]")
    elif (ours or None) != (theirs or None):
        yield f"{place} is {ours!r}, and the library sends {theirs!r}"


def judge(request):
    try:
        ours = known(request)
        for at, message in enumerate(ours["messages"]):
            for image in message.get("images", []):
                base64.b64decode(image, validate=True)
            if message["role"] not in ("system", "user", "assistant", "tool"):
                return [f"messages[{at}].role is `{message['role']}`"]
        if "options" in ours and (strangers := ours["options"].keys() - Options.model_fields.keys()):
            return [f"options: {strangers} are not known"]
        said = CLIENT.chat(**{name: value for name, value in ours.items()})
        if ours["stream"]:
            list(said)
    except pydantic.ValidationError as error:
        # The answer is none; the request is what is judged.
        if "ChatResponse" not in str(error):
            return [str(error)]
    except (KeyError, TypeError, ValueError) as error:
        return [repr(error)]
    return list(differences(ours, SENT.pop(), "request"))


for line in sys.stdin:
    case = json.loads(line)
    if "request" in case:
        verdict = judge(case["request"])
    else:
        written = (ChatResponse.model_validate(line, strict=True) for line in case["lines"])
        verdict = "".join(line.model_dump_json(exclude_unset=True) + "\n" for line in written)
    print(json.dumps(verdict))
