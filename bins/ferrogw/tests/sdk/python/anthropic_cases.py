"""The official Anthropic library for Python: what a program that uses it would see."""

import asyncio

from anthropic import Anthropic, AsyncAnthropic, Omit
from seen import API_KEY, ROOT, case, main, selected

client = Anthropic(base_url=ROOT, api_key=API_KEY, max_retries=0, timeout=20)
HELLO = [{"role": "user", "content": "Hello"}]
ASKED = {"model": "claude-hello", "max_tokens": 64, "messages": HELLO}
CACHED = {"type": "ephemeral", "ttl": "1h"}
WEATHER = {
    "name": "weather",
    "description": "The weather in a city",
    "input_schema": {
        "type": "object",
        "properties": {"days": {"type": "number"}, "city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 1}
PNG = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
CLEARED = {"edits": [{"type": "clear_tool_uses_20250919", "keep": {"type": "tool_uses", "value": 1}}]}
BETAS = ["context-management-2025-06-27", "a-beta-that-nobody-knows-2026-11-30"]


@case
def messages(seen):
    message = client.messages.create(
        **ASKED, stop_sequences=["\n\n"], metadata={"user_id": "one"}, service_tier="auto",
        extra_body={"temperature": 0.5, "odd": [1e-300, None, {"seed": 12345678901234567890123}]},
    )
    seen.returns(message)


@case
def messages_async(seen):
    async def ask():
        async with AsyncAnthropic(base_url=ROOT, api_key=API_KEY, max_retries=0) as own:
            seen.returns(await own.messages.create(**ASKED))
            async for event in await own.messages.create(**ASKED, stream=True):
                seen.event(event)

    asyncio.run(ask())


@case
def messages_raw_response(seen):
    raw = client.messages.with_raw_response.create(**ASKED)
    seen.returns({"status": raw.status_code, "headers": selected(raw.headers)})
    seen.returns(raw.http_response.text)


@case
def messages_with_a_token(seen):
    own = Anthropic(base_url=ROOT, auth_token=API_KEY, max_retries=0, timeout=20)
    seen.returns(own.messages.create(**ASKED))


@case
def messages_with_a_key(seen):
    # As versions before the second show it.
    headers = {"Authorization": Omit(), "x-api-key": API_KEY}
    seen.returns(client.messages.create(**ASKED, extra_headers=headers))


@case
def messages_cached(seen):
    message = client.messages.create(
        model="claude-hello", max_tokens=64, cache_control={"type": "ephemeral"},
        system=[{"type": "text", "text": "one"},
                {"type": "text", "text": "two", "cache_control": CACHED}],
        tools=[WEATHER | {"cache_control": CACHED}],
        messages=[{"role": "user", "content": [
            {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "and \u00e9 \U0001f600"}]}],
    )
    seen.returns(message)


@case
def messages_streamed(seen):
    for event in client.messages.create(**ASKED, stream=True):
        seen.event(event)


@case
def messages_streamed_raw(seen):
    with client.messages.with_streaming_response.create(**ASKED, stream=True) as raw:
        seen.returns({"status": raw.status_code, "headers": selected(raw.headers)})
        for line in raw.iter_lines():
            seen.event(line)


@case
def messages_stream_helper(seen):
    with client.messages.stream(**ASKED) as stream:
        for text in stream.text_stream:
            seen.event(text)
        seen.returns(stream.get_final_message())


@case
def messages_thinking(seen):
    asked = {"model": "claude-thinking", "max_tokens": 2048,
             "thinking": {"type": "enabled", "budget_tokens": 1024}}
    first = client.messages.create(messages=HELLO, **asked)
    seen.returns(first)
    # The seals of its thoughts go back as they came.
    told = HELLO + [{"role": "assistant", "content": [block.to_dict() for block in first.content]},
                    {"role": "user", "content": "Go on."}]
    seen.returns(client.messages.create(messages=told, **asked))
    asked |= {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}
    seen.returns(client.messages.create(messages=HELLO, **asked))


@case
def messages_thinking_streamed(seen):
    with client.messages.stream(
        model="claude-thinking", max_tokens=2048, messages=HELLO,
        thinking={"type": "enabled", "budget_tokens": 1024},
    ) as stream:
        for event in stream:
            seen.event(event)
        seen.returns(stream.get_final_message())


@case
def messages_tools(seen):
    offered = {"max_tokens": 64, "tools": [WEATHER, SEARCH],
               "tool_choice": {"type": "any", "disable_parallel_tool_use": True}}
    first = client.messages.create(model="claude-tool_calls", messages=HELLO, **offered)
    seen.returns(first)
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "is_error": False,
         "content": [{"type": "text", "text": "12\u00b0"}, {"type": "image", "source": PNG}]}
        for block in first.content if block.type == "tool_use"
    ]
    told = HELLO + [{"role": "assistant", "content": [block.to_dict() for block in first.content]},
                    {"role": "user", "content": results}]
    seen.returns(client.messages.create(model="claude-hello", messages=told, **offered))


@case
def messages_tools_streamed(seen):
    with client.messages.stream(
        model="claude-tool_calls", max_tokens=64, messages=HELLO, tools=[WEATHER]
    ) as stream:
        for event in stream:
            seen.event(event)
        seen.returns(stream.get_final_message())


@case
def messages_of_documents(seen):
    document = {"type": "document", "title": "A letter", "citations": {"enabled": True},
                "source": {"type": "text", "media_type": "text/plain", "data": "Hello."}}
    content = [document, {"type": "image", "source": PNG},
               {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
               {"type": "text", "text": "What is this?"}]
    for event in client.messages.create(
        model="claude-citations", max_tokens=64, stream=True,
        messages=[{"role": "user", "content": content}],
    ):
        seen.event(event)


@case
def messages_beta(seen):
    asked = {"max_tokens": 64, "messages": HELLO, "betas": BETAS, "context_management": CLEARED}
    seen.returns(client.beta.messages.create(model="claude-betas", **asked))
    with client.beta.messages.stream(model="claude-hello", **asked) as stream:
        for event in stream:
            seen.event(event)
    seen.returns(client.messages.create(
        **ASKED, extra_headers={"anthropic-beta": BETAS[1], "anthropic-odd": "kept"}
    ))


@case
def count_tokens(seen):
    seen.returns(client.messages.count_tokens(
        model="claude-hello", messages=HELLO, tools=[WEATHER],
        system=[{"type": "text", "text": "one", "cache_control": CACHED}],
        thinking={"type": "enabled", "budget_tokens": 1024},
    ))


@case
def count_tokens_beta(seen):
    seen.returns(client.beta.messages.count_tokens(
        model="claude-edited", messages=HELLO, betas=BETAS, context_management=CLEARED
    ))


@case
def error_400(seen):
    client.messages.create(**ASKED | {"model": "claude-an_invalid_request"})


@case
def error_400_of_a_long_prompt(seen):
    client.messages.create(**ASKED | {"model": "claude-a_prompt_too_long"})


@case
def error_401(seen):
    client.messages.create(**ASKED | {"model": "claude-wrong_key"})


@case
def error_404(seen):
    client.messages.create(**ASKED | {"model": "claude-no_such_model"})


@case
def error_404_of_a_count(seen):
    client.messages.count_tokens(model="claude-no_such_model", messages=HELLO)


@case
def error_429(seen):
    client.messages.create(**ASKED | {"model": "claude-rate_limited"})


@case
def error_429_before_a_stream(seen):
    client.messages.create(**ASKED | {"model": "claude-rate_limited"}, stream=True)


@case
def error_500(seen):
    client.messages.create(**ASKED | {"model": "claude-server_error"})


@case
def error_529(seen):
    client.messages.create(**ASKED | {"model": "claude-overloaded"})


@case
def error_529_retried(seen):
    own = client.with_options(max_retries=1)
    own.messages.create(**ASKED | {"model": "claude-overloaded"})


@case
def error_in_a_stream(seen):
    asked = ASKED | {"model": "claude-an_error_inside_a_stream"}
    for event in client.messages.create(**asked, stream=True):
        seen.event(event)


def batched(seen, batches, **more):
    asked = [{"custom_id": "one", "params": ASKED}]
    made = batches.create(requests=asked, **more)
    seen.returns(made)
    seen.returns(batches.retrieve(made.id, **more))
    for batch in batches.list(limit=2, **more):
        seen.event(batch)
    for result in batches.results(made.id, **more):
        seen.event(result)
    seen.returns(batches.cancel(made.id, **more))
    seen.returns(batches.delete(made.id, **more))


@case
def batches(seen):
    batched(seen, client.messages.batches)


@case
def batches_beta(seen):
    batched(seen, client.beta.messages.batches, betas=BETAS)


@case
def files(seen):
    files = client.beta.files
    made = files.upload(file=("a.txt", b"hi", "text/plain"))
    seen.returns(made)
    seen.returns(files.retrieve_metadata(made.id))
    seen.returns(files.download(made.id).text())
    for file in files.list(limit=2):
        seen.event(file)
    seen.returns(files.delete(made.id))


@case
def error_404_of_a_batch(seen):
    client.messages.batches.retrieve("msgbatch_of_somebody_else")


@case
def models(seen):
    for model in client.models.list():
        seen.event(model)


main()
