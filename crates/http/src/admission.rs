//! Who is let in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ferro_access::{Denied, Doors};
use ferro_core::{Ingress, Principal, Problem};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header, request::Parts};

use crate::plane::Dialect;

/// A header that may carry a caller's key.
pub(crate) struct Credential {
    name: HeaderName,
    /// Whether the key stands behind a scheme.
    has_scheme: bool,
}

impl Credential {
    /// A dialect's, in order of preference.
    pub(crate) fn of(ingress: &Ingress) -> Vec<Self> {
        // In any case; and a name that no header can have is in no request.
        let names = ingress.credential_headers.iter().filter_map(|name| name.parse().ok());
        names
            .map(|name: HeaderName| Self { has_scheme: name == header::AUTHORIZATION, name })
            .collect()
    }

    fn key<'a>(&self, value: &'a HeaderValue) -> &'a str {
        let text = value.to_str().unwrap_or_default();
        if self.has_scheme { behind_bearer(text) } else { text }
    }
}

/// Finds out who calls, and takes the key out of the headers so that nobody behind this sees it.
/// `is_inference` is whether the path is one that callers on this machine may use without a key.
pub(crate) fn admit(
    doors: &Doors,
    dialect: &Dialect,
    (head, peer): (&mut Parts, Option<SocketAddr>),
    is_inference: bool,
) -> Result<Principal, Problem> {
    let shown = take_key(&dialect.credentials, &mut head.headers);
    let key = shown.as_ref().map(|(credential, value)| credential.key(value));
    let denied = match doors.keys.authenticate(key) {
        Ok(principal) => return Ok(principal),
        Err(denied) => denied,
    };
    // Client libraries insist on showing some key, so one that is unknown does not count here.
    if is_inference
        && (doors.is_inference_open || doors.is_open_to_this_machine && is_this_machine(head, peer))
    {
        return Ok(Principal::ANONYMOUS);
    }
    let hint = match doors.is_open_to_this_machine {
        true => "; the key was printed to standard error when the gateway started",
        false => "",
    };
    let code = match denied {
        Denied::Missing => "missing_api_key",
        Denied::Unknown => "invalid_api_key",
    };
    let message = format!("{denied}{hint}");
    Err(Problem::new(StatusCode::UNAUTHORIZED, "authentication_error", code, message))
}

/// Takes every key out of the headers. The caller's is the first that is not empty.
fn take_key<'a>(
    credentials: &'a [Credential],
    headers: &mut HeaderMap,
) -> Option<(&'a Credential, HeaderValue)> {
    let mut found = None;
    for credential in credentials {
        if let Some(value) = headers.remove(&credential.name)
            && found.is_none()
            && !credential.key(&value).is_empty()
        {
            found = Some((credential, value));
        }
    }
    found
}

/// What stands behind the scheme, whose case does not matter.
fn behind_bearer(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim_ascii(),
        _ => "",
    }
}

/// A caller on this machine who came directly: no page in a browser (which sends an origin, or says
/// that it asks across sites), no proxy that speaks for somebody else, and no name that was made to
/// lead here.
fn is_this_machine(head: &Parts, peer: Option<SocketAddr>) -> bool {
    peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
        // Programs speak 1.1 or more. What still speaks 1.0 is a proxy that was told nothing, and
        // that adds no header by which it could be known.
        && head.version > Version::HTTP_10
        && asks_for_local_name(head)
        && !head.headers.keys().any(|name| speaks_for_others(name.as_str()))
        && !is_across_sites(&head.headers)
}

fn speaks_for_others(header: &str) -> bool {
    const NAMES: [&str; 9] = [
        "origin",
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "cf-connecting-ip",
        "true-client-ip",
    ];
    NAMES.contains(&header) || header.starts_with("x-forwarded-")
}

fn is_across_sites(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "none" && site != "same-origin")
}

/// Whether everything that names the host names this machine: the request target, where it has a
/// host (a proxy's form, or HTTP/2, which needs no header), and every `host` header.
fn asks_for_local_name(head: &Parts) -> bool {
    let target = head.uri.authority().map(http::uri::Authority::as_str);
    let hosts = head.headers.get_all(header::HOST).iter();
    let mut named = target.into_iter().chain(hosts.map(|host| host.to_str().unwrap_or_default()));
    let first = named.next().is_some_and(is_local_name);
    first && named.all(is_local_name)
}

