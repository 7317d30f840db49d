"""The official OpenAI library for Python: what a program that uses it would see."""

import asyncio

from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel
from seen import API_KEY, ROOT, case, main, selected

BASE_URL = ROOT + "/v1"
HELLO = [{"role": "user", "content": "Hello"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "number"}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
TIME = {"type": "function", "function": {"name": "time", "parameters": {"type": "object"}}}
client = OpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0, timeout=20)


class Answer(BaseModel):
    city: str
    days: int
    tags: list[str]


@case
def chat(seen):
    seen.returns(client.chat.completions.create(model="scripted", messages=HELLO, temperature=0.5))


@case
def chat_reasoning(seen):
    seen.returns(client.chat.completions.create(model="reasoning", messages=HELLO))


@case
def chat_refusal(seen):
    seen.returns(client.chat.completions.create(model="refusal", messages=HELLO))


@case
def chat_raw_response(seen):
    raw = client.chat.completions.with_raw_response.create(model="scripted", messages=HELLO)
    seen.returns({"status": raw.status_code, "headers": selected(raw.headers)})
    seen.returns(raw.parse())


@case
def chat_async(seen):
    async def ask():
        async with AsyncOpenAI(base_url=BASE_URL, api_key=API_KEY, max_retries=0) as own:
            seen.returns(await own.chat.completions.create(model="scripted", messages=HELLO))
            stream = await own.chat.completions.create(
                model="scripted", messages=HELLO, stream=True
            )
            async for chunk in stream:
                seen.event(chunk)

    asyncio.run(ask())


@case
def stream(seen):
    for chunk in client.chat.completions.create(model="scripted", messages=HELLO, stream=True):
        seen.event(chunk)


@case
def stream_with_usage(seen):
    options = {"include_usage": True}
    for chunk in client.chat.completions.create(
        model="scripted", messages=HELLO, stream=True, stream_options=options
    ):
        seen.event(chunk)


@case
def stream_slow_with_comments(seen):
    for chunk in client.chat.completions.create(model="comments-5", messages=HELLO, stream=True):
        seen.event(chunk)


@case
def stream_raw_response(seen):
    with client.chat.completions.with_streaming_response.create(
        model="scripted", messages=HELLO, stream=True
    ) as raw:
        seen.returns({"status": raw.status_code, "headers": selected(raw.headers)})
        for line in raw.iter_lines():
            seen.event(line)


@case
def stream_helper(seen):
    with client.chat.completions.stream(
        model="scripted", messages=HELLO, tools=[WEATHER]
    ) as stream:
        for event in stream:
            seen.event({"type": event.type})
        seen.returns(stream.get_final_completion())


@case
def tools(seen):
    asked = {"tools": [WEATHER, TIME], "tool_choice": "auto", "parallel_tool_calls": True}
    seen.returns(client.chat.completions.create(model="scripted", messages=HELLO, **asked))
    told = HELLO + [
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "time", "arguments": ""}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "12:00 \u00e9\U0001f600"},
    ]
    seen.returns(client.chat.completions.create(model="scripted", messages=told))


@case
def tools_streamed(seen):
    for chunk in client.chat.completions.create(
        model="scripted", messages=HELLO, tools=[WEATHER, TIME], stream=True
    ):
        seen.event(chunk)


@case
def json_schema(seen):
    schema = {"name": "answer", "strict": True, "schema": Answer.model_json_schema()}
    asked = {"response_format": {"type": "json_schema", "json_schema": schema}}
    seen.returns(client.chat.completions.create(model="scripted", messages=HELLO, **asked))


@case
def json_schema_parsed(seen):
    parsed = client.chat.completions.parse(
        model="scripted", messages=HELLO, response_format=Answer
    )
    seen.returns(parsed)
    seen.returns(parsed.choices[0].message.parsed.model_dump())


@case
def vision(seen):
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ]
    seen.returns(client.chat.completions.create(
        model="scripted", messages=[{"role": "user", "content": content}]
    ))


@case
def logprobs(seen):
    asked = {"logprobs": True, "top_logprobs": 1}
    seen.returns(client.chat.completions.create(model="scripted", messages=HELLO, **asked))
    for chunk in client.chat.completions.create(
        model="scripted", messages=HELLO, stream=True, **asked
    ):
        seen.event(chunk)


@case
def several_choices(seen):
    seen.returns(client.chat.completions.create(model="scripted", messages=HELLO, n=2))
    for chunk in client.chat.completions.create(
        model="scripted", messages=HELLO, n=2, stream=True
    ):
        seen.event(chunk)


