//! A target as an operator would have it, asked through the driver that the engine uses.

use std::time::{Duration, SystemTime};

use ferro_core::{
    BuildContext, Built, Call, CallContext, Credential, CredentialContext, FetchPolicy,
    ProviderError, Reply, ReplyBody, Settings, Subject, TargetId, Whole,
    chat::{Chat, ChatRequest},
    document::{CountTokens, DocumentRequest},
};
use ferro_testkit::{Answer, Script, Sent};
use ferro_wire::sse;
use futures_util::StreamExt;
use http::HeaderMap;
use serde_json::{Value, json};

/// When everything is asked: 2026-11-29T12:34:56Z.
pub(crate) const NOW: u64 = 1_795_955_696;

/// A target, and what it is shown.
pub(crate) struct Target {
    pub(crate) built: Built,
    pub(crate) credential: Credential,
    id: TargetId,
}

/// What came of a request.
pub(crate) struct Heard {
    pub(crate) sent: Sent,
    pub(crate) reply: Result<Vec<u8>, ProviderError>,
}

impl Target {
    /// A target of these variables and settings.
    pub(crate) async fn new(vars: &[(&str, &str)], settings: Value) -> Self {
        let (id, headers) = (TargetId::from("t"), HeaderMap::new());
        let vars = |name: &str| {
            vars.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        };
        let Value::Object(settings) = settings else { panic!("settings are an object") };
        let cx = BuildContext::new(&id, &headers, &vars);
        let built = ferro_provider_bedrock::PROVIDERS[0].build(&cx, Settings(settings)).unwrap();
        let nobody = Script::always(Answer::new(404));
        let cx = CredentialContext::new(&nobody, &nobody);
        let credential = built.credentials.current(&cx).await.unwrap();
        Self { built, credential, id }
    }

    /// A target with a key of Bedrock's own.
    pub(crate) async fn with_key() -> Self {
        Self::new(&[("AWS_BEARER_TOKEN_BEDROCK", "key")], json!({})).await
    }

    /// Asks; the upstream answers like this, and whoever is asked for media like `media`.
    pub(crate) async fn ask(&self, body: &Value, answer: Answer, media: Answer) -> Heard {
        let (upstream, elsewhere) = (Script::always(answer), Script::always(media));
        let request = ChatRequest::of(body).unwrap();
        let mut call = Call::new(&self.id, request.model());
        call.now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let policy = FetchPolicy::default();
        let cx = CallContext::new(call, &upstream, &elsewhere, &self.credential)
            .with_fetch(Some(&policy));
        let served = self.built.provider.chat().unwrap().serve(&cx, &request).await;
        let reply = match served {
            Ok(reply) => bytes(reply).await,
            Err(error) => Err(error),
        };
        let Some(sent) = upstream.sent().pop() else { panic!("nothing was sent: {reply:?}") };
        Heard { sent, reply }
    }

    /// What a request is sent as.
    pub(crate) async fn sent(&self, body: &Value) -> Sent {
        let png = Answer::new(200).with_body(&b"\x89PNG\r\n\x1a\n...."[..]);
        self.ask(body, Answer::new(400), png).await.sent
    }

    /// What is sent to have a request's tokens counted.
    pub(crate) async fn counted(&self, body: &Value) -> Sent {
        let upstream = Script::always(Answer::new(400));
        let request = serde_json::to_vec(body).unwrap();
        let request = DocumentRequest::<CountTokens>::parse(request).unwrap();
        let call = Call::new(&self.id, request.model());
        let cx = CallContext::new(call, &upstream, &upstream, &self.credential);
        let counts = self.built.provider.count_tokens().unwrap();
        counts.serve(&cx, &request).await.unwrap_err();
        upstream.sent().pop().unwrap()
    }

    /// Why nothing is sent.
    pub(crate) async fn refused(&self, body: &Value) -> ProviderError {
        let upstream = Script::always(Answer::new(500));
        let request = ChatRequest::of(body).unwrap();
        let call = Call::new(&self.id, request.model());
        let cx = CallContext::new(call, &upstream, &upstream, &self.credential);
        let served = self.built.provider.chat().unwrap().serve(&cx, &request).await;
        assert!(upstream.sent().is_empty());
        served.map(|_| ()).unwrap_err()
    }

    /// What comes of a reply of frames, or of one in a piece, as the client reads it.
    pub(crate) async fn hear(&self, body: &Value, answer: Answer) -> Vec<u8> {
        self.ask(body, answer, Answer::new(404)).await.reply.unwrap()
    }
}

async fn bytes(reply: Reply<Chat>) -> Result<Vec<u8>, ProviderError> {
    match reply.body {
        ReplyBody::Whole(whole) => Ok(whole.into_body().to_bytes().to_vec()),
        ReplyBody::Stream(mut frames) | ReplyBody::Bytes(mut frames) => {
            let mut bytes = Vec::new();
            while let Some(frame) = frames.next().await {
                bytes.extend_from_slice(&frame?.bytes);
            }
            Ok(bytes)
        }
    }
}

/// The message of a reply, whole or streamed, as a client would keep it and send it back.
pub(crate) fn message(reply: &[u8]) -> Value {
    if let Ok(whole) = serde_json::from_slice::<Value>(reply) {
        return whole["choices"][0]["message"].clone();
    }
    let mut message = Value::Null;
    for event in sse::events(reply) {
        let Ok(chunk) = serde_json::from_slice::<Value>(&event.data()) else { continue };
        merge(&mut message, &chunk["choices"][0]["delta"]);
    }
    message
}

/// Puts deltas together as clients of the wire do.
fn merge(so_far: &mut Value, delta: &Value) {
    match (&mut *so_far, delta) {
        (_, Value::Null) => {}
        (Value::String(text), Value::String(more)) => text.push_str(more),
        (Value::Object(members), Value::Object(more)) => {
            for (name, value) in more {
                let member = members.entry(name.clone()).or_insert(Value::Null);
                match name.as_str() {
                    "id" | "type" | "role" | "name" | "format" | "index" => *member = value.clone(),
                    _ => merge(member, value),
                }
            }
        }
        (Value::Array(items), Value::Array(more)) => {
            for value in more {
                let index =
                    value["index"].as_u64().map_or(items.len(), |at| usize::try_from(at).unwrap());
                items.resize(items.len().max(index + 1), json!({}));
                merge(&mut items[index], value);
            }
        }
        (Value::Null, Value::Array(_)) => {
            *so_far = json!([]);
            merge(so_far, delta);
        }
        _ => *so_far = delta.clone(),
    }
}
