"""Works out what exchanges cost, for the table that the tests hold the product against.

    python3 crates/catalog/tests/cost_table.py > crates/catalog/tests/cost_table.tsv

It shares no code with the product, and goes the other way: each case is a usage body as its vendor
writes it. By the vendor's own convention it is taken apart into what was consumed, which is priced with
fractions; and it is put together again as the normalised usage that the product is given. Prices are
lines of the catalogue, quoted in the table.
"""

import json
import pathlib
from fractions import Fraction

DATA = pathlib.Path(__file__).parent.parent / "data" / "models"
#: What prices are dollars for.
MILLION = {
    "input", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning", "audio_input",
    "audio_cache_read", "audio_output", "image_input", "image_cache_read", "image_output", "characters",
}


def price_list(kind, model):
    for line in (DATA / f"{kind}.tsv").read_text().splitlines()[1:]:
        columns = line.split("\t")
        if columns[0] == model:
            return dict(price.split("=") for price in columns[7].split(" "))
    raise SystemExit(f"{kind} has no {model}")


# How vendors count. Each gives what was consumed, every token in one place.

def openai(body):
    """Totals include everything; details say which part was special."""
    prompt = body.get("prompt_tokens_details", {})
    completion = body.get("completion_tokens_details", {})
    cached = prompt.get("cached_tokens", 0)
    cached_audio = prompt.get("cached_tokens_details", {}).get("audio_tokens", 0)
    cached_image = prompt.get("cached_tokens_details", {}).get("image_tokens", 0)
    audio, image = prompt.get("audio_tokens", 0), prompt.get("image_tokens", 0)
    special = cached + (audio - cached_audio) + (image - cached_image)
    thought = completion.get("reasoning_tokens", 0)
    spoken, painted = completion.get("audio_tokens", 0), completion.get("image_tokens", 0)
    return {
        "input": body["prompt_tokens"] - special,
        "cache_read": cached - cached_audio - cached_image,
        "audio_input": audio - cached_audio,
        "audio_cache_read": cached_audio,
        "image_input": image - cached_image,
        "image_cache_read": cached_image,
        "output": body.get("completion_tokens", 0) - thought - spoken - painted,
        "reasoning": thought,
        "audio_output": spoken,
        "image_output": painted,
    }


def anthropic(body):
    """The input excludes what was read from a cache or written to one; writes by their age."""
    ages = body.get("cache_creation", {})
    hour = ages.get("ephemeral_1h_input_tokens", 0)
    return {
        "input": body["input_tokens"],
        "cache_read": body.get("cache_read_input_tokens", 0),
        "cache_write": body.get("cache_creation_input_tokens", 0) - hour,
        "cache_write_1h": hour,
        "output": body["output_tokens"],
    }


def gemini(body):
    """The prompt includes what was cached; thoughts stand beside the candidates."""
    def of(list_name, modality):
        parts = body.get(list_name, [])
        return sum(p["tokenCount"] for p in parts if p["modality"] == modality)
    cached = body.get("cachedContentTokenCount", 0)
    cached_audio = of("cacheTokensDetails", "AUDIO")
    audio = of("promptTokensDetails", "AUDIO")
    painted = of("candidatesTokensDetails", "IMAGE")
    return {
        "input": body["promptTokenCount"] - cached - (audio - cached_audio),
        "cache_read": cached - cached_audio,
        "audio_input": audio - cached_audio,
        "audio_cache_read": cached_audio,
        "output": body.get("candidatesTokenCount", 0) - painted,
        "image_output": painted,
        "reasoning": body.get("thoughtsTokenCount", 0),
    }


def bedrock(body):
    """Every count by itself."""
    hour = sum(d["inputTokens"] for d in body.get("cacheDetails", []) if d["ttl"] == "1h")
    return {
        "input": body["inputTokens"],
        "cache_read": body.get("cacheReadInputTokens", 0),
        "cache_write": body.get("cacheWriteInputTokens", 0) - hour,
        "cache_write_1h": hour,
        "output": body["outputTokens"],
    }


def deepseek(body):
    """The prompt is hits and misses of the cache."""
    thought = body.get("completion_tokens_details", {}).get("reasoning_tokens", 0)
    return {
        "input": body["prompt_cache_miss_tokens"],
        "cache_read": body["prompt_cache_hit_tokens"],
        "output": body["completion_tokens"] - thought,
        "reasoning": thought,
    }


def xai(body):
    """Thought stands beside the completion."""
    cached = body.get("prompt_tokens_details", {}).get("cached_tokens", 0)
    return {
        "input": body["prompt_tokens"] - cached,
        "cache_read": cached,
        "output": body["completion_tokens"],
        "reasoning": body.get("completion_tokens_details", {}).get("reasoning_tokens", 0),
        "search": body.get("num_sources_used", 0),
    }