fn is_local_name(host: &str) -> bool {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((address, port)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
            && address
                .parse::<Ipv6Addr>()
                .is_ok_and(|address| IpAddr::from(address).to_canonical().is_loopback());
    }
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    is_port(port)
        && (name.eq_ignore_ascii_case("localhost")
            || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1:5";

    fn head(uri: &str, pairs: &[(&str, &str)]) -> Parts {
        let request = pairs
            .iter()
            .fold(http::Request::get(uri), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    /// Whether a request from `peer` is one from this machine.
    fn is_local_of(head: &Parts, peer: &str) -> bool {
        is_this_machine(head, Some(peer.parse().unwrap()))
    }

    fn is_local(peer: &str, pairs: &[(&str, &str)]) -> bool {
        is_local_of(&head("/v1/models", pairs), peer)
    }

    #[test]
    fn only_a_direct_caller_of_a_local_name_is_on_this_machine() {
        for host in [
            "localhost",
            "LocalHost:8080",
            "127.0.0.1:8080",
            "127.8.8.8",
            "[::1]:8080",
            "[::1]",
            "[::ffff:127.0.0.1]:80",
        ] {
            assert!(is_local(HERE, &[("host", host)]), "{host}");
            assert!(is_local("[::1]:5", &[("host", host)]), "{host}");
            assert!(is_local("[::ffff:127.0.0.1]:5", &[("host", host)]), "{host}");
            assert!(!is_local("10.0.0.1:5", &[("host", host)]), "{host}");
            assert!(!is_local("[::ffff:10.0.0.1]:5", &[("host", host)]), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "[fe80::1]",
            "[::1].evil.example",
            "[::1",
            "::1",
            "localhost:evil",
            "localhost@evil.example",
            "0.0.0.0",
        ] {
            assert!(!is_local(HERE, &[("host", host)]), "{host}");
        }
        assert!(!is_local(HERE, &[]));
        assert!(!is_local(HERE, &[("host", "localhost"), ("host", "evil.example")]));
    }

    #[test]
    fn whoever_speaks_for_somebody_else_is_not() {
        for proxied in [
            "Origin",
            "Forwarded",
            "Via",
            "X-Real-IP",
            "X-Forwarded-For",
            "X-Forwarded-Prefix",
            "CF-Connecting-IP",
        ] {
            assert!(!is_local(HERE, &[("host", "localhost"), (proxied, "")]), "{proxied}");
        }
        let site = |site| is_local(HERE, &[("host", "localhost"), ("sec-fetch-site", site)]);
        assert!(site("none") && site("same-origin") && !site("cross-site") && !site("same-site"));
        let mut old = head("/v1/models", &[("host", "localhost")]);
        assert!(is_local_of(&old, HERE));
        old.version = Version::HTTP_10;
        assert!(!is_local_of(&old, HERE));
        old.version = Version::HTTP_11;
        assert!(!is_this_machine(&old, None), "nobody knows from where");
    }

    #[test]
    fn a_host_in_the_target_counts_as_one_in_the_header_does() {
        let local = "http://localhost:8080/v1/models";
        let evil = "http://evil.example/v1/models";
        for (uri, host, is_here) in [
            (local, None, true),
            (local, Some("localhost"), true),
            (local, Some("evil.example"), false),
            (evil, None, false),
            (evil, Some("localhost"), false),
            ("http://localhost@evil.example/v1/models", Some("localhost"), false),
        ] {
            let pairs: Vec<_> = host.into_iter().map(|host| ("host", host)).collect();
            assert_eq!(is_local_of(&head(uri, &pairs), HERE), is_here, "{uri} {host:?}");
        }
    }

    #[test]
    fn the_case_of_the_scheme_does_not_matter_and_another_scheme_is_no_key() {
        for (text, key) in [
            ("Bearer sk-1", "sk-1"),
            ("bearer sk-1", "sk-1"),
            ("BEARER  sk-1 ", "sk-1"),
            ("Basic c2stMQ==", ""),
            ("Bearer", ""),
            ("sk-1", ""),
        ] {
            assert_eq!(behind_bearer(text), key, "{text}");
        }
    }
}
