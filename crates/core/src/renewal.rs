//! A credential that runs out, renewed before it does.

use std::{
    fmt,
    future::Future,
    sync::{Arc, RwLock},
    time::Duration,
};

use tokio::{sync::Mutex, time::Instant};

use crate::{Credential, CredentialError};

/// How long before its end a credential is renewed.
const AHEAD: Duration = Duration::from_secs(300);
/// For as long nobody asks again where a renewal has failed, while the old one still serves.
const PAUSE: Duration = Duration::from_secs(10);

/// The current credential of a source that has to ask for it: who needs it finds it in memory, one
/// of them renews it, and the others go on with the old one for as long as that is good.
#[derive(Default)]
pub struct Renewal {
    held: RwLock<Option<Arc<Held>>>,
    /// Held by whoever renews.
    turn: Mutex<()>,
}

struct Held {
    credential: Credential,
    ends: Instant,
    /// When it is to be renewed.
    renews: Instant,
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").finish_non_exhaustive()
    }
}

impl Renewal {
    /// The credential, where it is known and need not be renewed yet.
    pub fn at_hand(&self) -> Option<Credential> {
        let held = self.held()?;
        (Instant::now() < held.renews).then(|| held.credential.clone())
    }

    /// The credential; `renew` is awaited where there is none that serves, by one caller at a time.
    /// It says how long what it brings is good.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons a renewal of its own; the next caller begins another.
    pub async fn current<F>(&self, renew: impl FnOnce() -> F) -> Result<Credential, CredentialError>
    where
        F: Future<Output = Result<(Credential, Duration), CredentialError>>,
    {
        if let Some(credential) = self.at_hand() {
            return Ok(credential);
        }
        let serves =
            |held: Arc<Held>| (Instant::now() < held.ends).then(|| held.credential.clone());
        let _turn = match (self.turn.try_lock(), self.held().and_then(serves)) {
            (Ok(turn), _) => turn,
            // Somebody renews it already, and until then the old one is good.
            (Err(_), Some(credential)) => return Ok(credential),
            (Err(_), None) => self.turn.lock().await,
        };
        if let Some(credential) = self.at_hand() {
            return Ok(credential); // somebody else's turn has brought it
        }
        match renew().await {
            Ok((credential, good)) => {
                let now = Instant::now();
                let ahead = AHEAD.min(good / 2);
                let held = Held {
                    credential: credential.clone(),
                    ends: now + good,
                    renews: now + good.saturating_sub(ahead),
                };
                self.hold(Some(held));
                Ok(credential)
            }
            Err(error) => {
                let old = self.held().filter(|held| Instant::now() < held.ends).ok_or(error)?;
                let (credential, ends) = (old.credential.clone(), old.ends);
                let renews = ends.min(Instant::now() + PAUSE);
                self.hold(Some(Held { credential: credential.clone(), ends, renews }));
                Ok(credential)
            }
        }
    }

    /// What the upstream refused is not shown again.
    pub fn refused(&self, used: &Credential) {
        let is_held = self.held().is_some_and(|held| held.credential.is_same(used));
        if is_held {
            self.hold(None);
        }
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn hold(&self, held: Option<Held>) {
        let held = held.map(Arc::new);
        *self.held.write().unwrap_or_else(std::sync::PoisonError::into_inner) = held;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use super::*;
    use crate::{ApiKey, Secret};

    const HOUR: Duration = Duration::from_secs(3600);

    fn token(word: &str) -> Credential {
        Credential::Token(ApiKey::new(Secret::new(word)).unwrap())
    }

    fn said(credential: &Credential) -> String {
        credential.secret().unwrap().expose().to_owned()
    }

    fn failed() -> CredentialError {
        CredentialError { message: "no".to_owned(), source: None }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_asked_for_once_and_again_ahead_of_its_end() {
        let (renewal, asked) = (Renewal::default(), AtomicU32::new(0));
        let current = async || {
            let renew = async || {
                let number = asked.fetch_add(1, SeqCst);
                Ok((token(&format!("token-{number}")), HOUR))
            };
            said(&renewal.current(renew).await.unwrap())
        };
        assert!(renewal.at_hand().is_none());
        assert_eq!((current().await, current().await), ("token-0".into(), "token-0".into()));
        tokio::time::advance(HOUR.saturating_sub(AHEAD)).await;
        assert!(renewal.at_hand().is_none());
        assert_eq!(current().await, "token-1");
        assert_eq!(asked.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_old_one_serves_while_it_is_good_and_no_longer() {
        let renewal = Renewal::default();
        let first = renewal.current(async || Ok((token("old"), HOUR))).await.unwrap();
        tokio::time::advance(HOUR.saturating_sub(AHEAD)).await;
        let refused = renewal.current(async || Err(failed())).await.unwrap();
        assert_eq!((said(&first), said(&refused)), ("old".into(), "old".into()));
        assert!(renewal.at_hand().is_some(), "nobody asks again at once");
        tokio::time::advance(AHEAD).await;
        assert!(renewal.current(async || Err(failed())).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn others_do_not_wait_while_the_old_one_is_good() {
        let renewal = Renewal::default();
        renewal.current(async || Ok((token("old"), HOUR))).await.unwrap();
        tokio::time::advance(HOUR.saturating_sub(AHEAD)).await;
        let slow = renewal.current(async || {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Ok((token("new"), HOUR))
        });
        let other = async {
            let other = renewal.current(async || unreachable!("it is renewed already")).await;
            said(&other.unwrap())
        };
        let (slow, other) = tokio::join!(slow, other);
        assert_eq!((said(&slow.unwrap()), other), ("new".into(), "old".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_refused_is_not_shown_again() {
        let renewal = Renewal::default();
        let first = renewal.current(async || Ok((token("first"), HOUR))).await.unwrap();
        renewal.refused(&token("another"));
        assert!(renewal.at_hand().is_some());
        renewal.refused(&first);
        assert!(renewal.at_hand().is_none());
        let second = renewal.current(async || Ok((token("second"), HOUR))).await.unwrap();
        assert_eq!(said(&second), "second");
    }
}
