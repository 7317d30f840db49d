//! Another configuration for a process that serves: it is told so by a signal, and goes on.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[expect(dead_code, reason = "other tests of this binary use the rest")]
mod process;
#[expect(dead_code, reason = "other tests of this binary use the rest")]
#[path = "fidelity/wire.rs"]
mod wire;

use ferro_scripted::{STREAM_TEXT, Upstream};
use process::Gateway;
use wire::{Client, chat};

#[tokio::test]
async fn a_signal_puts_another_file_to_work_and_a_stream_under_way_goes_on() {
    let upstream = Upstream::start().await.unwrap();
    let target = |name: &str, model: &str| {
        let root = upstream.base_url();
        format!(
            "{{virtual_key: {name}, provider: openai, base_url: '{root}', api_key: k, models: [{model}]}}"
        )
    };
    let body = |model: &str, stream: bool| {
        let said = r#"[{"role":"user","content":"hi"}]"#;
        format!(r#"{{"model":"{model}","messages":{said},"stream":{stream}}}"#)
    };
    let first = format!("targets: [{}]\n", target("first", "slow-200"));
    let gateway = Gateway::start(&first).await.unwrap();
    let mut under_way = Client::ask(&gateway, &body("slow-200", true)).await;
    under_way.until(STREAM_TEXT[0]).await;

    gateway.reconfigure("targets: [\n").await;
    let said = gateway.says("cannot be used: nothing changes").await;
    assert!(said.contains("error: "), "{said}");
    assert!(chat(&gateway, &body("fast", false)).await.head.contains(" 404 "));

    let aliases = "aliases: {fast: scripted}";
    let second = format!("targets: [{}]\n{aliases}\n", target("second", "scripted"));
    gateway.reconfigure(&second).await;
    gateway.says("read again: added second; removed first").await;
    assert!(chat(&gateway, &body("fast", false)).await.head.contains(" 200 "));
    let streamed = under_way.answer().await;
    assert_eq!(streamed.events().last(), Some(&"[DONE]"), "{streamed:?}");
}
