//! Why a request went where it went, in sentences for people.

mod ending;

use std::{fmt::Write as _, sync::Arc, time::Duration};

use ferro_core::{
    Affinity, Attempt, Considered, Decision, ErrorKind, Fate, Outcome, Record, RequestId, TargetId,
    Unsaid, Why,
};
use serde::Serialize;

use ending::{Ending, has_begun};

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
        let call = |attempt: &Attempt| Told {
            target: attempt.target.clone(),
            says: call(record, attempt),
        };
        Self {
            request_id: record.request_id.clone(),
            summary: [asked(record)]
                .into_iter()
                .chain(enlarged(record))
                .chain([ended(record)])
                .collect(),
            decision: decision.map(|decision| decided(record, decision)).unwrap_or_default(),
            targets: considered.iter().map(told).collect(),
            calls: record.attempts.iter().map(call).collect(),
            record: Arc::clone(record),
        }
    }
}

fn asked(record: &Record) -> String {
    let Record { requested_model, model, .. } = record;
    let how = if record.stream { "as a stream" } else { "in one piece" };
    let meant = match requested_model == model || has_larger(record) {
        true => String::new(),
        false => format!(", which means `{model}` here,"),
    };
    match requested_model.is_empty() {
        true => format!("A {} request that could not be understood.", record.surface.as_str()),
        false => format!("A reply of `{requested_model}`{meant} was asked for {how}."),
    }
}

fn enlarged(record: &Record) -> Option<String> {
    let larger = &record.model;
    has_larger(record)
        .then(|| format!("The prompt was too long for what this means, and `{larger}` took over."))
}

fn has_larger(record: &Record) -> bool {
    record.attempts.iter().any(|attempt| attempt.why == Why::LargerModel)
}

fn ended(record: &Record) -> String {
    let calls = match record.attempts.len() {
        0 => "without a call".to_owned(),
        1 => "after 1 call".to_owned(),
        count => format!("after {count} calls"),
    };
    let (took, own) = (span(record.duration), span(record.overhead));
    let status = format!("with status {}", record.status.as_u16());
    // Of a stream that has begun the client has seen another status than the one that is recorded.
    let how = match (record.outcome, &record.target, has_begun(record)) {
        (Outcome::Served, Some(target), _) => format!("It was served by `{target}` {status}"),
        (Outcome::Served, None, _) => format!("It was answered by a policy {status}"),
        (Outcome::Refused, ..) => format!("It was refused {status}"),
        (Outcome::Denied, _, false) => format!("It was denied by a policy {status}"),
        (Outcome::Denied, _, true) => "The reply was cut by a policy".to_owned(),
        (Outcome::Cancelled, _, false) => "The client left before a reply had begun".to_owned(),
        (Outcome::Cancelled, _, true) => "The client left while the reply came".to_owned(),
        (_, _, false) => format!("It failed {status}"),
        (_, _, true) => "The reply broke off".to_owned(),
    };
    let mut text = format!("{how}, {calls}, in {took}, of which the gateway itself took {own}");
    if let Some(error) = &record.error {
        add(&mut text, format_args!(": {}", error.trim_end_matches('.')));
    }
    text + "."
}

fn decided(record: &Record, decision: &Decision) -> Vec<String> {
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
        let won = match (hedge.won, has_begun(record)) {
            (true, _) => "and began to answer first",
            (false, true) => "and was not needed",
            (false, false) => "and neither began to answer",
        };
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
        Fate::CannotSay => {
            let fields = unsaid(record, considered);
            add(&mut text, format_args!("{}{fields}", considered.fate));
        }
        other => add(&mut text, format_args!("{other}")),
    }
    text + "."
}

/// What a target cannot be told.
fn unsaid(record: &Record, considered: &Considered) -> String {
    let decision = record.decision.as_ref();
    let mut silent = decision.map(|decision| &*decision.cannot_say).unwrap_or_default().iter();
    let Some(silent) = silent.find(|silent| silent.target == considered.target) else {
        return String::new();
    };
    let fields = silent.fields.iter().map(|Unsaid(field)| format!("`{field}`"));
    format!(" ({})", fields.collect::<Vec<_>>().join(", "))
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
    let took = span(last.duration);
    match Ending::of(record, last) {
        Ending::Answered => format!("chosen: asked{times}, it answered after {took}"),
        Ending::Left => {
            format!("chosen: asked{times}, it had begun after {took} when the client left")
        }
        Ending::BrokeOff(error) => {
            let why = words(error);
            format!("chosen: asked{times}, it began after {took}, and broke off ({why})")
        }
        Ending::NotWaitedFor(why) => format!("asked{times}, and given up after {took}, {why}"),
        Ending::Failed(error) => {
            format!("asked{times}, and failed{} ({})", status(last), words(error))
        }
    }
}