@case
def odd_fields(seen):
    odd = {f"odd_{index}": {"z": index, "a": [None, True, {"": index / 3}]} for index in range(33)}
    odd |= {
        "seed": 12345678901234567890123,
        "tiny": 1e-300,
        "negative_zero": -0.0,
        "text": "\u0000\u001f\u2028 \U0001f600 \\ / \"",
        "Model": "not the model",
        "provider": {"order": ["a", "b"]},
        "deep": [[[[[[[[[[1.0]]]]]]]]]],
    }
    seen.returns(client.chat.completions.create(model="scripted", messages=HELLO, extra_body=odd))
    for chunk in client.chat.completions.create(
        model="scripted", messages=HELLO, stream=True, extra_body=odd
    ):
        seen.event(chunk)


WAV = ("hello.wav", b"RIFF\x00\r\n--WAVE", "audio/wav")
LARGE = ("large.wav", b"RIFF" * (1 << 19), "audio/wav")
PNG = ("a.png", b"\x89PNG\r\n", "image/png")


@case
def speech(seen):
    said = {"model": "scripted", "input": "Hello", "voice": "alloy", "response_format": "mp3"}
    answer = client.audio.speech.create(**said)
    seen.returns({"type": answer.response.headers["content-type"], "bytes": answer.content.hex()})
    with client.audio.speech.with_streaming_response.create(**said) as answer:
        seen.returns({"length": answer.headers["content-length"]})
        seen.event(b"".join(answer.iter_bytes()).hex())


@case
def speech_in_events(seen):
    with client.audio.speech.with_streaming_response.create(
        model="scripted", input="Hello", voice="alloy", stream_format="sse"
    ) as answer:
        seen.returns({"headers": selected(answer.headers)})
        for line in answer.iter_lines():
            seen.event(line)


@case
def transcriptions(seen):
    create = client.audio.transcriptions.create
    seen.returns(create(model="scripted", file=WAV))
    seen.returns(create(model="scripted", file=LARGE, language="en", prompt="a \u00e9"))
    seen.returns(create(model="scripted", file=WAV, response_format="verbose_json",
                        timestamp_granularities=["word", "segment"]))
    for name in ["text", "srt", "vtt"]:
        seen.returns(create(model="scripted", file=WAV, response_format=name))


@case
def transcriptions_streamed(seen):
    for event in client.audio.transcriptions.create(model="scripted", file=WAV, stream=True):
        seen.event(event)


@case
def translations(seen):
    seen.returns(client.audio.translations.create(model="scripted", file=WAV))
    seen.returns(client.audio.translations.create(
        model="scripted", file=WAV, response_format="text"
    ))


@case
def image_edits(seen):
    edit = client.images.edit
    seen.returns(edit(model="scripted", image=PNG, prompt="a hat"))
    seen.returns(edit(model="scripted", image=[PNG, PNG], mask=PNG, prompt="a hat", n=1,
                      size="1024x1024", quality="low"))
    for event in edit(model="scripted", image=PNG, prompt="a hat", stream=True, partial_images=1):
        seen.event(event)


@case
def image_variations(seen):
    seen.returns(client.images.create_variation(model="scripted", image=PNG, n=1))


@case
def error_429_of_an_upload(seen):
    client.audio.transcriptions.create(model="error-429", file=WAV)


@case
def error_429_of_speech(seen):
    client.audio.speech.create(model="error-429", input="Hello", voice="alloy")


@case
def error_400(seen):
    client.chat.completions.create(model="error-400", messages=HELLO)


@case
def error_401(seen):
    client.chat.completions.create(model="error-401", messages=HELLO)


@case
def error_404(seen):
    client.chat.completions.create(model="error-404", messages=HELLO)


@case
def error_422(seen):
    client.chat.completions.create(model="error-422", messages=HELLO)


@case
def error_429(seen):
    client.chat.completions.create(model="error-429", messages=HELLO)


@case
def error_429_before_a_stream(seen):
    client.chat.completions.create(model="error-429", messages=HELLO, stream=True)


@case
def error_500(seen):
    client.chat.completions.create(model="error-500", messages=HELLO)


@case
def error_500_retried(seen):
    own = client.with_options(max_retries=1)
    own.chat.completions.create(model="error-500", messages=HELLO)


@case
def error_in_a_stream(seen):
    for chunk in client.chat.completions.create(
        model="error-in-stream", messages=HELLO, stream=True
    ):
        seen.event(chunk)


@case
def timeout(seen):
    own = client.with_options(timeout=1)
    own.chat.completions.create(model="stall-head", messages=HELLO)


