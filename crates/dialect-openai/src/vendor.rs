//! A vendor as a row of a table, and the factory that every row is.

use std::sync::Arc;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Credential, Description, EnvVar, Origin,
    ProviderFactory, Secret, Settings, StaticCredential, SurfaceKind,
};
use serde::Deserialize;

use crate::provider::Compatible;

/// A vendor that speaks this wire. A row names only its deviations from
/// [`OPENAI_SHAPED`](Self::OPENAI_SHAPED).
#[derive(Clone, Copy, Debug)]
pub struct Vendor {
    /// The word that selects it in a configuration. Never changes.
    pub kind: &'static str,
    /// Its API root, version included; empty if an operator has to say it.
    pub base_url: &'static str,
    /// The variables that configure it: those of [`env`](Vendor::env), by meaning.
    pub env: &'static [Env],
    /// Prefixes of the models that are its own; none if it takes any name.
    pub owns: &'static [&'static str],
    /// Fields that it does not take.
    pub refuses: &'static [&'static str],
    /// In what it deviates from the wire.
    pub profile: Profile,
}

/// A variable of the environment, by what it is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Env {
    /// The key, without which the vendor is not configured.
    Key(&'static str),
    /// The API root.
    BaseUrl(&'static str),
    /// A host, without which the vendor is not configured, and how the API root follows from it.
    Host(&'static str, Base),
    /// What stands for `{account}` in the API root; required.
    Account(&'static str),
}

/// How an API root follows from a host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Base {
    /// What stands behind the host, unless it is there already.
    pub suffix: &'static str,
}

/// In what a vendor deviates from the wire.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Whether a stream may be asked for its usage.
    pub takes_stream_options: bool,
    /// Fields that it knows by another name: ours, then its own.
    pub renames: &'static [(&'static str, &'static str)],
    /// Whether messages may carry the name of their author.
    pub takes_names: bool,
    /// A prefix of model names that is ours and not its own.
    pub strips_prefix: &'static str,
    /// Where and how it counts.
    pub usage: Usages,
}

/// Where and how a vendor counts tokens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Usages {
    /// As the wire says.
    Standard,
    /// Reasoning tokens come on top of the completion's.
    ReasoningOnTop,
}

impl Profile {
    /// No deviation.
    pub const STANDARD: Self = Self {
        takes_stream_options: true,
        renames: &[],
        takes_names: true,
        strips_prefix: "",
        usage: Usages::Standard,
    };
}

impl Vendor {
    /// A vendor without deviations, to be completed.
    pub const OPENAI_SHAPED: Self = Self {
        kind: "",
        base_url: "",
        env: &[],
        owns: &[],
        refuses: &[],
        profile: Profile::STANDARD,
    };

    fn api_root(&self, cx: &BuildContext<'_>) -> Result<String, BuildError> {
        if let Some(url) = cx.base_url {
            return Ok(self.versioned(url));
        }
        let mut root = self.base_url.to_owned();
        for env in self.env {
            match env {
                Env::Key(_) => {}
                Env::BaseUrl(name) => {
                    if let Some(url) = cx.var(name) {
                        root = self.versioned(&url);
                    }
                }
                Env::Host(name, base) => {
                    let host = cx.var(name).ok_or_else(|| self.missing(name, "base_url"))?;
                    let host = if host.contains("://") { host } else { format!("http://{host}") };
                    let host = host.trim_end_matches('/');
                    root = format!("{}{}", host.trim_end_matches(base.suffix), base.suffix);
                }
                Env::Account(name) => {
                    if root.contains("{account}") {
                        let account = cx.var(name).ok_or_else(|| self.missing(name, "base_url"))?;
                        root = root.replace("{account}", &account);
                    }
                }
            }
        }
        if root.is_empty() {
            let message = format!("a target of kind `{}` needs a `base_url`", self.kind);
            return Err(BuildError::new(message));
        }
        Ok(root)
    }

