//! A model's name: whose it is, what its family takes, and how it stands in a path.

use ferro_core::{ErrorKind, ProviderError};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// What a segment of a path may hold as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The longest name, by the service's model.
const LONGEST: usize = 2048;

/// Prefixes of inference profiles that span regions.
const GEOGRAPHIES: [&str; 9] =
    ["us.", "eu.", "apac.", "us-gov.", "jp.", "au.", "ca.", "sa.", "global."];

/// Who made a model, as far as its requests differ.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Family {
    /// Claude.
    Anthropic,
    /// Nova, and what came before it.
    Amazon,
    /// Command.
    Cohere,
    /// Mistral's.
    Mistral,
    /// Llama.
    Meta,
    /// Open models of OpenAI's.
    Openai,
    /// DeepSeek's.
    Deepseek,
    /// Qwen.
    Qwen,
    /// Somebody whose models differ in nothing that is known here.
    Other,
}

/// The vendors' prefixes of model names.
const VENDORS: &[(&str, Family)] = &[
    ("ai21", Family::Other),
    ("amazon", Family::Amazon),
    ("anthropic", Family::Anthropic),
    ("cohere", Family::Cohere),
    ("deepseek", Family::Deepseek),
    ("google", Family::Other),
    ("meta", Family::Meta),
    ("minimax", Family::Other),
    ("mistral", Family::Mistral),
    ("moonshot", Family::Other),
    ("moonshotai", Family::Other),
    ("nvidia", Family::Other),
    ("openai", Family::Openai),
    ("qwen", Family::Qwen),
    ("stability", Family::Other),
    ("twelvelabs", Family::Other),
    ("writer", Family::Other),
    ("zai", Family::Other),
];

/// A model's name, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model<'a> {
    name: &'a str,
    /// The name without ARN and geography.
    bare: &'a str,
    /// Whose it is; `None` where the name does not tell, as those of profiles and imports.
    pub(crate) family: Option<Family>,
}

impl<'a> Model<'a> {
    /// Takes a name apart. `told` is the operator's word for names that do not tell.
    pub(crate) fn new(name: &'a str, told: Option<Family>) -> Self {
        let last = if is_arn(name) { name.rsplit('/').next().unwrap_or(name) } else { name };
        let bare = GEOGRAPHIES.iter().find_map(|prefix| last.strip_prefix(prefix)).unwrap_or(last);
        Self { name, bare, family: vendor(bare).or(told) }
    }

    /// Whether the name says that it is Bedrock's.
    pub(crate) fn is_known(&self) -> bool {
        is_arn(self.name) || vendor(self.bare).is_some()
    }

    /// The model that a profile with a geography leads to, by the name of either.
    pub(crate) fn foundation(self) -> Self {
        if vendor(self.bare).is_some() { Self { name: self.bare, ..self } } else { self }
    }

