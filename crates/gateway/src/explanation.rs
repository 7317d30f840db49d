//! Why a request went where it went, in sentences for people.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use ferro_core::{
    Affinity, Attempt, Considered, Decision, ErrorKind, Fate, Outcome, Record, RequestId, TargetId,
    Why,
};
use serde::Serialize;

/// Why a request went where it went.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The request's name.
    pub request_id: RequestId,
    /// What was asked for, and how it ended.
    pub summary: Vec<String>,
    /// How the targets came into their order.
    pub decision: Vec<String>,
    /// What became of every target that was considered, a sentence each, in order.
    pub targets: Vec<Told>,
    /// Every call that was made, a sentence each, in order.
    pub calls: Vec<Told>,
    /// What all of this is made from.
    pub record: Arc<Record>,
}

/// A sentence about a target.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Told {
    /// The target.
    pub target: TargetId,
    /// The sentence, without the target's name.
    pub says: String,
}

impl Explanation {
    /// Explains a request that has ended.
    pub fn of(record: &Arc<Record>) -> Self {
        let decision = record.decision.as_ref();
        let considered = decision.map(|decision| &*decision.considered).unwrap_or_default();
        let told = |considered: &Considered| Told {
            target: considered.target.clone(),
            says: fate(record, considered),
        };
        let call = |(index, attempt): (usize, &Attempt)| Told {
            target: attempt.target.clone(),
            says: call(record, index, attempt),
        };
        Self {
            request_id: record.request_id.clone(),
            summary: vec![asked(record), ended(record)],
            decision: decision.map(decided).unwrap_or_default(),
            targets: considered.iter().map(told).collect(),
            calls: record.attempts.iter().enumerate().map(call).collect(),
            record: Arc::clone(record),
        }
    }
}

fn asked(record: &Record) -> String {
    let Record { requested_model, model, .. } = record;
    let how = if record.stream { "as a stream" } else { "in one piece" };
    let meant = match requested_model == model {
        true => String::new(),
        false => format!(", which means `{model}` here,"),
    };
    match requested_model.is_empty() {
        true => format!("A {} request that could not be understood.", record.surface.as_str()),
        false => format!("A reply of `{requested_model}`{meant} was asked for {how}."),
    }
}

fn ended(record: &Record) -> String {
    let calls = match record.attempts.len() {
        0 => "without a call".to_owned(),
        1 => "after 1 call".to_owned(),
        count => format!("after {count} calls"),
    };
    let (took, own) = (span(record.duration), span(record.overhead));
    let how = match (record.outcome, &record.target) {
        (Outcome::Served, Some(target)) => format!("It was served by `{target}`"),
        (Outcome::Served, None) => "It was answered by a policy".to_owned(),
        (Outcome::Refused, _) => "It was refused".to_owned(),
        (Outcome::Denied, _) => "It was denied by a policy".to_owned(),
        (Outcome::Cancelled, _) => "The client left".to_owned(),
        _ => "It failed".to_owned(),
    };
    let mut text = format!(
        "{how} with status {}, {calls}, in {took}, of which the gateway itself took {own}",
        record.status.as_u16()
    );
    if let Some(error) = &record.error {
        add(&mut text, format_args!(": {}", error.trim_end_matches('.')));
    }
    text + "."
}

fn decided(decision: &Decision) -> Vec<String> {
    let placed = decision.considered.iter().filter(|considered| considered.place.is_some()).count();
    let placed = placed + decision.unlisted as usize;
    let targets = if placed == 1 { "1 target" } else { &format!("{placed} targets") };
    let route = match &decision.route {
        Some(route) => format!(" of the route `{route}`"),
        None => String::new(),
    };
    let mut text = vec![format!("The strategy `{}`{route} put {targets} in order.", decision.mode)];
    if let Some(label) = &decision.label {
        text.push(format!("The request was drawn into the variant `{label}`."));
    }
    match decision.affinity {
        Affinity::Kept => text.push(
            "The target that answered an earlier request like this one was put in front.".into(),
        ),
        Affinity::Left => text.push(
            "The target that answered an earlier request like this one could not be asked.".into(),
        ),
        _ => {}
    }
    if let Some(hedge) = &decision.hedge {
        let won = if hedge.won { "and began to answer first" } else { "and was not needed" };
        let after = span(hedge.after);
        text.push(format!(
            "As nothing had come after {after}, a second target was asked beside the first, {won}."
        ));
    }
    if decision.unlisted > 0 {
        let count = decision.unlisted;
        text.push(format!("Nobody came to the last {count} of the order, which are not listed."));
    }
    if decision.unplaced > 0 {
        let count = decision.unplaced;
        text.push(format!("Besides, {count} more were drained or left out, which are not listed."));
    }
    text
}