@case
def timeout_in_a_stream(seen):
    own = client.with_options(timeout=2)
    for chunk in own.chat.completions.create(model="stall-3", messages=HELLO, stream=True):
        seen.event(chunk)


@case
def completions(seen):
    seen.returns(client.completions.create(
        model="scripted", prompt=["Hello", "Goodbye"], suffix=".", echo=True, logprobs=1, stop="\n",
        max_tokens=7,
    ))


@case
def completions_streamed(seen):
    prompt = "Hello, and a good day to everyone who reads this far. " * 3
    for chunk in client.completions.create(model="scripted", prompt=prompt, stream=True):
        seen.event(chunk)


@case
def embeddings(seen):
    # The library asks for base64, and makes numbers of it.
    seen.returns(client.embeddings.create(model="scripted", input=["Hello", "Goodbye"]))


@case
def embeddings_of_tokens_in_numbers(seen):
    seen.returns(client.embeddings.create(
        model="scripted", input=[[1, 2], [3]], encoding_format="float", dimensions=3,
    ))


@case
def images(seen):
    seen.returns(client.images.generate(model="scripted", prompt="A hello.", n=2, size="1024x1024"))


@case
def images_streamed(seen):
    for event in client.images.generate(
        model="scripted", prompt="A hello.", stream=True, partial_images=2
    ):
        seen.event(event)


@case
def moderations(seen):
    seen.returns(client.moderations.create(model="scripted", input=["Hello", "Goodbye"]))
    seen.returns(client.moderations.create(model="scripted", input=[
        {"type": "text", "text": "Hello"},
        {"type": "image_url", "image_url": {"url": "https://images.example/1.png"}},
    ]))


@case
def models(seen):
    for model in client.models.list():
        seen.event(model)


CALL = {
    "type": "function",
    "name": "weather",
    "description": WEATHER["function"]["description"],
    "parameters": WEATHER["function"]["parameters"],
    "strict": True,
}
SEARCH = {"type": "web_search", "search_context_size": "low"}


@case
def responses(seen):
    response = client.responses.create(
        model="gpt-hello", instructions="Be brief.", metadata={"who": "a program"}, store=False,
        reasoning={"effort": "low", "summary": "auto"}, include=["reasoning.encrypted_content"],
        prompt_cache_key="one", extra_body={"odd": [1e-300, None, {"seed": 12345678901234567890123}]},
        input=[
            {"role": "developer", "content": "Mind the \u00e9."},
            {"role": "user", "content": [
                {"type": "input_text", "text": "Hello"},
                {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=",
                 "detail": "low"},
                {"type": "input_file", "file_id": "file-1"},
            ]},
        ],
    )
    seen.returns(response)
    seen.returns(response.output_text)


@case
def headers(seen):
    own = OpenAI(base_url=BASE_URL, api_key=API_KEY, organization="org-1", project="proj-1",
                 max_retries=0)
    beta = {"OpenAI-Beta": "responses=v1"}
    seen.returns(own.responses.create(model="gpt-hello", input="Hello", extra_headers=beta))
    seen.returns(own.files.create(file=LINES, purpose="batch", extra_headers=beta))
    seen.returns(own.chat.completions.create(model="scripted", messages=HELLO))


@case
def responses_raw_response(seen):
    raw = client.responses.with_raw_response.create(model="gpt-hello", input="Hello")
    seen.returns({"status": raw.status_code, "headers": selected(raw.headers)})
    seen.returns(raw.http_response.text)


@case
def responses_streamed(seen):
    for event in client.responses.create(model="gpt-hello", input="Hello", stream=True):
        seen.event(event)


@case
def responses_stream_helper(seen):
    with client.responses.stream(model="gpt-tool_calls", input="Hello", tools=[CALL]) as stream:
        for event in stream:
            seen.event({"type": event.type})
        seen.returns(stream.get_final_response())


@case
def responses_tools(seen):
    asked = {"tools": [CALL, SEARCH], "tool_choice": "auto", "parallel_tool_calls": False}
    first = client.responses.create(model="gpt-tool_calls", input="Hello", **asked)
    seen.returns(first)
    calls = [item for item in first.output if item.type == "function_call"]
    told = [{"type": "function_call_output", "call_id": call.call_id, "output": "12\u00b0 \U0001f600"}
            for call in calls]
    seen.returns(client.responses.create(
        model="gpt-hello", previous_response_id=first.id, input=told, **asked
    ))
    # And without the vendor's memory: everything goes back, sealed thoughts too.
    again = [item.to_dict() for item in first.output]
    seen.returns(client.responses.create(model="gpt-hello", input=again + told, store=False))


