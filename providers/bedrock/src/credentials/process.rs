//! A key that a program gives, as profiles name one.

use std::{process::Stdio, time::Duration};

use ferro_core::CredentialError;
use serde::Deserialize;
use tokio::{process::Command, time::timeout};

use super::{Given, failed, given};

const PATIENCE: Duration = Duration::from_secs(60);

/// Runs it; what it writes is the key.
pub(super) async fn run(command: &str) -> Result<Given, CredentialError> {
    #[derive(Deserialize)]
    struct Version {
        #[serde(rename = "Version")]
        version: u32,
    }
    let words = words(command);
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed("credential_process names no program"));
    };
    let place = format!("credential_process `{program}`");
    let mut child = Command::new(program);
    child.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, child.output()).await;
    let output = output.map_err(|_| failed(format!("{place} took longer than {PATIENCE:?}")))?;
    let output = output.map_err(|error| CredentialError {
        message: format!("{place}: {error}"),
        source: Some(Box::new(error)),
    })?;
    if !output.status.success() {
        return Err(failed(format!("{place} failed: {}", output.status)));
    }
    match serde_json::from_slice::<Version>(&output.stdout) {
        Ok(Version { version: 1 }) => given::json(&place, &output.stdout),
        _ => Err(failed(format!("{place} gave something that is not of version 1"))),
    }
}

/// The words of a command: quotes hold together what they enclose. No shell reads it.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_with(String::new);
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_with(String::new).push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(words(r#"/bin/a  -x "b c" 'd "e'f "" "#), ["/bin/a", "-x", "b c", "d \"ef", ""]);
    }
}