def cohere(body):
    """What is billed stands apart from what was counted."""
    billed = body["billed_units"]
    return {
        "input": billed.get("input_tokens", 0),
        "output": billed.get("output_tokens", 0),
        "search": billed.get("search_units", 0),
    }


def perplexity(body):
    """OpenAI's totals, and a charge for the request."""
    return {"input": body["prompt_tokens"], "output": body["completion_tokens"], "request": 1}


def units(body):
    """No tokens: what was made, as the gateway counts it."""
    return dict(body)


CONVENTIONS = {
    f.__name__: f
    for f in (openai, anthropic, gemini, bedrock, deepseek, xai, cohere, perplexity, units)
}

#: What a part of the tokens costs where it has no price of its own.
WHOLE = {
    "cache_read": "input", "cache_write": "input", "cache_write_1h": "cache_write",
    "reasoning": "output", "audio_cache_read": "audio_input", "image_input": "input",
}
FEES = {"request", "search", "file_search", "map_search", "code_run"}
PROMPT = ("input", "cache_read", "cache_write", "cache_write_1h", "audio_input", "audio_cache_read",
          "image_input", "image_cache_read")


def dollars(prices, tier, meter, length):
    """The price of one meter, or None."""
    head, bracket, variant = meter.partition("[")
    prefix = "" if tier == "standard" else f"{tier}."
    behind = f"@{length}" if length and head in MILLION else ""
    if prefix + meter + behind in prices:
        return prices[prefix + meter + behind]
    if head in FEES and head in prices:
        return prices[head]
    named = any(key.split(".")[-1].split("@")[0] == head for key in prices)
    if head in WHOLE and not named:
        return dollars(prices, tier, WHOLE[head], length)
    return None


def lengths(prices, tier):
    prefix = "" if tier == "standard" else f"{tier}."
    start = f"{prefix}input@"
    return sorted(int(key[len(start):]) for key in prices if key.startswith(start))


