"""Asks models through the official OpenAI client, whole and streamed, and says what it saw.

A case is {"base_url", "key", "model"}; the answer is {"whole": …, "streamed": …}, each with what was
said, why it ended, and what it counted.
"""

import json
import sys

import openai

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Say hello."},
]


def whole(client, model):
    reply = client.chat.completions.create(model=model, messages=MESSAGES, max_tokens=64)
    [choice] = reply.choices
    return seen(choice.message.content, choice.finish_reason, reply.usage, reply.object)


def streamed(client, model):
    text, finish, usage, objects, roles = "", None, None, set(), 0
    chunks = client.chat.completions.create(
        model=model, messages=MESSAGES, max_tokens=64, stream=True,
        stream_options={"include_usage": True},
    )
    for chunk in chunks:
        objects.add(chunk.object or "chat.completion.chunk")
        usage = chunk.usage or usage
        for choice in chunk.choices:
            roles += choice.delta.role is not None
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    assert roles == 1, f"the role is said {roles} times"
    return seen(text, finish, usage, "".join(sorted(objects)))


def seen(text, finish, usage, kind):
    counts = [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens]
    return {"text": text, "finish": finish, "counts": counts, "object": kind}


for line in sys.stdin:
    case = json.loads(line)
    client = openai.OpenAI(base_url=case["base_url"], api_key=case["key"], max_retries=0)
    try:
        answer = {"whole": whole(client, case["model"]), "streamed": streamed(client, case["model"])}
    except Exception as error:  # told to the test, which fails
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
