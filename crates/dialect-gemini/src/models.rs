//! What differs between generations of the models, as data.
//!
//! Sources, by excerpts of 2026-11-30: `https://ai.google.dev/gemini-api/docs/thinking` (budgets, levels),
//! `https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/thinking` (levels by model),
//! `https://ai.google.dev/gemini-api/docs/models/gemini-3.7-flash` (from 3.7 on `minimal` is an error),
//! `https://ai.google.dev/gemini-api/docs/thought-signatures` (who checks them),
//! `https://ai.google.dev/gemini-api/docs/structured-output` (JSON schema from 2.5 on),
//! `https://github.com/0xPlaygrounds/rig/issues/788` (Gemma 3 takes no system instruction).

/// How a model is told how much to think.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Thinking {
    /// It is not told.
    Untold,
    /// By a number of tokens between these; zero where it may be kept from thinking.
    Budget { least: u32, most: u32, may_be_off: bool },
    /// By one of these words, the least first.
    Levels(&'static [Level]),
}

/// How much to think, in the vendor's words.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Level {
    Minimal,
    Low,
    Medium,
    High,
}

impl Level {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "MINIMAL",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
        }
    }
}

/// What a generation of models brought.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Age {
    /// Before 2.5.
    Old,
    SecondAndAHalf,
    /// 3 and whatever comes.
    Newest,
}

/// What is known of the models whose names begin so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Generation {
    /// How their names begin, without `models/`.
    begins: &'static str,
    age: Age,
    /// How they are told how much to think.
    pub(crate) thinking: Thinking,
    /// Whether they are told what the operator says beside what the user says.
    pub(crate) hears_operator: bool,
}

impl Generation {
    /// Whether it refuses a step whose first call lacks its signature.
    pub(crate) fn checks_signatures(&self) -> bool {
        self.age == Age::Newest
    }

    /// Whether it takes a JSON schema as it is.
    pub(crate) fn takes_json_schema(&self) -> bool {
        self.age >= Age::SecondAndAHalf
    }

    /// Whether a function's result may hold media.
    pub(crate) fn takes_media_results(&self) -> bool {
        self.age == Age::Newest
    }

    /// Whether a turn of media alone wants a word beside it.
    pub(crate) fn wants_words(&self) -> bool {
        self.age == Age::Old
    }
}

const fn row(begins: &'static str, age: Age, thinking: Thinking) -> Generation {
    Generation { begins, age, thinking, hears_operator: true }
}

/// The same, told everything by the user.
const fn without_operator(row: Generation) -> Generation {
    Generation { hears_operator: false, ..row }
}

const fn between(least: u32, most: u32, may_be_off: bool) -> Thinking {
    Thinking::Budget { least, most, may_be_off }
}

const LOW_ON: Thinking = Thinking::Levels(&[Level::Low, Level::Medium, Level::High]);
const MINIMAL_ON: Thinking =
    Thinking::Levels(&[Level::Minimal, Level::Low, Level::Medium, Level::High]);

/// By the beginning of their names, the first that fits. The last is also what a name is taken for
/// that is not known, such as `gemini-flash-latest`.
const GENERATIONS: &[Generation] = &[
    row("gemini-3-pro-image", Age::Newest, Thinking::Untold),
    row("gemini-3.1-flash-image", Age::Newest, Thinking::Levels(&[Level::Minimal, Level::High])),
    row("gemini-3-pro", Age::Newest, Thinking::Levels(&[Level::Low, Level::High])),
    row("gemini-3-flash", Age::Newest, MINIMAL_ON),
    row("gemini-3.1-flash", Age::Newest, MINIMAL_ON),
    row("gemini-3.5-flash", Age::Newest, MINIMAL_ON),
    row("gemini-3.6-flash", Age::Newest, MINIMAL_ON),
    row("gemini-2.5-flash-image", Age::SecondAndAHalf, Thinking::Untold),
    // These speak, and do not think.
    row("gemini-2.5-flash-preview-tts", Age::SecondAndAHalf, Thinking::Untold),
    row("gemini-2.5-flash-tts", Age::SecondAndAHalf, Thinking::Untold),
    row("gemini-2.5-flash-lite-preview-tts", Age::SecondAndAHalf, Thinking::Untold),
    row("gemini-2.5-pro-preview-tts", Age::SecondAndAHalf, Thinking::Untold),
    row("gemini-2.5-pro-tts", Age::SecondAndAHalf, Thinking::Untold),
    row("gemini-2.5-flash-lite", Age::SecondAndAHalf, between(512, 24_576, true)),
    row("gemini-2.5-flash", Age::SecondAndAHalf, between(1, 24_576, true)),
    row("gemini-2.5-pro", Age::SecondAndAHalf, between(128, 32_768, false)),
    row("gemini-2.5", Age::SecondAndAHalf, Thinking::Untold),
    row("gemini-robotics-er-1.5", Age::SecondAndAHalf, between(1, 24_576, true)),
    row("gemini-2.0", Age::Old, Thinking::Untold),
    row("gemini-1.", Age::Old, Thinking::Untold),
    row("gemini-pro-latest", Age::Newest, LOW_ON),
    row("gemini-pro", Age::Old, Thinking::Untold),
    without_operator(row("gemma-2", Age::Old, Thinking::Untold)),
    without_operator(row("gemma-3", Age::Old, Thinking::Untold)),
    row("gemma-", Age::Old, Thinking::Untold),
    row("learnlm-", Age::Old, Thinking::Untold),
    row("", Age::Newest, LOW_ON),
];

