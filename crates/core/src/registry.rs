//! What a build can be configured to use.

use std::sync::Arc;

use crate::{
    ByScript, Evidence, Ingress, PluginFactory, ProviderFactory, Tokenizer, Tried, Vocabulary,
};

/// The factories and dialects of one build. A value, not a global: a binary lists what it wants.
///
/// ```
/// use ferro_core::Registry;
/// let registry = Registry::new();
/// let unknown = registry.provider("acme").err().unwrap();
/// assert_eq!(unknown.to_string(), "unknown provider `acme`; this build has none");
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    providers: Vec<&'static dyn ProviderFactory>,
    /// By what some of them were tried, by their kinds.
    tried: Vec<(&'static str, Tried)>,
    plugins: Vec<&'static dyn PluginFactory>,
    ingresses: Vec<&'static Ingress>,
    vocabularies: Vec<&'static Vocabulary>,
}

/// A name that this build does not know. The message lists those it does.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown {what} `{name}`; this build has {}", listing(.known))]
pub struct UnknownKind {
    what: &'static str,
    name: String,
    known: Vec<&'static str>,
}

impl Registry {
    /// A registry of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a crate's providers. A kind that is already there keeps its first factory, so what a
    /// binary lists first wins; [`duplicates`](Self::duplicates) tells.
    #[must_use]
    pub fn providers(mut self, factories: &[&'static dyn ProviderFactory]) -> Self {
        self.providers.extend_from_slice(factories);
        self
    }

    /// Adds a crate's providers, and by what they were tried.
    #[must_use]
    pub fn tried_providers(
        mut self,
        factories: &[&'static dyn ProviderFactory],
        evidence: &Evidence,
    ) -> Self {
        let kinds = factories.iter().map(|factory| factory.describe().kind);
        let new: Vec<_> = kinds.filter(|kind| self.tried(kind).is_none()).collect();
        self.tried.extend(new.into_iter().map(|kind| (kind, Tried::of(kind, evidence))));
        self.providers(factories)
    }

    /// By what a kind of provider was tried, if whoever listed it knows.
    pub fn tried(&self, kind: &str) -> Option<&Tried> {
        self.tried.iter().find(|(other, _)| *other == kind).map(|(_, tried)| tried)
    }

    /// Adds a crate's plugins.
    #[must_use]
    pub fn plugins(mut self, factories: &[&'static dyn PluginFactory]) -> Self {
        self.plugins.extend_from_slice(factories);
        self
    }

    /// Adds a dialect that clients may speak.
    #[must_use]
    pub fn ingress(mut self, ingress: &'static Ingress) -> Self {
        self.ingresses.push(ingress);
        self
    }

    /// Adds vocabularies by which tokens can be counted.
    #[must_use]
    pub fn vocabularies(mut self, vocabularies: &[&'static Vocabulary]) -> Self {
        self.vocabularies.extend_from_slice(vocabularies);
        self
    }

    /// The dialects that clients may speak.
    pub fn ingresses(&self) -> &[&'static Ingress] {
        &self.ingresses
    }

    /// Every provider factory, in the order in which they were listed.
    pub fn provider_factories(&self) -> &[&'static dyn ProviderFactory] {
        &self.providers
    }

    /// Every plugin factory, in the order in which they were listed.
    pub fn plugin_factories(&self) -> &[&'static dyn PluginFactory] {
        &self.plugins
    }

    /// The factory of a kind of provider.
    pub fn provider(&self, kind: &str) -> Result<&'static dyn ProviderFactory, UnknownKind> {
        self.providers.iter().copied().find(|factory| factory.describe().kind == kind).ok_or_else(
            || {
                let known = self.providers.iter().map(|factory| factory.describe().kind);
                UnknownKind { what: "provider", name: kind.to_owned(), known: sorted(known) }
            },
        )
    }

    /// The factory of a plugin.
    pub fn plugin(&self, name: &str) -> Result<&'static dyn PluginFactory, UnknownKind> {
        self.plugins.iter().copied().find(|factory| factory.name() == name).ok_or_else(|| {
            let known = self.plugins.iter().map(|factory| factory.name());
            UnknownKind { what: "plugin", name: name.to_owned(), known: sorted(known) }
        })
    }

    /// Whoever counts tokens by the vocabulary of this name; none is needed to count by scripts.
    pub fn tokenizer(&self, name: &str) -> Result<Arc<dyn Tokenizer>, UnknownKind> {
        if name == ByScript::NAME {
            return Ok(Arc::new(ByScript));
        }
        let known = self.vocabularies.iter().find(|vocabulary| vocabulary.name == name);
        known.map(|vocabulary| (vocabulary.open)()).ok_or_else(|| {
            let known = self.vocabularies.iter().map(|vocabulary| vocabulary.name);
            let known = sorted(known.chain([ByScript::NAME]));
            UnknownKind { what: "tokenizer", name: name.to_owned(), known }
        })
    }

    /// Names that are listed more than once.
    pub fn duplicates(&self) -> Vec<&'static str> {
        let kinds = self.providers.iter().map(|factory| factory.describe().kind);
        let all = sorted(kinds.chain(self.plugins.iter().map(|factory| factory.name())));
        let mut twice: Vec<_> = all.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
        twice.dedup();
        twice
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds = self.providers.iter().map(|factory| factory.describe().kind);
        f.debug_list().entries(kinds).finish()
    }
}

fn sorted(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

fn listing(known: &[&str]) -> String {
    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
}
