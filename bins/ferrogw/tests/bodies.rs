//! Large bodies through the real binary: what they cost, that they pass byte for byte, and how they
//! end.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "bodies/caller.rs"]
mod caller;
#[path = "bodies/memory.rs"]
mod memory;
#[expect(dead_code, reason = "other tests of this binary use the rest")]
mod process;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use caller::{Caller, Form};
use ferro_scripted::{Reply, Script, Upstream};
use memory::{growth, held};
use process::Gateway;

const MIB: usize = 1 << 20;
/// What a large body may cost in memory, whatever its size.
const MOST: u64 = 2 << 20;
/// What all of those that are measured may leave behind: threads keep what they have been given.
const MOST_KEPT: u64 = memory::TIMES as u64 * MOST;
const HEARD: &str = r#"{"text":"hello"}"#;

async fn start(upstreams: &[&Upstream], more: &str) -> Gateway {
    let target = |(index, upstream): (usize, &&Upstream)| {
        let root = upstream.base_url();
        format!(
            "  - {{virtual_key: t{index}, provider: openai, base_url: '{root}', api_key: sk-t{index}, \
             retry: {{attempts: 1}}}}\n"
        )
    };
    let targets: String = upstreams.iter().enumerate().map(target).collect();
    let text = format!(
        "strategy: {{mode: fallback}}\naliases: {{fast: whisper-1}}\n{more}targets:\n{targets}"
    );
    Gateway::start(&text).await.unwrap()
}

async fn hearing() -> Upstream {
    Upstream::builder().answers(|_| Reply::json(200, HEARD).into()).start().await.unwrap()
}

async fn saying(script: impl Fn() -> Script + Send + Sync + 'static) -> Upstream {
    Upstream::builder().answers(move |_| script()).start().await.unwrap()
}

/// Asks for a transcript of a file of so many bytes, with `model` behind it.
async fn transcribe(gateway: &Gateway, length: usize) -> caller::Answer {
    let form = Form::new().file(length).text("model", "fast").text("response_format", "json");
    Caller::upload(gateway, "/v1/audio/transcriptions", &form).await.answer().await
}

#[tokio::test]
async fn an_upload_of_twenty_mebibytes_takes_less_than_two_of_memory() {
    let upstream = hearing().await;
    let gateway = start(&[&upstream], "").await;
    let uploading = async |length| assert_eq!(transcribe(&gateway, length).await.status, 200);
    uploading(2 * MIB).await;
    let warm = held(gateway.id());
    let grown = growth(gateway.id(), async || uploading(20 * MIB).await).await;
    let kept = held(gateway.id()).saturating_sub(warm);
    assert!(grown < MOST && kept < MOST_KEPT, "{grown} bytes at most, {kept} kept");
}

#[tokio::test]
async fn a_stream_of_fifty_mebibytes_takes_less_than_two_of_memory() {
    let mebibytes = Arc::new(AtomicUsize::new(2));
    let asked = Arc::clone(&mebibytes);
    let upstream = saying(move || {
        let count = asked.load(Ordering::Relaxed);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: ";
        let head = format!("{head}{}\r\n\r\n", count * MIB);
        Script::new().write(head).repeat(vec![b'a'; MIB], count)
    })
    .await;
    let gateway = start(&[&upstream], "").await;
    let speaking = async |count: usize| {
        mebibytes.store(count, Ordering::Relaxed);
        let answer = Caller::speak(&gateway).await.answer().await;
        assert_eq!((answer.status, answer.length), (200, count * MIB));
        assert_eq!(answer.header("content-type"), Some("audio/mpeg"));
        assert!(answer.is_complete, "its length is said");
    };
    speaking(2).await;
    let warm = held(gateway.id());
    let grown = growth(gateway.id(), async || speaking(50).await).await;
    let kept = held(gateway.id()).saturating_sub(warm);
    assert!(grown < MOST && kept < MOST_KEPT, "{grown} bytes at most, {kept} kept");
}