def price(prices, tier, consumed):
    prompt = sum(consumed.get(meter, 0) for meter in PROMPT)
    passed = [above for above in lengths(prices, tier) if prompt > above]
    length = passed[-1] if passed else 0
    total, lines = Fraction(0), []
    for meter, count in consumed.items():
        if not count:
            continue
        each = dollars(prices, tier, meter, length)
        if each is None:
            if meter == "request" and lines:
                continue
            return f"unpriced {meter.partition('[')[0]}", []
        head = meter.partition("[")[0]
        for_how_many = 1_000_000 if head in MILLION else 1
        if head == "audio_minute":
            for_how_many = 60_000
        if head == "video_second":
            for_how_many = 1_000
        total += Fraction(each) * count / for_how_many
        lines.append(f"{meter}:{count}")
    nanos = total * 1_000_000_000
    return str((nanos.numerator * 2 + nanos.denominator) // (nanos.denominator * 2)), lines


def normalised(consumed):
    """The usage that the product is given: totals that include everything."""
    of = consumed.get
    special = {
        "prompt_tokens": sum(of(meter, 0) for meter in PROMPT),
        "completion_tokens": sum(of(m, 0) for m in ("output", "reasoning", "audio_output", "image_output")),
        "cached_tokens": of("cache_read", 0) + of("audio_cache_read", 0) + of("image_cache_read", 0),
        "cache_write_tokens": of("cache_write", 0),
        "cache_write_1h_tokens": of("cache_write_1h", 0),
        "reasoning_tokens": of("reasoning", 0),
        "prompt_audio_tokens": of("audio_input", 0) + of("audio_cache_read", 0),
        "completion_audio_tokens": of("audio_output", 0),
        "prompt_image_tokens": of("image_input", 0) + of("image_cache_read", 0),
        "completion_image_tokens": of("image_output", 0),
        "cached_audio_tokens": of("audio_cache_read", 0),
        "cached_image_tokens": of("image_cache_read", 0),
    }
    for meter, count in consumed.items():
        if meter not in MILLION or meter == "characters":
            special[meter] = count
    return " ".join(f"{name}={count}" for name, count in special.items() if count)


CASES = []


def case(kind, model, convention, body, tiers=("standard",)):
    for tier in tiers:
        CASES.append((kind, model, convention, body, tier))


def oai(prompt, completion, prompt_details=None, completion_details=None):
    body = {"prompt_tokens": prompt, "completion_tokens": completion}
    if prompt_details:
        body["prompt_tokens_details"] = prompt_details
    if completion_details:
        body["completion_tokens_details"] = completion_details
    return body


# OpenAI: inclusive totals, four tiers, lengths.
for model in ("gpt-4o", "gpt-5.4", "o3"):
    every = ("standard", "batch", "flex", "priority")
    case("openai", model, "openai", oai(1234, 567), every)
    case("openai", model, "openai", oai(2048, 300, {"cached_tokens": 1920}), every)
    case("openai", model, "openai", oai(999, 4321, None, {"reasoning_tokens": 4000}), every)
case("openai", "gpt-5.4", "openai", oai(272_000, 1000, {"cached_tokens": 200_000}),
     ("standard", "batch", "flex", "priority"))
case("openai", "gpt-5.4", "openai", oai(272_001, 1000, {"cached_tokens": 200_000}),
     ("standard", "batch", "flex", "priority"))
case("openai", "gpt-4o-audio-preview", "openai",
     oai(500, 400, {"audio_tokens": 300}, {"audio_tokens": 350}), ("standard", "batch"))
case("openai", "gpt-realtime", "openai", oai(
    5000, 900, {"cached_tokens": 3000, "audio_tokens": 4000,
                "cached_tokens_details": {"audio_tokens": 2500}}, {"audio_tokens": 800}))
case("openai", "gpt-realtime", "openai", oai(100, 10))
case("openai", "gpt-4o", "openai", oai(500, 400, {"audio_tokens": 300}))
case("openai", "gpt-image-1", "openai",
     oai(350, 4160, {"image_tokens": 323}, {"image_tokens": 4160}))
case("openai", "gpt-image-1", "openai", oai(
    800, 1056, {"image_tokens": 700, "cached_tokens": 400,
                "cached_tokens_details": {"image_tokens": 380}}, {"image_tokens": 1056}))
case("openai", "text-embedding-3-small", "openai", {"prompt_tokens": 8191}, ("standard", "batch"))
case("openai", "gpt-4o", "openai", oai(0, 0))
# What is not counted in tokens.
for quality in ("", "standard", "hd"):
    for size in ("1024x1024", "1792x1024"):
        variant = ",".join(word for word in (quality, size) if word)
        case("openai", "dall-e-3", "units", {f"image[{variant}]": 3})
for quality in ("low", "medium", "high"):
    case("openai", "gpt-image-1", "units", {f"image[{quality},1024x1536]": 2})
    case("openai", "gpt-image-1", "units", {f"image[{quality}]": 1})
case("openai", "dall-e-3", "units", {"image": 1})
case("openai", "dall-e-3", "units", {"image[hd,4096x4096]": 1})
case("stability-ai", "core", "units", {"image": 4})
case("openai", "whisper-1", "units", {"audio_minute": 3_521})
case("openai", "whisper-1", "units", {"audio_minute": 3_600_000})
case("deepgram", "nova-2", "units", {"audio_minute": 61_007})
case("openai", "tts-1", "units", {"characters": 4_096})
case("openai", "sora-2", "units", {"video_second[1280x720]": 8_000}, ("standard", "batch"))
case("openai", "sora-2", "units", {"video_second[1x1]": 8_000})
case("openai", "gpt-4o", "units", {"input": 100, "output": 10, "search": 2, "file_search": 3},
     ("standard", "batch", "priority"))
case("xai", "grok-4", "units", {"input": 100, "output": 10, "search": 7, "file_search": 1, "code_run": 2})
case("vertex-ai", "gemini-2.5-pro", "units", {"input": 100, "output": 10, "search": 1, "map_search": 4},
     ("standard", "flex"))
case("openai", "gpt-4o", "units", {"code_run": 1})
case("openai", "gpt-4o", "units", {"characters": 10})
# Anthropic: exclusive counts, writes by age.
for model in ("claude-sonnet-4-5-20250929", "claude-opus-4-6", "claude-3-5-haiku-20241022"):
    case("anthropic", model, "anthropic", {"input_tokens": 321, "output_tokens": 88},
         ("standard", "batch"))
    case("anthropic", model, "anthropic", {
        "input_tokens": 12, "cache_read_input_tokens": 40_000, "output_tokens": 700}, ("standard", "batch"))
    case("anthropic", model, "anthropic", {
        "input_tokens": 7, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 5000,
        "cache_creation": {"ephemeral_5m_input_tokens": 2000, "ephemeral_1h_input_tokens": 3000},
        "output_tokens": 9})
case("anthropic", "claude-opus-4-6", "anthropic", {
    "input_tokens": 100, "cache_read_input_tokens": 2000, "cache_creation_input_tokens": 300,
    "output_tokens": 50}, ("fast",))
case("anthropic", "claude-sonnet-4-5-20250929", "anthropic", {
    "input_tokens": 150_000, "cache_read_input_tokens": 50_000, "output_tokens": 10})
case("anthropic", "claude-sonnet-4-5-20250929", "anthropic", {
    "input_tokens": 150_000, "cache_read_input_tokens": 50_001, "output_tokens": 10})
case("anthropic", "claude-sonnet-4-5-20250929", "anthropic", {
    "input_tokens": 250_000, "cache_creation_input_tokens": 100, "output_tokens": 10,
    "cache_creation": {"ephemeral_1h_input_tokens": 100}})
case("vertex-ai", "claude-sonnet-4-5-20250929", "anthropic", {
    "input_tokens": 12, "cache_read_input_tokens": 40_000, "output_tokens": 700}, ("standard", "batch"))
case("openrouter", "anthropic/claude-sonnet-4.5", "openai", oai(210_000, 55, {"cached_tokens": 9}))
# Google: thoughts beside the candidates, modalities in lists.
for kind in ("gemini", "vertex-ai"):
    for model in ("gemini-2.5-pro", "gemini-2.5-flash"):
        every = ("standard", "batch", "flex", "priority")
        case(kind, model, "gemini", {
            "promptTokenCount": 1500, "candidatesTokenCount": 90, "thoughtsTokenCount": 810}, every)
        case(kind, model, "gemini", {
            "promptTokenCount": 9000, "cachedContentTokenCount": 8000, "candidatesTokenCount": 5})
    case(kind, "gemini-2.5-flash", "gemini", {
        "promptTokenCount": 2000, "cachedContentTokenCount": 600, "candidatesTokenCount": 44,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 500},
                                {"modality": "AUDIO", "tokenCount": 1500}],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 400}]})
    case(kind, "gemini-2.5-pro", "gemini", {
        "promptTokenCount": 200_001, "cachedContentTokenCount": 100_000, "candidatesTokenCount": 700,
        "thoughtsTokenCount": 300})
