//! A line is what serde makes of its record.

use std::time::{Duration, SystemTime};

use super::*;
use crate::Outcome::{Cancelled, Denied, Failed, Refused, Served};
use crate::Why::{First, LargerModel, NextKey, NextTarget, Retry};
use crate::{CannotSay, Fate, Finish, Images, SurfaceKind, Why};

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
    let mut cost = Cost::default();
    (cost.total, cost.input) = (Money::from_nanos(2_570_000), Money::from_nanos(2_500_000));
    cost.output = Money::from_nanos(70_000);
    record.price = Price::Priced(cost);
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
    decision.cannot_say = vec![CannotSay::new("c".into(), vec![Unsaid("a \"b\"".into())])];
    decision.hedge = Some(Hedge::new(Duration::from_millis(800)));
    decision.consider_placed(&"a".into(), 0, "in order");
    for fate in [Fate::Drained, Fate::Open(Duration::from_micros(1_500_100)), Fate::CannotSay] {
        decision.consider_unplaced(&"b".into(), fate);
    }
    decision
}

#[test]
fn a_record_is_written_as_its_serialize_says_byte_for_byte() {
    check(&Record::open("r".into(), SurfaceKind::Chat, None));
    check(&full());
    let mut record = full();
    let unpriced = Unpriced::new("audio_input", u64::MAX).at(ServiceTier::Flex);
    for price in [Price::Unpriced(unpriced), Price::NoUsage] {
        record.price = price;
        check(&record);
    }
    let images = vec![Images::new(1).with("hd", "1024x1024"), Images::new(2)];
    let usage = Usage::images(images).with(|besides| besides.video_size = "a \"b\"".to_owned());
    record.usage = Some(usage.at(ServiceTier::Batch));
    check(&record);
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

#[test]
fn every_surface_and_every_finish_has_its_word() {
    use SurfaceKind as S;
    let mut record = full();
    let surfaces = [
        [S::Chat, S::Messages, S::Responses, S::Generate, S::Completions, S::Embeddings],
        [S::Images, S::Rerank, S::Moderations, S::Speech, S::Transcriptions, S::Forward],
    ];
    for surface in surfaces.into_iter().flatten() {
        record.surface = surface;
        check(&record);
    }
    for finish in [Finish::Stop, Finish::Length, Finish::ContentFilter, Finish::Other] {
        record.finish = Some(finish);
        check(&record);
    }
}

#[test]
fn every_moment_is_written_as_it_is_elsewhere() {
    let mut record = full();
    let days = (0..400_u64).map(|n| n * 86_400 * 59);
    for second in days.chain([1_700_000_000, 1_700_000_000, 1_709_164_800, 253_402_300_799]) {
        for nanos in [0, 999_999, 1_000_000, 20_000_000, 345_000_000, 999_999_999] {
            record.started = SystemTime::UNIX_EPOCH + Duration::new(second, nanos);
            check(&record);
        }
    }
}

#[test]
fn a_count_of_any_kind_is_written() {
    let counts = "cached_tokens cache_write_tokens cache_write_1h_tokens reasoning_tokens \
        prompt_audio_tokens completion_audio_tokens prompt_image_tokens completion_image_tokens";
    let mut record = full();
    for name in counts.split_ascii_whitespace() {
        for count in [0, 7, 10, 12_345_678] {
            record.usage = Some(serde_json::from_str(&format!(r#"{{"{name}":{count}}}"#)).unwrap());
            check(&record);
        }
    }
}
