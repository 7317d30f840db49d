//! The keys that open the gateway.

use std::fmt::Write as _;

use ferro_core::{KeyId, Principal, Secret};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The keys that open one gateway.
#[derive(Clone, Debug)]
pub struct Keyring {
    master: Option<Master>,
}

#[derive(Clone, Debug)]
struct Master {
    digest: [u8; 32],
    id: KeyId,
}

/// Why a caller is not let in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denied {
    /// No key was shown.
    #[error("missing or invalid authorization header")]
    Missing,
    /// The key is not one of ours.
    #[error("invalid or revoked API key")]
    Unknown,
}

impl Keyring {
    /// No keys: everybody is let in, as nobody in particular.
    pub fn open() -> Self {
        Self { master: None }
    }

    /// One key that opens everything.
    pub fn with_master(key: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let id = KeyId::from(format!("master-key:{}", hex(&digest[..8])));
        Self { master: Some(Master { digest, id }) }
    }

    /// A new key, and the keyring that it opens.
    pub fn generate() -> (Secret, Self) {
        let mut bytes = [0u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let key = format!("fgw_{}", hex(&bytes));
        let ring = Self::with_master(&key);
        (Secret::new(key), ring)
    }

    /// Who shows `key`. Digests are compared, in constant time, so that neither the length nor a
    /// matching beginning of a key can be measured.
    pub fn authenticate(&self, key: Option<&str>) -> Result<Principal, Denied> {
        let Some(master) = &self.master else { return Ok(Principal::ANONYMOUS) };
        let shown = Sha256::digest(key.ok_or(Denied::Missing)?.as_bytes());
        if bool::from(shown[..].ct_eq(&master.digest)) {
            Ok(Principal::new(master.id.clone()))
        } else {
            Err(Denied::Unknown)
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("writing to a string does not fail");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_opens_and_another_does_not() {
        let (key, ring) = Keyring::generate();
        assert!(key.expose().starts_with("fgw_") && key.expose().len() == 68);
        let principal = ring.authenticate(Some(key.expose())).unwrap();
        assert!(principal.key.unwrap().starts_with("master-key:"));
        assert_eq!(ring.authenticate(None), Err(Denied::Missing));
        assert_eq!(ring.authenticate(Some("fgw_")), Err(Denied::Unknown));
        assert!(!format!("{ring:?}").contains(key.expose()));
    }
}
