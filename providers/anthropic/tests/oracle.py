"""What Anthropic's own library says of our requests, and OpenAI's of our replies.

A case is a line of JSON, its answer another:
- {"request": body, "is_beta": …}: what is wrong with a body, by the library's types, as a list; unknown and
  missing members are wrong.
- {"events": […]}: the message that the library puts together of a stream's events.
- {"message": body}: the same of a reply in one piece.
- {"reply": body}: the message of a chat reply, as OpenAI's library reads it.
- {"chunks": […]}: the message that OpenAI's library puts together of a chat stream's chunks.
"""

import json
import sys
import types
import typing

import typing_extensions
from anthropic.lib.streaming._messages import accumulate_event
from anthropic.types import Message, RawMessageStreamEvent, message_create_params
from anthropic.types.beta import message_create_params as beta_params
from openai._models import construct_type
from openai.lib.streaming._deltas import accumulate_delta
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import TypeAdapter

# Gone from the types of the library's newest version of the wire, and there in ours.
REQUIRED = (typing.Required, typing_extensions.Required)
SAMPLING = ("temperature", "top_p", "top_k")


def names(kind):
    return typing_extensions.get_origin(kind), typing_extensions.get_args(kind)


def check(value, kind, at):
    """What is wrong with a value, as a list of sentences."""
    origin, args = names(kind)
    if origin in (typing.Required, typing.NotRequired, typing.Annotated,
                  typing_extensions.Required, typing_extensions.NotRequired, typing_extensions.Annotated):
        return check(value, args[0], at)
    if origin in (typing.Union, types.UnionType):
        tried = [check(value, one, at) for one in args]
        return [] if any(not faults for faults in tried) else max(tried, key=depth)
    if origin in (typing.Literal, typing_extensions.Literal):
        return [] if value in args and type(value) in {type(one) for one in args} else [f"{at}: {value!r} is none of {args}"]
    if typing_extensions.is_typeddict(kind):
        return check_members(value, kind, at)
    if origin is dict or kind is dict:
        return [] if isinstance(value, dict) else [f"{at}: {value!r} is no object"]
    if origin is not None and args:
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return [fault for i, one in enumerate(value) for fault in check(one, args[0], f"{at}[{i}]")]
    if kind in (object, typing.Any):
        return []
    if kind is type(None):
        return [] if value is None else [f"{at}: {value!r} is not null"]
    plain = {str: str, int: int, float: (int, float), bool: bool}.get(kind)
    if plain is None or (isinstance(value, bool) and kind is not bool):
        return [f"{at}: {value!r} is no {kind}"]
    return [] if isinstance(value, plain) else [f"{at}: {value!r} is no {kind.__name__}"]


def depth(faults):
    """Of several, the one that was meant goes wrong deepest, and not by its own type."""
    places = [fault.split(" ")[0] for fault in faults]
    is_meant = not any(place.endswith(".type:") for place in places[:1])
    return is_meant, max(place.count(".") + place.count("[") for place in places), -len(faults)


def check_members(value, kind, at):
    if not isinstance(value, dict):
        return [f"{at}: {value!r} is no object"]
    hints = typing_extensions.get_type_hints(kind, include_extras=True)
    faults = []
    if "type" in hints and "type" in value:
        faults += check(value["type"], hints["type"], f"{at}.type")
    takes_any = getattr(kind, "__pydantic_config__", {}).get("extra") == "allow"
    for name, member in value.items():
        if name in hints:
            faults += check(member, hints[name], f"{at}.{name}")
        elif not takes_any:
            faults.append(f"{at}.{name} is not known")
    required = (name for name, hint in hints.items() if names(hint)[0] in REQUIRED)
    faults += [f"{at}.{name} is missing" for name in required if name not in value]
    return faults


def of_request(case):
    body = dict(case["request"])
    for name in SAMPLING:
        number = body.pop(name, 0)
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            return [f"{name} is no number"]
    params = beta_params if case.get("is_beta") else message_create_params
    kind = params.MessageCreateParamsStreaming if body.get("stream") else params.MessageCreateParamsNonStreaming
    return check(body, kind, "body")


def of_events(events):
    adapter, message, pieces = TypeAdapter(RawMessageStreamEvent), None, {}
    for event in events:
        if event["type"] == "ping":
            continue
        event = adapter.validate_python(event)
        message = accumulate_event(event=event, current_snapshot=message, json_bufs=pieces)
    return json.loads(message.to_json())


def of_chunks(chunks):
    message = {}
    for chunk in chunks:
        for choice in construct_type(type_=ChatCompletionChunk, value=chunk).choices:
            message = accumulate_delta(message, choice.delta.to_dict())
    return message


def of_reply(reply):
    # As the library's client does, which lets annotations of other kinds pass.
    return construct_type(type_=ChatCompletion, value=reply).choices[0].message.to_dict()


def answer(case):
    if "request" in case:
        return of_request(case)
    if "events" in case:
        return of_events(case["events"])
    if "message" in case:
        return json.loads(Message.model_validate(case["message"]).to_json())
    if "reply" in case:
        return of_reply(case["reply"])
    return of_chunks(case["chunks"])


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
