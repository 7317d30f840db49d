//! A target that is asked as the engine would ask it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ferro_core::{
    BuildContext, Built, Call, CallContext, Credential, CredentialContext, CredentialError,
    ProviderFactory, Settings, Surface, TargetId, Transport, Upstream,
    chat::{Chat, ChatRequest},
};
use http::HeaderMap;
use serde_json::Value;

use crate::{Answer, Heard, Script};

/// The time of every call: a reply that its vendor does not date has the call's, and is the same
/// whenever it is played.
const NOW: Duration = Duration::from_secs(1_764_000_000);

/// Asks one target as the engine would, for the tests that a vendor's crate has besides the suite's.
///
/// It panics where a test cannot be set up; what the provider itself says comes as [`Heard`].
#[derive(Debug)]
pub struct Asker {
    /// The target's provider.
    pub built: Built,
    /// What it is shown.
    pub credential: Credential,
    id: TargetId,
    now: SystemTime,
}

impl Asker {
    /// Of a target that `factory` builds from these variables and settings.
    ///
    /// # Panics
    ///
    /// If it cannot be built, has no key, or `settings` is no object.
    pub async fn new(
        factory: &dyn ProviderFactory,
        vars: &[(&str, &str)],
        settings: Value,
    ) -> Self {
        let Value::Object(settings) = settings else { panic!("settings are an object") };
        let (id, headers) = (TargetId::from("t"), HeaderMap::new());
        let vars = |name: &str| {
            vars.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        };
        let cx = BuildContext::new(&id, &headers, &vars);
        let built = factory.build(&cx, Settings(settings)).expect("the target can be built");
        Self::open(built).await.expect("the target has a key")
    }

    /// Of a provider that is built. Nobody answers who gives tokens.
    pub(crate) async fn open(built: Built) -> Result<Self, CredentialError> {
        let nobody = Script::always(Answer::new(404));
        let cx = CredentialContext::new(&nobody, &nobody);
        let credential = built.credentials.current(&cx).await?;
        Ok(Self { built, credential, id: TargetId::from("t"), now: UNIX_EPOCH + NOW })
    }

    /// Which asks at this time.
    pub fn at(self, now: SystemTime) -> Self {
        Self { now, ..self }
    }

    /// A call of `model`.
    pub fn call<'a>(&'a self, model: &'a str) -> Call<'a> {
        let mut call = Call::new(&self.id, model);
        call.now = self.now;
        call
    }

    /// What a call of `model` may use: the target's own origin, and the way to everybody else.
    pub fn context<'a>(
        &'a self,
        model: &'a str,
        upstream: &'a dyn Upstream,
        elsewhere: &'a dyn Transport,
    ) -> CallContext<'a> {
        CallContext::new(self.call(model), upstream, elsewhere, &self.credential)
    }

    /// Asks, and listens to the end.
    ///
    /// # Panics
    ///
    /// If the provider does not have the surface.
    pub async fn ask<S: Surface>(&self, cx: &CallContext<'_>, request: &S::Request) -> Heard {
        let served = S::served(&*self.built.provider).expect("the provider has the surface");
        Heard::of(served.serve(cx, request).await).await
    }

    /// Has a conversation, and listens to the end.
    ///
    /// # Panics
    ///
    /// If `request` is none, or the provider does not have chat.
    pub async fn chat(&self, cx: &CallContext<'_>, request: &Value) -> Heard {
        let request = ChatRequest::of(request).expect("it is a request");
        self.ask::<Chat>(cx, &request).await
    }
}
