//! A vendor of this wire, configured.

use std::sync::Arc;

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Discover, Host, Owns, Payload, Provider, ProviderError, Serve,
    Subject, SurfaceKind, Unsaid, Wire,
    chat::{Chat, ChatRequest},
    document::{
        Completions, CountTokens, Embeddings, Images, Messages, Moderations, Rerank, Responses,
        Speech,
    },
    forward::Forward,
    upload::{ImageEdits, ImageVariations, Transcriptions, Translations},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, response::Parts};

use crate::{
    Vendor,
    decode::{Asked, ChatDecoder},
    encode,
    passing::Passing,
    refusal,
};

/// A vendor of this wire at a place.
#[derive(Debug)]
pub(crate) struct Compatible {
    pub(crate) vendor: Vendor,
    chat: Uri,
    /// Where it lists its models, if it does.
    pub(crate) listing: Option<Uri>,
    /// What every request carries, made once.
    pub(crate) headers: HeaderMap,
    /// Models that are its own by configuration.
    models: Vec<String>,
    /// What it has besides chat.
    passing: Passing,
    /// What it has in other wires, which goes before what this wire has.
    beside: Vec<Arc<dyn Provider>>,
}

impl Compatible {
    pub(crate) fn new(
        vendor: &Vendor,
        path: &str,
        operators: HeaderMap,
        models: Vec<String>,
    ) -> Self {
        let uri = |end| format!("{path}{end}").parse().expect("a path from a URL, and a suffix");
        let mut headers = HeaderMap::new();
        for (name, value) in vendor.headers {
            let name = HeaderName::from_static(name);
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.extend(operators);
        let beside = vendor.beside.iter().map(|make| make(path, &headers)).collect();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let listing = vendor.listing.map(uri);
        let passing = Passing::new(vendor, path, &headers);
        let chat = uri("/chat/completions");
        Self { chat, listing, vendor: *vendor, headers, models, passing, beside }
    }

    /// What it has in other wires.
    fn beside(&self) -> impl Iterator<Item = &dyn Provider> {
        self.beside.iter().map(|beside| &**beside)
    }
}

impl Provider for Compatible {
    fn owns(&self, model: &str) -> Owns {
        if model.trim().is_empty() {
            return Owns::No;
        }
        let bare = self.vendor.bare(model);
        if bare.len() < model.len() || self.models.iter().any(|own| own == bare) {
            return Owns::Yes;
        }
        let owns = self.vendor.owns;
        if owns.is_empty() {
            return Owns::Any;
        }
        let model = model.to_ascii_lowercase();
        if owns.iter().any(|prefix| model.starts_with(prefix)) { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        self.vendor.surfaces.contains(&SurfaceKind::Chat).then_some(self)
    }

    fn completions(&self) -> Option<&dyn Serve<Completions>> {
        Some(self.passing.serving(SurfaceKind::Completions)?)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        self.beside()
            .find_map(|beside| beside.embeddings())
            .or_else(|| Some(self.passing.serving(SurfaceKind::Embeddings)?))
    }

    fn images(&self) -> Option<&dyn Serve<Images>> {
        self.beside()
            .find_map(|beside| beside.images())
            .or_else(|| Some(self.passing.serving(SurfaceKind::Images)?))
    }

    fn moderations(&self) -> Option<&dyn Serve<Moderations>> {
        Some(self.passing.serving(SurfaceKind::Moderations)?)
    }

    fn rerank(&self) -> Option<&dyn Serve<Rerank>> {
        self.beside()
            .find_map(|beside| beside.rerank())
            .or_else(|| Some(self.passing.serving(SurfaceKind::Rerank)?))
    }

    fn responses(&self) -> Option<&dyn Serve<Responses>> {
        Some(self.passing.serving(SurfaceKind::Responses)?)
    }

    fn speech(&self) -> Option<&dyn Serve<Speech>> {
        Some(self.passing.serving(SurfaceKind::Speech)?)
    }

    fn transcriptions(&self) -> Option<&dyn Serve<Transcriptions>> {
        self.beside()
            .find_map(|beside| beside.transcriptions())
            .or_else(|| Some(self.passing.serving(SurfaceKind::Transcriptions)?))
    }

    fn translations(&self) -> Option<&dyn Serve<Translations>> {
        self.beside()
            .find_map(|beside| beside.translations())
            .or_else(|| Some(self.passing.serving(SurfaceKind::Translations)?))
    }

    fn image_edits(&self) -> Option<&dyn Serve<ImageEdits>> {
        Some(self.passing.serving(SurfaceKind::ImageEdits)?)
    }

    fn image_variations(&self) -> Option<&dyn Serve<ImageVariations>> {
        Some(self.passing.serving(SurfaceKind::ImageVariations)?)
    }

    fn messages(&self) -> Option<&dyn Serve<Messages>> {
        self.beside().find_map(|beside| beside.messages())
    }

    fn count_tokens(&self) -> Option<&dyn Serve<CountTokens>> {
        self.beside().find_map(|beside| beside.count_tokens())
    }

    fn forward(&self) -> Option<&dyn Serve<Forward>> {
        self.vendor.surfaces.contains(&SurfaceKind::Forward).then_some(&self.passing as _)
    }

    fn discover(&self) -> Option<&dyn Discover> {
        self.listing.is_some().then_some(self)
    }
}

impl Host for Compatible {
    fn authorize(
        &self,
        _: &Call<'_>,
        request: &mut Request<Payload>,
        credential: &Credential,
    ) -> Result<(), ProviderError> {
        self.vendor.auth.show(credential, request)
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refusal::read(head, body, self.vendor.codes)
    }
}

impl Wire<Chat> for Compatible {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let body = encode::chat(&self.vendor, call.model, request)?;
        let mut outbound = Request::new(Payload::from(body));
        *outbound.method_mut() = Method::POST;
        *outbound.uri_mut() = self.chat.clone();
        *outbound.headers_mut() = self.headers();
        let hides_usage = request.wants_stream() && !request.wants_usage();
        let asked = Asked { hides_usage, choices: self.vendor.choices(request.doc()) };
        Ok((outbound, Box::new(ChatDecoder::new(&self.vendor, asked))))
    }

