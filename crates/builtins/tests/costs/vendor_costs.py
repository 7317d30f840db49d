"""Works out what vendors' replies cost, for the table that the tests hold the product against.

    python3 crates/builtins/tests/costs/vendor_costs.py > crates/builtins/tests/costs/vendor_costs.tsv

It shares no code with the product. Each row is a reply as its vendor sends it, whole or as a stream. From
the same few counts the reply is written in the vendor's convention, and priced with fractions by the
lines of the catalogue, which the table quotes.
"""

import json
import pathlib
from fractions import Fraction

DATA = pathlib.Path(__file__).parents[3] / "catalog" / "data" / "models"
ROWS = []

#: What each part costs as, where it has no price of its own.
ELSE = {"cache_read": "input", "cache_write": "input", "cache_write_1h": "cache_write", "reasoning": "output",
        "audio_cache_read": "audio_input", "image_input": "input"}
PROMPT = ("input", "cache_read", "cache_write", "cache_write_1h", "audio_input", "audio_cache_read",
          "image_input")
FEES = ("search", "request")


def price_list(kind, model):
    for line in (DATA / f"{kind}.tsv").read_text().splitlines()[1:]:
        columns = line.split("\t")
        if columns[0] == model:
            return dict(price.split("=") for price in columns[7].split(" "))
    raise SystemExit(f"{kind} has no {model}")


def rate(prices, tier, meter, above):
    """The price of one part of the tokens, or None."""
    behind = f"@{above}" if above else ""
    prefix = "" if tier == "standard" else f"{tier}."
    if any(key.split(".")[-1].split("@")[0] == meter for key in prices):
        return prices.get(f"{prefix}{meter}{behind}")
    return rate(prices, tier, ELSE[meter], above) if meter in ELSE else None


def picture(prices, prefix, quality, size):
    """The price of one picture, or None. One of which nothing is said is the usual one."""
    said = ",".join(word for word in (quality, size) if word)
    exact = prices.get(f"{prefix}image[{said}]" if said else f"{prefix}image")
    has_sorts = any("image[" in key for key in prices)
    return exact if exact is not None or has_sorts else prices.get(f"{prefix}image")


def cost(prices, tier, parts):
    if tier == "other":
        prices, tier = {}, "standard"
    prefix = "" if tier == "standard" else f"{tier}."
    prompt = sum(parts.get(part, 0) for part in PROMPT)
    steps = [int(key.split("@")[1]) for key in prices if key.startswith(f"{prefix}input@")]
    above = max((step for step in steps if prompt > step), default=0)
    total = Fraction(0)
    for part, count in parts.items():
        if not count:
            continue
        if isinstance(part, tuple):
            each, many, part = picture(prices, prefix, *part), 1, "image"
        elif part in FEES:
            each, many = prices.get(prefix + part, prices.get(part)), 1
        else:
            each, many = rate(prices, tier, part, above), 1_000_000
        if each is None:
            return f"unpriced {part}"
        total += Fraction(each) * count / many
    if "request" in prices:
        total += Fraction(prices["request"])
    nanos = total * 1_000_000_000
    return str((2 * nanos.numerator + nanos.denominator) // (2 * nanos.denominator))


def row(kind, model, name, parts, reply, tier="standard", headers=(), asked="-"):
    """A reply is one object, or the list of a stream's events as text. What is asked is a chat, unless it is
    the name of another surface and what is said there."""
    prices = price_list(kind, model)
    quoted = " ".join(f"{key}={value}" for key, value in prices.items())
    form, body = ("whole", json.dumps(reply)) if isinstance(reply, dict) else ("stream", "".join(reply))
    ROWS.append((kind, model, name, tier, form, " ".join(headers) or "-", asked, quoted, json.dumps(body),
                 cost(prices, tier, parts)))


# How vendors count.

def openai_usage(parts):
    """Totals include everything; details say which part was special."""
    of = parts.get
    prompt, completion = {}, {}
    if of("cache_read") or of("audio_cache_read"):
        prompt["cached_tokens"] = of("cache_read", 0) + of("audio_cache_read", 0)
    if of("audio_cache_read"):
        prompt["cached_tokens_details"] = {"audio_tokens": of("audio_cache_read")}
    if of("audio_input") or of("audio_cache_read"):
        prompt["audio_tokens"] = of("audio_input", 0) + of("audio_cache_read", 0)
    if of("image_input"):
        prompt["image_tokens"] = of("image_input")
    if of("reasoning"):
        completion["reasoning_tokens"] = of("reasoning")
    if of("audio_output"):
        completion["audio_tokens"] = of("audio_output")
    usage = {"prompt_tokens": sum(of(part, 0) for part in PROMPT),
             "completion_tokens": of("output", 0) + of("reasoning", 0) + of("audio_output", 0)}
    usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    if prompt:
        usage["prompt_tokens_details"] = prompt
    if completion:
        usage["completion_tokens_details"] = completion
    return usage


def deepseek_usage(parts):
    """The prompt is hits and misses of the cache."""
    hit, miss = parts.get("cache_read", 0), parts.get("input", 0)
    return {"prompt_tokens": hit + miss, "completion_tokens": parts.get("output", 0) + parts.get("reasoning", 0),
            "prompt_cache_hit_tokens": hit, "prompt_cache_miss_tokens": miss,
            "completion_tokens_details": {"reasoning_tokens": parts.get("reasoning", 0)}}


def xai_usage(parts):
    """Thought stands on top of the completion."""
    prompt, said, thought = parts.get("input", 0) + parts.get("cache_read", 0), parts.get("output", 0), parts.get("reasoning", 0)
    return {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said + thought,
            "prompt_tokens_details": {"cached_tokens": parts.get("cache_read", 0)},
            "completion_tokens_details": {"reasoning_tokens": thought},
            "num_sources_used": parts.get("search", 0)}


def moonshot_usage(parts):
    """The cached tokens stand flat beside the totals."""
    usage = openai_usage({"input": sum(parts.get(part, 0) for part in PROMPT), "output": parts.get("output", 0)})
    return dict(usage, cached_tokens=parts.get("cache_read", 0))


def openai_whole(usage, **more):
    message = {"role": "assistant", "content": "Hi."}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage, **more}


