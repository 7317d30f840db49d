//! Sets of words out of short lists: what a model serves, takes, gives and can do.

/// Kinds of call, by the words of `SurfaceKind`, and the few that have no surface yet.
pub const SURFACES: List = List(&[
    "chat",
    "messages",
    "responses",
    "generate",
    "completions",
    "embeddings",
    "images",
    "rerank",
    "moderations",
    "speech",
    "transcription",
    "video",
    "ocr",
]);

/// What a prompt or an answer may consist of.
pub const MODALITIES: List = List(&["text", "image", "audio", "video", "file"]);

/// What a model can do.
pub const CAPABILITIES: List = List(&[
    "tools",
    "structured_output",
    "json_mode",
    "reasoning",
    "vision",
    "audio_input",
    "audio_output",
    "prompt_caching",
    "parallel_tools",
]);

/// A list of at most sixteen words.
#[derive(Clone, Copy, Debug)]
pub struct List(pub &'static [&'static str]);

impl List {
    /// The set that holds `word` alone, if the list knows it.
    pub fn bit(self, word: &str) -> Option<u16> {
        self.0.iter().position(|known| *known == word).map(|place| 1 << place)
    }

    /// Reads words with commas between them.
    ///
    /// # Errors
    /// When a word is not in the list.
    pub fn parse(self, text: &str) -> Result<u16, String> {
        let words = text.split(',').filter(|word| !word.is_empty() && *word != "-");
        words.into_iter().try_fold(0, |set, word| {
            let known = || format!("`{word}` is none of {}", self.0.join(", "));
            self.bit(word).map(|bit| set | bit).ok_or_else(known)
        })
    }

    /// The words of a set.
    pub fn words(self, set: u16) -> impl Iterator<Item = &'static str> {
        let words = self.0.iter().enumerate();
        words.filter(move |(place, _)| set & (1 << place) != 0).map(|(_, word)| *word)
    }

    /// The words of a set with commas between them; `-` for none.
    pub fn text(self, set: u16) -> String {
        let words: Vec<_> = self.words(set).collect();
        if words.is_empty() { "-".to_owned() } else { words.join(",") }
    }
}
