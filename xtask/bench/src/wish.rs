//! What a request asks of the bundled upstream, said in the name of its model, which every system
//! under test passes on.

use std::time::Duration;

/// What a reply is to be like.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wish {
    /// The pause before the reply, or before a stream's first event.
    pub delay: Duration,
    /// Bytes of text in a whole reply, or of each vector.
    pub size: usize,
    /// Texts that vectors are asked for; none asks for chat.
    pub inputs: usize,
    /// Events of a stream; none is a whole reply.
    pub events: usize,
    /// Events that are handed to the socket at once.
    pub per_write: usize,
    /// The pause between two writes; none yields, so that one connection cannot keep the core.
    pub pause: Duration,
}

impl Wish {
    /// A whole reply of about a kilobyte, at once.
    pub const SMALL: Self = Self {
        delay: Duration::ZERO,
        size: 800,
        inputs: 0,
        events: 0,
        per_write: 1,
        pause: Duration::ZERO,
    };

    /// A small whole reply, after a pause.
    pub const fn after(delay: Duration) -> Self {
        Self { delay, ..Self::SMALL }
    }

    /// A stream.
    pub const fn stream(events: usize, per_write: usize, pause: Duration) -> Self {
        Self { events, per_write, pause, ..Self::SMALL }
    }

    /// Vectors of 1,536 numbers, as base64, for so many texts at once.
    pub const fn vectors(inputs: usize) -> Self {
        Self { inputs, size: 1536 * 4 / 3 * 4, ..Self::SMALL }
    }

    /// Where it is asked for.
    pub fn path(&self) -> &'static str {
        if self.inputs > 0 { "/v1/embeddings" } else { "/v1/chat/completions" }
    }

    /// The least bytes that a whole reply to it has.
    pub fn least(&self) -> usize {
        self.size * self.inputs.max(1)
    }

    /// Whether the reply is a stream.
    pub fn is_stream(&self) -> bool {
        self.events > 0
    }

    /// The name that says it.
    pub fn model(&self) -> String {
        let (delay, pause) = (self.delay.as_micros(), self.pause.as_micros());
        let Self { size, inputs, events, per_write, .. } = self;
        format!("bench-{delay}-{size}-{inputs}-{events}-{per_write}-{pause}")
    }

    /// What a body asks for; nothing if its model is not one of ours.
    pub fn of(body: &[u8]) -> Option<Self> {
        const MARK: &[u8] = b"\"model\":\"bench-";
        let rest = &body[memchr::memmem::find(body, MARK)? + MARK.len()..];
        let name = std::str::from_utf8(&rest[..memchr::memchr(b'"', rest)?]).ok()?;
        let mut numbers = name.split('-').map(str::parse::<usize>);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            delay: Duration::from_micros(next()? as u64),
            size: next()?,
            inputs: next()?,
            events: next()?,
            per_write: next()?.max(1),
            pause: Duration::from_micros(next()? as u64),
        })
    }

    /// A request for it, with so much text in the prompt, or in each of the texts.
    pub fn body(&self, prompt: usize) -> String {
        let model = self.model();
        if self.inputs > 0 {
            let text = format!("\"{}\"", prose(prompt));
            let texts = vec![text; self.inputs].join(",");
            return format!(
                r#"{{"model":"{model}","input":[{texts}],"encoding_format":"base64"}}"#
            );
        }
        let stream = match self.is_stream() {
            true => r#""stream":true,"stream_options":{"include_usage":true},"#,
            false => "",
        };
        let text = prose(prompt);
        format!(
            r#"{{"model":"{model}",{stream}"messages":[{{"role":"system","content":"Be brief."}},{{"role":"user","content":"{text}"}}],"temperature":0.7,"max_tokens":256}}"#
        )
    }
}

/// Text as it stands in prompts: words, and an escaped quotation mark every 48 bytes, as in the body
/// that the limits were measured with.
fn prose(length: usize) -> String {
    const LINE: &str = r#"The quick brown fox jumps over a lazy \"dog and "#;
    let mut text = LINE.repeat(length / LINE.len());
    let rest = length - text.len();
    text.extend(std::iter::repeat_n('.', rest));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_understood_as_it_was_said() {
        let wish = Wish {
            delay: Duration::from_millis(60),
            size: 9,
            inputs: 0,
            events: 32,
            per_write: 4,
            pause: Duration::from_millis(20),
        };
        for wish in [wish, Wish::vectors(16)] {
            assert_eq!(Wish::of(wish.body(100).as_bytes()), Some(wish));
        }
        assert_eq!(Wish::of(br#"{"model":"another"}"#), None);
    }

    #[test]
    fn a_prompt_is_json_of_the_length_that_was_asked_for() {
        let body = Wish::SMALL.body(100_000);
        let read: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert!(read["messages"][1]["content"].as_str().unwrap().len() > 90_000);
        assert!((100_000..100_400).contains(&body.len()), "{}", body.len());
    }
}