def event(value):
    return f"data: {json.dumps(value)}\n\n"


def openai_chunk(choices, **more):
    return event({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                  "choices": choices, **more})


SAID = {"index": 0, "delta": {"role": "assistant", "content": "Hi."}, "finish_reason": None}
STOPS = {"index": 0, "delta": {}, "finish_reason": "stop"}
DONE = "data: [DONE]\n\n"


def stream_behind(usage, **more):
    """Usage comes by itself, behind the last choice."""
    return [openai_chunk([SAID], usage=None, **more), openai_chunk([STOPS], usage=None, **more),
            openai_chunk([], usage=usage, **more), DONE]


def stream_with_the_last(usage):
    """Usage stands beside the last choice."""
    return [openai_chunk([SAID]), openai_chunk([STOPS], usage=usage), DONE]


def stream_so_far(usage):
    """Every chunk counts what there is so far, which is not to be added up."""
    so_far = dict(usage, completion_tokens=1, total_tokens=usage["prompt_tokens"] + 1)
    so_far.pop("completion_tokens_details", None)
    return [openai_chunk([SAID], usage=so_far), openai_chunk([STOPS], usage=usage), DONE]


def stream_in_the_choice(usage):
    return [openai_chunk([SAID]), openai_chunk([dict(STOPS, usage=usage)]), DONE]


def stream_of_groq(usage):
    return [openai_chunk([SAID]), openai_chunk([STOPS], x_groq={"id": "r", "usage": usage}), DONE]


# OpenAI: four conventions of its usage, and the tier that the reply names.
PLAIN = {"input": 1_234, "output": 567}
CACHED = {"input": 128, "cache_read": 1_920, "output": 300}
THOUGHT = {"input": 999, "output": 321, "reasoning": 4_000}
for model in ("gpt-4o", "gpt-5.4", "o3"):
    for word, tier in (("default", "standard"), ("flex", "flex"), ("priority", "priority"), ("scale", "other")):
        for name, parts in (("plain", PLAIN), ("cached", CACHED), ("thought", THOUGHT)):
            usage = openai_usage(parts)
            row("openai", model, name, parts, openai_whole(usage, service_tier=word), tier)
            if name == "cached":
                row("openai", model, name, parts, stream_behind(usage, service_tier=word), tier)
