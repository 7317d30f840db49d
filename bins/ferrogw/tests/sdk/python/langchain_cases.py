"""LangChain over the official OpenAI library: what a program that uses it would see."""

import asyncio

import tiktoken
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, Field
from seen import API_KEY, ROOT, case, main

AT = {"base_url": ROOT + "/v1", "api_key": API_KEY, "max_retries": 0, "timeout": 20}
# The vocabulary would be fetched from its vendor's. Which number stands for a word is of no matter
# here, only that numbers are sent: each byte is a word.
tiktoken.registry.ENCODINGS["cl100k_base"] = tiktoken.Encoding(
    "cl100k_base", pat_str=r"\s*\S+", special_tokens={},
    mergeable_ranks={bytes([byte]): byte for byte in range(256)},
)


class Weather(BaseModel):
    """The weather in a city."""

    city: str
    days: int = Field(description="how many days of it")


def model(name="scripted", **more):
    return ChatOpenAI(model=name, **AT, **more)


def said(message):
    """A message without the name that LangChain makes up for each run."""
    return message.model_dump(mode="json", exclude={"id"})


@case
def invoke(seen):
    seen.returns(said(model(temperature=0.5, seed=7, reasoning_effort="low").invoke("Hello")))
    history = [SystemMessage("Be brief."), HumanMessage("Hello"), AIMessage("Hello \u00e9 \U0001f600"),
               HumanMessage([{"type": "text", "text": "And this?"},
                             {"type": "image_url",
                              "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}])]
    seen.returns(said(model().invoke(history, stop=["\n"])))


@case
def invoke_async(seen):
    async def ask():
        seen.returns(said(await model().ainvoke("Hello")))
        async for chunk in model().astream("Hello"):
            seen.event(said(chunk))

    asyncio.run(ask())


@case
def stream(seen):
    for chunk in model().stream("Hello"):
        seen.event(said(chunk))


@case
def stream_with_usage(seen):
    for chunk in model(stream_usage=True).stream("Hello"):
        seen.event(said(chunk))


@case
def tools(seen):
    bound = model().bind_tools([Weather], tool_choice="auto", strict=True)
    first = bound.invoke("Hello")
    seen.returns(said(first))
    results = [ToolMessage("12\u00b0", tool_call_id=call["id"]) for call in first.tool_calls]
    seen.returns(said(model().invoke([HumanMessage("Hello"), first, *results])))


@case
def tools_streamed(seen):
    whole = None
    for chunk in model().bind_tools([Weather]).stream("Hello"):
        seen.event(said(chunk))
        whole = chunk if whole is None else whole + chunk
    seen.returns(whole.tool_calls)


@case
def structured_output(seen):
    for method in ["json_schema", "function_calling", "json_mode"]:
        asked = model().with_structured_output(Weather, method=method, include_raw=True)
        answer = asked.invoke("Say it in JSON.")
        seen.returns({"raw": said(answer["raw"]), "error": repr(answer["parsing_error"]),
                      "parsed": answer["parsed"] and answer["parsed"].model_dump()})


@case
def responses(seen):
    over = {"use_responses_api": True, "output_version": "responses/v1"}
    seen.returns(said(model("gpt-hello", **over).invoke("Hello")))
    for chunk in model("gpt-hello", **over).stream("Hello"):
        seen.event(said(chunk))
    called = model("gpt-tool_calls", **over).bind_tools([Weather]).invoke("Hello")
    seen.returns(said(called))
    results = [ToolMessage("12\u00b0", tool_call_id=call["id"]) for call in called.tool_calls]
    seen.returns(said(model("gpt-hello", **over).invoke([HumanMessage("Hello"), called, *results])))


@case
def embeddings(seen):
    # It sends the numbers of words, and asks for base64.
    embed = OpenAIEmbeddings(model="scripted", **AT)
    seen.returns(embed.embed_documents(["Hello", "Good\u00e9 \U0001f600"]))
    seen.returns(embed.embed_query("Hello"))


@case
def embeddings_async(seen):
    embed = OpenAIEmbeddings(model="scripted", dimensions=3, chunk_size=1, **AT)
    seen.returns(asyncio.run(embed.aembed_documents(["Hello", "Goodbye"])))


@case
def embeddings_of_text(seen):
    embed = OpenAIEmbeddings(model="scripted", check_embedding_ctx_length=False, **AT)
    seen.returns(embed.embed_documents(["Hello", "Goodbye"]))


@case
def error_429(seen):
    model("error-429").invoke("Hello")


@case
def error_in_a_stream(seen):
    for chunk in model("error-in-stream").stream("Hello"):
        seen.event(said(chunk))


main()