#[tokio::test]
async fn a_large_form_passes_byte_for_byte_but_for_the_model_and_its_length() {
    let upstream = hearing().await;
    let gateway = start(&[&upstream], "").await;
    for length in [100, 3 * MIB] {
        let answer = transcribe(&gateway, length).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, HEARD));
        let [received] = &upstream.take_requests()[..] else { panic!("asked once") };
        let meant = Form::new().file(length).text("model", "whisper-1");
        let meant = meant.text("response_format", "json").bytes();
        assert!(received.body == meant, "the bytes are others");
        assert_eq!(received.header("content-length"), Some(meant.len().to_string().as_str()));
        assert_eq!(received.header("content-type"), Some(Form::CONTENT_TYPE));
    }
}

#[tokio::test]
async fn a_large_form_is_sent_to_the_next_target_where_the_first_fails() {
    let broken = saying(|| Reply::json(500, "{}").into()).await;
    let upstream = hearing().await;
    let gateway = start(&[&broken, &upstream], "").await;
    let answer = transcribe(&gateway, 3 * MIB).await;
    assert_eq!((answer.status, answer.header("x-gateway-provider")), (200, Some("t1")));
    let [first, second] = [&broken, &upstream].map(|asked| asked.take_requests().remove(0).body);
    assert!(first == second && first.len() > 3 * MIB, "{} and {}", first.len(), second.len());
}

#[tokio::test]
async fn without_a_folder_a_large_form_is_sent_once_and_its_model_stands_first() {
    let broken = saying(|| Reply::json(500, "{}").into()).await;
    let upstream = hearing().await;
    let gateway = start(&[&broken, &upstream], "spool_dir: ''\n").await;
    let form = Form::new().text("model", "fast").file(3 * MIB);
    let answer = Caller::upload(&gateway, "/v1/audio/transcriptions", &form).await.answer().await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    let sent = broken.take_requests().remove(0);
    let meant = Form::new().text("model", "whisper-1").file(3 * MIB).bytes();
    assert!(sent.body == meant, "the bytes are others");
    assert_eq!(sent.header("content-length"), Some(meant.len().to_string().as_str()));
    assert!(upstream.take_requests().is_empty(), "it cannot be sent again");
    let answer = transcribe(&gateway, 3 * MIB).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("model is required before the file"), "{}", answer.body);
    assert_eq!(transcribe(&gateway, 1_000).await.header("x-gateway-provider"), Some("t1"));
}

#[tokio::test]
async fn a_form_larger_than_any_is_refused_and_says_by_what() {
    let upstream = hearing().await;
    let gateway = start(&[&upstream], "").await;
    let answer = transcribe(&gateway, 26 * MIB).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("26214400 bytes (max_upload_bytes)"), "{}", answer.body);
    assert!(upstream.take_requests().is_empty());
}

#[tokio::test]
async fn audio_that_breaks_off_breaks_the_callers_connection_and_says_nothing() {
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ntransfer-encoding: chunked\r\n\r\n\
                   4\r\nRIFF\r\n";
    let measured = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 100\r\n\r\nRIFF";
    for head in [chunked, measured] {
        for end in [Script::close, Script::reset] {
            let pause = Duration::from_millis(50); // so that the head is read before the end
            let upstream = saying(move || end(Script::new().write(head).pause(pause))).await;
            let gateway = start(&[&upstream], "").await;
            let answer = Caller::speak(&gateway).await.answer().await;
            assert_eq!((answer.status, answer.body.as_str()), (200, "RIFF"), "{head}");
            assert!(!answer.is_complete, "it ends well: {head}");
        }
    }
}

#[tokio::test]
async fn audio_is_handed_on_as_it_comes_and_has_no_comments_in_it() {
    let upstream = saying(|| {
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ntransfer-encoding: chunked\r\n\r\n";
        let pause = Duration::from_millis(300);
        Script::new()
            .write(head)
            .write("4\r\nRIFF\r\n")
            .pause(pause)
            .write("4\r\nWAVE\r\n0\r\n\r\n")
    })
    .await;
    let gateway = start(&[&upstream], "stream: {commit_after: 50ms, keep_alive: 20ms}\n").await;
    let mut caller = Caller::speak(&gateway).await;
    caller.until("RIFF").await;
    let answer = caller.answer().await;
    assert_eq!((answer.body.as_str(), answer.is_complete), ("RIFFWAVE", true));
}
