//! Names of tool calls for a vendor that is particular about them.

use sha2::{Digest, Sha256};

const LENGTH: usize = 9;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Nine letters and digits for `id`, always the same nine; `None` if it is such a name already.
///
/// The vendor's own names fit, so what it sent comes back as it was; only names that another vendor
/// gave are mapped, and no reply mentions those, so nothing has to be mapped back.
pub(super) fn nine_characters(id: &str) -> Option<String> {
    if id.len() == LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let digest = Sha256::digest(id.as_bytes());
    let mut number = digest[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let mut name = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        name.push(char::from(ALPHABET[(number % 62) as usize]));
        number /= 62;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_stays_and_another_is_always_mapped_alike() {
        assert_eq!(nine_characters("aZ3456789"), None);
        let mapped = nine_characters("call_abc").unwrap();
        assert_eq!(nine_characters("call_abc"), Some(mapped.clone()));
        assert_eq!(nine_characters(&mapped), None);
        assert_ne!(nine_characters("call_abd"), Some(mapped));
    }
}