    fn unsaid(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        encode::unsaid(&self.vendor, request)
    }
}

impl Compatible {
    /// What every request carries, with room for what it gets on its way: a clone has none, and
    /// would grow more than once.
    fn headers(&self) -> HeaderMap {
        const ON_THE_WAY: usize = 5;
        let mut headers = HeaderMap::with_capacity(self.headers.len() + ON_THE_WAY);
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferro_core::{ApiKey, Auth, Secret, TargetId};

    const ROW: Vendor = Vendor {
        kind: "row",
        headers: &[("x-version", "1"), ("x-own", "row")],
        ..Vendor::OPENAI_SHAPED
    };

    fn sent(vendor: &Vendor) -> Request<Payload> {
        let mut operators = HeaderMap::new();
        operators.insert("x-own", HeaderValue::from_static("operator"));
        let provider = Compatible::new(vendor, "/v1", operators, Vec::new());
        let (target, body) = (TargetId::from("t"), br#"{"model":"m","messages":[{}]}"#.to_vec());
        let call = Call::new(&target, "m");
        let (mut request, _) = provider.encode(&call, &ChatRequest::parse(body).unwrap()).unwrap();
        let credential = Credential::ApiKey(ApiKey::new(Secret::new("sk-1")).unwrap());
        provider.authorize(&call, &mut request, &credential).unwrap();
        request
    }

    #[test]
    fn a_key_is_shown_as_the_row_says() {
        assert_eq!(sent(&ROW).headers()["authorization"], "Bearer sk-1");
        let own = sent(&Vendor { auth: Auth::Header("x-key"), ..ROW });
        assert_eq!(own.headers()["x-key"], "sk-1");
        assert!(!own.headers().contains_key("authorization"));
    }

    #[test]
    fn a_token_is_a_bearers_whatever_a_key_is() {
        let row = Vendor { auth: Auth::Header("x-key"), ..ROW };
        let provider = Compatible::new(&row, "/v1", HeaderMap::new(), Vec::new());
        let mut request = Request::new(Payload::empty());
        let token = Credential::Token(ApiKey::new(Secret::new("t-1")).unwrap());
        let target = TargetId::from("t");
        provider.authorize(&Call::new(&target, "m"), &mut request, &token).unwrap();
        assert_eq!(request.headers()["authorization"], "Bearer t-1");
        assert!(!request.headers().contains_key("x-key"));
    }

    #[test]
    fn an_operators_header_goes_before_the_rows() {
        let request = sent(&ROW);
        assert_eq!(request.uri(), "/v1/chat/completions");
        assert_eq!(request.headers()["x-version"], "1");
        assert_eq!(request.headers().get_all("x-own").iter().collect::<Vec<_>>(), ["operator"]);
    }

    #[test]
    fn a_name_tells_whose_a_model_is() {
        let owns = |vendor: &Vendor, model: &str| {
            Compatible::new(vendor, "", HeaderMap::new(), vec!["own".to_owned()]).owns(model)
        };
        let mut cloud = ROW;
        cloud.profile.strips_prefix = "cloud/";
        assert_eq!(owns(&cloud, "cloud/anything"), Owns::Yes);
        assert_eq!(owns(&cloud, "own"), Owns::Yes);
        assert_eq!(owns(&cloud, "other"), Owns::Any);
        assert_eq!(owns(&cloud, " "), Owns::No);
        let grok = Vendor { owns: &["grok"], ..ROW };
        assert_eq!(owns(&grok, "Grok-4"), Owns::Yes);
        assert_eq!(owns(&grok, "gpt-4o"), Owns::No);
    }

    #[test]
    fn a_vendor_that_lists_nothing_is_not_asked() {
        let listing = |vendor: &Vendor| Compatible::new(vendor, "", HeaderMap::new(), Vec::new());
        assert!(listing(&ROW).discover().is_some());
        assert!(listing(&Vendor { listing: None, ..ROW }).discover().is_none());
    }

    #[test]
    fn a_stream_awaits_one_choice_at_least() {
        let mut row = ROW;
        row.profile.ends = crate::Ends::WithChoices;
        let provider = Compatible::new(&row, "/v1", HeaderMap::new(), Vec::new());
        for (n, choices) in [("0", 1), ("3", 3), ("null", 1), ("-1", 1)] {
            let body = format!(r#"{{"model":"m","messages":[{{}}],"n":{n}}}"#);
            let request = ChatRequest::parse(body.into_bytes()).unwrap();
            assert_eq!(provider.vendor.choices(request.doc()), choices, "{n}");
        }
    }
}
