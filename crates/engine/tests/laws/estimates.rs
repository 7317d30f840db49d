//! What no vendor has counted is estimated, marked so, and never added to what one has.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ferro_core::{
    ByScript, Flow, Frame, GuardContext, Outcome, Plugin, Price, Record, Stage, Tap, TapSession,
    Tokenizer, Usage, chat::ChatRequest, surface::Chat,
};
use ferro_engine::AnswerBody;
use futures_util::StreamExt;

use crate::scenario::{Running, Said, Scenario, Then, caller};

const PROMPT: &str = "Tell me of the ships that passed the cape before the storm came.";
/// Every word of it is an event.
const REPLY: &str =
    "Three ships passed; none of them was seen again by those who had waited ashore.";

fn words() -> Vec<Frame> {
    REPLY.split_inclusive(' ').map(|word| Frame::new(event(word))).collect()
}

fn event(word: &str) -> String {
    format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\"logprobs\":null,\"finish_reason\":null}}]}}\n\n"
    )
}

fn counted(mut frame: Frame, usage: Usage) -> Frame {
    frame.usage = Some(usage);
    frame
}

/// Asks for a stream, and reads so many frames of it, or all.
async fn read(running: &Running, most: usize, prompt: &str) {
    let body = format!(
        r#"{{"model":"m","stream":true,"messages":[{{"role":"user","content":"{prompt}"}}]}}"#
    );
    let request = ChatRequest::parse(body.into_bytes()).unwrap();
    let answer = running.engine.open_request::<Chat>(caller(), request).run().await.unwrap();
    let AnswerBody::Stream(events) = answer.body else { panic!("a stream was asked for") };
    drop(events.take(most).collect::<Vec<_>>().await);
}

/// The record of a stream of which so many frames were read.
async fn after(frames: Vec<Frame>, then: Then, most: usize) -> Arc<Record> {
    let running = Scenario::new([("t", vec![Said::Frames(frames, then)])]).start();
    read(&running, most, PROMPT).await;
    running.record()
}

fn of(read: &str, written: &str) -> Usage {
    Usage::new(ByScript.count(&format!("{read}\n")), ByScript.count(written)).estimated()
}

#[tokio::test]
async fn a_stream_whose_vendor_does_not_count_is_estimated_by_its_texts() {
    for (then, outcome) in [(Then::End, Outcome::Served), (Then::Break, Outcome::Failed)] {
        let record = after(words(), then, 100).await;
        assert_eq!((record.outcome, record.usage.clone()), (outcome, Some(of(PROMPT, REPLY))));
        let Price::Priced(cost) = record.price else { panic!("{:?}", record.price) };
        let (read, written) = (ByScript.count(&format!("{PROMPT}\n")), ByScript.count(REPLY));
        assert_eq!(cost.total.nanos(), read + 2 * written, "by the same prices as any");
    }
}

#[tokio::test]
async fn a_client_that_leaves_pays_for_what_had_passed() {
    let record = after(words(), Then::Silence, 5).await;
    let passed: String = REPLY.split_inclusive(' ').take(5).collect();
    assert_eq!(record.outcome, Outcome::Cancelled);
    assert_eq!(record.usage, Some(of(PROMPT, &passed)));
    assert!(matches!(record.price, Price::Priced(_)));
}

#[tokio::test]
async fn what_a_guard_cuts_off_was_written_all_the_same() {
    let said = vec![Said::Frames(words(), Then::Silence)];
    let running = Scenario::new([("t", said)]).plugin(Stage::AfterRequest, Cuts).start();
    read(&running, 100, PROMPT).await;
    let record = running.record();
    assert_eq!((record.outcome, &record.usage), (Outcome::Denied, &Some(of(PROMPT, "Three "))));
}

#[tokio::test]
async fn an_estimate_is_counted_and_a_count_is_none() {
    let line = r#"gateway_requests_estimated_total{provider="t",model="m"}"#;
    for (usage, estimates) in [(None, 1), (Some(Usage::new(5, 6)), 0)] {
        let mut frames = words();
        frames.last_mut().unwrap().usage = usage;
        let running = Scenario::new([("t", vec![Said::Frames(frames, Then::End)])]).start();
        read(&running, 100, PROMPT).await;
        let text = running.engine.metrics().render();
        assert!(text.contains(&format!("{line} {estimates}")), "{text}");
    }
}

#[tokio::test]
async fn a_vendors_count_stands_however_little_it_says() {
    let mut frames = words();
    let last = frames.pop().unwrap();
    frames.push(counted(last, Usage::new(5, 1)));
    let record = after(frames, Then::End, 100).await;
    assert_eq!(record.usage, Some(Usage::new(5, 1)));

    let mut frames = words();
    frames[0] = counted(frames[0].clone(), Usage::new(5, 1));
    let record = after(frames, Then::End, 100).await;
    assert_eq!(record.usage, Some(Usage::new(5, 1)), "the vendor had all the time to say more");
}

#[tokio::test]
async fn a_count_of_the_beginning_is_not_taken_for_that_of_what_passed_behind_it() {
    let mut begun = Usage::new(500, 1);
    begun.cached_tokens = 400;
    let mut frames = words();
    frames[0] = counted(frames[0].clone(), begun.clone());
    for (then, most) in [(Then::Break, 100), (Then::Silence, frames.len())] {
        let record = after(frames.clone(), then, most).await;
        let mut expected = begun.clone().estimated();
        expected.completion_tokens = ByScript.count(REPLY);
        assert_eq!(record.usage, Some(expected), "and the prompt is as the vendor has counted it");
    }
}

