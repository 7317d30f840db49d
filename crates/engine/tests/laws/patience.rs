//! How long a call may take, what it is called that took too long, and whether it is repeated.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use ferro_core::{Credential, CredentialContext, CredentialError, CredentialSource, ErrorKind};
use ferro_engine::Retry;
use tokio::time::Instant;

use crate::scenario::{A, Running, Said, Scenario};

const SECOND: Duration = Duration::from_secs(1);

/// As many calls as are said, of a second each.
fn hasty(attempts: u32) -> Retry {
    let backoff = Duration::ZERO;
    Retry { attempts, attempt_timeout: Some(SECOND), backoff, ..Retry::default() }
}

fn errors(running: &Running) -> Vec<Option<ErrorKind>> {
    running.record().attempts.iter().map(|attempt| attempt.error).collect()
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cut_is_named_by_what_it_was_waiting_for_and_repeated() {
    for (said, kind) in [
        (Said::Silence, ErrorKind::Timeout),
        (Said::Stalled(vec![]), ErrorKind::TokenTimeout),
        (Said::Stalled(vec![": wait\n\n"]), ErrorKind::TokenTimeout),
    ] {
        let said = vec![said, Said::Events(vec![A])];
        let running = Scenario::new([("t", said)]).retry(&hasty(2)).start();
        let begun = Instant::now();
        assert_eq!(running.read().await.0, A);
        assert_eq!(begun.elapsed(), SECOND);
        assert_eq!(errors(&running), [Some(kind), None]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_does_not_begin_in_its_time_is_left_for_the_next_target() {
    let slower = Retry { attempt_timeout: Some(2 * SECOND), ..hasty(3) };
    for retry in [Retry { attempt_timeout: None, ..hasty(3) }, slower] {
        let targets = [("a", vec![Said::Stalled(vec![])]), ("b", vec![Said::Events(vec![A])])];
        let running = Scenario::new(targets)
            .retry(&retry)
            .targets_with(|parts| parts.first_token = Some(SECOND))
            .start();
        let begun = Instant::now();
        assert_eq!(running.read().await.0, A);
        assert_eq!(begun.elapsed(), SECOND);
        assert_eq!(errors(&running), [Some(ErrorKind::TokenTimeout), None]);
    }
}

/// Where credentials never come from.
#[derive(Debug)]
struct Never;

#[async_trait]
impl CredentialSource for Never {
    async fn current(&self, _: &CredentialContext<'_>) -> Result<Credential, CredentialError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_does_not_come_is_waited_for_as_long_as_a_call_may_take() {
    let running = Scenario::new([("t", vec![])])
        .retry(&hasty(2))
        .targets_with(|parts| parts.keys = vec![(Arc::new(Never), 1.0)])
        .start();
    let begun = Instant::now();
    let problem = running.ask(true).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), begun.elapsed()), (504, 2 * SECOND));
    assert_eq!(errors(&running), [Some(ErrorKind::ConnectTimeout); 2], "nothing was sent");
    let told = running.record().error.clone().unwrap();
    assert!(told.contains("credential") && told.contains("attempt_timeout"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn no_advice_is_too_long_to_be_passed_over() {
    let forever = Said::RefusalFor(429, Duration::MAX);
    let targets = [("a", vec![forever]), ("b", vec![Said::Whole("{}")])];
    let running = Scenario::new(targets).retry(&hasty(3)).request_timeout(60 * SECOND).start();
    assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
    assert_eq!(errors(&running), [Some(ErrorKind::RateLimited), None]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_one_piece_has_no_first_event_to_wait_for() {
    let running = Scenario::new([("t", vec![Said::Late(Box::new(Said::Whole("{}")))])])
        .targets_with(|parts| parts.first_token = Some(SECOND / 2))
        .start();
    running.ask(false).await.unwrap();
}

/// A credential that counts how often it is refused.
#[derive(Debug, Default)]
struct Counted(AtomicUsize);

#[async_trait]
impl CredentialSource for Counted {
    async fn current(&self, _: &CredentialContext<'_>) -> Result<Credential, CredentialError> {
        Ok(Credential::default())
    }

    fn at_hand(&self) -> Option<Credential> {
        Some(Credential::None)
    }

    fn refused(&self, _: &Credential) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_hears_that_it_was_not_taken_and_nothing_of_other_failures() {
    let counted = Arc::new(Counted::default());
    let key = Arc::clone(&counted) as Arc<dyn CredentialSource>;
    let said = [503, 401, 429].map(Said::Refusal).into_iter().collect();
    let running = Scenario::new([("t", said)])
        .targets_with(move |parts| parts.keys = vec![(Arc::clone(&key), 1.0)])
        .start();
    let mut heard = Vec::new();
    for _ in 0..3 {
        running.ask(false).await.err().unwrap();
        heard.push(counted.0.load(Relaxed));
    }
    assert_eq!(heard, [0, 1, 1]);
}
