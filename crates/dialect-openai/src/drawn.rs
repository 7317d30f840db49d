//! What pictures took: tokens where their vendor counts them, and else pictures of a quality and a size.

use std::borrow::Cow;

use ferro_core::{Images, Usage, chat::Text};
use serde::{Deserialize, de::IgnoredAny};

use crate::{Usages, usage};

/// The pictures that a request asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawn {
    quality: Box<str>,
    size: Box<str>,
    /// How many are whole, where they come in events.
    made: u64,
    /// Whether an event has counted tokens.
    is_counted: bool,
}

/// What a reply, or a picture's last event, says of the pictures.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Made<'a> {
    data: Option<Vec<IgnoredAny>>,
    quality: Option<Text<'a>>,
    size: Option<Text<'a>>,
}

impl Drawn {
    /// Pictures that are asked for in this quality and this size, as far as they are said.
    pub(crate) fn asked(quality: Option<Cow<'_, str>>, size: Option<Cow<'_, str>>) -> Self {
        let said = |word: Option<Cow<'_, str>>| word.as_deref().unwrap_or_default().into();
        Self { quality: said(quality), size: said(size), ..Self::default() }
    }

    /// What a reply in one piece took.
    pub(crate) fn whole(
        &self,
        said: Option<&[u8]>,
        body: &[u8],
        convention: Usages,
    ) -> Option<Usage> {
        in_tokens(said, convention).or_else(|| {
            let made: Made<'_> = serde_json::from_slice(body).ok()?;
            self.pictures(made.data.as_ref()?.len() as u64, &made)
        })
    }

    /// What was taken so far, where an event tells more: by its counts, or because it is the last of a
    /// picture.
    pub(crate) fn event(
        &mut self,
        said: Option<&[u8]>,
        (event, is_last): (&[u8], bool),
        convention: Usages,
    ) -> Option<Usage> {
        let tokens = in_tokens(said, convention);
        self.is_counted |= tokens.is_some();
        if self.is_counted || !is_last {
            return tokens;
        }
        self.made += 1;
        self.pictures(self.made, &serde_json::from_slice(event).unwrap_or_default())
    }

    /// So many pictures. What the vendor says of them counts for more than what was asked for; what is left
    /// to the vendor is as it usually is.
    fn pictures(&self, count: u64, made: &Made<'_>) -> Option<Usage> {
        let word = |said: &Option<Text<'_>>, asked: &str| {
            let words = [said.as_deref().unwrap_or_default(), asked];
            let known = words.into_iter().find(|word| !matches!(*word, "" | "auto"));
            known.unwrap_or_default().to_owned()
        };
        let quality = word(&made.quality, &self.quality);
        let images = Images::new(count).with(quality, word(&made.size, &self.size));
        (count > 0).then(|| Usage::images(vec![images]))
    }
}

/// The tokens that pictures took. What was written is pictures, unless the vendor tells it apart.
fn in_tokens(said: Option<&[u8]>, convention: Usages) -> Option<Usage> {
    let mut usage = usage::read(said?, convention).filter(|usage| usage.total_tokens() > 0)?;
    if usage.completion_image_tokens == 0 {
        usage.completion_image_tokens = usage.completion_tokens;
    }
    Some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn whole(asked: (&'static str, &'static str), body: &str) -> Option<Usage> {
        let said = |word: &'static str| (!word.is_empty()).then_some(Cow::Borrowed(word));
        let members: ferro_core::chat::Members<'_> = serde_json::from_str(body).unwrap();
        let usage = members.get("usage").map(str::as_bytes);
        let convention = Profile::STANDARD.usage;
        Drawn::asked(said(asked.0), said(asked.1)).whole(usage, body.as_bytes(), convention)
    }

    fn images(count: u64, quality: &str, size: &str) -> Usage {
        Usage::images(vec![Images::new(count).with(quality, size)])
    }

    #[test]
    fn pictures_are_counted_by_what_the_reply_says_they_are_and_then_by_what_was_asked_for() {
        let two = r#"{"data":[{"url":"a"},{"url":"b"}]}"#;
        assert_eq!(whole(("hd", "1024x1792"), two), Some(images(2, "hd", "1024x1792")));
        let told = r#"{"data":[{}],"quality":"low","size":"1536x1024"}"#;
        assert_eq!(whole(("high", "auto"), told), Some(images(1, "low", "1536x1024")));
        let left = r#"{"data":[{}],"quality":"auto","size":null}"#;
        assert_eq!(whole(("auto", ""), left), Some(images(1, "", "")));
        assert_eq!(whole(("hd", ""), r#"{"data":[]}"#), None);
    }

    #[test]
    fn tokens_that_a_vendor_counts_stand_alone_and_those_written_are_pictures() {
        let told = r#"{"data":[{}],"quality":"low","size":"1024x1024","usage":{"input_tokens":50,"output_tokens":272,
            "total_tokens":322,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}"#;
        let mut usage = Usage::new(50, 272);
        (usage.prompt_image_tokens, usage.completion_image_tokens) = (40, 272);
        assert_eq!(whole(("", ""), told), Some(usage.clone()));
        let apart = told.replace(
            r#""total_tokens":322"#,
            r#""output_tokens_details":{"image_tokens":200,"text_tokens":72}"#,
        );
        usage.completion_image_tokens = 200;
        assert_eq!(whole(("", ""), &apart), Some(usage));
        let nothing = r#"{"data":[{}],"usage":{"input_tokens":0,"output_tokens":0}}"#;
        assert_eq!(whole(("", "256x256"), nothing), Some(images(1, "", "256x256")));
    }

    #[test]
    fn pictures_that_come_in_events_are_counted_one_by_one() {
        let convention = Profile::STANDARD.usage;
        let last = br#"{"type":"image_generation.completed","quality":"low","size":"1024x1024"}"#;
        let mut drawn = Drawn::default();
        assert_eq!(drawn.event(None, (b"{}", false), convention), None);
        for count in 1..3 {
            let told = drawn.event(None, (last, true), convention);
            assert_eq!(told, Some(images(count, "low", "1024x1024")));
        }
        let counts: Option<&[u8]> = Some(br#"{"input_tokens":1,"output_tokens":2}"#);
        let tokens = drawn.event(counts, (last, true), convention);
        assert_eq!(tokens.unwrap().completion_image_tokens, 2);
        assert_eq!(drawn.event(None, (last, true), convention), None, "never both");
    }
}
