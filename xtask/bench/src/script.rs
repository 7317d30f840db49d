//! The bytes that the bundled upstream answers with, made once for a connection and stamped for
//! each write.

use std::time::SystemTime;

use crate::Wish;

/// Stands before the time that the upstream really waited, in microseconds and eight digits.
pub const WAITED: &[u8] = b"chatcmpl-bench-us-";
/// Stands before the moment at which an event was written, in nanoseconds and nineteen digits.
pub const STAMP: &[u8] = b"\"content\":\"t";
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

/// A whole reply with its head.
pub(crate) struct Whole(Vec<u8>);

impl Whole {
    pub(crate) fn new(wish: &Wish) -> Self {
        let text = "y".repeat(wish.size);
        let body = format!(
            r#"{{"id":"chatcmpl-bench-us-00000000","object":"chat.completion","created":1700000000,"model":"{}","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":19,"completion_tokens":32,"total_tokens":51}}}}"#,
            wish.model()
        );
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
    block: Vec<u8>,
    stamps: Vec<usize>,
    last: Vec<u8>,
}

impl Stream {
    pub(crate) const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
        cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";

    pub(crate) fn new(wish: &Wish) -> Self {
        let model = wish.model();
        let event = |choices: &str, usage: &str| {
            chunk(&format!(
                "data: {{\"id\":\"chatcmpl-bench-us-00000000\",\"object\":\"chat.completion.chunk\",\
                 \"created\":1700000000,\"model\":\"{model}\",\"choices\":[{choices}]{usage}}}\n\n"
            ))
        };
        let delta = r#"{"index":0,"delta":{"content":"t0000000000000000000 "},"logprobs":null,"finish_reason":null}"#;
        let block = event(delta, "").repeat(wish.per_write).into_bytes();
        let found = memchr::memmem::find_iter(&block, STAMP);
        let stamps = found.map(|at| at + STAMP.len()).collect();
        let finish = r#"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}"#;
        let usage = r#","usage":{"prompt_tokens":19,"completion_tokens":32,"total_tokens":51}"#;
        let done = chunk("data: [DONE]\n\n");
        let last = event(finish, "") + &event("", usage) + &done + "0\r\n\r\n";
        Self { block, stamps, last: last.into_bytes() }
    }

    pub(crate) fn waited(&mut self, micros: u64) {
        let found: Vec<_> = memchr::memmem::find_iter(&self.block, WAITED).collect();
        for at in found {
            write_digits(&mut self.block[at + WAITED.len()..][..WAITED_DIGITS], micros);
        }
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
        let mut whole = Whole::new(&Wish::SMALL);
        assert_eq!(number_after(WAITED, whole.waited(60_123)), Some(60_123));
        let mut stream = Stream::new(&Wish::stream(8, 4, Duration::ZERO));
        stream.waited(77);
        assert_eq!(number_after(WAITED, stream.block()), Some(77));
        let before = now();
        let written = number_after(STAMP, stream.block()).unwrap();
        assert!((before..=now()).contains(&written));
        assert_eq!(stream.stamps.len(), 4);
    }
}
