//! What a client says beside its document.

use std::fmt::Write;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::Form;
use crate::Inbound;

/// Parameters of a query in which clients of some dialects show their keys.
const CREDENTIALS: [&str; 5] = ["key", "api-key", "api_key", "access_token", "token"];

/// A header by which a page in a browser says that it may show a key. It says so to the gateway.
const BROWSERS: &str = "anthropic-dangerous-direct-browser-access";

/// The headers that go with a request, and its query. Most requests have neither.
#[derive(Clone, Debug, Default)]
pub struct Beside(Option<Box<Said>>);

#[derive(Clone, Debug, Default)]
struct Said {
    headers: HeaderMap,
    query: String,
}

impl Beside {
    /// What a request of the form `F` says.
    pub fn of<F: Form>(inbound: &Inbound) -> Self {
        let travels = |name: &HeaderName| is_listed(F::TRAVELS, name.as_str());
        let headers = inbound.headers.iter().filter(|(name, _)| travels(name));
        let query = inbound.asked.as_ref().and_then(|asked| asked.uri.query());
        Self::new(headers, query.unwrap_or_default())
    }

    /// These headers, and this query without what could be a key.
    pub fn new<'a>(
        headers: impl IntoIterator<Item = (&'a HeaderName, &'a HeaderValue)>,
        query: &str,
    ) -> Self {
        let mut said = Said { headers: HeaderMap::new(), query: open(query) };
        for (name, value) in headers {
            said.headers.append(name.clone(), value.clone());
        }
        let is_something = !said.headers.is_empty() || !said.query.is_empty();
        Self(is_something.then(|| Box::new(said)))
    }

    /// The values of a header, in order.
    pub fn values(&self, name: &HeaderName) -> impl Iterator<Item = &HeaderValue> {
        self.0.iter().flat_map(move |said| said.headers.get_all(name))
    }

    /// Every header.
    pub fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().flat_map(|said| &said.headers)
    }

    /// The query as the client wrote it, without what could be a key.
    pub fn query(&self) -> &str {
        self.0.as_ref().map_or("", |said| &said.query)
    }

    /// A place with the query behind it. Of two parameters of one name the place's own counts.
    pub fn at(&self, place: &Uri) -> Uri {
        let query = self.query();
        if query.is_empty() {
            return place.clone();
        }
        let (path, own) = (place.path(), place.query().unwrap_or_default());
        let mut uri = format!("{path}?{own}");
        for pair in pairs(query).filter(|pair| !pairs(own).any(|own| name(own) == name(pair))) {
            let join = if uri.ends_with('?') { "" } else { "&" };
            let _infallible = write!(uri, "{join}{pair}");
        }
        uri.trim_end_matches('?').parse().unwrap_or_else(|_| place.clone())
    }
}

/// Whether a header is among those that go along.
fn is_listed(listed: &[&str], header: &str) -> bool {
    let is_it = |listed: &&str| match listed.strip_suffix('*') {
        Some(prefix) => header.starts_with(prefix),
        None => header == *listed,
    };
    header != BROWSERS && listed.iter().any(is_it)
}

fn pairs(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|pair| !pair.is_empty())
}

fn name(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

/// A query without what could be a key.
fn open(query: &str) -> String {
    let is_open = |pair: &&str| !CREDENTIALS.iter().any(|it| it.eq_ignore_ascii_case(name(pair)));
    pairs(query).filter(is_open).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::super::{Embeddings, Messages};
    use super::*;

    fn inbound(uri: &str) -> Inbound {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("anthropic-version", "2023-06-01"),
            ("anthropic-beta", "a-1"),
            ("anthropic-beta", "b-2,c-3"),
            (BROWSERS, "true"),
            ("x-other", "1"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        Inbound::new(headers, "{}").with_asked(Method::POST, uri.parse().unwrap())
    }

    #[test]
    fn what_the_dialect_says_in_headers_goes_along_and_nothing_else_does() {
        let beside = Beside::of::<Messages>(&inbound("/v1/messages"));
        let betas: Vec<_> = beside.values(&HeaderName::from_static("anthropic-beta")).collect();
        assert_eq!(betas, ["a-1", "b-2,c-3"]);
        assert_eq!(beside.headers().count(), 3);
        let none = Beside::of::<Embeddings>(&inbound("/v1/embeddings"));
        assert!(none.0.is_none(), "and what says nothing takes no room");
    }

    #[test]
    fn a_query_goes_along_without_a_key_and_does_not_replace_the_places_own() {
        let beside =
            Beside::of::<Messages>(&inbound("/v1/messages?beta=true&KEY=sk-1&api-version=x"));
        assert_eq!(beside.query(), "beta=true&api-version=x");
        let at = |place: &'static str| beside.at(&Uri::from_static(place)).to_string();
        assert_eq!(at("/m"), "/m?beta=true&api-version=x");
        assert_eq!(at("/m?api-version=1"), "/m?api-version=1&beta=true");
        let none = Beside::default();
        assert_eq!(none.at(&Uri::from_static("/m?a=1")), "/m?a=1");
    }
}
