"""Judges, with Google's own library, what Gemini is sent, and serialises what it would answer.

A case is {"body": …, "vertex": bool, "model": …}, answered by null or by what is wrong with it; or {"make": name},
answered by {"pieces": […], "text": …, "calls": […], "thoughts": …, "finish": …} as the library reads them.
"""

import base64
import json
import re
import sys
from types import SimpleNamespace
from typing import Any, Optional

import pydantic
from google.genai import _common, models, types

ALL_BUT_CONTENTS = dict(
    system_instruction=(Optional[types.Content], None),
    tools=(Optional[list[types.Tool]], None),
    tool_config=(Optional[types.ToolConfig], None),
    safety_settings=(Optional[list[types.SafetySetting]], None),
    cached_content=(Optional[str], None),
    labels=(Optional[dict[str, str]], None),
    service_tier=(Optional[types.ServiceTier], None),
)


class WireConfig(types.GenerationConfig):
    """`generationConfig` as it is on the wire: the library's type of it lacks what it writes there."""

    image_config: Optional[types.ImageConfig] = None


Body = pydantic.create_model(
    "Body",
    __base__=_common.BaseModel,
    contents=(list[types.Content], ...),
    generation_config=(Optional[WireConfig], None),
    **ALL_BUT_CONTENTS,
)


def wrong(case: dict[str, Any]) -> Optional[str]:
    body = case["body"]
    try:
        read = Body.model_validate_json(json.dumps(body))
    except pydantic.ValidationError as error:
        return str(error)
    vertex = case["vertex"]
    convert = models._Content_to_vertex if vertex else models._Content_to_mldev
    tool = models._Tool_to_vertex if vertex else models._Tool_to_mldev
    try:
        # What only the other place takes is refused here.
        for content in read.contents:
            convert(content, {}, None)
        for one in read.tools or []:
            tool(one, {}, None)
        configure = models._GenerateContentConfig_to_vertex if vertex else models._GenerateContentConfig_to_mldev
        client = SimpleNamespace(vertexai=vertex, project="p", location="l")
        configure(client, config_of(read), {}, None)
    except ValueError as error:
        return str(error)
    return (
        parts_are_of_one_kind(read)
        or seals_are_there(read, case.get("model", ""))
        or functions_are_named(read)
        or schemas_stand_alone(body)
    )


def config_of(read: Any) -> types.GenerateContentConfig:
    """What a program would have said, so that the library says it again in the place's words."""
    said = dict(read.generation_config or {})
    # Its converter asks a client of what kind the schema is; what is in it was read already.
    for name in ("response_schema", "speech_config"):
        said.pop(name, None)
    said = {name: value for name, value in said.items() if value is not None}
    beside = {name: getattr(read, name) for name in ("safety_settings", "cached_content", "labels", "service_tier", "tool_config")}
    return types.GenerateContentConfig(**said, **{name: value for name, value in beside.items() if value is not None})


def seals_are_there(read: Any, model: str) -> Optional[str]:
    """`Function call is missing a thought_signature`: the newest models refuse a step without."""
    if not re.search(r"gemini-(3|flash-latest|pro-latest)", model):
        return None
    for content in read.contents:
        calls = [part for part in content.parts if part.function_call]
        if calls and calls[0].thought_signature is None:
            return "the first call of a step has no seal"
    return None


def functions_are_named(read: Any) -> Optional[str]:
    declared = {f.name for one in read.tools or [] for f in one.function_declarations or []}
    calling = read.tool_config and read.tool_config.function_calling_config
    allowed = set(calling and calling.allowed_function_names or [])
    called = {p.function_call.name for c in read.contents for p in c.parts if p.function_call}
    for name in declared | called:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", name or ""):
            return f"no name of a function: {name}"
    if not allowed <= declared:
        return f"allowed, and not declared: {allowed - declared}"
    return None


def schemas_stand_alone(body: dict[str, Any]) -> Optional[str]:
    """`schema at … can only contain properties starting with '$' when $ref is present`, and
    `reference to undefined schema at …`."""
    declared = [f for one in body.get("tools", []) for f in one.get("functionDeclarations", [])]
    schemas = [f["parametersJsonSchema"] for f in declared if "parametersJsonSchema" in f]
    schemas += [s for s in [body.get("generationConfig", {}).get("responseJsonSchema")] if s is not None]
    for schema in schemas:
        defined = {f"#/$defs/{name}" for name in schema.get("$defs", {})}
        for node in nodes(schema):
            if "$ref" not in node:
                continue
            if any(not name.startswith("$") for name in node):
                return f"beside a reference: {node}"
            if node["$ref"] not in defined:
                return f"a reference to nothing: {node}"
    return None