    /// The region that an ARN names.
    pub(crate) fn region(&self) -> Option<&'a str> {
        let region = is_arn(self.name).then(|| self.name.split(':').nth(3)).flatten();
        region.filter(|region| !region.is_empty())
    }

    /// The name as one segment of a path, in which nothing of it is a separator.
    pub(crate) fn segment(&self) -> Result<String, ProviderError> {
        let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/+".contains(&byte);
        let is_name = (1..=LONGEST).contains(&self.name.len())
            && self.name.bytes().all(is_named)
            && (is_arn(self.name) || !self.name.contains('/'))
            && self.name.split('/').all(|part| part.contains(|c: char| c.is_ascii_alphanumeric()));
        if is_name {
            return Ok(utf8_percent_encode(self.name, SEGMENT).to_string());
        }
        let shown: String = self.name.chars().take(100).collect();
        let message = format!(
            "`{shown}` is no name of a model here: write one like \
             `anthropic.claude-sonnet-4-5-20250929-v1:0`, a profile like `us.amazon.nova-pro-v1:0`, \
             or an ARN"
        );
        Err(ProviderError::new(ErrorKind::NotFound).with_message(message))
    }

    /// Whether it is Claude.
    pub(crate) fn is_claude(&self) -> bool {
        self.family == Some(Family::Anthropic)
    }

    /// Whether it is one of Nova's.
    pub(crate) fn is_nova(&self) -> bool {
        self.family == Some(Family::Amazon) && !self.bare.starts_with("amazon.titan")
    }

    /// Whether it is a Nova that thinks when asked.
    fn is_thinking_nova(&self) -> bool {
        self.bare.starts_with("amazon.nova-2") || self.bare.starts_with("amazon.nova-premier-v2")
    }

    /// Claude's generation, such as (4, 5); `None` where the name does not tell.
    fn generation(&self) -> Option<(u32, u32)> {
        let numbers = self.bare.split(['-', '.', ':']).filter_map(|word| word.parse::<u32>().ok());
        // What follows is a date, or the version of the deployment behind a `v`.
        let mut numbers = numbers.take_while(|number| *number < 100);
        numbers.next().map(|major| (major, numbers.next().unwrap_or(0)))
    }

    fn is_claude_since(&self, generation: (u32, u32)) -> bool {
        // A name that does not tell is taken for a model of today.
        self.is_claude() && self.generation().is_none_or(|own| own >= generation)
    }

    /// How it is asked to think.
    pub(crate) fn thinking(&self) -> Thinking {
        match self.family {
            Some(Family::Anthropic) if self.is_claude_since((4, 6)) => Thinking::Adaptive,
            Some(Family::Anthropic) if self.is_claude_since((3, 7)) => Thinking::Budget,
            Some(Family::Amazon) if self.is_thinking_nova() => Thinking::NovaEffort,
            Some(Family::Openai) => Thinking::Effort,
            _ => Thinking::Never,
        }
    }

    /// How it is told how many tokens are drawn from.
    pub(crate) fn top_k(&self) -> TopK {
        match self.family {
            Some(Family::Anthropic | Family::Mistral) => TopK::Field("top_k"),
            Some(Family::Cohere) => TopK::Field("k"),
            Some(Family::Amazon) if self.is_nova() => TopK::Nova,
            _ => TopK::Never,
        }
    }

    /// Whether it takes no sampling parameters at all.
    pub(crate) fn refuses_sampling(&self) -> bool {
        self.is_claude() && self.generation().is_some_and(|own| own >= (4, 7))
    }

    /// Whether it takes `temperature` or `top_p`, and not both.
    pub(crate) fn takes_one_of_temperature_and_top_p(&self) -> bool {
        self.is_claude() && self.generation().is_some_and(|own| own >= (4, 1))
    }

    /// Whether a reply can be bound to a JSON schema.
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html>, read 2026-11-29.
    pub(crate) fn takes_schemas(&self) -> bool {
        match self.family {
            Some(Family::Anthropic) => self.is_claude_since((4, 5)),
            Some(Family::Openai | Family::Qwen | Family::Deepseek) => {
                !self.bare.starts_with("deepseek.r1")
            }
            Some(Family::Mistral) => ["ministral", "magistral", "voxtral", "mistral-large-3"]
                .iter()
                .any(|name| self.bare.contains(name)),
            Some(Family::Other) => ["google.", "minimax.", "moonshot", "nvidia."]
                .iter()
                .any(|vendor| self.bare.starts_with(vendor)),
            _ => false,
        }
    }

    /// Whether it can be made to call some tool; else the choice is its own.
    pub(crate) fn takes_any_tool(&self) -> bool {
        let is_large = || self.bare.contains("large");
        match self.family {
            None | Some(Family::Anthropic | Family::Openai) => true,
            Some(Family::Amazon) => self.is_nova(),
            Some(Family::Mistral) => is_large(),
            _ => false,
        }
    }

    /// Whether it can be made to call a certain tool.
    pub(crate) fn takes_named_tool(&self) -> bool {
        self.takes_any_tool() && self.family != Some(Family::Mistral)
    }

    /// Whether a result may say that it reports a failure.
    pub(crate) fn takes_result_status(&self) -> bool {
        self.family.is_none() || self.is_claude() || self.is_nova()
    }

    /// Whether it takes cache points, in a conversation.
    pub(crate) fn takes_cache_points(&self) -> bool {
        self.family.is_none() || self.is_claude() || self.is_nova()
    }

    /// Whether it takes cache points behind tools, and is told how long they live.
    pub(crate) fn takes_all_cache_points(&self) -> bool {
        self.takes_cache_points() && !self.is_nova()
    }
}

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Thinking {
    /// It is not.
    Never,
    /// Claude, as much as it likes, with an effort.
    Adaptive,
    /// Claude, with a number of tokens.
    Budget,
    /// Nova, with an effort of its own words.
    NovaEffort,
    /// Models whose field is called as the client's.
    Effort,
}

