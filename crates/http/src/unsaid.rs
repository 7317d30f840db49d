//! What a target was not told, as a header says it.

use std::fmt::Write as _;

use ferro_core::Unsaid;
use http::HeaderValue;

/// As long as the header may be: proxies and clients refuse heads that are too large.
const MOST: usize = 1_024;

/// The fields, separated by commas; `None` if there are none. A field is written as a URL would have
/// it where it holds what may not stand here, and `+12` at the end is twelve more.
pub(crate) fn header(unsaid: &[Unsaid]) -> Option<HeaderValue> {
    let mut value = String::new();
    for (index, Unsaid(field)) in unsaid.iter().enumerate() {
        let (length, join) = (value.len(), if index == 0 { "" } else { "," });
        value.push_str(join);
        escape(&mut value, field);
        if value.len() > MOST {
            value.truncate(length);
            let more = unsaid.len() - index;
            value.push_str(join);
            let _infallible = write!(value, "+{more}");
            break;
        }
    }
    // What is left after escaping may stand in a header.
    (!value.is_empty()).then(|| HeaderValue::from_str(&value).ok())?
}

fn escape(value: &mut String, field: &str) {
    const PLAIN: &[u8] = b"_-.[]$:/@";
    for byte in field.bytes() {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            value.push(char::from(byte));
        } else {
            let _infallible = write!(value, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fields: &[&str]) -> Option<String> {
        let unsaid: Vec<_> =
            fields.iter().map(|field| Unsaid((*field).to_owned().into())).collect();
        header(&unsaid).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn fields_are_separated_by_commas_and_odd_bytes_are_escaped() {
        assert_eq!(said(&[]), None);
        assert_eq!(said(&["seed", "messages[2].name"]).unwrap(), "seed,messages[2].name");
        assert_eq!(
            said(&["a,b", "c\r\nx: y", "ü", "%", "+3"]).unwrap(),
            "a%2Cb,c%0D%0Ax:%20y,%C3%BC,%25,%2B3"
        );
    }

    #[test]
    fn a_header_has_an_end_and_says_how_many_more_there_are() {
        let names: Vec<_> = (0..100).map(|n| format!("field_{n}_{}", "x".repeat(80))).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let value = said(&names).unwrap();
        assert!(value.len() < MOST + 8 && value.starts_with("field_0_"), "{value}");
        let listed = value.split(',').count() - 1;
        assert!(value.ends_with(&format!(",+{}", 100 - listed)), "{value}");
        assert_eq!(said(&[&"x".repeat(5_000), "seed"]).unwrap(), "+2");
    }
}
