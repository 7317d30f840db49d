//! A record as JSON: what its `Serialize` says, byte for byte, at a fraction of the cost.
//!
//! One line is written for every request, and most of a line is names of fields, which need no
//! looking through for what has to be escaped. Everything is taken apart exhaustively, so that a
//! field that is added has to be written here too.

mod scalar;

use ferro_wire::write_string as text;

use self::scalar::{any, field, flag, list, maybe, millis, number, option, put, timestamp, word};
use crate::{
    Affinity, Attempt, Considered, Cost, Decision, ErrorKind, Finish, Hedge, Money, Price, Record,
    ServiceTier, SurfaceKind, Unpriced, Unsaid, Usage,
};

/// About as long as a line is, with two targets and a price.
const LINE: usize = 1 << 10;

impl Record {
    /// Appends the record as one JSON object, the same that `serde_json` makes of it.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let Self {
            request_id,
            started,
            duration,
            overhead,
            time_to_first_token,
            surface,
            key,
            requested_model,
            model,
            stream,
            target,
            decision,
            attempts,
            outcome,
            status,
            usage,
            price,
            finish,
            unsaid,
            error,
        } = self;
        out.reserve(LINE);
        field(out, r#"{"request_id":"#, &**request_id, text);
        field(out, r#","timestamp":"#, *started, timestamp);
        field(out, r#","duration_ms":"#, *duration, millis);
        field(out, r#","overhead_ms":"#, *overhead, millis);
        maybe(out, r#","ttft_ms":"#, *time_to_first_token, millis);
        field(out, r#","surface":"#, surface_word(*surface), word);
        maybe(out, r#","key":"#, key.as_deref(), text);
        field(out, r#","requested_model":"#, &**requested_model, text);
        field(out, r#","model":"#, &**model, text);
        field(out, r#","stream":"#, *stream, flag);
        maybe(out, r#","target":"#, target.as_deref(), text);
        maybe(out, r#","decision":"#, decision.as_ref(), write_decision);
        put(out, r#","attempts":"#);
        list(out, attempts, write_attempt);
        field(out, r#","outcome":"#, outcome.as_str(), word);
        field(out, r#","status":"#, u64::from(status.as_u16()), number);
        maybe(out, r#","usage":"#, usage.as_ref(), write_usage);
        field(out, r#","cost":"#, *price, write_price);
        maybe(out, r#","finish":"#, finish.map(finish_word), word);
        put(out, r#","unsaid":"#);
        list(out, unsaid, |out, Unsaid(field)| text(out, field));
        maybe(out, r#","error":"#, error.as_deref(), text);
        put(out, "}");
    }
}

fn write_decision(out: &mut Vec<u8>, decision: &Decision) {
    let Decision {
        route,
        mode,
        label,
        roll,
        considered,
        unlisted,
        unplaced,
        cannot_say,
        affinity,
        hedge,
    } = decision;
    put(out, "{");
    if let Some(route) = route {
        put(out, r#""route":"#);
        text(out, route);
        put(out, ",");
    }
    put(out, r#""mode":"#);
    word(out, mode);
    if let Some(label) = label {
        put(out, r#","label":"#);
        text(out, label);
    }
    put(out, r#","roll":"#);
    number(out, *roll);
    put(out, r#","considered":"#);
    list(out, considered, write_considered);
    if *unlisted > 0 {
        put(out, r#","unlisted":"#);
        number(out, u64::from(*unlisted));
    }
    if *unplaced > 0 {
        put(out, r#","unplaced":"#);
        number(out, u64::from(*unplaced));
    }
    if !cannot_say.is_empty() {
        put(out, r#","cannot_say":"#);
        any(out, cannot_say);
    }
    if *affinity != Affinity::None {
        put(out, r#","affinity":"#);
        any(out, affinity);
    }
    if let Some(Hedge { after, won }) = hedge {
        put(out, r#","hedge":{"after_ms":"#);
        millis(out, *after);
        put(out, r#","won":"#);
        flag(out, *won);
        put(out, "}");
    }
    put(out, "}");
}

fn write_considered(out: &mut Vec<u8>, considered: &Considered) {
    let Considered { target, place, reason, fate } = considered;
    put(out, r#"{"target":"#);
    text(out, target);
    put(out, r#","place":"#);
    option(out, *place, |out, place| number(out, place as u64));
    if !reason.is_empty() {
        put(out, r#","reason":"#);
        text(out, reason);
    }
    put(out, r#","fate":"#);
    word(out, fate.as_str());
    if let Some(wait) = fate.wait() {
        put(out, r#","for_ms":"#);
        millis(out, wait);
    }
    put(out, "}");
}

fn write_attempt(out: &mut Vec<u8>, attempt: &Attempt) {
    let Attempt { target, key, why, waited, duration, error, status } = attempt;
    put(out, r#"{"target":"#);
    text(out, target);
    if let Some(key) = key {
        put(out, r#","key":"#);
        number(out, u64::from(*key));
    }
    put(out, r#","why":"#);
    word(out, why.as_str());
    put(out, r#","waited_ms":"#);
    millis(out, *waited);
    put(out, r#","duration_ms":"#);
    millis(out, *duration);
    put(out, r#","error":"#);
    option(out, error.map(ErrorKind::as_str), word);
    put(out, r#","status":"#);
    option(out, *status, |out, status| number(out, u64::from(status)));
    put(out, "}");
}

/// What most replies have none of.
const OTHERS: [&str; 7] = [
    r#","cache_write_tokens":"#,
    r#","cache_write_1h_tokens":"#,
    r#","reasoning_tokens":"#,
    r#","prompt_audio_tokens":"#,
    r#","completion_audio_tokens":"#,
    r#","prompt_image_tokens":"#,
    r#","completion_image_tokens":"#,
];
/// The same, counted: at once.
const NO_OTHERS: &str = r#","cache_write_tokens":0,"cache_write_1h_tokens":0,"reasoning_tokens":0,"prompt_audio_tokens":0,"completion_audio_tokens":0,"prompt_image_tokens":0,"completion_image_tokens":0"#;

fn write_usage(out: &mut Vec<u8>, usage: &Usage) {
    let Usage {
        prompt_tokens,
        completion_tokens,
        cached_tokens,
        cache_write_tokens,
        cache_write_1h_tokens,
        reasoning_tokens,
        prompt_audio_tokens,
        completion_audio_tokens,
        prompt_image_tokens,
        completion_image_tokens,
        estimated,
        tier,
        besides,
    } = usage;
    field(out, r#"{"prompt_tokens":"#, *prompt_tokens, number);
    field(out, r#","completion_tokens":"#, *completion_tokens, number);
    field(out, r#","cached_tokens":"#, *cached_tokens, number);
    let others = [
        cache_write_tokens,
        cache_write_1h_tokens,
        reasoning_tokens,
        prompt_audio_tokens,
        completion_audio_tokens,
        prompt_image_tokens,
        completion_image_tokens,
    ];
    if others.iter().all(|count| **count == 0) {
        put(out, NO_OTHERS);
    } else {
        for (name, count) in OTHERS.into_iter().zip(others) {
            field(out, name, *count, number);
        }
    }
    put(out, r#","estimated":"#);
    flag(out, *estimated);
    if *tier != ServiceTier::Standard {
        field(out, r#","tier":"#, tier.as_str(), word);
    }
    if let Some(besides) = besides {
        put(out, r#","besides":"#);
        any(out, besides);
    }
    put(out, "}");
}

fn write_price(out: &mut Vec<u8>, price: Price) {
    let cost = match price {
        Price::Priced(cost) => cost,
        Price::Unpriced(unpriced) => return write_unpriced(out, unpriced),
        Price::NoUsage => return put(out, r#""no_usage""#),
    };
    let Cost { total, input, output, cache_read, cache_write } = cost;
    let amounts: [(&str, Money); 5] = [
        (r#"{"priced":{"total_nano_usd":"#, total),
        (r#","input_nano_usd":"#, input),
        (r#","output_nano_usd":"#, output),
        (r#","cache_read_nano_usd":"#, cache_read),
        (r#","cache_write_nano_usd":"#, cache_write),
    ];
    for (name, amount) in amounts {
        put(out, name);
        number(out, amount.nanos());
    }
    put(out, "}}");
}

fn write_unpriced(out: &mut Vec<u8>, unpriced: Unpriced) {
    let Unpriced { meter, tier, quantity } = unpriced;
    field(out, r#"{"unpriced":{"meter":"#, meter, word);
    field(out, r#","tier":"#, tier.as_str(), word);
    field(out, r#","quantity":"#, quantity, number);
    put(out, "}}");
}

fn surface_word(surface: SurfaceKind) -> &'static str {
    match surface {
        SurfaceKind::Chat => "chat",
        SurfaceKind::Messages => "messages",
        SurfaceKind::Responses => "responses",
        SurfaceKind::Generate => "generate",
        SurfaceKind::Completions => "completions",
        SurfaceKind::Embeddings => "embeddings",
        SurfaceKind::Images => "images",
        SurfaceKind::ImageEdits => "image_edits",
        SurfaceKind::ImageVariations => "image_variations",
        SurfaceKind::Rerank => "rerank",
        SurfaceKind::Moderations => "moderations",
        SurfaceKind::Speech => "speech",
        SurfaceKind::Transcriptions => "transcriptions",
        SurfaceKind::Translations => "translations",
        SurfaceKind::CountTokens => "count_tokens",
        SurfaceKind::Forward => "forward",
    }
}

fn finish_word(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
        Finish::Other => "other",
    }
}

#[cfg(test)]
mod tests;
