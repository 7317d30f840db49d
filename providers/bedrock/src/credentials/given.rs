//! A key as AWS's hosts, and programs that stand in for them, write it down.

use std::time::SystemTime;

use aws_smithy_types::date_time::{DateTime, Format};
use ferro_core::{CredentialError, Secret, SigningKey};
use serde::Deserialize;

use super::{Given, failed};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    access_key_id: Option<String>,
    #[serde(default)]
    secret_access_key: Option<String>,
    #[serde(default, alias = "SessionToken")]
    token: Option<String>,
    #[serde(default)]
    expiration: Option<String>,
}

/// Reads a key in JSON, that `place` has given.
pub(super) fn json(place: &str, text: &[u8]) -> Result<Given, CredentialError> {
    // What is wrong with it is not shown: it may hold the key.
    let written: Written = serde_json::from_slice(text)
        .map_err(|_| failed(format!("{place} gave something that is no key in JSON")))?;
    if let Some(code) = written.code.filter(|code| code != "Success") {
        let words = written.message.unwrap_or_default();
        return Err(failed(format!("{place} gave no key: {code} {words}")));
    }
    let key = (written.access_key_id, written.secret_access_key, written.token);
    given(place, key, written.expiration.as_deref())
}

/// A key of these parts.
pub(super) fn given(
    place: &str,
    (id, secret, session): (Option<String>, Option<String>, Option<String>),
    end: Option<&str>,
) -> Result<Given, CredentialError> {
    let (Some(id), Some(secret)) = (id, secret) else {
        return Err(failed(format!(
            "{place} gave a key without its name, or a name without its key"
        )));
    };
    let end = end.map(|end| instant(place, end)).transpose()?;
    Ok((SigningKey::new(id, Secret::new(secret), session.map(Secret::new)), end))
}

fn instant(place: &str, text: &str) -> Result<SystemTime, CredentialError> {
    let read = DateTime::from_str(text, Format::DateTimeWithOffset).ok();
    let read = read.and_then(|read| SystemTime::try_from(read).ok());
    read.ok_or_else(|| failed(format!("{place} gave a key until `{text}`, which is no time")))
}
