//! A key by a profile: written there, given by a program, or a role that another one takes on.

use std::{collections::HashMap, future::Future, pin::Pin};

use ferro_core::{CredentialContext, CredentialError, Secret, SigningKey};

use super::{
    Given, Surroundings, failed, machine, process,
    profiles::{self, Profile},
    sts,
    surroundings::WebIdentity,
};

/// The key of the profile that is named, or of the default one if there is any; `None` if not.
pub(super) async fn ask(
    around: &Surroundings,
    cx: &CredentialContext<'_>,
) -> Result<Option<Given>, CredentialError> {
    let mut texts = [String::new(), String::new()];
    for (text, file) in texts.iter_mut().zip(&around.files) {
        if let Some(file) = file {
            // A file that is not there holds no profile.
            *text = tokio::fs::read_to_string(file).await.unwrap_or_default();
        }
    }
    let profiles = profiles::read(&texts[0], &texts[1]);
    let name = around.profile.as_deref().unwrap_or("default");
    let asked = Asked { around, cx, profiles: &profiles };
    match profiles.get(name) {
        Some(profile) if around.profile.is_some() || tells(profile) => {
            asked.resolve(name, &mut Vec::new()).await.map(Some)
        }
        None if around.profile.is_some() => Err(asked.unknown(name)),
        _ => Ok(None),
    }
}

/// Whether a profile says anything about a key.
fn tells(profile: &Profile) -> bool {
    const TELLING: [&str; 5] =
        ["aws_access_key_id", "role_arn", "credential_process", "sso_session", "sso_start_url"];
    TELLING.iter().any(|name| profile.contains_key(*name))
}

struct Asked<'a> {
    around: &'a Surroundings,
    cx: &'a CredentialContext<'a>,
    profiles: &'a HashMap<String, Profile>,
}

type Resolving<'a> = Pin<Box<dyn Future<Output = Result<Given, CredentialError>> + Send + 'a>>;

impl Asked<'_> {
    /// The key of a profile. `seen` are those that build on it.
    fn resolve<'b>(&'b self, name: &'b str, seen: &'b mut Vec<String>) -> Resolving<'b> {
        Box::pin(async move {
            let profile = self.profiles.get(name).ok_or_else(|| self.unknown(name))?;
            if seen.iter().any(|seen| seen == name) {
                return own_key(profile)
                    .ok_or_else(|| failed(format!("profile `{name}` builds on itself")));
            }
            seen.push(name.to_owned());
            if let Some(role) = profile.get("role_arn") {
                return self.role((name, profile), role, seen).await;
            }
            if let Some(given) = own_key(profile) {
                return Ok(given);
            }
            if let Some(command) = profile.get("credential_process") {
                return process::run(command).await;
            }
            Err(failed(if profile.keys().any(|key| key.starts_with("sso_")) {
                format!(
                    "profile `{name}` signs in by a browser (SSO), which a gateway cannot; let \
                     `credential_process = aws configure export-credentials --profile {name}` of \
                     another profile do that"
                )
            } else {
                format!("profile `{name}` says nothing of a key")
            }))
        })
    }

    async fn role(
        &self,
        (name, profile): (&str, &Profile),
        arn: &str,
        seen: &mut Vec<String>,
    ) -> Result<Given, CredentialError> {
        let said = |key: &str| profile.get(key).map(String::as_str);
        if let Some(file) = said("web_identity_token_file") {
            let (role, session) = (arn.to_owned(), said("role_session_name").map(str::to_owned));
            let identity = WebIdentity { role, session, token_file: file.to_owned() };
            return sts::with_web_identity(self.around, &identity, self.cx).await;
        }
        if profile.contains_key("mfa_serial") {
            let why =
                format!("profile `{name}` asks for a code of a device, which nobody is here for");
            return Err(failed(why));
        }
        let (key, _) = match (said("source_profile"), said("credential_source")) {
            (Some(source), _) => self.resolve(source, seen).await?,
            (None, Some(source)) => self.source(name, source).await?,
            (None, None) => {
                let why = format!("profile `{name}` names a role and no `source_profile` for it");
                return Err(failed(why));
            }
        };
        let role = sts::Role {
            arn,
            session: said("role_session_name"),
            external_id: said("external_id"),
            seconds: said("duration_seconds"),
            region: said("region").unwrap_or(&self.around.region),
        };
        sts::with_key(self.around, &role, &key, self.cx).await
    }

    /// A key that is not a profile's.
    async fn source(&self, name: &str, source: &str) -> Result<Given, CredentialError> {
        match source {
            "Ec2InstanceMetadata" => machine::machine(self.around, self.cx).await,
            "EcsContainer" => machine::container(self.around, self.cx)
                .await?
                .ok_or_else(|| failed(format!("profile `{name}`: no container gives a key"))),
            "Environment" => match &self.around.pair {
                Some((id, secret, session)) => {
                    Ok((SigningKey::new(id, secret.clone(), session.clone()), None))
                }
                None => Err(failed(format!("profile `{name}`: the environment holds no key"))),
            },
            other => Err(failed(format!(
                "profile `{name}`: credential_source is `{other}`, and not one of Environment, \
                 Ec2InstanceMetadata, EcsContainer"
            ))),
        }
    }

    fn unknown(&self, name: &str) -> CredentialError {
        let mut known: Vec<_> = self.profiles.keys().map(String::as_str).collect();
        known.sort_unstable();
        failed(format!("there is no profile `{name}`; there are: {}", known.join(", ")))
    }
}

fn own_key(profile: &Profile) -> Option<Given> {
    let said = |key: &str| profile.get(key).cloned();
    let (id, secret) = (said("aws_access_key_id")?, said("aws_secret_access_key")?);
    let session = said("aws_session_token").map(Secret::new);
    Some((SigningKey::new(id, Secret::new(secret), session), None))
}
