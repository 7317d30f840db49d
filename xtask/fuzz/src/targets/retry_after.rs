//! When an upstream says to come back: headers in every form, spans, instants.

use std::time::{Duration, SystemTime};

use ferro_core::retry_after;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Target;

pub(crate) static TARGETS: &[Target] = &[Target { name: "retry-after", run, seeds: &[] }];

/// The longest wait that is advice about a failure rather than a quota.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A header a line, `name: value`; and each line as a span and as an instant.
fn run(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let at = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = (&line[..at], line.get(at + 1..).unwrap_or_default());
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
        let Ok(line) = std::str::from_utf8(line) else { continue };
        if let Some(span) = retry_after::span(line) {
            assert_eq!(Some(span), retry_after::span(line.trim()));
        }
        let at = retry_after::instant(line);
        assert!(at.is_none_or(|at| at >= SystemTime::UNIX_EPOCH));
    }
    assert!(retry_after::read(&headers).is_none_or(|wait| wait <= LONGEST));
}