    /// An override is meant as it is written, but for two forms that are in use: a host alone takes
    /// the version of the default root, and the root without its version (as older configurations
    /// have it) is completed.
    fn versioned(&self, url: &str) -> String {
        let url = url.trim().trim_end_matches('/');
        let Some((before, version)) = self.base_url.rsplit_once('/') else { return url.to_owned() };
        let is_version =
            version.starts_with('v') && version[1..].starts_with(|c: char| c.is_ascii_digit());
        let is_bare_host = url.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'));
        if is_version && (is_bare_host || url == before) {
            return format!("{url}/{version}");
        }
        url.to_owned()
    }

    fn credential(&self, cx: &BuildContext<'_>) -> Result<Credential, BuildError> {
        let variable = self.env.iter().find_map(|env| match env {
            Env::Key(name) => Some(*name),
            _ => None,
        });
        let from_env = variable.and_then(|name| cx.var(name)).map(Secret::new);
        let Some(secret) = cx.api_key.cloned().or(from_env) else {
            return match variable {
                Some(name) => Err(self.missing(name, "api_key")),
                None => Ok(Credential::None),
            };
        };
        let key = ApiKey::new(secret).ok_or_else(|| {
            BuildError::new("the key holds a character that no HTTP header may carry")
        })?;
        Ok(Credential::ApiKey(key))
    }

    fn missing(&self, variable: &str, key: &str) -> BuildError {
        let kind = self.kind;
        BuildError::new(format!("`{kind}` needs the variable {variable}, or `{key}` in its target"))
    }
}

impl ProviderFactory for Vendor {
    fn describe(&self) -> Description {
        Description {
            kind: self.kind,
            env: self.env.iter().map(Env::describe).collect(),
            base_url: self.base_url,
            surfaces: &[SurfaceKind::Chat],
        }
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct None {}
        let None {} = settings.parse()?;
        let root = self.api_root(cx)?;
        let (origin, path) = Origin::split(&root).map_err(|e| BuildError::new(e.to_string()))?;
        let credentials = Arc::new(StaticCredential(self.credential(cx)?));
        let provider = Arc::new(Compatible::new(*self, &path, cx.headers.clone()));
        Ok(Built { provider, origin, credentials })
    }
}

impl Env {
    fn describe(&self) -> EnvVar {
        let (name, meaning, required) = match self {
            Self::Key(name) => (name, "the key", true),
            Self::BaseUrl(name) => (name, "the API root", false),
            Self::Host(name, _) => (name, "the server", true),
            Self::Account(name) => (name, "the account", true),
        };
        EnvVar { name, meaning, required }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferro_core::TargetId;
    use http::HeaderMap;

    static GROQ: Vendor = Vendor {
        kind: "groq",
        base_url: "https://api.groq.com/openai/v1",
        env: &[Env::Key("GROQ_API_KEY"), Env::BaseUrl("GROQ_BASE_URL")],
        ..Vendor::OPENAI_SHAPED
    };

    fn build(
        base_url: Option<&str>,
        vars: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Built, BuildError> {
        let (target, headers) = (TargetId::from("t"), HeaderMap::new());
        let cx = BuildContext {
            target: &target,
            base_url,
            api_key: None,
            headers: &headers,
            models: &[],
            vars,
        };
        GROQ.build(&cx, Settings::default())
    }

    #[test]
    fn both_forms_of_a_base_url_lead_to_the_same_place() {
        for (url, root) in [
            ("https://api.groq.com/openai", "https://api.groq.com/openai/v1"),
            ("https://api.groq.com/openai/v1/", "https://api.groq.com/openai/v1"),
            ("http://127.0.0.1:9", "http://127.0.0.1:9/v1"),
            ("http://proxy/groq", "http://proxy/groq"),
        ] {
            assert_eq!(GROQ.versioned(url), root, "{url}");
        }
    }

    #[test]
    fn a_missing_key_names_the_variable() {
        let error = build(None, &|_| None).unwrap_err();
        assert!(error.to_string().contains("GROQ_API_KEY"), "{error}");
        let built = build(None, &|name| (name == "GROQ_API_KEY").then(|| "sk-1".into())).unwrap();
        assert_eq!(built.origin.to_string(), "https://api.groq.com");
    }
}
