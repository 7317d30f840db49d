//! Station 3: policy before the upstream is asked.

use std::{panic::AssertUnwindSafe, time::Duration};

use ferro_core::{
    GuardContext, Outcome, PluginError, Problem, Recording, Stage, Surface, SurfaceKind, Verdict,
};
use futures_util::FutureExt;
use http::StatusCode;

use crate::{Opened, account::Account};

impl<S: Surface> Opened<S> {
    /// Asks every guard, in order. `Some` is an answer that makes the upstream unnecessary.
    pub(crate) async fn admit(&mut self) -> Result<Option<Recording>, Problem> {
        let engine = std::sync::Arc::clone(&self.account.engine);
        let mut answer = None;
        for (_, plugin) in engine.parts.plugins.iter().filter(|(s, _)| *s == Stage::BeforeRequest) {
            let Some(guard) = plugin.guard() else { continue };
            let cx = context(&self.caller, S::KIND);
            // A guard that panics has broken like one that says so.
            let admitted = AssertUnwindSafe(guard.admit(&cx, &mut self.request)).catch_unwind();
            let broke = |_| Err(PluginError::new(plugin.name(), "it panicked"));
            match admitted.await.unwrap_or_else(broke) {
                Ok(Verdict::Continue) => {}
                Ok(Verdict::Answer(recording)) => answer = Some(recording),
                Ok(Verdict::Reserve(reservation)) => self.account.reservations.push(reservation),
                Ok(verdict) => return Err(deny(&mut self.account, plugin.name(), verdict)),
                Err(error) => return Err(broken(&mut self.account, &error)),
            }
        }
        Ok(answer)
    }
}

pub(crate) fn context(caller: &crate::Caller, surface: SurfaceKind) -> GuardContext<'_> {
    GuardContext::new(&caller.request_id, &caller.principal, surface)
}

fn deny(account: &mut Account, plugin: &str, verdict: Verdict) -> Problem {
    let Verdict::Deny { status, code, reason, retry_after } = verdict else {
        let error = PluginError::new(plugin, "its verdict is not one that this engine knows");
        return broken(account, &error);
    };
    let kind = match status {
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        StatusCode::PAYMENT_REQUIRED => "insufficient_quota",
        _ => "invalid_request_error",
    };
    let is_limit = status == StatusCode::TOO_MANY_REQUESTS;
    let retry_after = retry_after.or(is_limit.then_some(Duration::from_secs(1)));
    let message = format!("request rejected by {plugin} (before_request): {reason}");
    account.end(
        Outcome::Denied,
        Problem::new(status, kind, code, message).with_retry_after(retry_after),
    )
}

/// A guard that breaks fails closed. What broke is for the log, not for the client.
fn broken(account: &mut Account, error: &PluginError) -> Problem {
    tracing::error!(plugin = %error.plugin, error = %error.message, "guard failed; request refused");
    account.engine.parts.metrics.provider_error("none", "plugin_error");
    let message = format!("plugin {} failed", error.plugin);
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    account.end(Outcome::Failed, Problem::new(status, "server_error", "plugin_error", message))
}

/// An answer of policy that this engine cannot give.
pub(crate) fn unknown_recording(account: &mut Account) -> Problem {
    broken(account, &PluginError::new("of the answer", "its recording is of an unknown kind"))
}
