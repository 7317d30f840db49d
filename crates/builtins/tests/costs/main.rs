//! What a vendor's reply costs, from its bytes to the amount: each goes through that vendor's own codec,
//! and is priced as its record is. What is expected is worked out by `vendor_costs.py`, which shares no
//! code with the product and wrote the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::Arc,
};

use bytes::Bytes;
use ferro_catalog::{Catalog, Shared, TargetModels};
use ferro_core::{
    BuildContext, Built, Call, CallContext, CredentialContext, Inbound, Limits, Models, ReplyBody,
    Secret, Serve, Settings, Surface, TargetId, Usage, Whole,
    chat::{Chat, ChatRequest},
    document::{DocumentRequest, Images},
    upload::{ImageEdits, ImageVariations},
};
use ferro_testkit::{Answer, Clock, Script};
use futures_util::StreamExt;
use http::HeaderMap;
use serde_json::Value;

const TABLE: &str = include_str!("vendor_costs.tsv");

/// A row of the table.
struct Row {
    kind: &'static str,
    model: &'static str,
    name: String,
    is_stream: bool,
    header: Option<(&'static str, &'static str)>,
    /// The surface that is asked, and what is said there; a chat if `None`.
    asked: Option<(&'static str, &'static str)>,
    prices: &'static str,
    body: String,
    expected: &'static str,
}

fn rows() -> Vec<Row> {
    let rows = TABLE.lines().skip(1).map(|line| {
        let columns: Vec<_> = line.split('\t').collect();
        let &[kind, model, name, tier, form, header, asked, prices, body, expected] =
            columns.as_slice()
        else {
            panic!("a row of ten columns: {line}")
        };
        Row {
            name: format!("{kind}/{model}, {name}, {tier}, {form}"),
            is_stream: form == "stream",
            header: header.split_once('='),
            asked: asked.split_once(' '),
            body: serde_json::from_str(body).expect("a string"),
            kind,
            model,
            prices,
            expected,
        }
    });
    rows.collect()
}

/// The vendor's provider, as an operator's file would have it built.
fn built(kind: &str) -> Built {
    let vars: BTreeMap<_, _> = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]
    .into();
    let vars = |name: &str| vars.get(name).map(|value| (*value).to_owned());
    let (target, headers, key) = (TargetId::from("t"), HeaderMap::new(), Secret::new("key"));
    let cx = BuildContext::new(&target, &headers, &vars);
    let cx = if kind == "bedrock" { cx } else { cx.with_api_key(Some(&key)) };
    let registry = ferro_builtins::registry();
    let factory = registry.provider(kind).expect("it is a kind");
    factory.build(&cx, Settings::default()).expect("everything is there")
}

/// What the vendor's codec makes of the reply.
async fn usage(row: &Row) -> Option<Usage> {
    let built = built(row.kind);
    let kind = if row.is_stream { "text/event-stream" } else { "application/json" };
    let mut answer = Answer::new(200).with_header("content-type", kind);
    if let Some((name, value)) = row.header {
        answer = answer.with_header(name, value);
    }
    let script = Script::always(answer.with_body(row.body.clone()));
    let (target, provider) = (TargetId::from("t"), &built.provider);
    let issuing = CredentialContext::new(&script, &script);
    let credential = built.credentials.current(&issuing).await.expect("it is typed");
    let call = Call::new(&target, row.model);
    let cx = &CallContext::new(call, &script, &script, &credential);
    match row.asked {
        None => {
            let said = format!(
                r#"{{"model":"{}","stream":{},"messages":[{{"role":"user","content":"Hi"}}]}}"#,
                row.model, row.is_stream
            );
            let request = ChatRequest::parse(Bytes::from(said)).expect("it is a request");
            counted::<Chat>(provider.chat(), cx, &request).await
        }
        Some(("images", said)) => {
            let request = DocumentRequest::parse(with_model(said, row.model));
            counted::<Images>(provider.images(), cx, &request.expect("it is a request")).await
        }
        Some(("image_edits", said)) => {
            counted(provider.image_edits(), cx, &form::<ImageEdits>(said, row.model).await).await
        }
        Some(("image_variations", said)) => {
            let request = form::<ImageVariations>(said, row.model).await;
            counted(provider.image_variations(), cx, &request).await
        }
        Some((other, _)) => panic!("no surface `{other}` is known here"),
    }
}

fn members(said: &str, model: &str) -> Value {
    let mut members: Value = serde_json::from_str(said).expect("it is an object");
    (members["model"], members["prompt"]) = (model.into(), "a ship".into());
    members
}

fn with_model(said: &str, model: &str) -> Bytes {
    members(said, model).to_string().into()
}

