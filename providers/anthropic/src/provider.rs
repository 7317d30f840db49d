//! Anthropic, configured.

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Discover, ErrorKind, Kept, Need, Owns, Payload, Provider,
    ProviderError, Serve, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document,
    forward::{Forward, ForwardDecoder, ForwardRequest},
};
use ferro_dialect_anthropic::{Host, Messages, Native, Operation, PassedWords, Profile, refuse};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, response::Parts};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// Anthropic at a place.
#[derive(Debug)]
pub(crate) struct Anthropic {
    messages: Messages,
    path: Uri,
    /// The path of the API's root.
    root: String,
    /// The path of the list of models.
    pub(crate) listing: String,
    /// What every request carries.
    pub(crate) headers: HeaderMap,
    native: Native<Root>,
}

/// Where requests go that are in Anthropic's wire already.
#[derive(Debug)]
struct Root {
    profile: Profile,
    messages: Uri,
    count: Uri,
    headers: HeaderMap,
}

impl Anthropic {
    /// Below `path`, with the headers that an operator wants, which go before ours.
    pub(crate) fn new(profile: Profile, path: &str, operators: HeaderMap) -> Self {
        let uri = |end| format!("{path}{end}").parse().expect("a path from a URL, and a suffix");
        let native = Native(Root {
            profile: profile.clone(),
            messages: uri("/messages"),
            count: uri("/messages/count_tokens"),
            headers: operators.clone(),
        });
        let mut headers = HeaderMap::new();
        let version = HeaderValue::from_str(&profile.version).expect("the factory has checked it");
        headers.insert(VERSION, version);
        headers.extend(operators);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self {
            messages: Messages::new(profile),
            path: uri("/messages"),
            root: path.to_owned(),
            listing: format!("{path}/models?limit=1000"),
            headers,
            native,
        }
    }

    /// Shows a key or a token, each as the vendor wants it.
    pub(crate) fn show(
        credential: &Credential,
        request: &mut Request<Payload>,
    ) -> Result<(), ProviderError> {
        let (name, value) = match credential {
            Credential::None => return Ok(()),
            Credential::ApiKey(key) => (API_KEY, key.bare()),
            Credential::Token(token) => (header::AUTHORIZATION, token.bearer()),
            other => {
                let message = format!("this vendor is shown a key or a token, not {other:?}");
                return Err(ProviderError::new(ErrorKind::Unauthorized).with_message(message));
            }
        };
        request.headers_mut().insert(name, value.clone());
        Ok(())
    }
}

impl Provider for Anthropic {
    fn owns(&self, model: &str) -> Owns {
        if model.to_ascii_lowercase().starts_with("claude-") { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(self)
    }

    fn messages(&self) -> Option<&dyn Serve<document::Messages>> {
        Some(&self.native)
    }

    fn count_tokens(&self) -> Option<&dyn Serve<document::CountTokens>> {
        Some(&self.native)
    }

    fn forward(&self) -> Option<&dyn Serve<Forward>> {
        Some(self)
    }

    fn keeps(&self, kind: Kept) -> bool {
        kind.is_of_messages()
    }

    fn discover(&self) -> Option<&dyn Discover> {
        Some(self)
    }
}

impl Wire<Forward> for Anthropic {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ForwardRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Forward>>), ProviderError> {
        let outbound = request.outbound(&self.root, call.model, self.headers.clone())?;
        Ok((outbound, Box::new(ForwardDecoder::new(request, PassedWords))))
    }

    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Self::show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }
}

impl Host for Root {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn place(&self, _: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError> {
        let is_count = operation == Operation::Count;
        Ok(if is_count { self.count.clone() } else { self.messages.clone() })
    }

    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn show(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Anthropic::show(credential, request)
    }
}

impl Wire<Chat> for Anthropic {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let encoded = self.messages.encode(call, request)?;
        let mut outbound = Request::new(Payload::from(encoded.body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.path.clone();
        *outbound.headers_mut() = self.headers.clone();
        if let Some(betas) = encoded.betas {
            // Beside what an operator asks for by a header of his own.
            let betas = HeaderValue::try_from(betas).expect("the factory has checked each name");
            outbound.headers_mut().append(BETA, betas);
        }
        Ok((outbound, Box::new(encoded.decoder)))
    }

    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        Self::show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }

    fn needs(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        self.messages.needs(request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.messages.unsaid(call, request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferro_core::{ApiKey, Secret, TargetId};

    const FILE: &str = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file_1"}}]}]}"#;

    fn sent(profile: Profile, operators: HeaderMap) -> Request<Payload> {
        let provider = Anthropic::new(profile, "/v1", operators);
        let target = TargetId::from("t");
        let call = Call::new(&target, "claude-opus-4-6");
        let request = ChatRequest::parse(FILE.as_bytes().to_vec()).unwrap();
        Wire::<Chat>::encode(&provider, &call, &request).unwrap().0
    }

    fn shown(credential: &Credential) -> HeaderMap {
        let mut request = sent(Profile::anthropic(), HeaderMap::new());
        Anthropic::show(credential, &mut request).unwrap();
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
