//! The models that there are, as clients of either shape ask for them.

use std::hash::{DefaultHasher, Hasher};

use ferro_core::{Ingress, Problem};
use ferro_gateway::{Abilities, Model};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header, request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::outbound::Outbound;

/// So many models stand on a page, unless the client says otherwise; and at most.
const PAGE: usize = 20;
const LONGEST_PAGE: usize = 1_000;
/// What a page says where nobody knows when a model was made.
const LONG_AGO: u64 = 0;

/// How somebody asks.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    head: &'a Parts,
    /// The header whose senders read pages.
    told_by: Option<&'static str>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(head: &'a Parts, ingresses: &[&Ingress]) -> Self {
        Self { head, told_by: ingresses.iter().find_map(|ingress| ingress.told_by) }
    }

    fn reads_pages(&self) -> bool {
        self.told_by.is_some_and(|name| self.head.headers.contains_key(name))
    }
}

/// The list, whole or the page that is asked for.
pub(crate) fn all(known: &[Model], asked: Asked<'_>) -> Result<Response<Outbound>, Problem> {
    let body = if asked.reads_pages() {
        page(known, asked.head.uri.query().unwrap_or_default())?
    } else {
        let data: Vec<_> = known.iter().map(told).collect();
        json!({"object": "list", "data": data})
    };
    Ok(tagged(&body, asked))
}

/// The one of this name.
pub(crate) fn one(
    known: &[Model],
    id: &str,
    asked: Asked<'_>,
) -> Result<Response<Outbound>, Problem> {
    let id = percent_decode_str(id).decode_utf8_lossy();
    let found = known.iter().find(|model| *model.id == *id);
    let found = found.ok_or_else(|| {
        let message = format!("no configured provider lists the model `{id}`");
        let status = StatusCode::NOT_FOUND;
        Problem::new(status, "invalid_request_error", "model_not_found", message)
    })?;
    let body = if asked.reads_pages() { told_on_a_page(found) } else { told(found) };
    Ok(tagged(&body, asked))
}

/// What each target can do, and each of its models, by the same index: what becomes of a chat's fields,
/// in the words that clients know, and the forms in which images are given.
pub(crate) fn capabilities(
    known: &[Model],
    targets: &[Abilities],
    asked: Asked<'_>,
) -> Response<Outbound> {
    let providers = targets.iter().map(|target| {
        let fields = target.fields.iter();
        let fields = fields.map(|(field, told)| ((*field).to_owned(), json!(told.as_str())));
        (target.target.to_string(), Value::Object(fields.collect()))
    });
    let providers: Map<_, _> = providers.collect();
    let formats = targets.iter().filter(|target| !target.image_formats.is_empty());
    let formats = formats.map(|target| (target.target.to_string(), json!(target.image_formats)));
    let formats: Map<_, _> = formats.collect();
    let of_target = |target: &Abilities| {
        let own = known.iter().filter(|model| model.owner == target.target);
        let models: Map<_, _> = own.map(|model| (model.id.clone(), abilities(model))).collect();
        (target.target.to_string(), json!({"surfaces": target.surfaces, "models": models}))
    };
    let targets: Map<_, _> = targets.iter().map(of_target).collect();
    let told =
        json!({"providers": providers, "image_response_formats": formats, "targets": targets});
    tagged(&told, asked)
}

fn abilities(model: &Model) -> Value {
    json!({
        "surfaces": model.surfaces,
        "modalities": {"input": model.takes, "output": model.gives},
        "capabilities": words(model),
    })
}

/// A model as the whole list has it, with what is known besides.
fn told(model: &Model) -> Value {
    let created = model.created.unwrap_or_default();
    let (id, owner) = (&model.id, &model.owner);
    let mut told = json!({"id": id, "object": "model", "created": created, "owned_by": owner});
    let mut put = |key: &str, value: Value| {
        let is_nothing = value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty);
        if !is_nothing {
            told[key] = value;
        }
    };
    put("listed_by", json!(model.listed.as_str()));
    put("mode", json!(mode(model)));
    put("context_window", json!(model.context_window));
    put("context_length", json!(model.context_window));
    put("max_output_tokens", json!(model.max_output_tokens));
    put("surfaces", json!(model.surfaces));
    if !(model.takes.is_empty() && model.gives.is_empty()) {
        put("modalities", json!({"input": model.takes, "output": model.gives}));
    }
    put("capabilities", json!(words(model)));
    let prices = model.prices.iter().map(|(name, dollars)| (name.clone(), json!(dollars)));
    put("pricing", Value::Object(prices.collect()));
    put("status", json!(model.stage));
    if model.stage == Some("deprecated") {
        put("deprecated", json!(true));
    }
    put("lifecycle", lifecycle(model));
    put("source", json!(model.source));
    put("updated_at", json!(model.updated));
    told
}

