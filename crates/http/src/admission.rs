//! Who is let in.

use std::net::{IpAddr, SocketAddr};

use ferro_access::Keyring;
use ferro_core::{Ingress, Principal, Problem};
use http::{HeaderMap, StatusCode, header};

/// How the doors of one data plane stand.
#[derive(Clone, Debug)]
pub struct Doors {
    /// The keys that open them.
    pub keys: Keyring,
    /// Whether a caller on this machine is let in without a key: for a first try, where no key is
    /// configured.
    pub is_open_to_this_machine: bool,
}

impl Doors {
    pub(crate) fn admit(
        &self,
        ingress: &Ingress,
        headers: &mut HeaderMap,
        peer: Option<SocketAddr>,
    ) -> Result<Principal, Problem> {
        let key = take_key(ingress, headers);
        let is_local = self.is_open_to_this_machine && is_this_machine(headers, peer);
        if key.is_none() && is_local {
            return Ok(Principal::ANONYMOUS);
        }
        self.keys.authenticate(key.as_deref()).or_else(|denied| {
            if is_local {
                return Ok(Principal::ANONYMOUS); // client libraries insist on showing some key
            }
            let hint = match self.is_open_to_this_machine {
                true => "; the key was printed when the gateway started",
                false => "",
            };
            let code = match denied {
                ferro_access::Denied::Missing => "missing_api_key",
                ferro_access::Denied::Unknown => "invalid_api_key",
            };
            let message = format!("{denied}{hint}");
            Err(Problem::new(StatusCode::UNAUTHORIZED, "authentication_error", code, message))
        })
    }
}

/// Takes the caller's key out of the headers, so that nobody behind this sees it.
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
    const SPEAKS_FOR_OTHERS: [&str; 6] =
        ["origin", "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let is_local_name = name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
        && is_local_name
        && !SPEAKS_FOR_OTHERS.iter().any(|name| headers.contains_key(*name))
}
