//! One step on the way to media: where it leads, and whether it may.

use http::{Response, StatusCode, Uri, header};

use super::FetchPolicy;
use crate::excerpt;

/// A place that is asked for media.
pub(super) struct Hop(pub(super) Uri);

impl Hop {
    /// Where a request says that its media are.
    pub(super) fn first(url: &str) -> Result<Self, String> {
        parsed(url)
    }

    /// Whether this place may be asked. Where its name leads is checked by whoever dials it.
    pub(super) fn check(&self, policy: &FetchPolicy) -> Result<(), String> {
        let Self(uri) = self;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err("it is no http or https URL".to_owned());
        }
        let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        if authority.contains('@') {
            return Err("a URL with a name or password in it is not fetched".to_owned());
        }
        let host = uri.host().unwrap_or_default();
        if !policy.allows(host) {
            let host = excerpt(host);
            return Err(format!("`{host}` is not among the hosts of media.fetch.hosts"));
        }
        Ok(())
    }

    /// Where an answer leads further; `None` if it does not.
    pub(super) fn onward<B>(&self, answer: &Response<B>) -> Result<Option<Self>, String> {
        const LEADS: [StatusCode; 5] = [
            StatusCode::MOVED_PERMANENTLY,
            StatusCode::FOUND,
            StatusCode::SEE_OTHER,
            StatusCode::TEMPORARY_REDIRECT,
            StatusCode::PERMANENT_REDIRECT,
        ];
        if !LEADS.contains(&answer.status()) {
            return Ok(None);
        }
        let location = answer.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let next = self.joined(location.ok_or("it is redirected, and not told where to")?)?;
        if self.0.scheme_str() == Some("https") && next.0.scheme_str() != Some("https") {
            return Err("it is redirected from https to another scheme".to_owned());
        }
        Ok(Some(next))
    }

    /// A reference, seen from here.
    fn joined(&self, reference: &str) -> Result<Self, String> {
        let reference = reference.trim().split('#').next().unwrap_or_default();
        let (scheme, authority) = (self.0.scheme_str(), self.0.authority());
        let (scheme, authority) =
            (scheme.unwrap_or_default(), authority.map_or("", |a| a.as_str()));
        let has_scheme = reference.split(['/', '?']).next().is_some_and(|head| head.contains(':'));
        let path = self.0.path();
        let url = if has_scheme {
            reference.to_owned()
        } else if reference.starts_with("//") {
            format!("{scheme}:{reference}")
        } else if reference.starts_with('/') {
            format!("{scheme}://{authority}{reference}")
        } else if reference.starts_with('?') {
            format!("{scheme}://{authority}{path}{reference}")
        } else {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{scheme}://{authority}{folder}/{reference}")
        };
        parsed(&url)
    }
}

fn parsed(url: &str) -> Result<Hop, String> {
    // What stands behind it is for whoever reads the media, and is not sent.
    let url = url.split('#').next().unwrap_or_default();
    url.parse().map(Hop).map_err(|error| format!("it is no URL: {error}"))
}

/// A URL for an error: without what may be a key.
pub(super) fn shown(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (before, after) = url.split_at(end);
    let mut shown = match (before.find("://"), before.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            format!("{}…{}", &before[..scheme + 3], &before[at..])
        }
        _ => before.to_owned(),
    };
    shown = excerpt(&shown).into_owned();
    if !after.is_empty() {
        shown.push_str("?…");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_read_as_a_browser_reads_it_and_leads_to_no_lesser_scheme() {
        let from = Hop::first("https://a.test:8443/x/y.png?key=1#frag").unwrap();
        assert_eq!(from.0, "https://a.test:8443/x/y.png?key=1");
        for (location, leads) in [
            ("https://b.test/z", "https://b.test/z"),
            ("//b.test/z", "https://b.test/z"),
            ("/z?a=b#c", "https://a.test:8443/z?a=b"),
            ("z.png", "https://a.test:8443/x/z.png"),
            ("?b=2", "https://a.test:8443/x/y.png?b=2"),
        ] {
            let answer = Response::builder().status(302).header("location", location);
            let next = from.onward(&answer.body(()).unwrap()).unwrap().unwrap();
            assert_eq!(next.0, leads);
        }
        for bad in ["http://b.test/z", "ftp://b.test/", "file:///etc/passwd", "https://", "\u{e9}"]
        {
            let answer = Response::builder().status(307).header("location", bad);
            let next = from.onward(&answer.body(()).unwrap());
            assert!(next.is_err(), "{bad}");
        }
        let answer = Response::builder().status(304).body(()).unwrap();
        assert!(from.onward(&answer).unwrap().is_none());
    }

    #[test]
    fn hosts_are_allowed_with_those_below_them() {
        let mut policy = FetchPolicy::default();
        let check =
            |policy: &FetchPolicy, url: &str| Hop::first(url).unwrap().check(policy).is_ok();
        assert!(check(&policy, "http://any.test/"));
        policy.hosts = vec!["Example.com".to_owned(), "cdn.test.".to_owned()];
        for allowed in ["https://example.COM/", "https://a.b.example.com./x", "http://cdn.test:81/"]
        {
            assert!(check(&policy, allowed), "{allowed}");
        }
        for refused in [
            "https://badexample.com/",
            "https://example.com.evil.test/",
            "https://example.com@evil.test/",
            "https://evil.test/example.com",
            "https://me:pw@example.com/",
            "ftp://example.com/",
            "/example.com",
            "https://xample.com/",
        ] {
            assert!(!check(&policy, refused), "{refused}");
        }
    }

    #[test]
    fn what_is_shown_of_a_url_holds_no_key() {
        for (url, shows) in [
            ("https://h/x.png?sig=secret", "https://h/x.png?…"),
            ("https://me:pw@h/x#secret", "https://…@h/x?…"),
            ("https://h/x.png", "https://h/x.png"),
        ] {
            assert_eq!(shown(url), shows);
        }
        assert!(shown(&format!("https://h/{}", "x".repeat(9_000))).len() < 150);
    }
}