for above in (272_000, 272_001):
    parts = {"input": above - 200_000, "cache_read": 200_000, "output": 1_000}
    row("openai", "gpt-5.4", f"prompt of {above}", parts, openai_whole(openai_usage(parts)))
for parts in ({"input": 200, "audio_input": 300, "output": 50, "audio_output": 350},
              {"input": 7, "audio_input": 1_993, "output": 1}):
    row("openai", "gpt-4o-audio-preview", "audio", parts, openai_whole(openai_usage(parts)))
parts = {"input": 500, "cache_read": 500, "audio_input": 1_500, "audio_cache_read": 2_500, "output": 100, "audio_output": 800}
row("openai", "gpt-realtime", "cached audio", parts, openai_whole(openai_usage(parts)))
parts = {"input": 200, "audio_input": 300, "output": 400}
row("openai", "gpt-4o", "audio of no price", parts, openai_whole(openai_usage(parts)))
row("openai", "gpt-4o", "nothing", {}, openai_whole(openai_usage({})))

# Those that speak OpenAI's wire, as each of them counts.
for kind, model in (
    ("groq", "llama-3.3-70b-versatile"), ("groq", "openai/gpt-oss-120b"), ("mistral", "mistral-large-2512"),
    ("cerebras", "gpt-oss-120b"), ("fireworks", "accounts/fireworks/models/gpt-oss-120b"),
    ("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"), ("qwen", "qwen-max"),
    ("openrouter", "cohere/command-a"), ("deepinfra", "google/gemini-2.5-flash"),
    ("novita", "moonshotai/kimi-k2-thinking"), ("nebius", "openai/gpt-oss-120b"), ("moonshot", "kimi-k2-thinking"),
):
    row(kind, model, "plain", PLAIN, openai_whole(openai_usage(PLAIN)))
    row(kind, model, "cached", CACHED, openai_whole(openai_usage(CACHED)))
    row(kind, model, "thought", THOUGHT, openai_whole(openai_usage(THOUGHT)))
row("groq", "openai/gpt-oss-120b", "in x_groq", CACHED, stream_of_groq(openai_usage(CACHED)))
row("mistral", "mistral-large-2512", "beside the last", CACHED, stream_with_the_last(openai_usage(CACHED)))
row("fireworks", "accounts/fireworks/models/gpt-oss-120b", "beside the last", CACHED,
    stream_with_the_last(openai_usage(CACHED)))
row("openrouter", "cohere/command-a", "behind", PLAIN, stream_behind(openai_usage(PLAIN)))
row("moonshot", "kimi-k2-thinking", "flat", CACHED, openai_whole(moonshot_usage(CACHED)))
row("moonshot", "kimi-k2-thinking", "in the choice", CACHED, stream_in_the_choice(moonshot_usage(CACHED)))
for model in ("deepseek-chat", "deepseek-reasoner"):
    for parts in (PLAIN, CACHED, {"input": 300, "cache_read": 64, "output": 500, "reasoning": 4_500}):
        row("deepseek", model, "hits and misses", parts, openai_whole(deepseek_usage(parts)))
    row("deepseek", model, "hits and misses", CACHED, stream_with_the_last(deepseek_usage(CACHED)))
for parts in (PLAIN, CACHED, {"input": 388, "cache_read": 512, "output": 30, "reasoning": 700},
              {"input": 900, "output": 30, "search": 3}):
    row("xai", "grok-4", "thought on top", parts, openai_whole(xai_usage(parts)))
    row("xai", "grok-4", "thought on top", parts, stream_so_far(xai_usage(parts)))
for model in ("sonar", "sonar-pro"):
    parts = {"input": 14, "output": 300}
    row("perplexity", model, "with a fee", parts, openai_whole(openai_usage(parts)))
    row("perplexity", model, "with a fee", parts, stream_so_far(openai_usage(parts)))
parts = {"input": 33 + 19_028, "output": 7_163, "reasoning": 193_325, "search": 21}
row("perplexity", "sonar-deep-research", "citations and searches", parts, openai_whole({
    "prompt_tokens": 33, "completion_tokens": 7_163, "total_tokens": 7_196, "citation_tokens": 19_028,
    "num_search_queries": 21, "reasoning_tokens": 193_325}))


