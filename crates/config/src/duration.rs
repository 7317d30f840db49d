//! How long something may take, as it is typed: `30s`, `1m30s`, `500ms`.

use std::{fmt, time::Duration};

use serde::{Deserializer, Serializer, de};

use crate::finding::repeated;

/// What a duration looks like, for messages.
const LOOKS_LIKE: &str = "a duration such as `30s`, `1m30s` or `500ms`";

/// The units, longest name first among those that begin alike, with their nanoseconds.
const UNITS: &[(&str, f64)] = &[
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 6e10),
    ("h", 3.6e12),
];

/// Reads numbers with units, one after the other: the notation of Go's `time.ParseDuration`,
/// except that nothing may be negative. The error says what is wrong and what would be right.
pub fn parse(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let refuse = |why: &str| Err(format!("`{}` is not {LOOKS_LIKE}: {why}", repeated(text)));
    if text.starts_with('-') {
        return refuse("it must not be negative");
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest.is_empty() {
        return refuse("it is empty");
    }
    let mut nanos = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let Ok(number) = number.parse::<f64>() else {
            return refuse("a number is missing");
        };
        let letters = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let why = if unit.is_empty() { "a unit is missing" } else { "the unit is not known" };
            return refuse(&format!("{why}; units are ns, us, ms, s, m, h"));
        };
        nanos += number * scale;
        rest = behind;
    }
    // As far as Go's own durations reach: 292 years.
    if nanos > 9.2e18 {
        return refuse("it is too long");
    }
    Ok(Duration::from_nanos(to_whole(nanos)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has refused what is negative or too large"
)]
fn to_whole(nanos: f64) -> u64 {
    nanos.round() as u64
}

/// Writes a duration so that [`parse`] reads the same: the largest unit that divides it.
pub(crate) fn format(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let units = [(3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s")];
    let units = units.into_iter().chain([(1_000_000, "ms"), (1_000, "us")]);
    for (scale, unit) in units {
        if nanos > 0 && nanos.is_multiple_of(scale) {
            return format!("{}{unit}", nanos / scale);
        }
    }
    if nanos == 0 { "0s".to_owned() } else { format!("{nanos}ns") }
}

pub(crate) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(*value))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    from.deserialize_any(Typed)
}

/// The same for a key that may be absent.
pub(crate) mod option {
    use super::{Deserializer, Duration, Serializer, Typed};

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        from.deserialize_any(Typed).map(Some)
    }
}

struct Typed;

impl de::Visitor<'_> for Typed {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LOOKS_LIKE)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }

    /// Of no time at all, the unit says nothing.
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Duration, E> {
        match number {
            0 => Ok(Duration::ZERO),
            _ => Err(E::invalid_type(de::Unexpected::Unsigned(number), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_typed_and_written_so_that_they_read_the_same() {
        for (text, nanos) in [
            ("30s", 30_000_000_000),
            ("1m30s", 90_000_000_000),
            ("500ms", 500_000_000),
            ("1.5h", 5_400_000_000_000),
            ("1h2m3.004s", 3_723_004_000_000),
            ("250us", 250_000),
            ("3µs", 3_000),
            ("7ns", 7),
            ("0", 0),
            ("0s", 0),
            (".5s", 500_000_000),
            ("+1s", 1_000_000_000),
        ] {
            let duration = parse(text).unwrap();
            assert_eq!(duration, Duration::from_nanos(nanos), "{text}");
            assert_eq!(parse(&format(duration)).unwrap(), duration, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_is_refused_with_the_reason() {
        for (text, why) in [
            ("", "it is empty"),
            ("30", "a unit is missing"),
            ("30 s", "the unit is not known"),
            ("1d", "the unit is not known"),
            ("s", "a number is missing"),
            ("-5s", "it must not be negative"),
            ("1..5s", "a number is missing"),
            ("300000000h", "it is too long"),
            ("soon", "a number is missing"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(why) && message.contains(text), "{text}: {message}");
        }
    }
}