/// How a model is told how many tokens are drawn from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TopK {
    /// It is not.
    Never,
    /// By a field of this name.
    Field(&'static str),
    /// By Nova's, which stands among its inference parameters.
    Nova,
}

fn is_arn(name: &str) -> bool {
    name.starts_with("arn:")
}

fn vendor(bare: &str) -> Option<Family> {
    let (vendor, _) = bare.split_once('.')?;
    VENDORS.iter().find(|(name, _)| *name == vendor).map(|(_, family)| *family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_family_behind_any_geography_and_arn() {
        let bare = "anthropic.claude-sonnet-4-5-20250929-v1:0";
        for prefix in [""].iter().chain(&GEOGRAPHIES) {
            let name = format!("{prefix}{bare}");
            assert_eq!(Model::new(&name, None).family, Some(Family::Anthropic), "{name}");
            let arn = format!("arn:aws:bedrock:us-west-2:123456789012:inference-profile/{name}");
            let model = Model::new(&arn, None);
            assert_eq!(
                (model.family, model.region()),
                (Some(Family::Anthropic), Some("us-west-2"))
            );
        }
        let import = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl";
        assert_eq!(Model::new(import, None).family, None);
        assert_eq!(Model::new(import, Some(Family::Meta)).family, Some(Family::Meta));
        assert!(Model::new(import, None).is_known() && !Model::new("gpt-4.1", None).is_known());
    }

    #[test]
    fn a_generation_is_read_and_no_date_is_one() {
        let generation = |name| Model::new(name, None).generation();
        for (name, expected) in [
            ("anthropic.claude-sonnet-4-5-20250929-v1:0", Some((4, 5))),
            ("us.anthropic.claude-opus-4-20250514-v1:0", Some((4, 0))),
            ("anthropic.claude-3-7-sonnet-20250219-v1:0", Some((3, 7))),
            ("anthropic.claude-3-haiku-20240307-v1:0", Some((3, 0))),
            ("anthropic.claude-opus-4-6-v1", Some((4, 6))),
            ("anthropic.claude-v2:1", Some((1, 0))),
            ("anthropic.claude-instant", None),
        ] {
            assert_eq!(generation(name), expected, "{name}");
        }
    }

    #[test]
    fn no_name_leaves_its_segment_of_the_path() {
        let segment = |name| Model::new(name, None).segment();
        assert_eq!(
            segment("arn:aws:bedrock:eu-west-1:1:provisioned-model/a1").unwrap(),
            "arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aprovisioned-model%2Fa1"
        );
        assert_eq!(segment("amazon.nova-pro-v1:0").unwrap(), "amazon.nova-pro-v1%3A0");
        let long = "a".repeat(2049);
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "a/../b",
            "a?b",
            "a#b",
            "a b",
            "a%2e",
            "a\n",
            "é",
            "a/b",
            "arn:aws:bedrock:r:1:x/..",
            "arn:aws:bedrock:r:1:x/../y",
            &long,
        ] {
            assert_eq!(segment(bad).unwrap_err().kind(), ErrorKind::NotFound, "{bad}");
        }
    }
}
