//! What a request is called.

use ferro_core::RequestId;
use http::{HeaderMap, HeaderValue};

/// A request's name, for us and as a header of the reply.
pub(crate) struct Name {
    pub(crate) id: RequestId,
    pub(crate) header: HeaderValue,
}

impl Name {
    /// The client's own name for the request, if it is safe to repeat; else a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if let Some(header) = headers.get("x-request-id")
            && let Ok(own) = header.to_str()
            && (1..=128).contains(&own.len())
            && own.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Self { id: RequestId::from(own), header: header.clone() };
        }
        let mut digits = [0; 32];
        let name = hexadecimal(rand::random(), &mut digits);
        let header = HeaderValue::from_str(name).expect("digits may stand in a header");
        Self { id: RequestId::from(name), header }
    }
}

/// All 32 digits of a number.
fn hexadecimal(number: u128, digits: &mut [u8; 32]) -> &str {
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
        pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
    }
    std::str::from_utf8(digits).expect("digits are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_name_has_all_its_digits_and_is_not_made_twice() {
        let number = 0x0123_4567_89ab_cdef_0f1e_2d3c_4b5a_6978;
        assert_eq!(hexadecimal(number, &mut [0; 32]), "0123456789abcdef0f1e2d3c4b5a6978");
        assert_eq!(hexadecimal(7, &mut [0; 32]), format!("{:032x}", 7));
        let (one, other) = (Name::of(&HeaderMap::new()), Name::of(&HeaderMap::new()));
        assert!(one.id != other.id && one.header == *one.id);
    }
}