/// A request for pictures of a picture, as a form.
async fn form<S: Surface>(said: &str, model: &str) -> S::Request {
    let field = |name: &str, value: &str| {
        format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let members = members(said, model);
    let mut body: String = members
        .as_object()
        .expect("it is one")
        .iter()
        .map(|(name, value)| field(name, &value.to_string().replace('"', "")))
        .collect();
    body += &field("image\"; filename=\"a.png", "AAAA");
    body += "--x--\r\n";
    let mut headers = HeaderMap::new();
    let kind = "multipart/form-data; boundary=x".parse().expect("it is a value");
    headers.insert(http::header::CONTENT_TYPE, kind);
    S::read(&mut Inbound::new(headers, body), &Limits::default()).await.expect("it is a request")
}

async fn counted<S: Surface>(
    serve: Option<&dyn Serve<S>>,
    cx: &CallContext<'_>,
    request: &S::Request,
) -> Option<Usage> {
    let serve = serve.expect("it serves that");
    match serve.serve(cx, request).await.expect("it is a reply").body {
        ReplyBody::Stream(frames) => {
            let frames: Vec<_> = frames.collect().await;
            let frames = frames.into_iter().map(|frame| frame.expect("the stream is whole"));
            frames.filter_map(|frame| frame.usage).next_back()
        }
        ReplyBody::Whole(whole) => whole.usage(),
        ReplyBody::Bytes(_) => panic!("nobody asked for bytes"),
    }
}

#[test]
fn every_reply_costs_what_the_script_says() {
    let shared = Arc::new(Shared::compiled());
    Clock::run(async |_| {
        for row in rows() {
            let models = TargetModels::new(Arc::clone(&shared), row.kind, &[]).unwrap();
            let usage = usage(&row).await.unwrap_or_else(|| panic!("{}: no usage", row.name));
            let cost = match models.cost(row.model, &usage) {
                Ok(cost) => cost.total.nanos().to_string(),
                Err(unpriced) => format!("unpriced {}", unpriced.meter),
            };
            assert_eq!(cost, row.expected, "{}: {usage:?}", row.name);
        }
    });
}

/// Counts that say again what others say.
const SAID_TWICE: [&str; 9] = [
    "total_tokens",
    "totalTokenCount",
    "totalTokens",
    // A part of a prompt whose other part is counted.
    "prompt_cache_miss_tokens",
    "ephemeral_5m_input_tokens",
    // A part whose other parts, and the whole, are counted.
    "text_tokens",
    "TEXT",
    // Cohere's own words around what is billed.
    "tokens.input_tokens",
    "tokens.output_tokens",
];

/// Every count in a usage, by what it is called and where it stands.
fn counts(value: &Value, name: &str, at: &str, all: &mut Vec<(String, String)>) {
    match value {
        // What is left of a whole, which is counted, behind a part that is.
        Value::Object(members) if members.get("ttl").is_some_and(|ttl| ttl == "5m") => {}
        Value::Object(members) => {
            let modality = members.get("modality").and_then(Value::as_str);
            for (key, below) in members {
                let outer = if name == "tokens" { "tokens." } else { "" };
                let called = format!("{outer}{}", modality.unwrap_or(key));
                counts(below, &called, &format!("{at}/{key}"), all);
            }
        }
        Value::Array(list) => {
            for (index, below) in list.iter().enumerate() {
                counts(below, name, &format!("{at}/{index}"), all);
            }
        }
        Value::Number(_) => all.push((name.to_owned(), at.to_owned())),
        _ => {}
    }
}

#[test]
fn no_count_of_any_vendor_is_dropped() {
    let mut changed = 0;
    Clock::run(async |_| {
        for row in rows().into_iter().filter(|row| !row.is_stream) {
            let before = usage(&row).await;
            let body: Value = serde_json::from_str(&row.body).unwrap();
            let own = if body.get("usage").is_some() { "usage" } else { "usageMetadata" };
            let mut all = Vec::new();
            counts(&body[own], own, &format!("/{own}"), &mut all);
            all.retain(|(name, _)| !SAID_TWICE.contains(&name.as_str()));
            for (name, at) in all {
                let mut more = body.clone();
                let count = more.pointer_mut(&at).expect("it stands there");
                // A count that was written without a point stays so: not every vendor's has one.
                *count = match count.as_u64() {
                    Some(whole) => (whole + 1).into(),
                    None => (count.as_f64().unwrap() + 1.0).into(),
                };
                let row = Row { body: more.to_string(), name: row.name.clone(), ..row };
                assert_ne!(usage(&row).await, before, "{}: {name}", row.name);
                changed += 1;
            }
        }
    });
    assert!(changed > 300, "only {changed} counts were looked at");
}

#[test]
fn the_prices_that_the_table_quotes_are_the_catalogues() {
    let catalog = Catalog::compiled();
    for row in rows() {
        let model = catalog.exact(row.kind, row.model).expect("the catalogue has it");
        let prices: Vec<_> = model.prices().iter().map(|price| price.text()).collect();
        assert_eq!(prices.join(" "), row.prices, "{}", row.name);
    }
}

#[test]
fn the_table_is_what_the_script_writes() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/costs/vendor_costs.py");
    let written = Command::new("python3").arg(folder).output().expect("python3 runs");
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    assert_eq!(String::from_utf8_lossy(&written.stdout), TABLE);
}

#[test]
fn the_table_has_every_vendors_convention_and_every_tier() {
    let distinct: BTreeSet<_> = TABLE.lines().skip(1).collect();
    assert!(distinct.len() >= 120, "{} distinct rows", distinct.len());
    assert_eq!(distinct.len(), TABLE.lines().count() - 1, "a row stands twice");
    for word in ["standard", "batch", "flex", "priority", "fast", "other"] {
        let of_it = |line: &&str| line.split('\t').nth(3) == Some(word);
        assert!(distinct.iter().any(of_it), "no row of the tier `{word}`");
    }
}
