//! Anthropic, configured.

use bytes::Bytes;
use ferro_core::{
    Auth, Call, Credential, Decoder, Discover, Host, Kept, Owns, Payload, Provider, ProviderError,
    Serve, Wire,
    chat::Chat,
    document,
    forward::{Forward, ForwardDecoder, ForwardRequest},
};
use ferro_dialect_anthropic::{Native, Operation, PassedWords, Profile, Site, refuse};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header, response::Parts};

const VERSION: HeaderName = HeaderName::from_static("anthropic-version");

/// Anthropic at a place.
#[derive(Debug)]
pub(crate) struct Anthropic {
    pub(crate) native: Native<Root>,
    /// The path of the list of models.
    pub(crate) listing: String,
}

/// Where it is asked.
#[derive(Debug)]
pub(crate) struct Root {
    profile: Profile,
    /// The path of the API's root.
    path: String,
    messages: Uri,
    count: Uri,
    /// The operator's headers.
    operators: HeaderMap,
    /// What a request carries besides that is not said in the wire: ours, behind the operator's.
    pub(crate) headers: HeaderMap,
}

impl Anthropic {
    /// Below `path`, with the headers that an operator wants, which go before ours.
    pub(crate) fn new(profile: Profile, path: &str, operators: HeaderMap) -> Self {
        let uri = |end| format!("{path}{end}").parse().expect("a path from a URL, and a suffix");
        let mut headers = HeaderMap::new();
        let version = HeaderValue::from_str(&profile.version).expect("the factory has checked it");
        headers.insert(VERSION, version);
        headers.extend(operators.clone());
        headers.remove(header::CONTENT_TYPE);
        let native = Native::new(Root {
            profile,
            path: path.to_owned(),
            messages: uri("/messages"),
            count: uri("/messages/count_tokens"),
            operators,
            headers,
        });
        Self { native, listing: format!("{path}/models?limit=1000") }
    }
}

impl Provider for Anthropic {
    fn owns(&self, model: &str) -> Owns {
        if model.to_ascii_lowercase().starts_with("claude-") { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(&self.native)
    }

    fn messages(&self) -> Option<&dyn Serve<document::Messages>> {
        Some(&self.native)
    }

    fn count_tokens(&self) -> Option<&dyn Serve<document::CountTokens>> {
        Some(&self.native)
    }

    fn forward(&self) -> Option<&dyn Serve<Forward>> {
        Some(self.native.site())
    }

    fn keeps(&self, kind: Kept) -> bool {
        kind.is_of_messages()
    }

    fn discover(&self) -> Option<&dyn Discover> {
        Some(self)
    }
}

impl Wire<Forward> for Root {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ForwardRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Forward>>), ProviderError> {
        let outbound = request.outbound(&self.path, call.model, self.headers.clone())?;
        Ok((outbound, Box::new(ForwardDecoder::new(request, PassedWords))))
    }
}

impl Site for Root {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn place(&self, _: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError> {
        let is_count = operation == Operation::Count;
        Ok(if is_count { self.count.clone() } else { self.messages.clone() })
    }

    fn headers(&self) -> HeaderMap {
        self.operators.clone()
    }
}

impl Host for Root {
    /// A key and a token, each as the vendor wants it.
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Auth::Header("x-api-key").show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferro_core::{ApiKey, Secret, TargetId, Wire, chat::ChatRequest};

    const BETA: HeaderName = HeaderName::from_static("anthropic-beta");

    const FILE: &str = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file_1"}}]}]}"#;

    fn sent(profile: Profile, operators: HeaderMap) -> Request<Payload> {
        let provider = Anthropic::new(profile, "/v1", operators);
        let target = TargetId::from("t");
        let call = Call::new(&target, "claude-opus-4-6");
        let request = ChatRequest::parse(FILE.as_bytes().to_vec()).unwrap();
        Wire::<Chat>::encode(&provider.native, &call, &request).unwrap().0
    }

    fn shown(credential: &Credential) -> HeaderMap {
        let provider = Anthropic::new(Profile::anthropic(), "/v1", HeaderMap::new());
        let mut request = sent(Profile::anthropic(), HeaderMap::new());
        let target = TargetId::from("t");
        let call = Call::new(&target, "claude-opus-4-6");
        provider.native.authorize(&call, &mut request, credential).unwrap();
        request.headers().clone()
    }

    #[test]
    fn a_key_and_a_token_are_shown_differently() {
        let key = || ApiKey::new(Secret::new("secret-1")).unwrap();
        let headers = shown(&Credential::ApiKey(key()));
        assert_eq!(headers["x-api-key"], "secret-1");
        assert!(!headers.contains_key("authorization"));
        let headers = shown(&Credential::Token(key()));
        assert_eq!(headers["authorization"], "Bearer secret-1");
        assert!(!headers.contains_key("x-api-key"));
    }

    #[test]
    fn what_the_operator_wants_and_what_the_request_takes_are_both_asked_for() {
        let betas = vec!["a-1".to_owned(), "files-api-2025-04-14".to_owned()];
        let request = sent(Profile::anthropic().with_betas(betas), HeaderMap::new());
        assert_eq!(request.headers()["anthropic-beta"], "a-1,files-api-2025-04-14");
        assert_eq!(request.headers()["anthropic-version"], "2023-06-01");
        let mut operators = HeaderMap::new();
        operators.insert(BETA, HeaderValue::from_static("b-2"));
        operators.insert(VERSION, HeaderValue::from_static("2026-10-21"));
        let request = sent(Profile::anthropic(), operators);
        let betas: Vec<_> = request.headers().get_all("anthropic-beta").iter().collect();
        assert_eq!(betas, ["b-2", "files-api-2025-04-14"]);
        assert_eq!(request.headers()["anthropic-version"], "2026-10-21");
    }

    #[test]
    fn its_models_are_known_by_their_names() {
        let provider = Anthropic::new(Profile::anthropic(), "/v1", HeaderMap::new());
        assert_eq!(provider.owns("claude-opus-4-6"), Owns::Yes);
        assert_eq!(provider.owns("Claude-Opus-4-6"), Owns::Yes);
        assert_eq!(provider.owns("gpt-4o"), Owns::No);
        assert_eq!(provider.owns(""), Owns::No);
    }
}
