"""The official Python libraries against a gateway: what a program that uses them would see.

Reads one JSON object a line (`case`, `base_url`, `api_key`) and answers each with one line of JSON.
"""

import json
import sys

import anthropic
import openai

HELLO = [{"role": "user", "content": "Hello"}]
TOOL = {"type": "function", "name": "get_weather", "strict": True,
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                       "required": ["city"], "additionalProperties": False}}


def messages(claude, _):
    message = claude.messages.create(
        model="claude-x", max_tokens=64, messages=HELLO, thinking={"type": "adaptive"},
        system=[{"type": "text", "text": "one"},
                {"type": "text", "text": "two", "cache_control": {"type": "ephemeral"}}])
    return [message.content[0].text, message.stop_reason, message.usage.cache_read_input_tokens]


def messages_beta(claude, _):
    message = claude.beta.messages.create(
        model="claude-x", max_tokens=64, messages=HELLO, betas=["context-management-2025-06-27"],
        context_management={"edits": [{"type": "clear_tool_uses_20250919"}]})
    return [message.content[0].text]


def messages_streamed(claude, _):
    with claude.messages.stream(model="claude-x", max_tokens=64, messages=HELLO) as stream:
        texts = list(stream.text_stream)
        return [texts, stream.get_final_message().usage.output_tokens]


def messages_counted(claude, _):
    return [claude.messages.count_tokens(model="claude-x", messages=HELLO).input_tokens]


def messages_refused(claude, _):
    try:
        claude.messages.create(model="claude-x", max_tokens=64,
                               messages=[{"role": "user", "content": "too long"}])
    except anthropic.BadRequestError as error:
        return [error.status_code, error.body["error"]["message"]]


def responses(_, gpt):
    response = gpt.responses.create(model="gpt-x", input="Hello", tools=[TOOL])
    return [response.output_text, response.usage.input_tokens_details.cached_tokens]


def responses_streamed(_, gpt):
    events = gpt.responses.create(model="gpt-x", input="Hello", tools=[TOOL], stream=True)
    events = list(events)
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    return [deltas, events[-1].type, events[-1].response.usage.total_tokens]


def responses_kept(_, gpt):
    kept = gpt.responses.retrieve("resp_conformance").output_text
    items = gpt.responses.input_items.list("resp_conformance").data
    gpt.responses.delete("resp_conformance")
    return [kept, len(items), gpt.responses.cancel("resp_conformance").status]


def files_and_batches(_, gpt):
    file = gpt.files.create(file=("requests.jsonl", b'{"a":1}\n'), purpose="batch")
    batch = gpt.batches.create(input_file_id=file.id, endpoint="/v1/responses",
                               completion_window="24h")
    again = gpt.batches.retrieve(batch.id)
    return [file.id, again.status, gpt.files.content(again.output_file_id).text]


for line in sys.stdin:
    asked = json.loads(line)
    root, key = asked["base_url"], asked["api_key"]
    claude = anthropic.Anthropic(base_url=root, api_key=key, max_retries=0, timeout=20)
    gpt = openai.OpenAI(base_url=root + "/v1", api_key=key, max_retries=0, timeout=20)
    print(json.dumps(globals()[asked["case"]](claude, gpt)), flush=True)