#[tokio::test]
async fn a_count_that_runs_along_stands_where_the_stream_breaks_off() {
    let last = words().len() - 1;
    let frames = words().into_iter().enumerate().map(|(index, frame)| match index {
        index if index == last => frame,
        index => counted(frame, Usage::new(5, index as u64 / 4)),
    });
    let record = after(frames.collect(), Then::Break, 100).await;
    assert_eq!(record.usage, Some(Usage::new(5, (last as u64 - 1) / 4)));
}

#[tokio::test]
async fn a_reply_in_one_piece_is_estimated_too() {
    let said = r#"{"choices":[{"message":{"content":"four words of it"}}]}"#;
    let running = Scenario::new([("t", vec![Said::Uncounted(said)])]).start();
    let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{PROMPT}"}}]}}"#);
    let request = ChatRequest::parse(body.into_bytes()).unwrap();
    running.engine.open_request::<Chat>(caller(), request).run().await.unwrap();
    assert_eq!(running.record().usage, Some(of(PROMPT, "four words of it")));
}

/// Pieces of a reply, of as many letters as tokens of prose have: about four and a half, unevenly.
fn prose(pieces: usize) -> Vec<String> {
    let letters = |index: usize| 1 + (index * 7919 + index * index * 31) % 8;
    (0..pieces).map(|index| "x".repeat(letters(index))).collect()
}

#[tokio::test]
async fn a_long_reply_is_estimated_by_a_sample_however_it_comes() {
    for (pieces, at_once) in [(40, 1), (400, 1), (4_000, 1), (4_000, 16)] {
        let said = prose(pieces);
        let frames = said
            .chunks(at_once)
            .map(|some| Frame::new(some.iter().map(|word| event(word)).collect::<String>()));
        let record = after(frames.collect(), Then::End, usize::MAX).await;
        let (said, estimate) = (ByScript.count(&said.concat()), record.usage.clone().unwrap());
        let ratio = estimate.completion_tokens as f64 / said as f64;
        assert!((0.75..1.25).contains(&ratio), "{pieces} by {at_once}: {ratio}");
    }
}

#[tokio::test]
async fn whoever_counts_is_shown_no_more_than_what_is_counted_soon() {
    let shown = Arc::new(Words::default());
    let said = vec![Said::Frames(words(), Then::End)];
    let counts = Arc::clone(&shown);
    let scenario = Scenario::new([("t", said)]).with(move |parts| parts.tokenizer = counts);
    let running = scenario.start();
    read(&running, 100, &"word ".repeat(200_000)).await;
    let usage = running.record().usage.clone().unwrap();
    assert!(usage.prompt_tokens.abs_diff(200_000) < 2_000, "{usage:?}");
    assert_eq!(usage.completion_tokens, REPLY.split(' ').count() as u64);
    assert!(shown.0.lock().unwrap().iter().all(|length| *length <= 16 << 10));
}

/// A body that tells when nobody holds it any more.
struct Held(Vec<u8>, #[expect(dead_code, reason = "its end is what counts")] Arc<()>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[tokio::test]
async fn an_open_stream_keeps_a_small_request_and_of_a_large_one_a_sample() {
    for (words, is_kept) in [(100, true), (40_000, false)] {
        let held = Arc::new(());
        let prompt = "word ".repeat(words);
        let body = format!(
            r#"{{"model":"m","stream":true,"messages":[{{"role":"user","content":"{prompt}"}}]}}"#
        );
        let body = Bytes::from_owner(Held(body.into_bytes(), Arc::clone(&held)));
        let running =
            Scenario::new([("t", vec![Said::Frames(self::words(), Then::Silence)])]).start();
        let request = ChatRequest::parse(body).unwrap();
        let answer = running.engine.open_request::<Chat>(caller(), request).run().await.unwrap();
        let AnswerBody::Stream(events) = answer.body else { panic!("a stream was asked for") };
        assert_eq!(Arc::strong_count(&held) > 1, is_kept, "{words}");
        drop(events);
        let read = running.record().usage.clone().unwrap().prompt_tokens;
        let ratio = read as f64 / ByScript.count(&prompt) as f64;
        assert!((0.98..1.02).contains(&ratio), "{words}: {ratio}");
    }
}

/// Counts words, and notes how long a text it is shown.
#[derive(Debug, Default)]
struct Words(Mutex<Vec<usize>>);

impl Tokenizer for Words {
    fn count(&self, text: &str) -> u64 {
        self.0.lock().unwrap().push(text.len());
        text.split_whitespace().count() as u64
    }
}

/// Lets nothing pass.
struct Cuts;

impl Plugin for Cuts {
    fn name(&self) -> &'static str {
        "cuts"
    }

    fn tap(&self) -> Option<&dyn Tap> {
        Some(self)
    }
}

impl Tap for Cuts {
    fn open(&self, _: &GuardContext<'_>) -> Box<dyn TapSession> {
        Box::new(Cuts)
    }
}

impl TapSession for Cuts {
    fn event(&mut self, _: &mut dyn ferro_core::Delta, _: tokio::time::Instant) -> Flow {
        Flow::Cut { reason: "enough".to_owned() }
    }
}
