//! Policy of the program's own.

use async_trait::async_trait;
use ferro_core::{Guard, GuardContext, Plugin, PluginError, Subject, Verdict};
use http::StatusCode;

/// Refuses whoever tells a secret.
pub struct NoSecrets;

/// Refuses everybody.
pub struct Nobody;

fn deny(status: StatusCode, reason: &str) -> Verdict {
    let (code, reason) = ("request_rejected".into(), reason.to_owned());
    Verdict::Deny { status, code, reason, retry_after: None }
}

#[async_trait]
impl Guard for NoSecrets {
    async fn admit(
        &self,
        _: &GuardContext<'_>,
        request: &mut dyn Subject,
    ) -> Result<Verdict, PluginError> {
        let mut tells = false;
        request
            .texts(&mut |_, text| tells |= text.contains("secret"))
            .map_err(|error| PluginError::new("no-secrets", error.to_string()))?;
        Ok(if tells { deny(StatusCode::BAD_REQUEST, "not here") } else { Verdict::Continue })
    }
}

#[async_trait]
impl Guard for Nobody {
    async fn admit(
        &self,
        _: &GuardContext<'_>,
        _: &mut dyn Subject,
    ) -> Result<Verdict, PluginError> {
        Ok(deny(StatusCode::FORBIDDEN, "closed"))
    }
}

impl Plugin for NoSecrets {
    fn name(&self) -> &str {
        "no-secrets"
    }

    fn guard(&self) -> Option<&dyn Guard> {
        Some(self)
    }
}

impl Plugin for Nobody {
    fn name(&self) -> &str {
        "nobody"
    }

    fn guard(&self) -> Option<&dyn Guard> {
        Some(self)
    }
}