def nodes(schema: Any) -> Any:
    """Every schema in a schema: what is called `$ref` among properties is a property."""
    if isinstance(schema, list):
        for one in schema:
            yield from nodes(one)
    if not isinstance(schema, dict):
        return
    yield schema
    for name in ("properties", "patternProperties", "$defs"):
        yield from nodes(list(schema.get(name, {}).values()))
    for name in ("items", "prefixItems", "additionalProperties", "anyOf", "oneOf", "allOf", "not"):
        yield from nodes(schema.get(name))


def parts_are_of_one_kind(read: Any) -> Optional[str]:
    """Rules that the service has beyond the types."""
    if not read.contents:
        return "contents is empty"
    for before, content in zip([None, *read.contents], read.contents):
        if content.role not in ("user", "model"):
            return f"no such role: {content.role}"
        if not content.parts:
            return "an entry without parts"
        answers = [part.function_response is not None for part in content.parts]
        if any(answers):
            calls = [p.function_call for p in before.parts if p.function_call] if before else []
            if not all(answers) or len(calls) != len(answers):
                return "results do not stand alone, or are not as many as the calls"
            for call, part in zip(calls, content.parts):
                if call.name != part.function_response.name:
                    return "a result is not in its call's place"
        for part in content.parts:
            if part.text == "" and part.thought_signature is None:
                return "an empty text"
            kinds = [part.text is not None, part.inline_data, part.file_data,
                     part.function_call, part.function_response]
            if sum(bool(kind) for kind in kinds) != 1:
                return "a part of several kinds"
    return None


def part(**fields: Any) -> types.Part:
    return types.Part(**fields)


def piece(parts: list[types.Part], **fields: Any) -> types.GenerateContentResponse:
    content = types.Content(role="model", parts=parts)
    usage = fields.pop("usage", None)
    return types.GenerateContentResponse(
        candidates=[types.Candidate(content=content, index=0, **fields)],
        response_id="resp", model_version="gemini-3-pro-preview", usage_metadata=usage,
    )


USAGE = types.GenerateContentResponseUsageMetadata(
    prompt_token_count=10, candidates_token_count=5, thoughts_token_count=3, total_token_count=18,
    cached_content_token_count=2,
)
CALLS = [
    part(function_call=types.FunctionCall(id="a", name="f", args={"x": 1.5, "y": ["é", None]}), thought_signature=b"\xfb\xff seal"),
    part(function_call=types.FunctionCall(id="b", name="g", args={})),
]
THOUGHTS = [part(text="First, ", thought=True), part(text="then.", thought=True)]
MADE = {
    "text": [piece([part(text="Grüß "), part(text="Gott.")], finish_reason="STOP", usage=USAGE)],
    "streamed": [piece([part(text="Grüß ")]), piece([part(text="Gott.")], finish_reason="MAX_TOKENS", usage=USAGE)],
    "calls": [piece(THOUGHTS + CALLS, finish_reason="STOP", usage=USAGE)],
    "calls_streamed": [piece(THOUGHTS[:1]), piece(THOUGHTS[1:]), piece(CALLS[:1]), piece(CALLS[1:]), piece([part(text="", thought_signature=b"end")], finish_reason="STOP", usage=USAGE)],
}


def made(name: str) -> dict[str, Any]:
    pieces = MADE[name]
    parts = [p for one in pieces for p in one.candidates[0].content.parts]
    return {
        "pieces": [json.loads(one.model_dump_json(by_alias=True, exclude_none=True)) for one in pieces],
        "text": "".join(p.text for p in parts if p.text and not p.thought),
        "thoughts": "".join(p.text for p in parts if p.text and p.thought),
        "calls": [
            {"id": p.function_call.id, "name": p.function_call.name, "args": p.function_call.args,
             "seal": p.thought_signature and base64.urlsafe_b64encode(p.thought_signature).decode()}
            for p in parts if p.function_call
        ],
        "finish": pieces[-1].candidates[0].finish_reason.value,
        "total": pieces[-1].usage_metadata.total_token_count,
    }


for line in sys.stdin:
    case = json.loads(line)
    verdict = made(case["make"]) if "make" in case else wrong(case)
    print(json.dumps(verdict, ensure_ascii=False), flush=True)
