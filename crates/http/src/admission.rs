//! Who is let in.

use std::net::{IpAddr, SocketAddr};

use ferro_access::{Denied, Doors};
use ferro_core::{Ingress, Principal, Problem};
use http::{HeaderMap, StatusCode, header};

/// Finds out who calls, and takes the key out of the headers so that nobody behind this sees it.
/// `is_inference` is whether the path is one that callers on this machine may use without a key.
pub(crate) fn admit(
    doors: &Doors,
    ingress: &Ingress,
    headers: &mut HeaderMap,
    (peer, is_inference): (Option<SocketAddr>, bool),
) -> Result<Principal, Problem> {
    let key = take_key(ingress, headers);
    let denied = match doors.keys.authenticate(key.as_deref()) {
        Ok(principal) => return Ok(principal),
        Err(denied) => denied,
    };
    // Client libraries insist on showing some key, so one that is unknown does not count here.
    if doors.is_open_to_this_machine && is_inference && is_this_machine(headers, peer) {
        return Ok(Principal::ANONYMOUS);
    }
    let hint = match doors.is_open_to_this_machine {
        true => "; the key was printed when the gateway started",
        false => "",
    };
    let code = match denied {
        Denied::Missing => "missing_api_key",
        Denied::Unknown => "invalid_api_key",
    };
    let message = format!("{denied}{hint}");
    Err(Problem::new(StatusCode::UNAUTHORIZED, "authentication_error", code, message))
}

/// Takes the caller's key out of the headers.
fn take_key(ingress: &Ingress, headers: &mut HeaderMap) -> Option<String> {
    let mut found = None;
    for name in ingress.credential_headers {
        let Some(value) = headers.remove(*name) else { continue };
        let text = value.to_str().unwrap_or_default();
        let key = match *name == header::AUTHORIZATION.as_str() {
            true => text.strip_prefix("Bearer ").unwrap_or_default(),
            false => text,
        };
        if found.is_none() && !key.is_empty() {
            found = Some(key.to_owned());
        }
    }
    found
}

/// A caller on this machine who came directly: no page in a browser (which sends an origin), no
/// proxy that speaks for somebody else, and no name that was made to lead here.
fn is_this_machine(headers: &HeaderMap, peer: Option<SocketAddr>) -> bool {
    peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
        && is_local_name(headers)
        && !headers.keys().any(|name| speaks_for_others(name.as_str()))
}

fn speaks_for_others(header: &str) -> bool {
    matches!(header, "origin" | "forwarded" | "via" | "x-real-ip")
        || header.starts_with("x-forwarded-")
}

fn is_local_name(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn is_local(peer: &str, pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_this_machine(&headers, peer.parse().ok())
    }

    #[test]
    fn only_a_direct_caller_of_a_local_name_is_on_this_machine() {
        for host in ["localhost", "LocalHost:8080", "127.0.0.1:8080", "127.8.8.8", "[::1]:8080"] {
            assert!(is_local("127.0.0.1:5", &[("host", host)]), "{host}");
            assert!(is_local("[::ffff:127.0.0.1]:5", &[("host", host)]), "{host}");
            assert!(!is_local("10.0.0.1:5", &[("host", host)]), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "10.0.0.1", "[fe80::1]"] {
            assert!(!is_local("127.0.0.1:5", &[("host", host)]), "{host}");
        }
        for proxied in
            ["origin", "forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-prefix"]
        {
            assert!(
                !is_local("127.0.0.1:5", &[("host", "localhost"), (proxied, "x")]),
                "{proxied}"
            );
        }
    }
}
