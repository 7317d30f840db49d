//! In what a host of this wire differs from Anthropic's own.

use std::borrow::Cow;

/// A host of this wire, as an operator configured it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Profile {
    /// The version of the wire, in the host's own word: `2023-06-01`, `vertex-2023-10-16`.
    pub version: Cow<'static, str>,
    /// Where the version stands.
    pub version_in: Place,
    /// Where the model stands, and that a stream is wanted: in the body, or with the path.
    pub model_in: Place,
    /// Where the names of beta features stand.
    pub betas_in: Place,
    /// The beta features that the operator wants in every request.
    pub betas: Vec<String>,
    /// Whether it fetches images and documents by URL. One that does not needs their bytes.
    pub takes_urls: bool,
    /// Whether files can be uploaded there, and then be named.
    pub keeps_files: bool,
    /// How much a model may think, where that is said in tokens.
    pub budgets: Budgets,
}

/// Where something stands that each host wants elsewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// In a header, which whoever sends the body adds.
    Header,
    /// In the body.
    Body,
    /// In the path, or nowhere.
    Elsewhere,
}

/// Tokens to think with, by the word for the effort.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budgets {
    /// For `minimal` and `low`.
    pub low: u64,
    /// For `medium`.
    pub medium: u64,
    /// For `high`.
    pub high: u64,
    /// For `xhigh`.
    pub xhigh: u64,
    /// For `max`.
    pub max: u64,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { low: 1024, medium: 2048, high: 4096, xhigh: 8192, max: 16_384 }
    }
}

impl Profile {
    /// The version of the wire that everybody speaks.
    pub const VERSION: &'static str = "2023-06-01";
    /// The first version that knows no sampling parameters.
    const WITHOUT_SAMPLING: &'static str = "2026-10-21";

    /// Anthropic's own host, Azure's, and whoever else serves `/v1/messages`.
    pub fn anthropic() -> Self {
        Self {
            version: Cow::Borrowed(Self::VERSION),
            version_in: Place::Header,
            model_in: Place::Body,
            betas_in: Place::Header,
            betas: Vec::new(),
            takes_urls: true,
            keeps_files: true,
            budgets: Budgets::default(),
        }
    }

    /// Google's `rawPredict`: the path names the model.
    pub fn vertex() -> Self {
        Self {
            version: Cow::Borrowed("vertex-2023-10-16"),
            version_in: Place::Body,
            model_in: Place::Elsewhere,
            takes_urls: false,
            keeps_files: false,
            ..Self::anthropic()
        }
    }

    /// Amazon's `InvokeModel`: the path names the model, and the body everything else.
    pub fn bedrock() -> Self {
        Self {
            version: Cow::Borrowed("bedrock-2023-05-31"),
            betas_in: Place::Body,
            ..Self::vertex()
        }
    }

    /// The same, in another version of the wire.
    pub fn with_version(self, version: impl Into<Cow<'static, str>>) -> Self {
        Self { version: version.into(), ..self }
    }

    /// The same, with the beta features that an operator wants.
    pub fn with_betas(self, betas: Vec<String>) -> Self {
        Self { betas, ..self }
    }

    /// The same, with other amounts to think with.
    pub fn with_budgets(self, budgets: Budgets) -> Self {
        Self { budgets, ..self }
    }

    /// Whether the version knows `temperature`, `top_p` and `top_k`.
    pub(crate) fn knows_sampling(&self) -> bool {
        // Versions are dates, which compare as texts; hosts of their own prefix older ones.
        &*self.version < Self::WITHOUT_SAMPLING || !self.version.starts_with("20")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_autumn_2026_knows_no_sampling() {
        assert!(Profile::anthropic().knows_sampling());
        assert!(Profile::vertex().knows_sampling() && Profile::bedrock().knows_sampling());
        assert!(!Profile::anthropic().with_version("2026-10-21").knows_sampling());
        assert!(!Profile::vertex().with_version("2026-10-21").knows_sampling());
    }
}