/// What became of a target, and why it stood where it did.
fn fate(record: &Record, considered: &Considered) -> String {
    let mut text = String::new();
    if let Some(place) = considered.place {
        add(&mut text, format_args!("{} in the order", ordinal(place)));
        if !considered.reason.is_empty() {
            add(&mut text, format_args!(" ({})", considered.reason));
        }
        text.push_str(": ");
    }
    match considered.fate {
        Fate::Asked => text += &became(record, considered),
        other => add(&mut text, format_args!("{other}")),
    }
    text + "."
}

/// How it went with a target that was asked.
fn became(record: &Record, considered: &Considered) -> String {
    let calls: Vec<_> =
        record.attempts.iter().filter(|attempt| attempt.target == considered.target).collect();
    let Some(last) = calls.last() else { return "asked, but no call began".to_owned() };
    let times = match calls.len() {
        1 => String::new(),
        count => format!(" {count} times"),
    };
    let is_chosen = record.target.as_ref() == Some(&considered.target);
    let took = span(last.duration);
    match last.error {
        None if is_chosen && record.outcome != Outcome::Cancelled => {
            format!("chosen: asked{times}, it answered after {took}")
        }
        None => format!("asked{times}, and given up after {took}"),
        Some(error) => {
            let status = last.status.map(|status| format!(" with status {status}"));
            let status = status.unwrap_or_default();
            format!("asked{times}, and failed{status} ({})", words(error))
        }
    }
}

/// A call, why it was made, and how it went.
fn call(record: &Record, index: usize, attempt: &Attempt) -> String {
    let mut text = match attempt.why {
        Why::First => "the first call",
        Why::Retry => "asked again, because that may pass",
        Why::NextKey => "asked again, as it has another key",
        Why::NextTarget => "asked because the one before failed",
        Why::Hedge => "asked because the one before had not begun to answer",
        Why::LargerModel => "asked because its model has room for more",
        _ => "asked",
    }
    .to_owned();
    if let Some(key) = attempt.key {
        add(&mut text, format_args!(", with its {} key", ordinal(usize::from(key))));
    }
    if !attempt.waited.is_zero() {
        add(&mut text, format_args!(", after a wait of {}", span(attempt.waited)));
    }
    let is_last = index + 1 == record.attempts.len();
    let took = span(attempt.duration);
    match (attempt.error, attempt.status) {
        (Some(error), Some(status)) => {
            add(&mut text, format_args!("; failed after {took} with status {status}"));
            add(&mut text, format_args!(" ({})", words(error)));
        }
        (Some(error), None) => {
            add(&mut text, format_args!("; failed after {took} ({})", words(error)));
        }
        (None, _) if is_last && record.outcome == Outcome::Cancelled => {
            add(&mut text, format_args!("; given up after {took}, as the client had left"));
        }
        (None, _) => add(&mut text, format_args!("; answered after {took}")),
    }
    text + "."
}

fn words(error: ErrorKind) -> String {
    error.as_str().replace('_', " ")
}

/// A span as people read it: milliseconds below ten seconds.
fn span(span: Duration) -> String {
    match span.as_secs() {
        0..10 => format!("{:.1} ms", span.as_secs_f64() * 1e3),
        _ => format!("{:.1} s", span.as_secs_f64()),
    }
}

fn ordinal(place: usize) -> String {
    const WORDS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];
    WORDS.get(place).map_or_else(|| format!("number {}", place + 1), |word| (*word).to_owned())
}

