//! Replies and problems as a client reads them.

use std::time::Duration;

use ferro_core::{Head, Ingress, Problem, Surface, TargetId, Whole};
use ferro_gateway::{Answer, AnswerBody};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use smallvec::SmallVec;

use crate::{
    byte_body::ByteBody,
    outbound::Outbound,
    stream::{EventBody, Pending},
    unsaid,
};

/// Headers by which upstreams name a request of ours.
const UPSTREAM_IDS: [&str; 3] = ["x-request-id", "request-id", "x-amzn-requestid"];
static UPSTREAM_ID: HeaderName = HeaderName::from_static("x-upstream-request-id");
static PROVIDER: HeaderName = HeaderName::from_static("x-gateway-provider");
static OVERHEAD: HeaderName = HeaderName::from_static("x-gateway-overhead-ms");
static UNSAID: HeaderName = HeaderName::from_static("x-ferro-unsaid");
/// What an upstream says of bytes that are handed on as they are.
const OWN: [HeaderName; 2] = [header::CONTENT_TYPE, header::CONTENT_LENGTH];
static ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(crate) fn answer<S: Surface>(
    ingress: &'static Ingress,
    answer: Answer<S>,
    keep_alive: Duration,
) -> Response<Outbound> {
    let Head { status, mut headers } = answer.head;
    // The upstream's own map becomes the reply's, and hyper's for the next request after that.
    let mut shown = Shown::new();
    let is_bytes = matches!(answer.body, AnswerBody::Bytes(_));
    let own = is_bytes.then(|| OWN.map(|name| headers.remove(name)));
    take_shown(ingress, &mut headers, &mut shown);
    let body = match answer.body {
        AnswerBody::Whole(whole) => {
            headers.insert(header::CONTENT_TYPE, whole.content_type());
            whole.into_body().into()
        }
        AnswerBody::Bytes(bytes) => {
            announce_bytes(own, &mut headers);
            ByteBody::new(bytes).into()
        }
        AnswerBody::Stream(events) => {
            announce_stream(ingress, &mut headers);
            EventBody::new(events, ingress, keep_alive).into()
        }
    };
    put(&mut shown, &mut headers);
    if let Some(target) = &answer.target {
        name_provider(&mut headers, target);
    }
    if let Some(variant) =
        answer.variant.as_deref().and_then(|name| HeaderValue::from_str(name).ok())
    {
        headers.insert("x-ferro-variant", variant);
    }
    if let Some(unsaid) = unsaid::header(&answer.unsaid) {
        headers.insert(UNSAID.clone(), unsaid);
    }
    headers.insert(OVERHEAD.clone(), milliseconds(answer.overhead));
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// A stream that begins before any target has answered.
pub(crate) fn pending(
    ingress: &'static Ingress,
    events: Pending,
    keep_alive: Duration,
) -> Response<Outbound> {
    let mut response = Response::new(EventBody::pending(events, ingress, keep_alive).into());
    announce_stream(ingress, response.headers_mut());
    response
}

fn announce_stream(ingress: &Ingress, headers: &mut HeaderMap) {
    let content_type = HeaderValue::from_static(ingress.stream_content_type);
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies in front of us are asked not to collect what should flow.
    headers.insert(ACCEL_BUFFERING.clone(), HeaderValue::from_static("no"));
}

/// Bytes have the content type that their upstream gave them, and the length if it told that.
fn announce_bytes(own: Option<[Option<HeaderValue>; 2]>, headers: &mut HeaderMap) {
    let [kind, length] = own.unwrap_or_default();
    let unknown = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, kind.unwrap_or(unknown));
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length);
    }
    headers.insert(ACCEL_BUFFERING.clone(), HeaderValue::from_static("no"));
}

