//! A model's name: whose it is, and which version is meant.

use ferro_core::{ErrorKind, ProviderError};

/// Where predictions of a model are made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Model<'a> {
    /// Below the API root.
    pub(crate) path: String,
    /// What the body has to say of the model, where the path does not.
    pub(crate) version: Option<&'a str>,
}

impl<'a> Model<'a> {
    /// Reads `owner/name`, `owner/name:version`, or a version. What stands in a path is checked: a name
    /// is the client's.
    pub(crate) fn read(name: &'a str) -> Result<Self, ProviderError> {
        let (base, version) = split(name);
        let own =
            || Self { path: "/predictions".to_owned(), version: Some(version.unwrap_or(name)) };
        match (base.split_once('/'), version) {
            (Some((owner, base)), _) if !is_segment(owner) || !is_segment(base) => {
                let message = format!(
                    "model: `{name}` is no name of a model; it is like `meta/meta-llama-3-8b-instruct`"
                );
                Err(ProviderError::new(ErrorKind::NotFound).with_message(message))
            }
            (Some((owner, base)), None) => {
                Ok(Self { path: format!("/models/{owner}/{base}/predictions"), version: None })
            }
            _ => Ok(own()),
        }
    }
}

/// The name, and the version behind it.
fn split(name: &str) -> (&str, Option<&str>) {
    name.split_once(':').map_or((name, None), |(base, version)| (base, Some(version)))
}

/// The name without the version, by which models are known.
pub(crate) fn base(name: &str) -> &str {
    split(name).0
}

fn is_segment(segment: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !segment.is_empty() && segment.bytes().all(is_plain) && !segment.bytes().all(|b| b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_where_predictions_are_made() {
        let read = |name| Model::read(name).map(|model| (model.path, model.version));
        assert_eq!(
            read("meta/llama-3").unwrap(),
            ("/models/meta/llama-3/predictions".into(), None)
        );
        assert_eq!(read("meta/llama-3:5c7d").unwrap(), ("/predictions".into(), Some("5c7d")));
        assert_eq!(read("5c7d").unwrap(), ("/predictions".into(), Some("5c7d")));
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        for name in
            ["../x", "a/..", "a/b/c", "a/b?c", "a/b#c", "/b", "a/", "a/b%2f", "../x:1", "a\n/b"]
        {
            let error = Model::read(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound, "{name}");
            assert!(error.message().unwrap().contains(name), "{error}");
        }
    }
}
