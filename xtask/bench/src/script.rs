//! The bytes that the bundled upstream answers with, made once for a connection and stamped for
//! each write.

use std::time::SystemTime;

use crate::Wish;

/// Stands before the time that the upstream really waited, in microseconds and eight digits.
pub const WAITED: &[u8] = b"chatcmpl-bench-us-";
/// Stands before the moment at which an event was written, in nanoseconds and nineteen digits.
pub const STAMP: &[u8] = b"\"content\":\"t";
/// The same where the upstream speaks Anthropic's dialect: what becomes of it is the other one.
const STAMP_OF_MESSAGES: &[u8] = b"\"text\":\"t";
const WAITED_DIGITS: usize = 8;
const STAMP_DIGITS: usize = 19;

/// Nanoseconds on the clock that all processes of the machine share.
pub fn now() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    since.as_nanos().try_into().unwrap_or(u64::MAX)
}

/// The number of so many digits that stands behind a mark.
pub fn number_after(mark: &[u8], text: &[u8]) -> Option<u64> {
    let rest = &text[memchr::memmem::find(text, mark)? + mark.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// What the upstream speaks: the dialect in which it was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    /// OpenAI's, of chat completions and of embeddings.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
}

impl Dialect {
    /// The dialect that a path belongs to.
    pub(crate) fn of(path: &str) -> Self {
        if path.ends_with("/messages") { Self::Anthropic } else { Self::OpenAi }
    }

    fn whole(self, wish: &Wish) -> String {
        let (model, text) = (wish.model(), "y".repeat(wish.size));
        match self {
            Self::OpenAi if wish.inputs > 0 => {
                let vector = |index| {
                    format!(r#"{{"object":"embedding","index":{index},"embedding":"{text}"}}"#)
                };
                let vectors: Vec<_> = (0..wish.inputs).map(vector).collect();
                format!(
                    r#"{{"id":"chatcmpl-bench-us-00000000","object":"list","data":[{}],"model":"{model}","usage":{{"prompt_tokens":19,"total_tokens":19}}}}"#,
                    vectors.join(",")
                )
            }
            Self::OpenAi => format!(
                r#"{{"id":"chatcmpl-bench-us-00000000","object":"chat.completion","created":1700000000,"model":"{model}","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":19,"completion_tokens":32,"total_tokens":51}}}}"#
            ),
            Self::Anthropic => format!(
                r#"{{"id":"chatcmpl-bench-us-00000000","type":"message","role":"assistant","model":"{model}","content":[{{"type":"text","text":"{text}"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":19,"output_tokens":32}}}}"#
            ),
        }
    }

    /// A stream's events: before the text, one of its text, and behind it.
    fn events(self, model: &str) -> [String; 3] {
        match self {
            Self::OpenAi => {
                let event = |choices: &str, usage: &str| {
                    chunk(&format!(
                        "data: {{\"id\":\"chatcmpl-bench-us-00000000\",\
                         \"object\":\"chat.completion.chunk\",\"created\":1700000000,\
                         \"model\":\"{model}\",\"choices\":[{choices}]{usage}}}\n\n"
                    ))
                };
                let delta = r#"{"index":0,"delta":{"content":"t0000000000000000000 "},"logprobs":null,"finish_reason":null}"#;
                let finish = r#"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}"#;
                let usage =
                    r#","usage":{"prompt_tokens":19,"completion_tokens":32,"total_tokens":51}"#;
                let last = event(finish, "") + &event("", usage) + &chunk("data: [DONE]\n\n");
                [String::new(), event(delta, ""), last]
            }
            Self::Anthropic => {
                let event = |kind: &str, members: &str| {
                    chunk(&format!("event: {kind}\ndata: {{\"type\":\"{kind}\"{members}}}\n\n"))
                };
                let message = format!(
                    r#","message":{{"id":"chatcmpl-bench-us-00000000","type":"message","role":"assistant","model":"{model}","content":[],"stop_reason":null,"stop_sequence":null,"usage":{{"input_tokens":19,"output_tokens":1}}}}"#
                );
                let block = r#","index":0,"content_block":{"type":"text","text":""}"#;
                let delta =
                    r#","index":0,"delta":{"type":"text_delta","text":"t0000000000000000000 "}"#;
                let end = r#","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":32}"#;
                let first = event("message_start", &message) + &event("content_block_start", block);
                let last = event("content_block_stop", r#","index":0"#)
                    + &event("message_delta", end)
                    + &event("message_stop", "");
                [first, event("content_block_delta", delta), last]
            }
        }
    }

    fn stamp(self) -> &'static [u8] {
        match self {
            Self::OpenAi => STAMP,
            Self::Anthropic => STAMP_OF_MESSAGES,
        }
    }
}

/// A whole reply with its head.
pub(crate) struct Whole(Vec<u8>);

impl Whole {
    pub(crate) fn new(dialect: Dialect, wish: &Wish) -> Self {
        let body = dialect.whole(wish);
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        Self((head + &body).into_bytes())
    }

    pub(crate) fn waited(&mut self, micros: u64) -> &[u8] {
        stamp(&mut self.0, WAITED, micros, WAITED_DIGITS);
        &self.0
    }
}

/// A stream: its head, the events of one write, and its end.
pub(crate) struct Stream {
    first: Vec<u8>,
    block: Vec<u8>,
    stamps: Vec<usize>,
    last: Vec<u8>,
}

impl Stream {
    pub(crate) const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
        cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";

    pub(crate) fn new(dialect: Dialect, wish: &Wish) -> Self {
        let [first, text, last] = dialect.events(&wish.model());
        let block = text.repeat(wish.per_write).into_bytes();
        let mark = dialect.stamp();
        let stamps = memchr::memmem::find_iter(&block, mark).map(|at| at + mark.len()).collect();
        let (first, last) = (first.into_bytes(), (last + "0\r\n\r\n").into_bytes());
        Self { first, block, stamps, last }
    }

    pub(crate) fn waited(&mut self, micros: u64) {
        for text in [&mut self.first, &mut self.block] {
            let found: Vec<_> = memchr::memmem::find_iter(text, WAITED).collect();
            for at in found {
                write_digits(&mut text[at + WAITED.len()..][..WAITED_DIGITS], micros);
            }
        }
    }

    /// What stands before the text.
    pub(crate) fn first(&self) -> &[u8] {
        &self.first
    }

    /// The events of the next write, stamped with the moment.
    pub(crate) fn block(&mut self) -> &[u8] {
        let now = now();
        for at in &self.stamps {
            write_digits(&mut self.block[*at..][..STAMP_DIGITS], now);
        }
        &self.block
    }

    pub(crate) fn last(&self) -> &[u8] {
        &self.last
    }
}

fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}

fn stamp(text: &mut [u8], mark: &[u8], number: u64, digits: usize) {
    if let Some(at) = memchr::memmem::find(text, mark) {
        write_digits(&mut text[at + mark.len()..][..digits], number);
    }
}

fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_stamped_is_read_again() {
        for (dialect, wish) in [
            (Dialect::OpenAi, Wish::SMALL),
            (Dialect::Anthropic, Wish::SMALL),
            (Dialect::OpenAi, Wish::vectors(16)),
        ] {
            let mut whole = Whole::new(dialect, &wish);
            assert_eq!(number_after(WAITED, whole.waited(60_123)), Some(60_123));
            assert!(whole.waited(0).len() > wish.least());
        }
        for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
            let mut stream = Stream::new(dialect, &Wish::stream(8, 4, Duration::ZERO));
            stream.waited(77);
            let said = [stream.first().to_vec(), stream.block().to_vec()].concat();
            assert_eq!(number_after(WAITED, &said), Some(77));
            let before = now();
            let written = number_after(dialect.stamp(), stream.block()).unwrap();
            assert!((before..=now()).contains(&written));
            assert_eq!(stream.stamps.len(), 4);
        }
    }

    #[test]
    fn a_path_tells_the_dialect() {
        assert_eq!(Dialect::of("/v1/messages"), Dialect::Anthropic);
        assert_eq!(Dialect::of("/v1/chat/completions"), Dialect::OpenAi);
    }
}
