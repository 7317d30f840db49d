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
    /// Whether nobody needs a key for inference. Whatever tells about the gateway itself still asks
    /// for one.
    pub is_inference_open: bool,
}

/// How the doors came to stand as they do: for whoever starts the process.
#[derive(Clone, Debug)]
pub enum Guard {
    /// No key is asked for inference; for the rest the operator's own, if there is one.
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
        Self::behind(Keyring::closed())
    }

    /// Everybody is let in: for a program that has asked who comes before it passes a request on.
    pub fn open() -> Self {
        Self::behind(Keyring::open())
    }

    /// Whoever shows one of these keys is let in.
    pub fn behind(keys: Keyring) -> Self {
        Self { keys, is_open_to_this_machine: false, is_inference_open: false }
    }

    /// The doors that the environment asks for: `MASTER_KEY`; or everybody who asks for inference,
    /// with `ALLOW_UNAUTHENTICATED_PROXY=true`; or a key that is made now, which callers on this
    /// machine do not need unless `GATEWAY_ENV=production`.
    pub fn from_vars(vars: Vars<'_>) -> Result<(Self, Guard), OpenInProduction> {
        let is_production = is_production(vars);
        let master = vars("MASTER_KEY").filter(|key| !key.is_empty());
        let master = master.map(|key| Self::behind(Keyring::with_master(&Secret::new(key))));
        if is_yes(vars, "ALLOW_UNAUTHENTICATED_PROXY") {
            if is_production {
                return Err(OpenInProduction);
            }
            let keyed = master.unwrap_or_else(Self::closed);
            return Ok((Self { is_inference_open: true, ..keyed }, Guard::Open));
        }
        if let Some(keyed) = master {
            return Ok((keyed, Guard::MasterKey));
        }
        let (key, keys) = Keyring::generate();
        let doors = Self { is_open_to_this_machine: !is_production, ..Self::behind(keys) };
        Ok((doors, Guard::Made(key)))
    }
}

/// Whether the gateway stands in front of real traffic: `GATEWAY_ENV=production`, in any case. What
/// is nearly the word must not open what the word closes.
pub fn is_production(vars: Vars<'_>) -> bool {
    vars("GATEWAY_ENV").is_some_and(|word| word.trim().eq_ignore_ascii_case("production"))
}

/// Whether a variable says yes.
fn is_yes(vars: Vars<'_>, name: &str) -> bool {
    let says = vars(name).unwrap_or_default();
    ["true", "1", "yes"].iter().any(|yes| says.trim().eq_ignore_ascii_case(yes))
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
    fn an_open_gateway_is_refused_in_production_however_that_is_spelt() {
        for yes in ["true", "TRUE", "1", "yes "] {
            let open = ("ALLOW_UNAUTHENTICATED_PROXY", yes);
            assert!(stand(&[open]).unwrap().0.is_inference_open, "{yes}");
            for word in ["production", "Production", " PRODUCTION\n"] {
                let stands = stand(&[open, ("GATEWAY_ENV", word)]);
                assert_eq!(stands.err(), Some(OpenInProduction), "{yes} {word}");
                assert!(!stand(&[("GATEWAY_ENV", word)]).unwrap().0.is_open_to_this_machine);
            }
        }
        for no in ["", "false", "0", "no", "perhaps"] {
            let (doors, _) = stand(&[("ALLOW_UNAUTHENTICATED_PROXY", no)]).unwrap();
            assert!(!doors.is_inference_open, "{no}");
        }
    }

    #[test]
    fn what_is_open_for_inference_is_closed_for_the_rest() {
        let open = ("ALLOW_UNAUTHENTICATED_PROXY", "true");
        let (doors, _) = stand(&[open]).unwrap();
        assert!(doors.keys.authenticate(None).is_err());
        let (doors, _) = stand(&[open, ("MASTER_KEY", "sk-1")]).unwrap();
        assert!(doors.keys.authenticate(Some("sk-1")).is_ok());
        assert!(doors.keys.authenticate(None).is_err());
    }

    #[test]
    fn an_operators_key_is_asked_of_everybody() {
        let (doors, _) = stand(&[("MASTER_KEY", "sk-1")]).unwrap();
        assert!(!doors.is_open_to_this_machine && doors.keys.authenticate(Some("sk-1")).is_ok());
    }
}