/// A call, why it was made, and how it went.
fn call(record: &Record, attempt: &Attempt) -> String {
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
    let took = span(attempt.duration);
    match Ending::of(record, attempt) {
        Ending::Answered => add(&mut text, format_args!("; answered after {took}")),
        Ending::Left => {
            add(&mut text, format_args!("; had begun to answer after {took} when the client left"));
        }
        Ending::BrokeOff(error) => {
            let why = words(error);
            add(&mut text, format_args!("; began to answer after {took}, and broke off ({why})"));
        }
        Ending::NotWaitedFor(why) => add(&mut text, format_args!("; given up after {took}, {why}")),
        Ending::Failed(error) => {
            let (status, why) = (status(attempt), words(error));
            add(&mut text, format_args!("; failed after {took}{status} ({why})"));
        }
    }
    text + "."
}

fn status(attempt: &Attempt) -> String {
    attempt.status.map(|status| format!(" with status {status}")).unwrap_or_default()
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

    fn says(record: &Record) -> (Vec<String>, Vec<String>) {
        let explained = Explanation::of(&Arc::new(record.clone()));
        let says = |told: Vec<Told>| told.into_iter().map(|told| told.says).collect();
        (says(explained.targets), says(explained.calls))
    }

    fn hedged() -> Record {
        let mut record = record();
        let mut decision = Decision::new("fallback", 7);
        for (place, target) in ["a", "b"].into_iter().enumerate() {
            decision.consider_placed(&target.into(), place, "in order");
            decision.considered[place].fate = Fate::Asked;
        }
        record.decision = Some(decision);
        for (target, why, millis) in [("a", Why::First, 900), ("b", Why::Hedge, 100)] {
            let mut attempt = Attempt::new(target.into(), Duration::from_millis(millis));
            attempt.why = why;
            record.attempts.push(attempt);
        }
        (record.outcome, record.time_to_first_token) =
            (Outcome::Served, Some(Duration::from_millis(901)));
        record
    }

    #[test]
    fn of_two_that_are_asked_at_once_one_has_answered_and_the_other_was_given_up() {
        let mut record = hedged();
        let (targets, calls) = says(&record);
        assert_eq!(
            targets,
            [
                "first in the order (in order): asked, and given up after 900.0 ms, as another had begun to answer.",
                "second in the order (in order): chosen: asked, it answered after 100.0 ms.",
            ]
        );
        let first = "the first call; given up after 900.0 ms, as another had begun to answer.";
        let hedge =
            "asked because the one before had not begun to answer; answered after 100.0 ms.";
        assert_eq!(calls, [first, hedge]);

        record.target = Some("a".into());
        let (_, calls) = says(&record);
        assert!(calls[0].ends_with("; answered after 900.0 ms."), "{calls:?}");
        assert!(calls[1].ends_with("given up after 100.0 ms, as another had begun to answer."));

        record.outcome = Outcome::Cancelled;
        record.time_to_first_token = None;
        let (targets, calls) = says(&record);
        let mut decision = record.decision.clone().unwrap();
        decision.hedge = Some(Hedge::new(Duration::from_millis(800)));
        let told = decided(&record, &decision);
        assert!(told[1].ends_with("beside the first, and neither began to answer."), "{told:?}");
        for said in targets.iter().chain(&calls) {
            assert!(
                said.contains("given up") && said.ends_with("as the client had left."),
                "{said}"
            );
        }
    }

    #[test]
    fn a_stream_that_had_begun_is_not_told_as_if_nothing_had_come() {
        let mut record = hedged();
        record.outcome = Outcome::Cancelled;
        let summary =
            |record: &Record| Explanation::of(&Arc::new(record.clone())).summary[1].clone();
        let (targets, calls) = says(&record);
        assert!(targets[1].ends_with("it had begun after 100.0 ms when the client left."));
        assert!(calls[1].ends_with("; had begun to answer after 100.0 ms when the client left."));
        assert!(
            summary(&record).starts_with("The client left while the reply came, after 2 calls")
        );

        record.outcome = Outcome::Failed;
        record.status = http::StatusCode::BAD_GATEWAY;
        record.attempts[1].error = Some(ErrorKind::Interrupted);
        let (targets, calls) = says(&record);
        let broke = "after 100.0 ms, and broke off (interrupted).";
        assert!(targets[1].ends_with(&format!("chosen: asked, it began {broke}")), "{targets:?}");
        assert!(calls[1].ends_with(&format!("; began to answer {broke}")), "{calls:?}");
        let said = summary(&record);
        assert!(said.starts_with("The reply broke off, after 2 calls") && !said.contains("502"));
    }

    #[test]
    fn a_larger_model_is_not_told_as_what_a_name_means() {
        let mut record = hedged();
        record.model = "large".into();
        let told = |record: &Record| Explanation::of(&Arc::new(record.clone())).summary;
        assert_eq!(
            told(&record)[0],
            "A reply of `m`, which means `large` here, was asked for as a stream."
        );
        record.attempts[1].why = Why::LargerModel;
        let told = told(&record);
        assert_eq!(told[0], "A reply of `m` was asked for as a stream.");
        assert_eq!(told[1], "The prompt was too long for what this means, and `large` took over.");
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
