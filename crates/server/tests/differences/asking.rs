//! How often somebody is asked, and what becomes of a refusal.

use std::time::Duration;

use ferro_gateway::{ChatRequest, anonymous};
use ferro_scripted::{Script, Shape, Upstream, refusal};
use futures_util::StreamExt;
use tokio::time::Instant;

use crate::setup::{always, answering, ask, gateway, parsed, silent, status, target};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

const QUICK: &str = "initial_backoff_ms: 1";

pub(crate) async fn retries_are_for_every_strategy() {
    for mode in ["single", "fallback", "loadbalance", "least-latency", "cost-optimized"] {
        let upstream = answering(&[500, 502]).await;
        let keys = format!("retry: {{attempts: 3, {QUICK}}}");
        let gateway = gateway(&format!("{{mode: {mode}}}"), &[target("a", &upstream, &keys)], "");
        assert_eq!((status(&gateway).await, upstream.requests().len()), (200, 3), "{mode}");
    }
}

pub(crate) async fn what_is_refused_is_not_asked_again_unless_listed() {
    for (codes, expected) in [("", (400, 1)), (", on_status_codes: [400]", (200, 3))] {
        let upstream = answering(&[400, 400]).await;
        let keys = format!("retry: {{attempts: 3, {QUICK}{codes}}}");
        let gateway = gateway("{mode: fallback}", &[target("a", &upstream, &keys)], "");
        assert_eq!((status(&gateway).await, upstream.requests().len()), expected, "{codes}");
    }
}

pub(crate) async fn waits_end_at_the_longest() {
    let usual = parsed("targets: [{virtual_key: a, retry: {}}]\n");
    let usual = usual.targets[0].retry.clone().unwrap();
    assert_eq!(usual.max_backoff, Duration::from_secs(10));

    // Nine waits of up to a minute each, which are none.
    let upstream = answering(&[500; 9]).await;
    let keys = "retry: {attempts: 10, initial_backoff_ms: 60000, max_backoff: 1ms}";
    let gateway = gateway("{}", &[target("a", &upstream, keys)], "");
    let answered = tokio::time::timeout(PATIENCE, status(&gateway)).await;
    assert_eq!(answered, Ok(200));
}

pub(crate) async fn a_retry_after_is_waited_for_unless_it_is_too_long() {
    let short = |longest: &str| format!("retry: {{attempts: 2, {QUICK}{longest}}}");
    let after = || Script::from(refusal(500, Shape::OpenAi).header("retry-after", "1"));
    let upstream = Upstream::builder().script(after()).start().await.unwrap();
    let waiting = gateway("{}", &[target("a", &upstream, &short(""))], "");
    let begun = Instant::now();
    assert_eq!(status(&waiting).await, 200);
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());

    let (upstream, other) =
        (Upstream::builder().script(after()).start().await.unwrap(), answering(&[]).await);
    let first = target("a", &upstream, &short(", max_retry_after: 500ms"));
    let passing = gateway("{mode: fallback}", &[first, target("b", &other, "")], "");
    assert_eq!(status(&passing).await, 200);
    assert_eq!((upstream.requests().len(), other.requests().len()), (1, 1));
}

pub(crate) async fn retries_are_counted_together() {
    let asked = async |budget: &str| {
        let upstream = always(500).await;
        let keys = format!("retry: {{attempts: 2, {QUICK}}}");
        let gateway = gateway("{}", &[target("a", &upstream, &keys)], budget);
        for _ in 0..100 {
            assert_eq!(status(&gateway).await, 502);
        }
        upstream.requests().len()
    };
    assert_eq!(asked("retry_budget: {ratio: 0, minimum_per_second: 0}").await, 100);
    assert_eq!(asked("retry_budget: {ratio: 100, minimum_per_second: 1000}").await, 200);
}

pub(crate) async fn a_request_that_is_refused_goes_no_further_unless_listed() {
    for code in [400, 413, 422] {
        for (listed, expected) in
            [("", (code, 0)), (", failover_on_status_codes: [400, 413, 422]", (200, 1))]
        {
            let (first, second) = (always(code).await, answering(&[]).await);
            let targets = [target("a", &first, ""), target("b", &second, "")];
            let gateway = gateway(&format!("{{mode: fallback{listed}}}"), &targets, "");
            let happened = (status(&gateway).await, second.requests().len());
            assert_eq!(happened, expected, "{code}{listed}");
        }
    }
}