pub(crate) fn problem(ingress: &Ingress, problem: &Problem) -> Response<Outbound> {
    let mut response = Response::new(Outbound::from((ingress.error)(problem)));
    *response.status_mut() = problem.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if problem.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(upstream) = &problem.upstream {
        let mut shown = Shown::new();
        take_shown(ingress, &mut upstream.headers.clone(), &mut shown);
        put(&mut shown, headers);
    }
    if let Some(target) = &problem.target {
        name_provider(headers, target);
    }
    if let Some(overhead) = problem.overhead {
        headers.insert(OVERHEAD.clone(), milliseconds(overhead));
    }
    if let Some(wait) = problem.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Headers on their way from one map to another. It is large, and stays where it was made.
type Shown = SmallVec<[(HeaderName, HeaderValue); 8]>;

/// Empties an upstream's map, and keeps what clients of this dialect may see, and its own name for the
/// request.
fn take_shown(ingress: &Ingress, headers: &mut HeaderMap, shown: &mut Shown) {
    let mut name = None;
    for (next, value) in headers.drain() {
        // A header is named with the first of its values only.
        if let Some(next) = next {
            name = shown_as(ingress, next);
        }
        if let Some(name) = &name {
            shown.push((name.clone(), value));
        }
    }
}

fn shown_as(ingress: &Ingress, name: HeaderName) -> Option<HeaderName> {
    if ingress.shows(name.as_str()) {
        return Some(name);
    }
    UPSTREAM_IDS.contains(&name.as_str()).then(|| UPSTREAM_ID.clone())
}

fn put(shown: &mut Shown, headers: &mut HeaderMap) {
    for (name, value) in shown.drain(..) {
        // An upstream that names a request twice is taken at its last word.
        if name == UPSTREAM_ID {
            headers.insert(name, value);
        } else {
            headers.append(name, value);
        }
    }
}

/// A time in milliseconds, to the microsecond: `1.250`.
fn milliseconds(time: Duration) -> HeaderValue {
    // Twenty digits are the most that a `u64` has; one more for the point.
    let mut text = [b'0'; 21];
    let mut rest = u64::try_from((time.as_nanos() + 500) / 1000).unwrap_or(u64::MAX);
    let mut at = text.len();
    // Three digits stand behind the point, and at least one before it.
    while rest > 0 || at > text.len() - 5 {
        at -= 1;
        if at == text.len() - 4 {
            text[at] = b'.';
            continue;
        }
        text[at] += u8::try_from(rest % 10).expect("a digit is small");
        rest /= 10;
    }
    HeaderValue::from_bytes(&text[at..]).expect("digits may stand in a header")
}

/// Says who answered, where that can stand in a header.
fn name_provider(headers: &mut HeaderMap, target: &TargetId) {
    if let Ok(name) = HeaderValue::from_str(target) {
        headers.insert(PROVIDER.clone(), name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_to_the_microsecond() {
        for (nanoseconds, text) in [
            (0, "0.000"),
            (499, "0.000"),
            (500, "0.001"),
            (42_000, "0.042"),
            (999_999, "1.000"),
            (1_250_400, "1.250"),
            (61_000_000_000, "61000.000"),
            (u64::MAX, "18446744073709.552"),
        ] {
            assert_eq!(milliseconds(Duration::from_nanos(nanoseconds)), text);
        }
        assert_eq!(milliseconds(Duration::MAX), "18446744073709551.615");
    }

    #[test]
    fn what_an_upstream_says_is_shown_in_its_order_and_only_what_is_listed() {
        let ingress =
            Ingress { reply_headers: &["x-ratelimit-*", "seen"], ..ferro_dialect_openai::INGRESS };
        let pairs = [
            ("connection", "close"),
            ("x-ratelimit-a", "1"),
            ("seen", "2"),
            ("x-ratelimit-a", "3"),
            ("request-id", "first"),
            ("x-request-id", "last"),
            ("set-cookie", "4"),
        ];
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut shown = Shown::new();
        take_shown(&ingress, &mut headers, &mut shown);
        assert!(headers.is_empty());
        put(&mut shown, &mut headers);
        let seen: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let wanted = [
            ("x-ratelimit-a", "1"),
            ("x-ratelimit-a", "3"),
            ("seen", "2"),
            ("x-upstream-request-id", "last"),
        ];
        assert_eq!(seen, wanted);
    }
}
