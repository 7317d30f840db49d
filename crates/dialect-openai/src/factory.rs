//! The factory that every row is: from an operator's words to a provider at a place.

use std::sync::Arc;

use ferro_core::{
    ApiKey, BuildContext, BuildError, Built, Credential, CredentialSource, Description, EnvVar,
    Origin, ProviderFactory, Secret, Settings, StaticCredential, Vars,
};

use crate::{Env, Tokens, Vendor, provider::Compatible};

impl ProviderFactory for Vendor {
    fn describe(&self) -> Description {
        let tokens = self.tokens.iter().flat_map(Tokens::describe);
        let env: Vec<_> = self.env.iter().map(Env::describe).chain(tokens).collect();
        let description = Description::new(self.kind, self.surfaces).with_env(env);
        description.with_base_url(self.base_url)
    }

    /// A client's name and secret stand in for the key.
    fn is_configured(&self, vars: Vars<'_>) -> bool {
        let mut description = self.describe();
        if self.tokens.is_some_and(|tokens| tokens.are_configured(vars)) {
            description.env.retain(|var| !self.env.contains(&Env::Key(var.name)));
        }
        description.is_configured(vars)
    }

    fn build(&self, cx: &BuildContext<'_>, settings: Settings) -> Result<Built, BuildError> {
        let row = self.corrected(settings)?;
        let root = self.api_root(cx)?;
        let (origin, path) = split(&root)?;
        let tokens = self.tokens.filter(|_| !self.has_key(cx));
        let credentials: Arc<dyn CredentialSource> =
            match tokens.and_then(|tokens| tokens.source(&origin, cx)) {
                Some(tokens) => Arc::new(tokens?),
                None => Arc::new(StaticCredential(self.credential(cx)?)),
            };
        let provider = Compatible::new(&row, &path, cx.headers.clone(), self.models(cx));
        let mut built = Built::new(Arc::new(provider), origin, credentials);
        if self.place(cx).is_none() {
            for (name, url) in self.hosts {
                built = built.with_other(name, split(url)?.0);
            }
        }
        Ok(built)
    }
}

fn split(url: &str) -> Result<(Origin, String), BuildError> {
    Origin::split(url).map_err(|error| BuildError::new(error.to_string()))
}

/// What an operator says of a vendor. Also for one whose wire is its own: its row then says no more
/// than where it lives, which variables configure it and which models it has.
impl Vendor {
    /// The key: the target's own, or the environment's; none for a server that may do without.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing.
    pub fn credential(&self, cx: &BuildContext<'_>) -> Result<Credential, BuildError> {
        let Some(secret) = cx.api_key.cloned().or_else(|| self.key_of(cx)) else {
            let required = self.env.iter().find_map(|env| match env {
                Env::Key(name) => Some(*name),
                _ => None,
            });
            return match required {
                Some(name) => Err(self.missing(name, "api_key")),
                None => Ok(Credential::None),
            };
        };
        let key = ApiKey::new(secret).ok_or_else(|| {
            BuildError::new("the key holds a character that no HTTP header may carry")
        })?;
        Ok(Credential::ApiKey(key))
    }

    /// The environment's key.
    fn key_of(&self, cx: &BuildContext<'_>) -> Option<Secret> {
        self.env.iter().find_map(|env| match env {
            Env::Key(name) | Env::OptionalKey(name) => cx.var(name).map(Secret::new),
            _ => None,
        })
    }

    fn has_key(&self, cx: &BuildContext<'_>) -> bool {
        cx.api_key.is_some() || self.key_of(cx).is_some()
    }

    /// The models that the environment says it has, or that it is taken to have.
    pub fn models(&self, cx: &BuildContext<'_>) -> Vec<String> {
        let lists = self.env.iter().rev().filter_map(|env| match env {
            Env::Models(name) => cx.var(name),
            _ => None,
        });
        let listed = lists.map(|list| models_in(&list)).find(|models| !models.is_empty());
        listed.unwrap_or_else(|| self.models.iter().map(|&model| model.to_owned()).collect())
    }

    pub(crate) fn missing(&self, variable: &str, key: &str) -> BuildError {
        let kind = self.kind;
        BuildError::new(format!("`{kind}` needs the variable {variable}, or `{key}` in its target"))
    }
}

/// Servers use the same kind of variable for the folder where their models lie, so a path may stand
/// where names were meant.
fn models_in(list: &str) -> Vec<String> {
    let is_path = |name: &str| {
        name.starts_with(['/', '~', '.'])
            || name.contains('\\')
            || matches!(name.as_bytes(), [drive, b':', b'/', ..] if drive.is_ascii_alphabetic())
    };
    let names = list.split(',').map(str::trim);
    names.filter(|name| !name.is_empty() && !is_path(name)).map(str::to_owned).collect()
}

impl Env {
    fn describe(&self) -> EnvVar {
        let (name, meaning, required) = match self {
            Self::Key(name) => (name, "the key", true),
            Self::OptionalKey(name) => (name, "the key", false),
            Self::BaseUrl(name) => (name, "the API root", false),
            Self::Host(name) => (name, "the server", true),
            Self::Account(name) => (name, "the account", true),
            Self::Models(name) => (name, "the models it has, separated by commas", false),
        };
        EnvVar { name, meaning, required }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferro_core::{Owns, TargetId};
    use http::HeaderMap;

    static LOCAL: Vendor = Vendor {
        kind: "local",
        base_url: "http://localhost:1/v1",
        env: &[Env::OptionalKey("KEY"), Env::Models("OLD_MODELS"), Env::Models("MODELS")],
        models: &["default"],
        ..Vendor::OPENAI_SHAPED
    };
    static KEYED: Vendor = Vendor { env: &[Env::Key("KEY")], ..LOCAL };

    fn build(vendor: &Vendor, vars: &[(&str, &str)]) -> Result<Built, BuildError> {
        let (target, headers) = (TargetId::from("t"), HeaderMap::new());
        let vars = |name: &str| {
            vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).to_owned())
        };
        let cx = BuildContext::new(&target, &headers, &vars);
        vendor.build(&cx, Settings::default())
    }

    #[test]
    fn a_missing_key_names_the_variable_where_one_is_needed() {
        let error = build(&KEYED, &[]).unwrap_err();
        assert!(error.to_string().contains("KEY"), "{error}");
        build(&KEYED, &[("KEY", "sk-1")]).unwrap();
        build(&LOCAL, &[]).unwrap();
    }

    #[test]
    fn listed_models_are_its_own_and_the_last_list_counts() {
        let owned =
            |vars: &[(&str, &str)], model: &str| build(&LOCAL, vars).unwrap().provider.owns(model);
        assert_eq!(owned(&[], "default"), Owns::Yes);
        assert_eq!(owned(&[], "other"), Owns::Any);
        let old = ("OLD_MODELS", "a, b:7b");
        assert_eq!(owned(&[old], "b:7b"), Owns::Yes);
        assert_eq!(owned(&[old], "default"), Owns::Any);
        assert_eq!(owned(&[old, ("MODELS", "c")], "a"), Owns::Any);
        assert_eq!(owned(&[old, ("MODELS", "c")], "c"), Owns::Yes);
    }

    #[test]
    fn a_path_is_no_model() {
        let paths = r"/usr/share/models, ~/models,./m,../m,C:\models,D:/models,hf.co/org/m,x";
        assert_eq!(models_in(paths), ["hf.co/org/m", "x"]);
        let provider = build(&LOCAL, &[("OLD_MODELS", "/var/lib/models")]).unwrap().provider;
        assert_eq!(provider.owns("default"), Owns::Yes);
    }
}