case("gemini", "gemini-2.5-flash-image", "gemini", {
    "promptTokenCount": 30, "candidatesTokenCount": 1300,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}]}, ("standard", "batch"))
# AWS: every count by itself.
case("bedrock", "amazon.nova-pro-v1:0", "bedrock", {"inputTokens": 77, "outputTokens": 33},
     ("standard", "batch", "flex"))
case("bedrock", "amazon.nova-pro-v1:0", "bedrock", {
    "inputTokens": 77, "cacheReadInputTokens": 5000, "cacheWriteInputTokens": 900,
    "cacheDetails": [{"ttl": "1h", "inputTokens": 400}], "outputTokens": 33}, ("standard", "batch"))
# Others.
case("deepseek", "deepseek-chat", "deepseek", {
    "prompt_cache_hit_tokens": 1024, "prompt_cache_miss_tokens": 76, "completion_tokens": 500})
case("deepseek", "deepseek-reasoner", "deepseek", {
    "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 300, "completion_tokens": 5000,
    "completion_tokens_details": {"reasoning_tokens": 4500}})
case("xai", "grok-4", "xai", dict(oai(900, 30, {"cached_tokens": 512}, {"reasoning_tokens": 700}),
                                  num_sources_used=3))
case("xai", "grok-4", "xai", oai(128_001, 30))
case("cohere", "command-r-plus", "cohere", {"billed_units": {"input_tokens": 43, "output_tokens": 19}})
case("cohere", "command-r-plus", "cohere", {"billed_units": {"search_units": 1}})
for model in ("sonar", "sonar-pro"):
    case("perplexity", model, "perplexity", {"prompt_tokens": 14, "completion_tokens": 300})
for kind, model in (
    ("groq", "llama-3.3-70b-versatile"), ("mistral", "mistral-large-latest"), ("cerebras", "gpt-oss-120b"),
    ("together", "deepseek-ai/DeepSeek-R1"), ("moonshot", "kimi-k2-0905-preview"), ("zhipu", "glm-4.6"),
    ("fireworks", "gpt-oss-120b"), ("azure-openai", "gpt-4o"), ("minimax", "MiniMax-M2"),
):
    case(kind, model, "openai", oai(100_003, 777))
    case(kind, model, "openai", oai(4_001, 2_003, {"cached_tokens": 3_999}, {"reasoning_tokens": 1_500}))
case("fireworks", "gpt-oss-120b", "openai", oai(4_001, 2_003, {"cached_tokens": 3_999}), ("priority",))
case("qwen", "qwen-plus", "openai", oai(1000, 900, None, {"reasoning_tokens": 800}))
case("voyage", "voyage-3", "openai", {"prompt_tokens": 123_457})
case("jina", "jina-reranker-v2-base-multilingual", "openai", {"prompt_tokens": 1})

print("kind\tmodel\tconvention\ttier\tbody\tprices\tconsumption\tlines\texpected")
for kind, model, convention, body, tier in CASES:
    prices = price_list(kind, model)
    consumed = CONVENTIONS[convention](body)
    expected, lines = price(prices, tier, consumed)
    quoted = " ".join(f"{key}={value}" for key, value in prices.items())
    print("\t".join((kind, model, convention, tier, json.dumps(body), quoted, normalised(consumed) or "-",
                     " ".join(lines) or "-", expected)))
