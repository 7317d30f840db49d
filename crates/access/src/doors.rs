//! How a gateway is guarded: by which keys, and for whom none is needed.

use ferro_core::{Secret, Vars};

use crate::Keyring;

/// How the doors of one gateway stand.
#[derive(Clone, Debug)]
pub struct Doors {
    /// The keys that open them.
    pub keys: Keyring,
    /// Whether a caller on this machine needs no key for inference: for a first try, where no key
    /// is configured.
    pub is_open_to_this_machine: bool,
}

/// How the doors came to stand as they do: for whoever starts the process.
#[derive(Clone, Debug)]
pub enum Guard {
    /// No key is asked for.
    Open,
    /// The operator's own key.
    MasterKey,
    /// A key that was made, because the operator set none. To be shown once.
    Made(Secret),
}

/// Settings that contradict each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "ALLOW_UNAUTHENTICATED_PROXY=true is refused with GATEWAY_ENV=production: unset one of them"
)]
pub struct OpenInProduction;

impl Doors {
    /// Nobody is let in. What a gateway has that was told nothing.
    pub fn closed() -> Self {
        Self { keys: Keyring::closed(), is_open_to_this_machine: false }
    }

    /// Everybody is let in: for a program that has asked who comes before it passes a request on.
    pub fn open() -> Self {
        Self { keys: Keyring::open(), is_open_to_this_machine: false }
    }

    /// The doors that the environment asks for: `MASTER_KEY`; or everybody, with
    /// `ALLOW_UNAUTHENTICATED_PROXY=true`; or a key that is made now, which callers on this machine
    /// do not need unless `GATEWAY_ENV=production`.
    pub fn from_vars(vars: Vars<'_>) -> Result<(Self, Guard), OpenInProduction> {
        let is_production = vars("GATEWAY_ENV").as_deref() == Some("production");
        if vars("ALLOW_UNAUTHENTICATED_PROXY").as_deref() == Some("true") {
            return if is_production {
                Err(OpenInProduction)
            } else {
                Ok((Self::open(), Guard::Open))
            };
        }
        if let Some(key) = vars("MASTER_KEY").filter(|key| !key.is_empty()) {
            let keys = Keyring::with_master(&Secret::new(key));
            return Ok((Self { keys, is_open_to_this_machine: false }, Guard::MasterKey));
        }
        let (key, keys) = Keyring::generate();
        Ok((Self { keys, is_open_to_this_machine: !is_production }, Guard::Made(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand(pairs: &[(&str, &str)]) -> Result<(Doors, Guard), OpenInProduction> {
        Doors::from_vars(&|name| {
            pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn without_a_word_a_key_is_made_and_this_machine_needs_none() {
        let (doors, guard) = stand(&[]).unwrap();
        let Guard::Made(key) = guard else { panic!("{guard:?}") };
        assert!(doors.is_open_to_this_machine);
        assert!(doors.keys.authenticate(Some(key.expose())).is_ok());
        assert!(!format!("{doors:?}").contains(key.expose()));
    }

    #[test]
    fn in_production_this_machine_needs_a_key_too() {
        let (doors, _) = stand(&[("GATEWAY_ENV", "production")]).unwrap();
        assert!(!doors.is_open_to_this_machine && doors.keys.authenticate(None).is_err());
    }

    #[test]
    fn an_open_gateway_is_refused_in_production() {
        let open = ("ALLOW_UNAUTHENTICATED_PROXY", "true");
        assert!(stand(&[open]).unwrap().0.keys.authenticate(None).is_ok());
        assert_eq!(stand(&[open, ("GATEWAY_ENV", "production")]).err(), Some(OpenInProduction));
    }

    #[test]
    fn an_operators_key_is_asked_of_everybody() {
        let (doors, _) = stand(&[("MASTER_KEY", "sk-1")]).unwrap();
        assert!(!doors.is_open_to_this_machine && doors.keys.authenticate(Some("sk-1")).is_ok());
    }
}
