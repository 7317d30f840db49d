//! What a target cannot be told: it is listed, or the target is not asked.

use ferro_core::{ErrorKind, Fate, Outcome, Unsaid, chat::ChatRequest};
use ferro_engine::{Answer, OnUnsaid};

use crate::scenario::{A, Said, Scenario, caller};

fn whole() -> Vec<Said> {
    vec![Said::Whole("{}")]
}

fn names(unsaid: &[Unsaid]) -> Vec<&str> {
    unsaid.iter().map(|Unsaid(field)| &**field).collect()
}

#[tokio::test]
async fn what_was_not_said_stands_in_the_reply_and_in_the_record_of_a_stream_too() {
    for (mode, stream) in [(OnUnsaid::Warn, false), (OnUnsaid::Drop, false), (OnUnsaid::Warn, true)]
    {
        let said = if stream { Said::Events(vec![A]) } else { Said::Whole("{}") };
        let running = Scenario::new([("deaf", vec![said])]).with(move |it| it.on_unsaid = mode);
        let running = running.start();
        let Answer { unsaid, body, .. } = running.ask(stream).await.unwrap();
        drop(body);
        let expected = ["seed", "messages[3].name"];
        assert_eq!(
            (names(&unsaid), names(&running.record().unsaid)),
            (expected.into(), expected.into())
        );
    }
    let running = Scenario::new([("t", whole())]).start();
    assert!(running.ask(false).await.unwrap().unsaid.is_empty());
    assert!(running.record().unsaid.is_empty());
}

#[tokio::test]
async fn under_reject_whoever_can_be_told_everything_is_asked_in_the_strategys_order() {
    let targets =
        [("deaf", vec![]), ("a", vec![Said::Refusal(503)]), ("mute", vec![]), ("b", whole())];
    let running = Scenario::new(targets).with(|it| it.on_unsaid = OnUnsaid::Reject).start();
    let answer = running.ask(false).await.unwrap();
    assert_eq!((answer.target.as_deref(), answer.unsaid.len()), (Some("b"), 0));
    let record = running.record();
    let decision = record.decision.as_ref().unwrap();
    let fates: Vec<_> =
        decision.considered.iter().map(|it| (it.target.as_str(), it.place, it.fate)).collect();
    let expected = [
        ("a", Some(0), Fate::Asked),
        ("b", Some(1), Fate::Asked),
        ("deaf", None, Fate::CannotSay),
        ("mute", None, Fate::CannotSay),
    ];
    assert_eq!(fates, expected);
    let silent: Vec<_> =
        decision.cannot_say.iter().map(|it| (it.target.as_str(), names(&it.fields))).collect();
    assert_eq!(silent, [("deaf", vec!["seed", "messages[3].name"]), ("mute", vec!["n"])]);
}

#[tokio::test]
async fn under_reject_nobody_is_asked_in_part_and_the_refusal_says_who_cannot_be_told_what() {
    let running = Scenario::new([("deaf", vec![]), ("mute", vec![])])
        .with(|it| it.on_unsaid = OnUnsaid::Reject)
        .start();
    let problem = running.ask(false).await.err().unwrap();
    let kind = (problem.status.as_u16(), problem.kind, &*problem.code);
    assert_eq!(kind, (400, "invalid_request_error", "unsupported_parameter"));
    let told = "target `deaf`: `seed`, `messages[3].name`; target `mute`: `n`";
    assert!(problem.message.ends_with(told), "{}", problem.message);
    assert_eq!(problem.param.as_deref(), Some("seed"));
    let record = running.record();
    assert_eq!((record.outcome, record.attempts.len()), (Outcome::Refused, 0));
}

#[tokio::test]
async fn a_target_that_can_be_told_everything_and_fails_is_not_replaced_by_one_that_cannot() {
    let targets = [("deaf", vec![]), ("a", vec![Said::Refusal(503)])];
    let running = Scenario::new(targets).with(|it| it.on_unsaid = OnUnsaid::Reject).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!(problem.status.as_u16(), 503);
}

#[tokio::test]
async fn a_preview_tells_who_would_not_be_asked_and_why() {
    let running = Scenario::new([("deaf", vec![]), ("a", vec![])])
        .with(|it| it.on_unsaid = OnUnsaid::Reject)
        .start();
    let request = ChatRequest::parse(br#"{"model":"m","messages":[{}]}"#.to_vec()).unwrap();
    let mut opened = running.engine.open_request::<ferro_core::chat::Chat>(caller(), request);
    let decision = opened.preview().unwrap();
    assert_eq!(decision.cannot_say.len(), 1);
    assert_eq!(decision.considered[1].fate, Fate::CannotSay);
}

const SOUND: &str = "messages[2].content[0].input_audio";

#[tokio::test]
async fn content_that_nobody_takes_is_named_with_what_each_target_said() {
    let cannot = || vec![Said::Unsupported(SOUND)];
    let running = Scenario::new([("a", cannot()), ("b", cannot())]).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (400, "unsupported_parameter"));
    let each =
        |id| format!("target `{id}` cannot be asked this: {SOUND}: no model here hears anything");
    assert_eq!(problem.message, format!("{}; {}", each("a"), each("b")));
    assert_eq!(problem.param.as_deref(), Some(SOUND));
    assert_eq!(problem.target, None, "it is nobody's in particular");
    let error = running.record().error.clone().unwrap();
    assert!(error.contains("`a`") && error.contains("`b`"), "{error}");
}

#[tokio::test]
async fn content_that_one_target_does_not_take_is_no_answer_where_another_only_failed() {
    for order in [false, true] {
        let mut targets =
            vec![("a", vec![Said::Unsupported(SOUND)]), ("b", vec![Said::Refusal(503)])];
        if order {
            targets.reverse();
        }
        let problem = Scenario::new(targets).start().ask(false).await.err().unwrap();
        assert_eq!(problem.status.as_u16(), 503, "the client's request is not wrong");
    }
    let targets = [("a", vec![Said::Unsupported(SOUND)]), ("b", whole())];
    let running = Scenario::new(targets).start();
    assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
    assert_eq!(running.record().attempts[0].error, Some(ErrorKind::Unsupported));
}
