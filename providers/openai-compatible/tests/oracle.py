"""Judges what Mistral would be sent, and writes what it would say, by the types of its own library.

Each line of the input is a case: `{"request": …}` is answered with the complaints about it, a list;
`{"whole": …}` and `{"events": […]}` with the text that the library's types write of it.
"""

import json
import sys

import pydantic
from mistralai.client import models


def missing(said, known, place):
    """What a value says and its type does not know."""
    if isinstance(said, dict) and isinstance(known, dict):
        for name, value in said.items():
            if name not in known:
                yield f"{place}.{name} is not known"
            else:
                yield from missing(value, known[name], f"{place}.{name}")
    elif isinstance(said, list) and isinstance(known, list):
        for index, (a, b) in enumerate(zip(said, known)):
            yield from missing(a, b, f"{place}[{index}]")
    elif said != known:
        yield f"{place} is {said!r}, and known as {known!r}"


def read(kind, value):
    model = kind.model_validate_json(json.dumps(value))
    return json.loads(model.model_dump_json(by_alias=True, exclude_unset=True))


def judge(request):
    streams = request.get("stream") is True
    kind = models.ChatCompletionStreamRequest if streams else models.ChatCompletionRequest
    try:
        return list(missing(request, read(kind, request), "request"))
    except pydantic.ValidationError as error:
        return [str(error)]


def written(kind, value):
    known = read(kind, value)
    found = list(missing(value, known, "reply"))
    assert not found, found
    return json.dumps(known, ensure_ascii=False)


for line in sys.stdin:
    case = json.loads(line)
    if "request" in case:
        verdict = judge(case["request"])
    elif "whole" in case:
        verdict = written(models.ChatCompletionResponse, case["whole"])
    else:
        chunks = [written(models.CompletionChunk, chunk) for chunk in case["events"]]
        verdict = "".join(f"data: {chunk}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    print(json.dumps(verdict))
