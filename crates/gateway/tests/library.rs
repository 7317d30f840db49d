//! The gateway inside a program: methods, reload, hooks, and an end.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ferro_core::{Plugin, Stage, SurfaceKind, Whole};
use ferro_gateway::{
    Caller, ChatRequest, Config, Doors, Event, Format, Gateway, GatewayBuilder, REQUEST_COMPLETED,
    REQUEST_FAILED, RecordFormat, Registry, Told, anonymous,
};
use ferro_scripted::{STREAM_TEXT, Upstream, WHOLE_TEXT};
use futures_util::StreamExt;

fn config(targets: &[(&str, &str)]) -> Config {
    let targets: Vec<_> = targets
        .iter()
        .map(|(name, url)| {
            format!("{{virtual_key: {name}, provider: openai-compatible, base_url: '{url}', models: [scripted, dead]}}")
        })
        .collect();
    let text = format!(
        "strategy: {{mode: fallback}}\naliases: {{fast: scripted}}\ntargets: [{}]\n",
        targets.join(", ")
    );
    Config::parse(&text, Format::Yaml).unwrap()
}

fn builder(config: Config) -> GatewayBuilder {
    let registry = Registry::new()
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS);
    Gateway::builder().config(config).registry(registry).environment(|_| None)
}

fn request(model: &str) -> ChatRequest {
    let said = serde_json::json!({"role": "user", "content": "hi"});
    ChatRequest::of(&serde_json::json!({"model": model, "messages": [said]})).unwrap()
}

/// What hooks heard, as subject and data.
type Heard = Arc<Mutex<Vec<(String, serde_json::Value)>>>;

fn listener(heard: &Heard) -> impl FnMut(&Event) + Send + 'static {
    let heard = Arc::clone(heard);
    move |event| heard.lock().unwrap().push((event.subject().to_owned(), event.data().into()))
}

#[tokio::test]
async fn a_chat_is_answered_in_one_piece_and_as_events() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = builder(config(&[("a", &upstream.base_url())])).build().unwrap();
    let whole = gateway.chat(request("fast").with_stream(true), anonymous()).await.unwrap();
    let reply: serde_json::Value = whole.json().unwrap();
    assert_eq!(reply["choices"][0]["message"]["content"], WHOLE_TEXT);
    assert_eq!((&reply["provider"], &reply["model"]), (&"a".into(), &"scripted".into()));
    assert_eq!(whole.usage().unwrap().prompt_tokens, 9);

    let mut events = gateway.chat_stream(request("fast"), anonymous()).await.unwrap();
    let mut text = String::new();
    while let Some(event) = events.next().await {
        let chunk: serde_json::Value = event.unwrap().json().unwrap();
        text.push_str(chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default());
    }
    assert_eq!(text, STREAM_TEXT.concat());
}

#[tokio::test]
async fn each_hook_hears_each_request_once_and_shutdown_waits_for_it() {
    let upstream = Upstream::start().await.unwrap();
    let (first, second) = (Heard::default(), Heard::default());
    let gateway = builder(config(&[("a", &upstream.base_url())]))
        .add_hook(listener(&first))
        .add_hook(listener(&second))
        .build()
        .unwrap();
    gateway.chat(request("fast"), anonymous()).await.unwrap();
    drop(gateway.chat_stream(request("fast"), anonymous()).await.unwrap());
    gateway.chat(request("dead"), anonymous()).await.unwrap_err();
    gateway.shutdown(Duration::from_secs(10)).await;
    gateway.shutdown(Duration::from_secs(10)).await;
    for heard in [first, second] {
        let heard = heard.lock().unwrap();
        let subjects: Vec<_> = heard.iter().map(|(subject, _)| subject.as_str()).collect();
        assert_eq!(subjects, [REQUEST_COMPLETED, REQUEST_FAILED, REQUEST_FAILED]);
        let (completed, cancelled, failed) = (&heard[0].1, &heard[1].1, &heard[2].1);
        assert_eq!((&completed["provider"], &completed["tokens_in"]), (&"a".into(), &9.into()));
        assert_eq!(completed["cost_model_found"], false);
        assert_eq!((&cancelled["status"], &failed["status"]), (&499.into(), &502.into()));
        assert!(failed["error"].as_str().unwrap().contains("`a`"), "{failed}");
    }
}

