//! Which proxy stands between here and an origin, by the variables that other programs read too.

use std::{fmt, net::IpAddr, sync::Arc};

use ferro_core::{Origin, Secret};
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::Url;

use crate::egress::is_local_name;

/// The proxies that connections go through.
///
/// Loopback origins (`localhost`, `127.0.0.0/8`, `::1`) are reached without one, whatever the
/// variables say, unless [`for_loopback_too`](Self::for_loopback_too) asks for it: a model server on
/// this machine is not the proxy's to find.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    known: Option<Arc<Known>>,
    takes_loopback: bool,
}

/// What the variables say.
#[derive(Debug)]
struct Known {
    matcher: Matcher,
    http: Option<Said>,
    https: Option<Said>,
    all: Option<Said>,
}

/// One variable's value.
#[derive(Debug)]
struct Said {
    host: String,
    /// With its login.
    url: Secret,
}

/// A proxy variable that cannot be followed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "{variable}: `{value}` is not a proxy that can be used; write it like \
     `http://user:password@proxy.example.com:3128` or `socks5h://proxy.example.com:1080`"
)]
pub struct ProxyError {
    variable: &'static str,
    value: String,
}

impl Proxies {
    /// No proxy at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, each also in lower case (upper
    /// case wins; an empty value is as good as none), from `vars`. Nothing else is ever read: the
    /// process's environment enters only if `vars` reads it.
    ///
    /// A proxy's scheme is `http` (also when it has none), `https`, `socks5` (names are resolved
    /// here) or `socks5h` (names are resolved by the proxy). `NO_PROXY` lists names with their
    /// subdomains, addresses, networks such as `10.0.0.0/8`, or `*`, separated by commas.
    ///
    /// ```
    /// use ferro_transport::Proxies;
    ///
    /// let vars = |name: &str| (name == "https_proxy").then(|| "http://proxy:3128".to_owned());
    /// assert!(Proxies::from_vars(&vars).is_ok());
    /// let vars = |name: &str| (name == "ALL_PROXY").then(|| "gopher://proxy".to_owned());
    /// assert!(Proxies::from_vars(&vars).unwrap_err().to_string().starts_with("ALL_PROXY"));
    /// ```
    ///
    /// # Errors
    ///
    /// A value that names no usable proxy: going out without it would be the wrong way out.
    pub fn from_vars(vars: &dyn Fn(&str) -> Option<String>) -> Result<Self, ProxyError> {
        let read = |upper, lower| {
            [upper, lower].into_iter().find_map(|name: &'static str| {
                Some((name, vars(name).filter(|value| !value.trim().is_empty())?))
            })
        };
        let proxy = |upper, lower| {
            let found = read(upper, lower);
            found.map(|(variable, value)| Said::read(variable, value.trim())).transpose()
        };
        let http = proxy("HTTP_PROXY", "http_proxy")?;
        let https = proxy("HTTPS_PROXY", "https_proxy")?;
        let all = proxy("ALL_PROXY", "all_proxy")?;
        let url =
            |said: &Option<Said>| said.as_ref().map_or("", |said| said.url.expose()).to_owned();
        let matcher = Matcher::builder()
            .http(url(&http))
            .https(url(&https))
            .all(url(&all))
            .no(read("NO_PROXY", "no_proxy").map_or_else(String::new, |(_, value)| value))
            .build();
        let known = Known { matcher, http, https, all };
        Ok(Self { known: Some(Arc::new(known)), takes_loopback: false })
    }

    /// The same proxies, for loopback origins too.
    #[must_use]
    pub fn for_loopback_too(self) -> Self {
        Self { takes_loopback: true, ..self }
    }

    /// The proxy on the way to `origin`.
    pub(crate) fn between(&self, origin: &Origin) -> Option<Proxy> {
        let host = origin.host();
        if !self.takes_loopback && is_loopback(host) {
            return None;
        }
        let uri =
            Uri::builder().scheme(origin.scheme().clone()).authority(host).path_and_query("/");
        Proxy::new(&self.known.as_ref()?.matcher.intercept(&uri.build().ok()?)?, origin.is_tls())
    }

    /// The proxy on the way to `origin`, as a URL with its login.
    pub(crate) fn url_between(&self, origin: &Origin) -> Option<&Secret> {
        self.between(origin)?;
        let known = self.known.as_ref()?;
        let own = if origin.is_tls() { &known.https } else { &known.http };
        own.as_ref().or(known.all.as_ref()).map(|said| &said.url)
    }

    /// Whether `host` is a proxy's.
    pub(crate) fn are_at(&self, host: &str) -> bool {
        let said = self.known.iter().flat_map(|known| [&known.http, &known.https, &known.all]);
        said.flatten().any(|said| said.host.eq_ignore_ascii_case(host))
    }
}