pub(crate) async fn a_callers_mistakes_open_no_circuit() {
    for (code, expected) in [(400, 200), (503, 503)] {
        let upstream = answering(&[code; 5]).await;
        let keys = "circuit_breaker: {failure_threshold: 5, timeout: 1h}";
        let gateway = gateway("{}", &[target("a", &upstream, keys)], "");
        for _ in 0..5 {
            assert_ne!(status(&gateway).await, 200);
        }
        assert_eq!(status(&gateway).await, expected, "after five times {code}");
    }
}

pub(crate) async fn open_times_grow_to_their_longest() {
    let longest = |keys: &str| {
        let text = format!("targets: [{{virtual_key: a, circuit_breaker: {{{keys}}}}}]\n");
        parsed(&text).targets[0].circuit_breaker.as_ref().unwrap().longest().as_secs()
    };
    assert_eq!(longest("timeout: 30s"), 300);
    assert_eq!(longest("timeout: 30s, max_timeout: 30s"), 30, "the same time again and again");
    assert_eq!(longest("timeout: 10m"), 600);
}

pub(crate) async fn another_configuration_leaves_circuits_as_they_are() {
    let (dead, other) = (always(503).await, answering(&[]).await);
    let a = target("a", &dead, "circuit_breaker: {failure_threshold: 1, timeout: 1h}");
    let here = gateway("{}", std::slice::from_ref(&a), "");
    assert_eq!((status(&here).await, status(&here).await), (503, 503));
    assert_eq!(dead.requests().len(), 1, "its circuit is open");

    let b = target("b", &other, "");
    let text = format!("strategy: {{mode: fallback}}\ntargets: [{a}, {b}]\n");
    here.reload(parsed(&text)).unwrap();
    assert_eq!(status(&here).await, 200);
    assert_eq!((dead.requests().len(), other.requests().len()), (1, 1), "it still is");
}

pub(crate) async fn a_queue_of_zero_is_no_queue() {
    let request = || {
        let body = br#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#.to_vec();
        ChatRequest::parse(body).unwrap()
    };
    for (size, waits) in [(", queue_size: 0", false), ("", true)] {
        let upstream = silent().await;
        let keys = format!("concurrency: {{max_concurrency: 1{size}}}");
        let gateway = gateway("{}", &[target("a", &upstream, &keys)], "");
        let mut held = gateway.chat_stream(request(), anonymous()).await.unwrap();
        held.next().await.unwrap().unwrap();
        if waits {
            // Whoever waits is let in when the first is gone.
            let (second, ()) = tokio::join!(status(&gateway), async { drop(held) });
            assert_eq!(second, 200);
        } else {
            assert_eq!(status(&gateway).await, 429);
        }
    }
}

pub(crate) async fn a_failure_keeps_its_own_status() {
    for (vendors, ours) in [(429, 429), (503, 503), (500, 502)] {
        let upstream = always(vendors).await;
        assert_eq!(status(&gateway("{}", &[target("a", &upstream, "")], "")).await, ours);
    }
    let gateway = gateway("{}", &[], "");
    let problem = ask(&gateway).await.unwrap_err();
    assert_eq!((problem.status.as_u16(), &*problem.code), (404, "model_not_found"));
}

pub(crate) async fn a_base_url_may_lack_its_version() {
    let upstream = answering(&[]).await;
    let with = upstream.base_url();
    let without = with.strip_suffix("/v1").unwrap();
    for url in [&with, without] {
        let target = format!(
            "{{virtual_key: a, provider: groq, base_url: '{url}', api_key: k, models: [m]}}"
        );
        let gateway = gateway("{}", &[target], "");
        assert_eq!(status(&gateway).await, 200, "{url}");
        let received = upstream.take_requests().pop().unwrap();
        assert_eq!(received.path, "/v1/chat/completions", "{url}");
    }
}

pub(crate) async fn a_silent_stream_is_cut_after_what_idle_says() {
    assert_eq!(ferro_transport::Timeouts::default().idle, Duration::from_secs(300));
    let upstream = silent().await;
    let gateway = gateway("{}", &[target("a", &upstream, "timeouts: {idle: 100ms}")], "");
    let request = br#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#.to_vec();
    let stream = gateway.chat_stream(ChatRequest::parse(request).unwrap(), anonymous()).await;
    let events: Vec<_> =
        tokio::time::timeout(PATIENCE, stream.unwrap().collect()).await.expect("it is cut");
    assert!(events.last().unwrap().is_err(), "{events:?}");
}
