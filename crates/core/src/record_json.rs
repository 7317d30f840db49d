//! A record as JSON: what its `Serialize` says, byte for byte, at a fraction of the cost.
//!
//! One line is written for every request, and most of a line is names of fields, which need no
//! looking through for what has to be escaped. Everything is taken apart exhaustively, so that a
//! field that is added has to be written here too.

use std::time::Duration;

use serde::Serialize;

use crate::{
    Affinity, Attempt, Considered, Cost, Decision, ErrorKind, Hedge, Money, Price, Record, Unsaid,
    Usage,
};

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
        field(out, r#"{"request_id":"#, &**request_id, text);
        let at = Display(humantime::format_rfc3339_millis(*started));
        field(out, r#","timestamp":"#, &at, any);
        field(out, r#","duration_ms":"#, *duration, millis);
        field(out, r#","overhead_ms":"#, *overhead, millis);
        maybe(out, r#","ttft_ms":"#, *time_to_first_token, millis);
        field(out, r#","surface":"#, surface, any);
        maybe(out, r#","key":"#, key.as_deref(), text);
        field(out, r#","requested_model":"#, &**requested_model, text);
        field(out, r#","model":"#, &**model, text);
        field(out, r#","stream":"#, *stream, flag);
        maybe(out, r#","target":"#, target.as_deref(), text);
        maybe(out, r#","decision":"#, decision.as_ref(), write_decision);
        put(out, r#","attempts":"#);
        list(out, attempts, write_attempt);
        field(out, r#","outcome":"#, outcome.as_str(), text);
        field(out, r#","status":"#, u64::from(status.as_u16()), number);
        maybe(out, r#","usage":"#, usage.as_ref(), write_usage);
        field(out, r#","cost":"#, *price, write_price);
        maybe(out, r#","finish":"#, finish.as_ref(), any);
        put(out, r#","unsaid":"#);
        list(out, unsaid, |out, Unsaid(field)| text(out, field));
        maybe(out, r#","error":"#, error.as_deref(), text);
        put(out, "}");
    }
}

fn write_decision(out: &mut Vec<u8>, decision: &Decision) {
    let Decision { route, mode, label, roll, considered, unlisted, unplaced, affinity, hedge } =
        decision;
    put(out, "{");
    if let Some(route) = route {
        put(out, r#""route":"#);
        text(out, route);
        put(out, ",");
    }
    put(out, r#""mode":"#);
    text(out, mode);
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
    put(out, r#","fate":""#);
    put(out, fate.as_str());
    put(out, "\"");
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
    put(out, r#","why":""#);
    put(out, why.as_str());
    put(out, r#"","waited_ms":"#);
    millis(out, *waited);
    put(out, r#","duration_ms":"#);
    millis(out, *duration);
    put(out, r#","error":"#);
    option(out, error.map(ErrorKind::as_str), text);
    put(out, r#","status":"#);
    option(out, *status, |out, status| number(out, u64::from(status)));
    put(out, "}");
}

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
    } = usage;
    for (name, count) in [
        (r#"{"prompt_tokens":"#, prompt_tokens),
        (r#","completion_tokens":"#, completion_tokens),
        (r#","cached_tokens":"#, cached_tokens),
        (r#","cache_write_tokens":"#, cache_write_tokens),
        (r#","cache_write_1h_tokens":"#, cache_write_1h_tokens),
        (r#","reasoning_tokens":"#, reasoning_tokens),
        (r#","prompt_audio_tokens":"#, prompt_audio_tokens),
        (r#","completion_audio_tokens":"#, completion_audio_tokens),
        (r#","prompt_image_tokens":"#, prompt_image_tokens),
        (r#","completion_image_tokens":"#, completion_image_tokens),
    ] {
        put(out, name);
        number(out, *count);
    }
    put(out, r#","estimated":"#);
    flag(out, *estimated);
    put(out, "}");
}

fn write_price(out: &mut Vec<u8>, price: Price) {
    let cost = match price {
        Price::Priced(cost) => cost,
        Price::Unpriced => return put(out, r#""unpriced""#),
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

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn field<T>(out: &mut Vec<u8>, name: &str, value: T, write: impl FnOnce(&mut Vec<u8>, T)) {
    put(out, name);
    write(out, value);
}

fn maybe<T>(out: &mut Vec<u8>, name: &str, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    put(out, name);
    option(out, value, write);
}

fn any(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("a record's values can be written into memory");
}

/// Most texts hold nothing that has to be escaped, which is found out many bytes at a time.
fn text(out: &mut Vec<u8>, text: &str) {
    let is_special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        return any(out, &text);
    }
    put(out, "\"");
    put(out, text);
    put(out, "\"");
}

fn flag(out: &mut Vec<u8>, value: bool) {
    put(out, if value { "true" } else { "false" });
}

fn number(out: &mut Vec<u8>, value: u64) {
    match u8::try_from(value) {
        // Most counts of a usage are 0.
        Ok(digit @ 0..=9) => out.push(b'0' + digit),
        _ => any(out, &value),
    }
}

/// Fifteen digits: as many as a float always gives back as they were.
const EXACT: u64 = 1_000_000_000_000_000;

/// Milliseconds with the microseconds behind the point, and at least one digit there: as a float is
/// written, without making one.
fn millis(out: &mut Vec<u8>, span: Duration) {
    let micros = match u64::try_from(span.as_micros()) {
        Ok(micros) if micros < EXACT => micros,
        _ => return any(out, &Millis(span)),
    };
    number(out, micros / 1000);
    let digit = |power| b"0123456789"[(micros / power % 10) as usize];
    let digits = [b'.', digit(100), digit(10), digit(1)];
    let kept = match digits {
        [.., b'0', b'0'] => 2,
        [.., b'0'] => 3,
        _ => 4,
    };
    out.extend_from_slice(&digits[..kept]);
}

#[derive(Serialize)]
struct Millis(#[serde(serialize_with = "crate::record::millis")] Duration);

struct Display<T>(T);

impl<T: std::fmt::Display> Serialize for Display<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

fn option<T>(out: &mut Vec<u8>, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    match value {
        Some(value) => write(out, value),
        None => put(out, "null"),
    }
}

fn list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    put(out, "[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            put(out, ",");
        }
        write(out, item);
    }
    put(out, "]");
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::Outcome::{Cancelled, Denied, Failed, Refused, Served};
    use crate::Why::{First, LargerModel, NextKey, NextTarget, Retry};
    use crate::{Fate, Finish, Rates, SurfaceKind, Why};

    fn written(record: &Record) -> String {
        let mut out = Vec::new();
        record.write_json(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn check(record: &Record) {
        assert_eq!(written(record), serde_json::to_string(record).unwrap());
    }

    fn full() -> Record {
        let mut record = Record::open("r-1".into(), SurfaceKind::CountTokens, Some("k".into()));
        record.started = SystemTime::UNIX_EPOCH + Duration::from_micros(1_700_000_000_123_456);
        record.time_to_first_token = Some(Duration::from_micros(12_340));
        (record.requested_model, record.model) = ("fast".into(), "m \"1\"\n\u{1}ü\u{2028}".into());
        (record.stream, record.target) = (true, Some("back\\slash".into()));
        let mut usage = Usage::new(12_345, u64::MAX);
        (usage.cached_tokens, usage.estimated) = (9, true);
        record.usage = Some(usage);
        let mut rates = Rates::default();
        (rates.input, rates.output) = (Some(2_500_000_000), Some(10_000_000_000));
        record.price = Price::Priced(rates.cost(&Usage::new(1000, 7)).unwrap());
        record.finish = Some(Finish::ToolCalls);
        record.unsaid = vec![Unsaid("a".into()), Unsaid("messages[2].\"x\"".into())];
        record.error = Some("broke \"off\"".to_owned());
        let mut attempt = Attempt::new("a".into(), Duration::from_millis(7));
        (attempt.key, attempt.status) = (Some(3), Some(503));
        (attempt.why, attempt.error) = (Why::NextTarget, Some(ErrorKind::Overloaded));
        record.attempts.push(attempt);
        record.attempts.push(Attempt::new("b".into(), Duration::from_micros(1)));
        record.decision = Some(decision());
        record
    }

    fn decision() -> Decision {
        let mut decision = Decision::new("fallback", u64::MAX);
        (decision.route, decision.label) = (Some("route \"1\"".into()), Some("b".into()));
        (decision.unlisted, decision.unplaced) = (44, 3);
        decision.affinity = Affinity::Left;
        decision.hedge = Some(Hedge::new(Duration::from_millis(800)));
        decision.consider_placed(&"a".into(), 0, "in order");
        for fate in [Fate::Drained, Fate::Open(Duration::from_micros(1_500_100)), Fate::LeftOut] {
            decision.consider_unplaced(&"b".into(), fate);
        }
        decision
    }

    #[test]
    fn a_record_is_written_as_its_serialize_says_byte_for_byte() {
        check(&Record::open("r".into(), SurfaceKind::Chat, None));
        check(&full());
        let mut record = full();
        for price in [Price::Unpriced, Price::NoUsage] {
            record.price = price;
            check(&record);
        }
        record.decision = Some(Decision::new("single", 0));
        check(&record);
        for outcome in [Served, Refused, Denied, Failed, Cancelled] {
            record.outcome = outcome;
            check(&record);
        }
        for why in [First, Retry, NextKey, NextTarget, Why::Hedge, LargerModel] {
            record.attempts[0].why = why;
            check(&record);
        }
        for kind in ErrorKind::ALL {
            record.attempts[0].error = Some(*kind);
            check(&record);
        }
    }

    #[test]
    fn every_span_is_written_as_the_float_is() {
        let mut record = full();
        let some = (0..1 << 12).chain((0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit]));
        for micros in some.chain([10_000, 10_010, 10_100, 99_999, 1_000_000, u64::MAX]) {
            record.duration = Duration::from_micros(micros);
            check(&record);
        }
        record.duration = Duration::MAX;
        check(&record);
    }

    #[test]
    fn every_character_is_escaped_or_not_as_it_is_elsewhere() {
        let mut record = full();
        for character in (0..0x300).filter_map(char::from_u32) {
            record.error = Some(format!("a{character}"));
            check(&record);
        }
    }
}