/// What is known of a model by its name, whatever path stands before it.
pub(crate) fn generation(model: &str) -> &'static Generation {
    let name = model.rsplit('/').next().unwrap_or(model);
    let fits = |generation: &&Generation| name.starts_with(generation.begins);
    GENERATIONS.iter().find(fits).expect("the last row fits every name")
}

/// Efforts in tokens, as far as a budget has to stand for a word.
pub(crate) fn budget(effort: &str) -> Option<u32> {
    Some(match effort {
        "none" => 0,
        "minimal" | "low" => 1024,
        "medium" => 2048,
        "high" => 4096,
        "xhigh" => 8192,
        "max" => 16_384,
        _ => return None,
    })
}

/// The level that an effort comes to where there are only `levels`: the next one up, and for none at
/// all the least.
pub(crate) fn level(effort: &str, levels: &[Level]) -> Option<Level> {
    let wanted = match effort {
        "none" | "minimal" => Level::Minimal,
        "low" => Level::Low,
        "medium" => Level::Medium,
        "high" | "xhigh" | "max" => Level::High,
        _ => return None,
    };
    levels.iter().copied().find(|level| *level >= wanted).or(levels.last().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(model: &str) -> &'static [Level] {
        match generation(model).thinking {
            Thinking::Levels(levels) => levels,
            other => panic!("{model}: {other:?}"),
        }
    }

    #[test]
    fn an_effort_is_the_next_level_that_the_model_has() {
        for (model, effort, expected) in [
            ("gemini-3-pro-preview", "minimal", Level::Low),
            ("gemini-3-pro-preview", "none", Level::Low),
            ("gemini-3-pro-preview", "medium", Level::High),
            ("models/gemini-3.1-pro-preview", "medium", Level::Medium),
            ("gemini-3-flash-preview", "none", Level::Minimal),
            ("gemini-3.5-flash", "low", Level::Low),
            ("gemini-3.6-flash", "minimal", Level::Minimal),
            ("gemini-3.7-flash", "minimal", Level::Low),
            ("gemini-3.8-flash", "none", Level::Low),
            ("gemini-3.1-flash-image-preview", "low", Level::High),
            ("gemini-pro-latest", "medium", Level::Medium),
            ("gemini-flash-latest", "max", Level::High),
        ] {
            assert_eq!(level(effort, levels(model)), Some(expected), "{model} {effort}");
        }
        assert_eq!(level("much", levels("gemini-3.5-flash")), None);
    }

    #[test]
    fn a_generation_is_known_by_the_beginning_of_its_name() {
        let lite = generation("publishers/google/models/gemini-2.5-flash-lite-001").thinking;
        assert_eq!(lite, Thinking::Budget { least: 512, most: 24_576, may_be_off: true });
        assert!(!generation("gemini-2.0-flash").takes_json_schema());
        assert!(generation("gemini-2.5-pro").takes_json_schema());
        assert!(generation("gemini-9-ultra").checks_signatures());
        assert!(!generation("gemini-2.5-pro").checks_signatures());
        for untold in ["gemini-3-pro-image-preview", "gemini-2.5-pro-preview-tts"] {
            assert_eq!(generation(untold).thinking, Thinking::Untold, "{untold}");
        }
        assert!(generation("gemini-pro-latest").checks_signatures());
        assert!(!generation("gemma-3-27b-it").hears_operator);
        assert!(generation("gemma-4-31b-it").hears_operator);
    }
}