impl Said {
    fn read(variable: &'static str, value: &str) -> Result<Self, ProxyError> {
        let url = match value.contains("://") {
            true => value.to_owned(),
            false => format!("http://{value}"),
        };
        let found = Matcher::builder().all(url.as_str()).build();
        let found = found.intercept(&Uri::from_static("https://example.com"));
        // reqwest reads the same words by other rules, and goes without a proxy where it cannot.
        let is_url = Url::parse(&url).is_ok_and(|url| url.has_host());
        if let Some(proxy) = found.and_then(|found| Proxy::new(&found, true)).filter(|_| is_url) {
            Ok(Self { host: proxy.host, url: Secret::new(url) })
        } else {
            let value = match value.rsplit_once('@') {
                Some((_, place)) => format!("[REDACTED]@{place}"),
                None => value.to_owned(),
            };
            Err(ProxyError { variable, value })
        }
    }
}

/// A proxy, and what it is asked to do.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_tls: bool,
    pub(crate) work: Work,
}

/// What a proxy is asked to do.
#[derive(Clone)]
pub(crate) enum Work {
    /// Passes requests on, which name their origin: for origins without TLS.
    Forward(Option<HeaderValue>),
    /// Joins us to the origin, asked by `CONNECT`.
    Tunnel(Option<HeaderValue>),
    /// Joins us to the origin, asked in SOCKS5 by name or, if names are resolved here, by address.
    Socks { login: Option<(String, Secret)>, resolves_names: bool },
}

impl Proxy {
    fn new(found: &Intercept, is_origin_tls: bool) -> Option<Self> {
        let uri = found.uri();
        let scheme = uri.scheme_str()?;
        let (work, default_port) = match scheme {
            "socks5" | "socks5h" => {
                let login =
                    found.raw_auth().map(|(name, word)| (name.to_owned(), Secret::new(word)));
                (Work::Socks { login, resolves_names: scheme == "socks5h" }, 1080)
            }
            "http" | "https" => {
                let login = found.basic_auth().cloned();
                let work = if is_origin_tls { Work::Tunnel(login) } else { Work::Forward(login) };
                (work, if scheme == "https" { 443 } else { 80 })
            }
            _ => return None,
        };
        let host = uri.host()?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(default_port);
        Some(Self { host, port, is_tls: scheme == "https", work })
    }
}

/// Without its login.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (&self.work, self.is_tls) {
            (Work::Socks { .. }, _) => "socks5",
            (_, true) => "https",
            (_, false) => "http",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let is_address = |address: IpAddr| address.to_canonical().is_loopback();
    is_local_name(host) || host.parse().is_ok_and(is_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(vars: &[(&str, &str)], origin: &str) -> Option<String> {
        let vars = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let (origin, _) = Origin::split(origin).unwrap();
        Proxies::from_vars(&vars).unwrap().between(&origin).map(|proxy| proxy.to_string())
    }

    #[test]
    fn each_scheme_has_its_variable_and_all_stands_in() {
        let vars =
            [("HTTPS_PROXY", "http://a:1"), ("http_proxy", "b:2"), ("ALL_PROXY", "socks5h://c")];
        assert_eq!(between(&vars, "https://x.example").unwrap(), "http://a:1");
        assert_eq!(between(&vars, "http://x.example").unwrap(), "http://b:2");
        assert_eq!(between(&vars[1..], "https://x.example").unwrap(), "socks5://c:1080");
        assert_eq!(between(&[], "https://x.example"), None);
    }

    #[test]
    fn upper_case_wins_and_an_empty_value_is_none() {
        let vars = [("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:2")];
        assert_eq!(between(&vars, "https://x.example").unwrap(), "http://a:1");
        let vars = [("HTTPS_PROXY", " "), ("https_proxy", "http://b:2")];
        assert_eq!(between(&vars, "https://x.example").unwrap(), "http://b:2");
    }

    #[test]
    fn what_no_proxy_lists_is_reached_without() {
        let vars = [("ALL_PROXY", "http://a:1"), ("NO_PROXY", "corp.example, 10.0.0.0/8")];
        for near in ["https://corp.example", "https://api.corp.example", "http://10.1.2.3:80"] {
            assert_eq!(between(&vars, near), None, "{near}");
        }
        assert!(between(&vars, "https://notcorp.example").is_some());
        assert_eq!(between(&[vars[0], ("no_proxy", "*")], "https://x.example"), None);
    }

    #[test]
    fn loopback_is_not_proxied_unless_asked() {
        let vars = |name: &str| (name == "ALL_PROXY").then(|| "http://a:1".to_owned());
        let proxies = Proxies::from_vars(&vars).unwrap();
        for near in ["http://localhost:1", "http://a.localhost", "http://127.8.8.8", "http://[::1]"]
        {
            let (origin, _) = Origin::split(near).unwrap();
            assert!(proxies.between(&origin).is_none(), "{near}");
            assert!(proxies.clone().for_loopback_too().between(&origin).is_some(), "{near}");
        }
    }

    #[test]
    fn an_error_names_the_variable_and_not_the_password() {
        for bad in ["gopher://me:word@proxy", "socks4://me:word@proxy", "http://me:word@"] {
            let vars = |name: &str| (name == "https_proxy").then(|| bad.to_owned());
            let error = Proxies::from_vars(&vars).unwrap_err().to_string();
            assert!(error.starts_with("https_proxy: "), "{error}");
            assert!(!error.contains("me:word"), "{error}");
        }
    }
}
