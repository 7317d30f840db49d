//! Names of tool calls, for vendors that are particular about them.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// As many characters as make two names of one conversation differ.
const ENOUGH: usize = 21;

/// Which names of calls a vendor takes.
#[derive(Clone, Copy, Debug)]
pub struct CallIds {
    /// The shortest.
    pub shortest: usize,
    /// The longest.
    pub longest: usize,
    /// Whether a name may hold this byte. Letters and digits it may.
    pub takes: fn(u8) -> bool,
}

impl CallIds {
    /// The name that stands for `id` at this vendor: `id` itself where the vendor takes it, else one
    /// that is made of it and is the same each time.
    ///
    /// The vendor's own names fit, so what it sent comes back as it was, and a call and its result
    /// are renamed alike without anything being remembered. A reply that speaks of an earlier call
    /// is read back by the names in the request: see [`original`](Self::original).
    pub fn fit<'a>(&self, id: &'a str) -> Cow<'a, str> {
        let fits = (self.shortest..=self.longest).contains(&id.len()) && id.bytes().all(self.takes);
        if fits { Cow::Borrowed(id) } else { Cow::Owned(self.made(id)) }
    }

    /// Which of `ids` the vendor knows as `name`.
    pub fn original<'a>(
        &self,
        name: &str,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        ids.into_iter().find(|id| self.fit(id) == name)
    }

    fn made(&self, id: &str) -> String {
        let digest = Sha256::digest(id.as_bytes());
        let number = digest[..16].iter().fold(0_u128, |n, byte| n << 8 | u128::from(*byte));
        let length = ENOUGH.clamp(self.shortest, self.longest);
        let digits = std::iter::successors(Some(number), |number| Some(number / 62));
        let digits = digits.map(|number| char::from(ALPHABET[(number % 62) as usize]));
        digits.take(length).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE: CallIds = CallIds { shortest: 9, longest: 9, takes: |b| b.is_ascii_alphanumeric() };
    const LONG: CallIds =
        CallIds { shortest: 1, longest: 64, takes: |b| b.is_ascii_alphanumeric() || b == b'_' };

    #[test]
    fn a_name_that_fits_stays_and_another_is_always_mapped_alike() {
        assert_eq!(NINE.fit("aZ3456789"), "aZ3456789");
        for (ids, id) in
            [(NINE, "call_abc"), (LONG, "call.abc"), (LONG, ""), (LONG, &"x".repeat(65))]
        {
            let mapped = ids.fit(id).into_owned();
            assert_ne!(mapped, id);
            assert_eq!(ids.fit(id), mapped);
            assert_eq!(ids.fit(&mapped), mapped, "it fits");
            assert_ne!(ids.fit(&format!("{id}d")), mapped);
        }
        assert_eq!(LONG.fit("call_abc"), "call_abc");
    }

    #[test]
    fn a_mapped_name_is_read_back_by_the_names_in_the_request() {
        let ids = ["call_1", "call.2", "toolu_3"];
        let mapped = LONG.fit("call.2").into_owned();
        assert_eq!(LONG.original(&mapped, ids), Some("call.2"));
        assert_eq!(LONG.original("call_1", ids), Some("call_1"));
        assert_eq!(LONG.original("other", ids), None);
    }
}
