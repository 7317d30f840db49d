//! When an upstream says to come back, in every form in use.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

/// Resets that are further away than this describe a quota, not a pause.
const FURTHEST_RESET: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads the wait that `headers` ask for, most precise form first: milliseconds
/// (`retry-after-ms`, `x-ms-retry-after-ms`), then `Retry-After` in seconds or as a date, then the
/// latest of the rate-limit resets whose budget is spent.
pub fn read(headers: &HeaderMap) -> Option<Duration> {
    read_at(headers, SystemTime::now())
}

fn read_at(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = |name| text(name)?.parse::<f64>().ok().and_then(|ms| positive(ms / 1e3));
    millis("retry-after-ms")
        .or_else(|| millis("x-ms-retry-after-ms"))
        .or_else(|| seconds_or_date(text("retry-after")?, now))
        .or_else(|| spent_budgets(headers, now))
        .or_else(|| {
            // A reset beside a budget that is not spent says nothing about this failure.
            let is_spent = text("x-ratelimit-remaining").is_none_or(|left| left == "0");
            unix_or_span(text("x-ratelimit-reset").filter(|_| is_spent)?, now)
        })
        .filter(|wait| *wait <= FURTHEST_RESET)
}

/// `x-ratelimit-remaining-requests: 0` with `x-ratelimit-reset-requests: 6m0s`, and the
/// `anthropic-ratelimit-*` family, whose resets are RFC 3339 instants.
fn spent_budgets(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let mut longest = None;
    for (name, value) in headers {
        let (name, Ok(value)) = (name.as_str(), value.to_str()) else { continue };
        let (reset, remaining) = if let Some(what) = name.strip_prefix("x-ratelimit-reset-") {
            (span(value), format!("x-ratelimit-remaining-{what}"))
        } else if let Some(what) =
            name.strip_prefix("anthropic-ratelimit-").and_then(|rest| rest.strip_suffix("-reset"))
        {
            let reset = instant(value).and_then(|at| at.duration_since(now).ok());
            (reset, format!("anthropic-ratelimit-{what}-remaining"))
        } else {
            continue;
        };
        if headers.get(&remaining).is_none_or(|left| left.as_bytes() == b"0") {
            longest = longest.max(reset);
        }
    }
    longest
}

fn seconds_or_date(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return positive(seconds);
    }
    httpdate::parse_http_date(text).ok()?.duration_since(now).ok()
}

/// `x-ratelimit-reset`: an instant in seconds since 1970, or a span in seconds.
fn unix_or_span(text: &str, now: SystemTime) -> Option<Duration> {
    const YEAR_2001: f64 = 1e9;
    let Ok(number) = text.parse::<f64>() else { return span(text) };
    // Some count in milliseconds; no span of seconds is that large.
    let seconds = if number > 1e12 { number / 1e3 } else { number };
    let wait = positive(seconds)?;
    if seconds < YEAR_2001 {
        return Some(wait);
    }
    SystemTime::UNIX_EPOCH.checked_add(wait)?.duration_since(now).ok()
}

/// A span such as `6m0s`, `1.5s`, `120ms`, `2h3m`.
pub fn span(text: &str) -> Option<Duration> {
    let (mut rest, mut total) = (text.trim(), 0.0);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit = &rest[digits..];
        let (unit, seconds) =
            [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0)]
                .into_iter()
                .find(|(name, _)| unit.starts_with(name))?;
        total += number * seconds;
        rest = &rest[digits + unit.len()..];
    }
    positive(total)
}

fn positive(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// An RFC 3339 instant, to the second: `2026-11-24T05:00:00Z`, with a fraction or an offset.
pub fn instant(text: &str) -> Option<SystemTime> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let zone = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone.as_bytes() {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), ..] => {
            let (hours, minutes) = zone[1..].split_once(':')?;
            let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
            let minutes = i64::from(hours) * 60 + i64::from(minutes);
            if *sign == b'+' { minutes * 60 } else { -minutes * 60 }
        }
        _ => return None,
    };
    let seconds = ((days(year, month, day)? * 24 + hour) * 60 + minute) * 60 + second - offset;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March put the leap day last, which makes months a straight line.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(pairs: &[(&'static str, &'static str)]) -> Option<Duration> {
        let now = instant("2026-11-24T05:00:00Z").unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        read_at(&headers, now)
    }

    #[test]
    fn every_form_in_use_is_read() {
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(wait(&[("retry-after", "2")]), seconds(2));
        assert_eq!(wait(&[("retry-after", "Tue, 24 Nov 2026 05:00:07 GMT")]), seconds(7));
        assert_eq!(
            wait(&[("retry-after-ms", "1500"), ("retry-after", "2")]).unwrap().as_millis(),
            1500
        );
        assert_eq!(wait(&[("x-ms-retry-after-ms", "3000")]), seconds(3));
        assert_eq!(wait(&[("x-ratelimit-reset-tokens", "6m0s")]), seconds(360));
        assert_eq!(
            wait(&[("x-ratelimit-reset-requests", "120ms")]),
            Some(Duration::from_millis(120))
        );
        assert_eq!(
            wait(&[("anthropic-ratelimit-tokens-reset", "2026-11-24T05:00:30+00:00")]),
            seconds(30)
        );
        assert_eq!(wait(&[("x-ratelimit-reset", "1795496410")]), seconds(10));
        assert_eq!(wait(&[("x-ratelimit-reset", "9")]), seconds(9));
    }

    #[test]
    fn only_spent_budgets_count() {
        let headers = [
            ("x-ratelimit-remaining-requests", "10"),
            ("x-ratelimit-reset-requests", "1h"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "4s"),
        ];
        assert_eq!(wait(&headers), Some(Duration::from_secs(4)));
        let left = [("x-ratelimit-remaining", "99"), ("x-ratelimit-reset", "3600")];
        assert_eq!(wait(&left), None);
    }

    #[test]
    fn nonsense_is_no_advice() {
        for text in ["", "soon", "-1", "NaN", "1e400", "Tue, 24 Nov 2020 05:00:07 GMT"] {
            assert_eq!(wait(&[("retry-after", text)]), None, "{text}");
        }
        assert_eq!(wait(&[("retry-after", "999999999")]), None);
        for text in ["1e21", "1e22", "1e300", "-1", "18446744073709551615"] {
            assert_eq!(wait(&[("x-ratelimit-reset", text)]), None, "{text}");
        }
        for text in ["2026-11-24T05:00:30+9223372036854775807:00", "9999-99-99T99:99:99Z", "+"] {
            assert_eq!(wait(&[("anthropic-ratelimit-tokens-reset", text)]), None, "{text}");
        }
    }
}