# Anthropic: what a cache read or took is beside the input.

def anthropic_usage(parts, **more):
    of = parts.get
    usage = {"input_tokens": of("input", 0), "output_tokens": of("output", 0) + of("reasoning", 0),
             "cache_read_input_tokens": of("cache_read", 0),
             "cache_creation_input_tokens": of("cache_write", 0) + of("cache_write_1h", 0),
             "cache_creation": {"ephemeral_5m_input_tokens": of("cache_write", 0),
                                "ephemeral_1h_input_tokens": of("cache_write_1h", 0)}, **more}
    if of("search"):
        usage["server_tool_use"] = {"web_search_requests": of("search")}
    return usage


def anthropic_whole(usage):
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
            "stop_sequence": None, "content": [{"type": "text", "text": "Hi."}], "usage": usage}


def anthropic_stream(usage):
    """The beginning counts the prompt and a token or so; the end counts everything again."""
    begun = dict(anthropic_whole(dict(usage, output_tokens=1)), content=[], stop_reason=None)
    events = (
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {"output_tokens": usage["output_tokens"]}},
        {"type": "message_stop"},
    )
    return [f"event: {each['type']}\n{event(each)}" for each in events]


READ = {"input": 12, "cache_read": 40_000, "output": 700}
WRITTEN = {"input": 7, "cache_read": 1_000, "cache_write": 2_000, "cache_write_1h": 3_000, "output": 9}
for model in ("claude-sonnet-4-5", "claude-opus-4-6"):
    for name, parts in (("plain", PLAIN), ("read", READ), ("written", WRITTEN)):
        for more, tier in (({"service_tier": "standard"}, "standard"), ({"service_tier": "batch"}, "batch"),
                           ({"service_tier": "priority"}, "priority")):
            row("anthropic", model, name, parts, anthropic_whole(anthropic_usage(parts, **more)), tier)
        row("anthropic", model, name, parts, anthropic_stream(anthropic_usage(parts, service_tier="standard")))
row("anthropic", "claude-opus-4-6", "fast", WRITTEN,
    anthropic_whole(anthropic_usage(WRITTEN, service_tier="standard", speed="fast")), "fast")
row("anthropic", "claude-opus-4-6", "in one country", PLAIN,
    anthropic_whole(anthropic_usage(PLAIN, service_tier="standard", inference_geo="us")), "other")
row("anthropic", "claude-opus-4-6", "anywhere", PLAIN,
    anthropic_whole(anthropic_usage(PLAIN, service_tier="standard", inference_geo="not_available")))
row("anthropic", "claude-sonnet-4-5", "searched", dict(PLAIN, search=2),
    anthropic_whole(anthropic_usage(dict(PLAIN, search=2))))
for read in (50_000, 50_001):
    parts = {"input": 150_000, "cache_read": read, "output": 10}
    row("anthropic", "claude-sonnet-4-5", f"prompt of {150_000 + read}", parts, anthropic_whole(anthropic_usage(parts)))


# Google: thoughts are beside the candidates, modalities in lists.

def gemini_usage(parts, **more):
    of = parts.get
    prompt = sum(of(part, 0) for part in PROMPT)
    usage = {"promptTokenCount": prompt, "candidatesTokenCount": of("output", 0),
             "totalTokenCount": prompt + of("output", 0) + of("reasoning", 0), **more}
    if of("reasoning"):
        usage["thoughtsTokenCount"] = of("reasoning")
    cached = of("cache_read", 0) + of("audio_cache_read", 0)
    if cached:
        usage["cachedContentTokenCount"] = cached
    audio = of("audio_input", 0) + of("audio_cache_read", 0)
    if audio:
        usage["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": prompt - audio},
                                        {"modality": "AUDIO", "tokenCount": audio}]
    if of("audio_cache_read"):
        usage["cacheTokensDetails"] = [{"modality": "AUDIO", "tokenCount": of("audio_cache_read")}]
    return usage


def gemini_reply(usage, finish="STOP"):
    candidate = {"index": 0, "content": {"role": "model", "parts": [{"text": "Hi."}]}}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m", "responseId": "r"}


