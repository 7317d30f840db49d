//! Where a resource lives, and what its deployments are called in a path.

use ferro_core::{BuildContext, BuildError, Origin};
use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What people paste where the resource alone is asked for: where its APIs begin.
const APIS: &[&str] = &["/openai", "/anthropic", "/models", "/providers"];

/// The resource's origin, and what stands in front of its paths: the target's own, or the
/// environment's.
pub(crate) fn of(
    cx: &BuildContext<'_>,
    kind: &str,
    variable: &str,
) -> Result<(Origin, String), BuildError> {
    let place = cx.base_url.map(str::to_owned).or_else(|| cx.var(variable)).ok_or_else(|| {
        let message = format!(
            "`{kind}` needs the variable {variable}, or `base_url` in its target: the resource, as \
             in https://NAME.openai.azure.com"
        );
        BuildError::new(message)
    })?;
    let (origin, path) =
        Origin::split(&place).map_err(|error| BuildError::new(error.to_string()))?;
    Ok((origin, without_api(&path).to_owned()))
}

/// A path up to where one of the APIs begins in it.
fn without_api(path: &str) -> &str {
    let begins = |api: &&str| {
        let at = path.find(*api)?;
        let rest = &path[at + api.len()..];
        (rest.is_empty() || rest.starts_with('/')).then_some(at)
    };
    APIS.iter().filter_map(begins).min().map_or(path, |at| &path[..at])
}

/// Where a deployment has the surface whose paths end so, in a version. A name that would lead out of
/// its segment is refused.
pub(crate) fn deployment(
    path: &str,
    name: &str,
    (end, version): (&str, &str),
) -> Result<Uri, String> {
    check(name)?;
    let name = utf8_percent_encode(name, SEGMENT);
    let version = utf8_percent_encode(version, SEGMENT);
    format!("{path}/openai/deployments/{name}{end}?api-version={version}")
        .parse()
        .map_err(|error| format!("`{name}` gives no path: {error}"))
}

/// Whether a name can be a deployment's.
pub(crate) fn check(name: &str) -> Result<(), String> {
    let is_step = matches!(name, "" | "." | "..");
    if is_step || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err(format!(
            "`{}` is not a deployment's name: it has no slash, and is not a step in a path",
            name.escape_debug()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_may_be_written_with_an_api_behind_it() {
        for (path, bare) in [
            ("", ""),
            ("/openai", ""),
            ("/openai/v1", ""),
            ("/openai/deployments/x/chat/completions", ""),
            ("/models", ""),
            ("/proxy/openai/v1", "/proxy"),
            ("/anthropic/v1/messages", ""),
            ("/my-openai-proxy", "/my-openai-proxy"),
            ("/openais", "/openais"),
        ] {
            assert_eq!(without_api(path), bare, "{path}");
        }
    }

    #[test]
    fn a_name_stays_in_its_segment() {
        for (name, path) in [
            ("gpt-4o_1.0", "/p/openai/deployments/gpt-4o_1.0/chat/completions?api-version=v"),
            ("a b?c#d%", "/p/openai/deployments/a%20b%3Fc%23d%25/chat/completions?api-version=v"),
            ("é", "/p/openai/deployments/%C3%A9/chat/completions?api-version=v"),
        ] {
            assert_eq!(deployment("/p", name, ("/chat/completions", "v")).unwrap(), path);
        }
        for name in ["", ".", "..", "a/b", "../x", "a\\b", "a\nb"] {
            assert!(deployment("", name, ("/x", "v")).is_err(), "{name:?}");
        }
    }
}
