//! A vendor of nobody's, written against the contracts alone: honest, or with one flaw.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Call, CallContext, Credential, Decoder, Description,
    EnvVar, ErrorKind, Finish, Frame, Host, Origin, Payload, Provider, ProviderError,
    ProviderFactory, Reply, Secret, Serve, Settings, StaticCredential, Subject, SurfaceKind, Usage,
    Wire,
    chat::{Chat, ChatRequest, ChatResponse},
};
use ferro_wire::{Framing, JsonDoc, sse};
use http::{Request, header, response::Parts};
use serde_json::{Value, json};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    None,
    /// A stream is over with its finish, although more is to come.
    DoneOneEventEarly,
    /// A stream that ends behind its finish is taken for whole.
    TakesTheFinishForTheEnd,
    DropsUnknownFields,
    PrintsItsKey,
    RemembersTheFirstModel,
    PanicsAtWhatIsNoJson,
    TellsAnotherHost,
    ClaimsWhatItDoesNotServe,
    TakesAnySetting,
}

/// The factory.
pub(crate) struct Acme(pub(crate) Flaw);

impl ProviderFactory for Acme {
    fn describe(&self) -> Description {
        let key = EnvVar::required("ACME_API_KEY", "the key");
        let root = EnvVar::optional("ACME_BASE_URL", "the API root");
        let surfaces: &[_] = match self.0 {
            Flaw::ClaimsWhatItDoesNotServe => &[SurfaceKind::Chat, SurfaceKind::Generate],
            _ => &[SurfaceKind::Chat],
        };
        let description = Description::new("acme", surfaces).with_env([key, root]);
        description.with_base_url("https://api.acme.example/v1")
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let unknown = settings.0.keys().next().filter(|_| self.0 != Flaw::TakesAnySetting);
        if let Some(name) = unknown {
            return Err(BuildError::new(format!("settings: unknown field `{name}`")));
        }
        let missing = || BuildError::new("`acme` needs the variable ACME_API_KEY");
        let secret = Secret::new(cx.var("ACME_API_KEY").ok_or_else(missing)?);
        let url = cx.base_url.map(str::to_owned).or_else(|| cx.var("ACME_BASE_URL"));
        let url = url.unwrap_or_else(|| self.describe().base_url.to_owned());
        let (origin, path) = Origin::split(&url).map_err(|e| BuildError::new(e.to_string()))?;
        let path = if path.is_empty() { "/v1".to_owned() } else { path };
        let no_header = || BuildError::new("the key holds what no header may carry");
        let key = ApiKey::new(secret.clone()).ok_or_else(no_header)?;
        let wire = AcmeWire { flaw: self.0, path, first_model: OnceLock::new() };
        let credentials = StaticCredential(Credential::ApiKey(key));
        Ok(Built::new(Arc::new(AcmeProvider { wire, secret }), origin, Arc::new(credentials)))
    }
}

struct AcmeProvider {
    wire: AcmeWire,
    secret: Secret,
}

impl fmt::Debug for AcmeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match self.wire.flaw {
            Flaw::PrintsItsKey => self.secret.expose(),
            _ => "[redacted]",
        };
        f.debug_struct("Acme").field("key", &shown).finish_non_exhaustive()
    }
}

impl Provider for AcmeProvider {
    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }
}

#[async_trait]
impl Serve<Chat> for AcmeProvider {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        if self.wire.flaw == Flaw::TellsAnotherHost {
            let mut told = Request::new(Payload::empty());
            *told.uri_mut() = "https://telemetry.acme.example/".parse().unwrap();
            self.wire.authorize(&cx.call, &mut told, cx.credential)?;
            cx.transport.send(told).await?;
        }
        Serve::serve(&self.wire, cx, request).await
    }
}

struct AcmeWire {
    flaw: Flaw,
    path: String,
    first_model: OnceLock<String>,
}

impl Host for AcmeWire {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        if let Credential::ApiKey(key) = credential {
            request.headers_mut().insert(header::AUTHORIZATION, key.bearer().clone());
        }
        Ok(())
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        let words = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        let mut head = head.clone();
        head.headers.remove(header::WWW_AUTHENTICATE); // a challenge that this client never answers
        let error = ProviderError::from_response(&head, body);
        match words["error"]["message"].as_str() {
            Some(words) => error.with_message(words),
            None => error,
        }
    }
}