def gemini_stream(usage):
    """Every event counts everything so far."""
    so_far = {key: value for key, value in usage.items() if key != "thoughtsTokenCount"}
    so_far["candidatesTokenCount"] = 1
    return [event(gemini_reply(so_far, None)), event(gemini_reply(usage))]


GEMINI = (("plain", PLAIN), ("thought", {"input": 1_500, "output": 90, "reasoning": 810}),
          ("cached", {"input": 1_000, "cache_read": 8_000, "output": 5}))
AUDIO = {"input": 500, "audio_input": 1_100, "audio_cache_read": 400, "cache_read": 200, "output": 44}
for model in ("gemini-2.5-pro", "gemini-2.5-flash"):
    for name, parts in GEMINI:
        row("gemini", model, name, parts, gemini_reply(gemini_usage(parts)))
        row("gemini", model, name, parts, gemini_stream(gemini_usage(parts)))
    for word, tier in (("flex", "flex"), ("priority", "priority"), ("standard", "standard")):
        row("gemini", model, "by its header", PLAIN, gemini_reply(gemini_usage(PLAIN)), tier,
            (f"x-gemini-service-tier={word}",))
row("gemini", "gemini-2.5-flash", "cached audio", AUDIO, gemini_reply(gemini_usage(AUDIO)))


# Bedrock: every count by itself.