#[tokio::test]
async fn a_record_is_a_line() {
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let upstream = Upstream::start().await.unwrap();
    let page = Page::default();
    let gateway = builder(config(&[("a", &upstream.base_url())]))
        .log_records(page.clone(), RecordFormat::Json)
        .build()
        .unwrap();
    gateway.chat(request("fast"), anonymous()).await.unwrap();
    gateway.shutdown(Duration::from_secs(10)).await;
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&line["outcome"], &line["target"]), (&"served".into(), &"a".into()));
    assert_eq!((&line["requested_model"], &line["model"]), (&"fast".into(), &"scripted".into()));
    assert_eq!(line["cost"]["unpriced"]["meter"], "input", "{line}");
    assert_eq!(line["attempts"][0]["target"], "a");
}

#[tokio::test]
async fn a_reload_is_all_or_nothing_and_keeps_what_did_not_change() {
    let upstream = Upstream::start().await.unwrap();
    let url = upstream.base_url();
    let gateway = builder(config(&[("a", &url), ("b", &url)])).build().unwrap();
    let before = gateway.engine();

    let mut chained = config(&[("a", &url)]);
    chained.aliases.insert("other".into(), "fast".into());
    let error = gateway.reload(chained).unwrap_err().to_string();
    assert!(error.contains("other"), "{error}");
    assert!(Arc::ptr_eq(&before, &gateway.engine()), "the old one goes on");

    let report = gateway.reload(config(&[("c", &url), ("a", &url)])).unwrap();
    assert_eq!(report.added, ["c".into()]);
    assert_eq!(report.removed, ["b".into()]);
    assert!(report.changed.is_empty() && report.skipped.is_empty());
    let after = gateway.engine();
    assert!(Arc::ptr_eq(&before.targets()[0], &after.targets()[1]), "its connections are kept");
    assert_eq!(gateway.providers(), ["c".into(), "a".into()]);
}

#[tokio::test]
async fn models_that_a_vendor_lists_go_before_those_that_were_typed() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = builder(config(&[("a", &upstream.base_url())])).build().unwrap();
    assert!(gateway.start_discovery(Duration::ZERO).is_err());
    let created = |gateway: &Gateway| {
        let models = gateway.models();
        models.iter().find(|model| model.id == "scripted").unwrap().created
    };
    assert_eq!(created(&gateway), None);
    gateway.discover().await;
    assert_eq!(created(&gateway), Some(1));
    assert_eq!(gateway.resolve("fast", SurfaceKind::Chat)[0].target, "a".into());
    assert!(gateway.resolve("fast", SurfaceKind::Rerank).is_empty());
    assert!(gateway.provider("a").is_some() && gateway.provider("z").is_none());
    gateway.mcp_ready().await;
}

#[test]
fn a_target_that_cannot_be_built_is_left_out_and_told() {
    let text = "targets: [{virtual_key: groq}, {virtual_key: nobodys}, {virtual_key: a, provider: openai-compatible, base_url: 'http://127.0.0.1:1/v1'}]";
    let gateway = builder(Config::parse(text, Format::Yaml).unwrap()).build().unwrap();
    assert_eq!(gateway.providers(), ["a".into()]);
    let skipped = gateway.skipped();
    assert!(skipped[0].reason.contains("GROQ_API_KEY"), "{skipped:?}");
    assert!(skipped[1].reason.contains("this build has") && skipped[1].reason.contains("groq"));
}