fn lifecycle(model: &Model) -> Value {
    let facts = [
        ("stage", json!(model.stage)),
        ("deprecation_date", json!(model.deprecated)),
        ("sunset_date", json!(model.sunset)),
        ("successor", json!(model.successor)),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(facts.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What a model is mainly for, in the word that clients know.
fn mode(model: &Model) -> Option<&'static str> {
    const MODES: [(&str, &str); 9] = [
        ("chat", "chat"),
        ("responses", "chat"),
        ("completions", "chat"),
        ("embeddings", "embedding"),
        ("images", "image"),
        ("transcription", "audio_in"),
        ("speech", "audio_out"),
        ("rerank", "rerank"),
        ("moderations", "moderation"),
    ];
    let serves = |(surface, _): &&(&str, &str)| model.surfaces.contains(surface);
    MODES.iter().find(serves).map(|(_, mode)| *mode)
}

/// What a model can do, in the words that clients know.
fn words(model: &Model) -> Vec<&'static str> {
    let word = |known: &&'static str| match *known {
        "tools" => "function_calling",
        "parallel_tools" => "parallel_tool_calls",
        "structured_output" => "response_schema",
        other => other,
    };
    model.capabilities.iter().map(word).collect()
}

fn told_on_a_page(model: &Model) -> Value {
    let made = std::time::Duration::from_secs(model.created.unwrap_or(LONG_AGO));
    let made = std::time::SystemTime::UNIX_EPOCH.checked_add(made);
    let made = made.unwrap_or(std::time::SystemTime::UNIX_EPOCH);
    json!({
        "type": "model",
        "id": model.id,
        "display_name": model.id,
        "created_at": humantime::format_rfc3339_seconds(made).to_string(),
    })
}

/// A page: so many models behind one of them, or before one.
fn page(known: &[Model], query: &str) -> Result<Value, Problem> {
    let said = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.into_iter().find(|(key, _)| *key == name)?.1;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let limit = match said("limit") {
        None => PAGE,
        Some(text) => match text.parse() {
            Ok(limit @ 1..=LONGEST_PAGE) => limit,
            _ => return Err(wrong(format!("limit is `{text}`: it has to be 1 to {LONGEST_PAGE}"))),
        },
    };
    let place = |name: &str| match said(name) {
        None => Ok(None),
        Some(id) => match known.iter().position(|model| model.id == id) {
            Some(place) => Ok(Some(place)),
            None => Err(wrong(format!("{name} names `{id}`, which is no model here"))),
        },
    };
    let (after, before) = (place("after_id")?, place("before_id")?);
    let first = after.map_or(0, |place| place + 1);
    let end = before.unwrap_or(known.len()).max(first);
    let between = &known[first..end];
    // Before a model are those next to it.
    let shown = match before {
        Some(_) => &between[between.len().saturating_sub(limit)..],
        None => &between[..limit.min(between.len())],
    };
    let data: Vec<_> = shown.iter().map(told_on_a_page).collect();
    Ok(json!({
        "data": data,
        "has_more": shown.len() < between.len(),
        "first_id": shown.first().map(|model| &model.id),
        "last_id": shown.last().map(|model| &model.id),
    }))
}

fn wrong(message: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_request_error", "invalid_request", message)
}

/// The answer with a tag that changes with it; or that it is the one that the client has.
fn tagged(body: &Value, asked: Asked<'_>) -> Response<Outbound> {
    let body = body.to_string();
    let mut hasher = DefaultHasher::new();
    hasher.write(body.as_bytes());
    let tag = format!("\"{:016x}-{:x}\"", hasher.finish(), body.len());
    let is_known = has(&asked.head.headers, &tag);
    let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let body = if is_known { Outbound::empty() } else { body.into() };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if !is_known {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    // The same address answers in two shapes.
    if let Some(name) = asked.told_by {
        headers.insert(header::VARY, HeaderValue::from_static(name));
    }
    response
}

/// Whether a client says that it has what `tag` stands for.
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let lists = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
