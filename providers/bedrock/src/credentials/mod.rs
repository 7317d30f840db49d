//! Where AWS's usual places keep the key that signs, asked when it is needed and renewed ahead of its
//! end.
//!
//! The order is AWS's own: a profile, a web identity, the container, the machine. A place that is named
//! and fails is an error; one that is not there is passed over.

mod exchange;
mod given;
mod machine;
mod process;
mod profile;
mod profiles;
mod sts;
mod surroundings;

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use ferro_core::{
    Credential, CredentialContext, CredentialError, CredentialSource, Renewal, SigningKey,
};

pub(crate) use surroundings::Surroundings;

/// How long a key without an end is taken to be good: files are looked at again from time to time.
const UNENDING: Duration = Duration::from_secs(15 * 60);

/// A key, and when it runs out.
type Given = (SigningKey, Option<SystemTime>);

/// The places, in order.
#[derive(Debug)]
pub(crate) struct Chain {
    around: Surroundings,
    renewal: Renewal,
}

impl Chain {
    pub(crate) fn new(around: Surroundings) -> Self {
        Self { around, renewal: Renewal::default() }
    }

    async fn ask(&self, cx: &CredentialContext<'_>) -> Result<Given, CredentialError> {
        let around = &self.around;
        if let Some(given) = profile::ask(around, cx).await? {
            return Ok(given);
        }
        if let Some(identity) = around.web_identity() {
            return sts::with_web_identity(around, &identity, cx).await;
        }
        if let Some(given) = machine::container(around, cx).await? {
            return Ok(given);
        }
        if around.asks_the_machine() {
            return machine::machine(around, cx).await;
        }
        Err(failed(
            "no AWS credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; there is no profile, no web identity, no \
             container's key, and the machine is not asked (AWS_EC2_METADATA_DISABLED)",
        ))
    }
}

#[async_trait]
impl CredentialSource for Chain {
    async fn current(&self, cx: &CredentialContext<'_>) -> Result<Credential, CredentialError> {
        self.renewal
            .current(async || {
                let (key, end) = self.ask(cx).await?;
                let good = end.map_or(Ok(UNENDING), |end| end.duration_since(cx.now));
                let good =
                    good.map_err(|_| failed("the key that was given has run out already"))?;
                Ok((Credential::Signing(key), good))
            })
            .await
    }

    fn at_hand(&self) -> Option<Credential> {
        self.renewal.at_hand()
    }

    fn refused(&self, used: &Credential) {
        self.renewal.refused(used);
    }
}

fn failed(message: impl Into<String>) -> CredentialError {
    CredentialError { message: message.into(), source: None }
}