#[test]
fn two_gateways_share_nothing() {
    struct Named(&'static str);
    impl Plugin for Named {
        fn name(&self) -> &str {
            self.0
        }
    }
    let made = |name| {
        builder(config(&[("a", "http://127.0.0.1:1/v1")]))
            .register_plugin(Stage::BeforeRequest, Arc::new(Named(name)))
            .doors(Doors::open())
            .build()
            .unwrap()
    };
    let (one, other) = (made("one"), made("other"));
    one.engine().metrics().records_dropped(1);
    assert!(one.engine().metrics().render().contains("gateway_records_dropped_total 1"));
    assert!(other.engine().metrics().render().contains("gateway_records_dropped_total 0"));
}

#[tokio::test]
async fn what_a_vendor_listed_is_kept_for_as_long_as_it_is_the_same_vendor() {
    let (one, other) = (Upstream::start().await.unwrap(), Upstream::start().await.unwrap());
    let gateway = builder(config(&[("a", &one.base_url())])).build().unwrap();
    gateway.discover().await;
    assert!(gateway.has_discovered());

    let mut heavier = config(&[("a", &one.base_url())]);
    heavier.targets[0].weight = Some(2.0);
    let report = gateway.reload(heavier).unwrap();
    assert_eq!((report.changed.len(), gateway.has_discovered()), (1, true));

    let report = gateway.reload(config(&[("a", &other.base_url())])).unwrap();
    assert_eq!((report.changed.len(), gateway.has_discovered()), (1, false));
}

#[tokio::test]
async fn a_target_that_a_reload_brings_is_listed_at_once() {
    let (one, other) = (Upstream::start().await.unwrap(), Upstream::start().await.unwrap());
    let gateway = builder(config(&[("a", &one.base_url())])).build().unwrap();
    gateway.discover().await;
    gateway.reload(config(&[("a", &one.base_url()), ("b", &other.base_url())])).unwrap();
    let listed = async {
        while gateway.engine().targets()[1].discovered().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), listed).await.expect("nobody asked it");
    assert_eq!(one.requests().len(), 1, "the others are not asked again");
}

#[tokio::test]
async fn a_list_that_cannot_be_had_leaves_the_one_before() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = builder(config(&[("a", &upstream.base_url())])).build().unwrap();
    gateway.discover().await;
    let before = gateway.models();
    drop(upstream);
    gateway.discover().await;
    assert_eq!(gateway.models(), before);
}

#[tokio::test]
async fn the_last_requests_are_explained_and_no_others() {
    let upstream = Upstream::start().await.unwrap();
    let gateway = |keep| {
        let config = config(&[("a", "http://127.0.0.1:1/v1"), ("b", &upstream.base_url())]);
        builder(config).keep_records(keep).build().unwrap()
    };
    let named = |name: &str| Caller { request_id: name.into(), ..anonymous() };
    let keeping = gateway(2);
    for name in ["1", "2"] {
        keeping.chat(request("fast"), named(name)).await.unwrap();
    }
    drop(keeping.chat_stream(request("scripted"), named("3")).await.unwrap());
    assert!(keeping.explain("1").is_none() && keeping.explains_last() == 2);
    let explained = keeping.explain("2").unwrap();
    let says = |told: &[Told]| told.iter().map(|told| told.says.clone()).collect::<Vec<_>>();
    let (targets, calls) = (says(&explained.targets), says(&explained.calls));
    assert!(targets[0].contains("asked, and failed (transport)"), "{targets:?}");
    assert!(targets[1].contains("second in the order (next in order): chosen"), "{targets:?}");
    assert!(calls[1].starts_with("asked because the one before failed; answered after"));
    let left = keeping.explain("3").unwrap();
    assert!(
        left.summary[1].starts_with("The client left while the reply came, after 2 calls"),
        "{:?}",
        left.summary
    );

    let forgetful = gateway(0);
    forgetful.chat(request("fast"), named("1")).await.unwrap();
    assert!(forgetful.explain("1").is_none());
}
