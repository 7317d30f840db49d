//! Credentials that are asked for: when, how often, and what follows where none can be had.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use ferro_core::{
    ApiKey, Credential, CredentialContext, CredentialError, CredentialSource, ErrorKind, Renewal,
    Secret, SigningKey, Why,
};
use ferro_engine::AnswerBody;
use futures_util::StreamExt;

use crate::scenario::{KEY, Said, Scenario};

/// Issues tokens for an hour each, or says why it does not.
#[derive(Debug, Default)]
struct Issuer {
    renewal: Renewal,
    asked: AtomicU32,
    is_closed: bool,
}

#[async_trait]
impl CredentialSource for Issuer {
    async fn current(&self, _: &CredentialContext<'_>) -> Result<Credential, CredentialError> {
        let issue = async || {
            let number = self.asked.fetch_add(1, SeqCst);
            if self.is_closed {
                let message = "169.254.169.254 knows no role of this machine".to_owned();
                return Err(CredentialError { message, source: None });
            }
            let token = ApiKey::new(Secret::new(format!("issued-token-{number}"))).unwrap();
            Ok((Credential::Token(token), Duration::from_secs(3_600)))
        };
        self.renewal.current(issue).await
    }

    fn at_hand(&self) -> Option<Credential> {
        self.renewal.at_hand()
    }

    fn refused(&self, used: &Credential) {
        self.renewal.refused(used);
    }
}

/// Targets, the first of which asks `issuer` for what it is shown.
fn issued(issuer: &Arc<Issuer>, targets: Vec<(&'static str, Vec<Said>)>) -> Scenario {
    let issuer = Arc::clone(issuer);
    Scenario::new(targets).targets_with(move |parts| {
        if &*parts.id == "issued" {
            parts.keys = vec![(Arc::clone(&issuer) as Arc<dyn CredentialSource>, 1.0)];
        }
    })
}

fn whole() -> Said {
    Said::Whole("{}")
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_once_and_not_by_each_request() {
    let issuer = Arc::<Issuer>::default();
    let running = issued(&issuer, vec![("issued", vec![whole(), whole(), whole()])]).start();
    for _ in 0..3 {
        running.ask(false).await.unwrap();
    }
    assert_eq!(issuer.asked.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn where_no_credential_can_be_had_the_next_target_is_asked() {
    let issuer = Arc::new(Issuer { is_closed: true, ..Issuer::default() });
    let running = issued(&issuer, vec![("issued", vec![]), ("b", vec![whole()])]).start();
    assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
    let record = running.record();
    let (first, second) = (&record.attempts[0], &record.attempts[1]);
    assert_eq!((first.error, first.status), (Some(ErrorKind::Unauthorized), None));
    assert_eq!((second.error, second.why), (None, Why::NextTarget));
}

#[tokio::test(start_paused = true)]
async fn where_nobody_has_a_credential_it_is_the_gateways_failure_and_the_record_has_the_words() {
    let issuer = Arc::new(Issuer { is_closed: true, ..Issuer::default() });
    let running = issued(&issuer, vec![("issued", vec![])]).start();
    let problem = running.ask(false).await.err().unwrap();
    assert_eq!((problem.status.as_u16(), &*problem.code), (502, "upstream_auth_error"));
    assert!(
        !problem.message.contains("169.254"),
        "{}: addresses are the operator's",
        problem.message
    );
    let error = running.record().error.clone().unwrap();
    assert!(error.contains("169.254.169.254 knows no role of this machine"), "{error}");
    assert_eq!(issuer.asked.load(SeqCst), 1, "it is not asked twice for one request");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_is_replaced_once() {
    is_replaced_once(Said::Refusal(401)).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_has_expired_is_replaced_whatever_the_status_says() {
    is_replaced_once(Said::Expired).await;
}

async fn is_replaced_once(refusal: Said) {
    let issuer = Arc::<Issuer>::default();
    let said = vec![whole(), refusal, whole()];
    let running = issued(&issuer, vec![("issued", said), ("b", vec![])]).start();
    running.ask(false).await.unwrap();
    running.ask(false).await.unwrap();
    let records = running.records();
    let calls: Vec<_> = records[1]
        .attempts
        .iter()
        .map(|call| (call.target.as_str(), call.why, call.error))
        .collect();
    let refused = Some(ErrorKind::Unauthorized);
    assert_eq!(calls, [("issued", Why::First, refused), ("issued", Why::NextKey, None)]);
    assert_eq!(issuer.asked.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_again_is_not_replaced_for_ever() {
    let issuer = Arc::<Issuer>::default();
    let said = vec![Said::Refusal(401), Said::Refusal(401)];
    let running = issued(&issuer, vec![("issued", said), ("b", vec![whole(), whole()])]).start();
    for _ in 0..2 {
        assert_eq!(running.ask(false).await.unwrap().target.as_deref(), Some("b"));
    }
    assert_eq!(
        issuer.asked.load(SeqCst),
        2,
        "the target rests, and the next request asks it nothing"
    );
    assert_eq!(running.records()[1].attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_written_down_is_not_shown_again_after_it_was_refused() {
    let running = Scenario::new([("t", vec![Said::Refusal(401)])]).start();
    assert_eq!(running.ask(false).await.err().unwrap().status.as_u16(), 502);
    assert_eq!(running.record().attempts.len(), 1);
}

#[tokio::test]
async fn a_signing_keys_session_is_as_hidden_as_the_key() {
    let signing = |parts: &mut ferro_engine::TargetParts| {
        let session = Some(Secret::new(KEY));
        let key = SigningKey::new("AKIA", Secret::new("a-signing-secret"), session);
        let source = ferro_core::StaticCredential(Credential::Signing(key));
        parts.keys = vec![(Arc::new(source), 1.0)];
    };
    let running = Scenario::new([("t", vec![Said::Leak])]).targets_with(signing).start();
    let problem = running.ask(false).await.err().unwrap();
    assert!(!format!("{problem:?}").contains(KEY), "{problem:?}");
    let running = Scenario::new([("t", vec![Said::LeakingStream])]).targets_with(signing).start();
    let AnswerBody::Stream(mut events) = running.ask(true).await.unwrap().body else { panic!() };
    events.next().await.unwrap().unwrap();
    let problem = events.next().await.unwrap().unwrap_err();
    assert!(!format!("{problem:?}").contains(KEY), "{problem:?}");
}