@case
def responses_tools_streamed(seen):
    for event in client.responses.create(
        model="gpt-tool_calls", input="Hello", tools=[CALL, SEARCH], stream=True
    ):
        seen.event(event)


@case
def responses_cut_short(seen):
    seen.returns(client.responses.create(
        model="gpt-cut_short", input="Hello", max_output_tokens=16
    ))
    for event in client.responses.create(
        model="gpt-cut_short", input="Hello", max_output_tokens=16, stream=True
    ):
        seen.event(event)


@case
def responses_kept(seen):
    begun = client.responses.create(
        model="gpt-in_the_background", input="Hello", background=True, store=True
    )
    seen.returns(begun)
    kept = client.responses
    seen.returns(kept.retrieve(begun.id, include=["message.output_text.logprobs"]))
    for event in kept.retrieve(begun.id, stream=True, starting_after=1):
        seen.event(event)
    for item in kept.input_items.list(begun.id, limit=2, order="asc", include=["reasoning.encrypted_content"]):
        seen.event(item)
    seen.returns(kept.cancel(begun.id))
    seen.returns(kept.delete(begun.id))


@case
def responses_counted(seen):
    asked = {"model": "gpt-hello", "input": "Hello", "instructions": "Be brief."}
    seen.returns(client.responses.input_tokens.count(tools=[CALL], **asked))
    seen.returns(client.responses.compact(**asked))


@case
def conversations(seen):
    begun = client.conversations.create(
        metadata={"who": "a program"}, items=[{"type": "message", "role": "user", "content": "Hello"}]
    )
    seen.returns(begun)
    seen.returns(client.responses.create(
        model="gpt-hello", input="Hello", conversation=begun.id
    ))
    for item in client.conversations.items.list(begun.id, limit=1, order="desc"):
        seen.event(item)
    seen.returns(client.conversations.update(begun.id, metadata={}))
    seen.returns(client.conversations.delete(begun.id))


@case
def error_404_of_responses(seen):
    client.responses.create(model="gpt-no_such_model", input="Hello")


@case
def error_429_of_responses(seen):
    client.responses.create(model="gpt-rate_limited", input="Hello", stream=True)


@case
def error_404_of_a_kept_response(seen):
    client.responses.retrieve("resp_of_somebody_else")


@case
def error_in_streamed_responses(seen):
    for event in client.responses.create(
        model="gpt-an_error_event_inside_a_stream", input="Hello", stream=True
    ):
        seen.event(event)
    raise RuntimeError("the stream ended")


LINES = ("requests.jsonl", b'{"custom_id":"1"}\r\n\x00\xff--' * (1 << 15), "application/jsonl")


@case
def files(seen):
    made = client.files.create(
        file=LINES, purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    seen.returns(made)
    for file in client.files.list(purpose="batch", limit=2, order="asc"):
        seen.event(file)
    seen.returns(client.files.retrieve(made.id))
    content = client.files.content(made.id)
    seen.returns({"type": content.response.headers["content-type"], "bytes": content.content.hex()})
    with client.files.with_streaming_response.content(made.id) as content:
        seen.returns(b"".join(content.iter_bytes()).hex())
    seen.returns(client.files.delete(made.id))


@case
def uploads(seen):
    begun = client.uploads.create(
        filename="requests.jsonl", bytes=len(LINES[1]), mime_type="text/jsonl", purpose="batch"
    )
    seen.returns(begun)
    part = client.uploads.parts.create(begun.id, data=LINES[1])
    seen.returns(part)
    seen.returns(client.uploads.complete(begun.id, part_ids=[part.id]))
    seen.returns(client.uploads.cancel(begun.id))


@case
def batches(seen):
    file = client.files.create(file=LINES, purpose="batch")
    made = client.batches.create(
        input_file_id=file.id, endpoint="/v1/responses", completion_window="24h",
        metadata={"who": "a program"},
    )
    seen.returns(made)
    seen.returns(client.batches.retrieve(made.id))
    for batch in client.batches.list(limit=2, after="batch_0"):
        seen.event(batch)
    seen.returns(client.batches.cancel(made.id))
    seen.returns(client.files.content(made.output_file_id).text)


@case
def passed_through(seen):
    # What has no surface of its own goes where its model is.
    seen.returns(client.fine_tuning.jobs.create(
        model="scripted", training_file="file-1", seed=7, suffix="\u00e9",
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": "auto"}}},
    ))


@case
def error_404_of_a_batch(seen):
    client.batches.retrieve("batch_of_somebody_else")


@case
def error_404_of_a_file(seen):
    client.files.content("file-of-somebody-else")


main()