impl Wire<Chat> for AcmeWire {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let mut doc = request.doc().clone();
        if self.flaw == Flaw::DropsUnknownFields {
            let unknown: Vec<_> =
                doc.keys().map(|k| String::from_utf8(k.to_vec()).unwrap()).collect();
            unknown.iter().filter(|name| name.starts_with("x_")).for_each(|name| doc.remove(name));
        }
        let first = self.first_model.get_or_init(|| call.model.to_owned());
        let is_stuck = self.flaw == Flaw::RemembersTheFirstModel;
        doc.set("model", if is_stuck { first.as_str() } else { call.model });
        if request.wants_stream() {
            let options = doc.text("stream_options").map(std::borrow::Cow::into_owned);
            let mut options = JsonDoc::parse(options.unwrap_or_else(|| b"{}".to_vec())).unwrap();
            options.set("include_usage", &true);
            doc.set_text("stream_options", options.to_rope().to_bytes());
        }
        let mut outbound = Request::new(Payload::from(doc.to_rope()));
        *outbound.method_mut() = http::Method::POST;
        *outbound.uri_mut() = format!("{}/chat/completions", self.path).parse().unwrap();
        let hides_usage = request.wants_stream() && !request.wants_usage();
        let decoder =
            AcmeDecoder { flaw: self.flaw, hides_usage, has_finish: false, is_done: false };
        Ok((outbound, Box::new(decoder)))
    }
}

struct AcmeDecoder {
    flaw: Flaw,
    hides_usage: bool,
    has_finish: bool,
    is_done: bool,
}

fn in_band(error: &Value, body: Bytes) -> ProviderError {
    let message = error["message"].as_str().unwrap_or_default();
    ProviderError::new(ErrorKind::Unavailable).with_message(message).with_body(body)
}

fn learnt(data: &Value) -> (Option<Usage>, Option<Finish>) {
    let usage = data.get("usage").filter(|usage| usage.is_object());
    let usage = usage.and_then(|usage| {
        let count = |name: &str| usage.get(name)?.as_u64();
        Some(Usage::new(count("prompt_tokens")?, count("completion_tokens")?))
    });
    let finish = data.get("choices").and_then(|choices| choices.get(0)?.get("finish_reason"));
    (usage, finish.and_then(|finish| serde_json::from_value(finish.clone()).ok()?))
}

impl Decoder<Chat> for AcmeDecoder {
    fn framing(&self) -> Framing {
        sse::FRAMING
    }

    fn whole(&mut self, _: &Parts, body: Bytes) -> Result<ChatResponse, ProviderError> {
        let read = serde_json::from_slice::<Value>(&body);
        let value = match read {
            Ok(value) if value.is_object() => value,
            _ if self.flaw == Flaw::PanicsAtWhatIsNoJson => panic!("that is no JSON object"),
            _ => return Err(ProviderError::new(ErrorKind::Malformed).with_message("no object")),
        };
        if !value["error"].is_null() {
            return Err(in_band(&value["error"], body));
        }
        let (usage, finish) = learnt(&value);
        Ok(ChatResponse::new(body, usage, finish))
    }

    fn read(&mut self, events: Bytes, out: &mut Frame) -> Result<(), ProviderError> {
        let mut bytes = Vec::new();
        let mut failure = None;
        for event in sse::events(&events) {
            let data = event.data();
            self.is_done |= *data == *b"[DONE]";
            let chunk = serde_json::from_slice::<Value>(&data).unwrap_or(json!({}));
            if !chunk["error"].is_null() {
                failure = Some(in_band(&chunk["error"], Bytes::copy_from_slice(&data)));
                break;
            }
            let (usage, finish) = learnt(&chunk);
            (out.usage, out.finish) = (usage.clone().or(out.usage.take()), finish.or(out.finish));
            self.has_finish |= finish.is_some();
            let is_usage_only = usage.is_some() && chunk["choices"] == json!([]);
            if !(is_usage_only && self.hides_usage) {
                bytes.extend_from_slice(event.raw);
            }
        }
        out.bytes = bytes.into();
        failure.map_or(Ok(()), Err)
    }

    fn is_finished(&self) -> bool {
        self.is_done || (self.has_finish && self.flaw == Flaw::DoneOneEventEarly)
    }

    fn end(&mut self, _: Bytes, _: &mut Frame) -> Result<(), ProviderError> {
        if self.has_finish && self.flaw == Flaw::TakesTheFinishForTheEnd {
            return Ok(());
        }
        Err(ProviderError::new(ErrorKind::Interrupted).with_message("it stopped in the middle"))
    }
}
