//! The keys that open the gateway.

use std::fmt::Write as _;

use ferro_core::{KeyId, Principal, Secret};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The keys that open one gateway.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// Invariant: digests only; a key itself is never kept.
    keys: Keys,
}

#[derive(Clone, Debug)]
enum Keys {
    /// Everybody is let in.
    NotNeeded,
    /// Whoever shows this key is let in; nobody, if there is none.
    Master(Option<Master>),
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
    /// No keys are needed: everybody is let in, as nobody in particular.
    pub fn open() -> Self {
        Self { keys: Keys::NotNeeded }
    }

    /// No keys exist: nobody is let in.
    pub fn closed() -> Self {
        Self { keys: Keys::Master(None) }
    }

    /// One key that opens everything.
    pub fn with_master(key: &Secret) -> Self {
        let digest: [u8; 32] = Sha256::digest(key.expose().as_bytes()).into();
        let id = KeyId::from(format!("master-key:{}", hex(&digest[..8])));
        Self { keys: Keys::Master(Some(Master { digest, id })) }
    }

    /// A new key, and the keyring that it opens.
    pub fn generate() -> (Secret, Self) {
        let mut bytes = [0u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let key = Secret::new(format!("fgw_{}", hex(&bytes)));
        let ring = Self::with_master(&key);
        (key, ring)
    }

    /// Who shows `key`. Digests are compared, in constant time, so that neither the length nor a
    /// matching beginning of a key can be measured.
    pub fn authenticate(&self, key: Option<&str>) -> Result<Principal, Denied> {
        let Keys::Master(master) = &self.keys else { return Ok(Principal::ANONYMOUS) };
        let shown = Sha256::digest(key.ok_or(Denied::Missing)?.as_bytes());
        match master {
            Some(master) if bool::from(shown[..].ct_eq(&master.digest)) => {
                Ok(Principal::new(master.id.clone()))
            }
            _ => Err(Denied::Unknown),
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

    #[test]
    fn a_ring_without_keys_lets_nobody_in() {
        assert_eq!(Keyring::closed().authenticate(Some("")), Err(Denied::Unknown));
        assert_eq!(Keyring::closed().authenticate(None), Err(Denied::Missing));
    }
}