def bedrock_reply(parts, tier=None):
    of = parts.get
    usage = {"inputTokens": of("input", 0), "outputTokens": of("output", 0),
             "totalTokens": sum(parts.values())}
    if of("cache_read"):
        usage["cacheReadInputTokens"] = of("cache_read")
    if of("cache_write") or of("cache_write_1h"):
        usage["cacheWriteInputTokens"] = of("cache_write", 0) + of("cache_write_1h", 0)
        usage["cacheDetails"] = [{"ttl": "5m", "inputTokens": of("cache_write", 0)},
                                 {"ttl": "1h", "inputTokens": of("cache_write_1h", 0)}]
    reply = {"output": {"message": {"role": "assistant", "content": [{"text": "Hi."}]}},
             "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 1}}
    return dict(reply, serviceTier={"type": tier}) if tier else reply


for model in ("amazon.nova-pro-v1:0", "anthropic.claude-opus-4-6-v1:0"):
    for name, parts in (("plain", PLAIN), ("read", READ), ("written", WRITTEN)):
        row("bedrock", model, name, parts, bedrock_reply(parts))
    for word, tier in (("default", "standard"), ("priority", "priority"), ("reserved", "other")):
        row("bedrock", model, "plain", PLAIN, bedrock_reply(PLAIN, word), tier)


# Cohere: what is billed stands apart from what was counted.

def cohere_usage(parts):
    units = {"input_tokens": float(parts["input"]), "output_tokens": float(parts["output"])}
    counted = {"input_tokens": parts["input"] + 490.0, "output_tokens": parts["output"] + 3.0}
    return {"billed_units": units, "tokens": counted}


for model in ("command-a-03-2025", "command-a"):
    content = [{"type": "text", "text": "Hi."}]
    row("cohere", model, "billed", PLAIN, {
        "id": "c1", "finish_reason": "COMPLETE", "message": {"role": "assistant", "content": content},
        "usage": cohere_usage(PLAIN)})


# Pictures: each by its quality and its size, unless the vendor counts tokens.

def drawn(kind, model, name, said, parts, reply, surface="images", stream=False):
    asked = dict(said, stream=True) if stream else said
    row(kind, model, name, parts, reply, asked=f"{surface} {json.dumps(asked)}")


def pictures(count, **more):
    return {"created": 1, "data": [{"b64_json": "AAAA"}] * count, **more}


def picture_usage(parts, details=False):
    """What was written is pictures; newer models tell what else was."""
    of = parts.get
    read, made, said = of("input", 0) + of("image_input", 0), of("image_output", 0), of("output", 0)
    usage = {"input_tokens": read, "output_tokens": made + said, "total_tokens": read + made + said,
             "input_tokens_details": {"text_tokens": of("input", 0), "image_tokens": of("image_input", 0)}}
    if details:
        usage["output_tokens_details"] = {"text_tokens": said, "image_tokens": made}
    return usage


def picture_event(kind, **more):
    return event({"type": f"image_{kind}.completed", "b64_json": "AAAA", "created_at": 1, **more})


HD, PLAIN_PICTURE = {"quality": "hd", "size": "1024x1792"}, {"quality": "standard", "size": "1024x1024"}
for kind, model, said, count, sort, echo in (
    ("openai", "dall-e-3", HD, 1, ("hd", "1024x1792"), {}),
    ("openai", "dall-e-3", PLAIN_PICTURE, 1, ("standard", "1024x1024"), {}),
    ("openai", "dall-e-3", {}, 1, ("", ""), {}),
    ("openai", "dall-e-3", {"quality": "hd"}, 1, ("hd", ""), {}),
    ("openai", "dall-e-3", {"size": "1792x1024"}, 1, ("", "1792x1024"), {}),
    ("openai", "dall-e-3", {"size": "333x333"}, 1, ("", "333x333"), {}),
    ("openai", "dall-e-3", PLAIN_PICTURE, 1, ("hd", "1792x1024"), {"quality": "hd", "size": "1792x1024"}),
    ("openai", "dall-e-2", {"n": 3, "size": "256x256"}, 3, ("", "256x256"), {}),
    ("openai", "dall-e-2", {"n": 4, "size": "512x512"}, 2, ("", "512x512"), {}),
    ("openai", "gpt-image-1", {"quality": "auto", "size": "auto"}, 1, ("low", "1024x1536"),
     {"quality": "low", "size": "1024x1536"}),
    ("openai", "gpt-image-1", {"quality": "high", "size": "1024x1024"}, 2, ("high", "1024x1024"), {}),
    ("openai", "gpt-image-2", {"quality": "auto"}, 1, ("", ""), {"quality": "auto"}),
    ("together", "black-forest-labs/FLUX.1.1-pro", {"n": 4, "size": "1024x768"}, 4, ("", "1024x768"), {}),
):
    name = "asked for " + (" ".join(f"{key}={value}" for key, value in said.items()) or "nothing more")
    drawn(kind, model, name, said, {sort: count}, pictures(count, **echo))
for model, parts, details in (
    ("gpt-image-1", {"input": 13, "image_output": 272}, False),
    ("gpt-image-1", {"input": 13, "image_input": 323, "image_output": 4_160}, False),
    ("gpt-image-1.5", {"input": 50, "output": 120, "image_output": 1_056}, True),
    ("gpt-image-2", {"input": 20, "image_input": 700, "image_output": 1_500}, True),
):
    echo = {"quality": "high", "size": "1024x1024", "usage": picture_usage(parts, details)}
    drawn("openai", model, "in tokens", {"quality": "high"}, parts, pictures(1, **echo))
    drawn("openai", model, "edited in tokens", {"quality": "high"}, parts, pictures(1, **echo), "image_edits")
    drawn("openai", model, "streamed in tokens", {}, parts, [picture_event("generation", **echo)], stream=True)
echo = {"quality": "medium", "size": "1536x1024"}
drawn("openai", "gpt-image-1", "streamed", {"n": 2}, {("medium", "1536x1024"): 2},
      [picture_event("generation", **echo), picture_event("generation", **echo)], stream=True)
drawn("openai", "gpt-image-1", "edited and streamed", {}, {("medium", "1536x1024"): 1},
      [picture_event("edit", **echo)], "image_edits", stream=True)
drawn("openai", "dall-e-2", "edited", {"n": "2", "size": "1024x1024"}, {("", "1024x1024"): 2}, pictures(2), "image_edits")
drawn("openai", "dall-e-2", "varied", {"n": "3", "size": "512x512"}, {("", "512x512"): 3}, pictures(3),
      "image_variations")
drawn("gemini", "imagen-4.0-generate-001", "predicted", {"n": 2}, {("", ""): 2},
      {"predictions": [{"mimeType": "image/png", "bytesBase64Encoded": "AAAA"}] * 2})
drawn("bedrock", "stability.stable-image-core-v1:1", "by the piece", {}, {("", ""): 1},
      {"images": ["AAAA"], "seeds": [1], "finish_reasons": [None]})

print("kind\tmodel\tname\ttier\tform\theaders\tasked\tprices\tbody\texpected")
for each in ROWS:
    print("\t".join(each))
