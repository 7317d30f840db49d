"""The official Cohere library for Python: what a program that uses it would see."""

import asyncio

import cohere
from seen import API_KEY, ROOT, case, main, selected

client = cohere.ClientV2(API_KEY, base_url=ROOT, timeout=20)
ASKED = {"query": "Hello?", "documents": ["Hello.", "Goodbye. \u00e9 \U0001f600"]}


@case
def rerank(seen):
    seen.returns(client.rerank(model="rerank-hello", **ASKED))
    seen.returns(client.rerank(
        model="rerank-hello", **ASKED, top_n=1, max_tokens_per_doc=512, priority=1
    ))


@case
def rerank_async(seen):
    async def ask():
        async with cohere.AsyncClientV2(API_KEY, base_url=ROOT, timeout=20) as own:
            seen.returns(await own.rerank(model="rerank-hello", **ASKED))

    asyncio.run(ask())


@case
def rerank_raw_response(seen):
    raw = client.with_raw_response.rerank(model="rerank-hello", **ASKED)
    seen.returns({"headers": selected(raw.headers)})
    seen.returns(raw.data)


@case
def rerank_of_the_first_version(seen):
    own = cohere.Client(API_KEY, base_url=ROOT, timeout=20)
    seen.returns(own.rerank(
        model="rerank-scripted", query="Hello?", documents=["Hello.", {"text": "Goodbye."}],
        return_documents=True, top_n=2,
    ))


@case
def embed(seen):
    seen.returns(client.embed(
        model="embed-hello", texts=["Hello."], input_type="search_document",
        embedding_types=["float"],
    ))


@case
def error_404(seen):
    client.rerank(model="rerank-no_such_model", **ASKED)


@case
def error_429(seen):
    client.rerank(
        model="rerank-rate_limited", **ASKED, request_options={"max_retries": 0}
    )


main()
