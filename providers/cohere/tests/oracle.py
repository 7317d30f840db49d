"""Judges what Cohere would be sent, and writes what it would say, by the types of its own library.

Each line of the input is a case: `{"request": …}` is answered with the complaints about it, a list;
`{"whole": …}` and `{"events": […]}` with the text that the library's types write of it.
"""

import inspect
import json
import sys
import typing

import pydantic
from cohere.core.unchecked_base_model import construct_type
from cohere.v2.client import V2Client
from cohere.v2.types.v2chat_response import V2ChatResponse
from cohere.v2.types.v2chat_stream_response import V2ChatStreamResponse


def request_model():
    hints = typing.get_type_hints(V2Client.chat)
    fields = {"stream": (bool, ...)}
    for name, parameter in inspect.signature(V2Client.chat).parameters.items():
        if name in ("self", "request_options"):
            continue
        is_required = parameter.default is inspect.Parameter.empty
        fields[name] = (hints[name], ... if is_required else None)
    config = pydantic.ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    return pydantic.create_model("Request", __config__=config, **fields)


REQUEST = request_model()


def words(annotation):
    """The words of an open list of words: what is none of them is a mistake of ours."""
    if typing.get_origin(annotation) is typing.Literal:
        return set(typing.get_args(annotation))
    found = set()
    for inner in typing.get_args(annotation):
        found |= words(inner)
    return found


def complaints(value, place):
    """Members that the types do not know, and words that are none of theirs."""
    if isinstance(value, pydantic.BaseModel):
        for name in value.model_extra or {}:
            yield f"{place}.{name} is not known"
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            known = words(field.annotation)
            if isinstance(inner, str) and known and inner not in known:
                yield f"{place}.{name} is `{inner}`, and none of {sorted(known)}"
            yield from complaints(inner, f"{place}.{name}")
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from complaints(inner, f"{place}[{index}]")


def judge(request):
    try:
        return list(complaints(REQUEST.model_validate(request), "request"))
    except pydantic.ValidationError as error:
        return [str(error)]


def written(kind, value):
    model = construct_type(type_=kind, object_=value)
    found = list(complaints(model, "reply"))
    assert not found, found
    return model.model_dump_json(by_alias=True, exclude_unset=True)


for line in sys.stdin:
    case = json.loads(line)
    if "request" in case:
        verdict = judge(case["request"])
    elif "whole" in case:
        verdict = written(V2ChatResponse, case["whole"])
    else:
        verdict = "".join(
            f"event: {event['type']}\ndata: {written(V2ChatStreamResponse, event)}\n\n"
            for event in case["events"]
        )
    print(json.dumps(verdict))