fn add(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use ferro_core::{Hedge, SurfaceKind};

    use super::*;

    fn record() -> Record {
        let mut record = Record::open("r".into(), SurfaceKind::Chat, None);
        (record.requested_model, record.model) = ("m".into(), "m".into());
        (record.stream, record.target) = (true, Some("b".into()));
        let mut decision = Decision::new("least-latency", 7);
        (decision.route, decision.label) = (Some("cheap".into()), Some("new".into()));
        decision.affinity = Affinity::Left;
        (decision.unlisted, decision.unplaced) = (44, 3);
        let mut hedge = Hedge::new(Duration::from_millis(800));
        hedge.won = true;
        decision.hedge = Some(hedge);
        for (place, fate) in [
            Fate::Open(Duration::from_millis(29_000)),
            Fate::Asked,
            Fate::Cooling(Duration::from_millis(1_500)),
            Fate::Saturated,
        ]
        .into_iter()
        .enumerate()
        {
            let target = TargetId::from(["a", "b", "c", "d"][place]);
            decision.consider_placed(&target, place, "fastest lately");
            decision.settle(place, fate, || unreachable!("it is listed"));
        }
        record.decision = Some(decision);
        record
    }

    #[test]
    fn everybody_who_was_passed_over_has_a_sentence_with_its_time() {
        let explained = Explanation::of(&Arc::new(record()));
        let says: Vec<_> = explained.targets.iter().map(|told| told.says.as_str()).collect();
        let expected = [
            "first in the order (fastest lately): passed over: its circuit is open for another 29.0 s.",
            "second in the order (fastest lately): asked, but no call began.",
            "third in the order (fastest lately): passed over: it has asked to be left alone for another 1.5 s.",
            "fourth in the order (fastest lately): passed over: saturated.",
        ];
        assert_eq!(says, expected);
        let decision = [
            "The strategy `least-latency` of the route `cheap` put 48 targets in order.",
            "The request was drawn into the variant `new`.",
            "The target that answered an earlier request like this one could not be asked.",
            "As nothing had come after 800.0 ms, a second target was asked beside the first, and began to answer first.",
            "Nobody came to the last 44 of the order, which are not listed.",
            "Besides, 3 more were drained or left out, which are not listed.",
        ];
        assert_eq!(explained.decision, decision);
    }

    #[test]
    fn each_call_says_why_it_was_made_what_was_waited_and_how_it_went() {
        let mut record = record();
        let mut call = |why, error, status| {
            let mut attempt = Attempt::new("b".into(), Duration::from_micros(12_340));
            (attempt.why, attempt.error, attempt.status) = (why, error, status);
            record.attempts.push(attempt);
        };
        call(Why::First, Some(ErrorKind::RateLimited), Some(429));
        call(Why::NextKey, Some(ErrorKind::Timeout), None);
        call(Why::Retry, None, None);
        record.attempts[1].key = Some(1);
        record.attempts[2].waited = Duration::from_millis(11_000);
        let says = |record: &Record| {
            let calls = Explanation::of(&Arc::new(record.clone())).calls;
            calls.into_iter().map(|told| told.says).collect::<Vec<_>>()
        };
        let first = "the first call; failed after 12.3 ms with status 429 (rate limited).";
        let second = "asked again, as it has another key, with its second key; failed after 12.3 ms (timeout).";
        let third = "asked again, because that may pass, after a wait of 11.0 s";
        let left = format!("{third}; given up after 12.3 ms, as the client had left.");
        assert_eq!(says(&record), [first, second, &left]);
        record.outcome = Outcome::Served;
        assert_eq!(says(&record), [first, second, &format!("{third}; answered after 12.3 ms.")]);
    }

    #[test]
    fn what_ended_before_a_target_was_considered_says_so_itself() {
        let mut record = Record::open("r".into(), SurfaceKind::Chat, None);
        record.outcome = Outcome::Refused;
        record.status = http::StatusCode::BAD_REQUEST;
        record.error = Some("the body is no JSON.".to_owned());
        let explained = Explanation::of(&Arc::new(record));
        let summary = [
            "A chat request that could not be understood.",
            "It was refused with status 400, without a call, in 0.0 ms, of which the gateway itself took 0.0 ms: the body is no JSON.",
        ];
        assert_eq!(explained.summary, summary);
        assert!(explained.decision.is_empty() && explained.targets.is_empty());
    }
}
