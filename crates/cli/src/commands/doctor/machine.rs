//! What the machine allows and believes: proxies, descriptors, the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Check;
use crate::Surroundings;

/// Each request under way holds two descriptors: one towards the client, one towards the vendor.
const FEW_DESCRIPTORS: u64 = 4096;
/// Clocks that differ by more than this disagree about what is expired.
const SKEW: Duration = Duration::from_secs(60);

/// The proxies that the environment names. Names only: a proxy's address may hold a password.
pub(super) fn proxies(around: &Surroundings) -> Check {
    let known = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
    let either = known.into_iter().flat_map(|name| [name.to_owned(), name.to_ascii_lowercase()]);
    let set: Vec<_> = either.filter(|name| around.var(name).is_some()).collect();
    match set.is_empty() {
        true => Check::ok("proxy", "none is set"),
        false => Check::ok("proxy", format!("{} set", set.join(", "))),
    }
}

/// How many connections the process may have.
#[cfg(unix)]
pub(super) fn descriptors() -> Check {
    use rustix::process::{Resource, getrlimit};
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < FEW_DESCRIPTORS => Check::warning(
            "descriptors",
            format!("{limit}: enough for {} requests at once (raise `ulimit -n`)", limit / 2),
        ),
        Some(limit) => Check::ok("descriptors", limit.to_string()),
        None => Check::ok("descriptors", "unlimited"),
    }
}

/// Elsewhere there is no such limit to ask for.
#[cfg(not(unix))]
pub(super) fn descriptors() -> Check {
    Check::ok("descriptors", "not limited here")
}

/// Whether this machine's clock can be right: not before the build was written, and not far from the
/// gateway's, if one answered. A wrong clock fails certificates and sessions.
pub(super) fn clock(there: Option<SystemTime>) -> Check {
    let written = env!("FERRO_EPOCH").parse().ok().map(|s| UNIX_EPOCH + Duration::from_secs(s));
    judged(SystemTime::now(), written, there)
}

fn judged(now: SystemTime, written: Option<SystemTime>, there: Option<SystemTime>) -> Check {
    let shown = httpdate::fmt_http_date(now);
    if written.is_some_and(|written| now + SKEW < written) {
        return Check::failed("clock", format!("{shown}: that is before this build was written"));
    }
    let apart = there.map(|there| now.duration_since(there).unwrap_or_else(|e| e.duration()));
    match apart.filter(|apart| *apart > SKEW) {
        Some(apart) => {
            let seconds = apart.as_secs();
            Check::warning("clock", format!("{shown}: {seconds} s apart from the gateway's"))
        }
        None => Check::ok("clock", shown),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_clock_is_doubted_for_a_reason() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let status = |written, there| judged(at(10_000), written, there).status;
        assert_eq!(status(None, None), Status::Ok);
        assert_eq!(status(Some(at(9_000)), Some(at(10_050))), Status::Ok);
        assert_eq!(status(Some(at(20_000)), None), Status::Failed);
        assert_eq!(status(None, Some(at(9_000))), Status::Warning);
        assert_eq!(status(None, Some(at(11_000))), Status::Warning);
    }
}
