//! A streamed reply, chunk by chunk.

use ferro_wire::{sse, write_string};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{ReplyHead, Said, usage::Counts};
use crate::{Finish, Usage};

/// Writes the chunks of one stream: what is the same in all of them is made once.
///
/// ```
/// use ferro_core::{Finish, chat::{Chunks, ReplyHead, Said}};
///
/// let chunks = Chunks::new(&ReplyHead::new("msg_1", 1_700_000_000, "claude"));
/// let mut out = Vec::new();
/// chunks.say(&mut out, 0, &Said { content: Some("hi"), ..Said::default() });
/// chunks.stop(&mut out, 0, Finish::Stop, "end_turn");
/// chunks.done(&mut out);
/// let text = String::from_utf8(out).unwrap();
/// assert!(text.starts_with(r#"data: {"id":"msg_1","object":"chat.completion.chunk","#), "{text}");
/// assert!(text.contains(r#""choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]"#));
/// assert!(text.ends_with("data: [DONE]\n\n"));
/// ```
#[derive(Clone, Debug)]
pub struct Chunks {
    /// A chunk up to its choices.
    prefix: Vec<u8>,
}

impl Chunks {
    /// The chunks of the reply that begins so.
    pub fn new(head: &ReplyHead) -> Self {
        /// Room for names of the usual length.
        const ROOM: usize = 256;
        let mut prefix = Vec::with_capacity(ROOM);
        prefix.extend_from_slice(b"data: ");
        head.write(&mut prefix, "chat.completion.chunk");
        prefix.extend_from_slice(b",\"choices\":[");
        Self { prefix }
    }

    /// What a choice says next.
    pub fn say(&self, out: &mut Vec<u8>, choice: u32, said: &Said<'_>) {
        self.choice(out, choice, said, |_| {});
    }

    /// The same, with the probabilities of its words.
    pub fn say_likely(&self, out: &mut Vec<u8>, choice: u32, said: &Said<'_>, logprobs: &RawValue) {
        self.choice(out, choice, said, |out| {
            out.extend_from_slice(b",\"logprobs\":");
            out.extend_from_slice(logprobs.get().as_bytes());
        });
    }

    /// A choice is over: why, and in the vendor's own word.
    pub fn stop(&self, out: &mut Vec<u8>, choice: u32, finish: Finish, native: &str) {
        self.stopped(out, choice, (finish, native));
        out.extend_from_slice(b"}\n\n");
    }

    /// The only choice is over: why, and what the vendor says beside, as members of the chunk.
    pub fn stop_beside(
        &self,
        out: &mut Vec<u8>,
        (finish, native): (Finish, &str),
        extra: &[(&str, &RawValue)],
    ) {
        self.stopped(out, 0, (finish, native));
        for (name, value) in extra {
            out.push(b',');
            write_string(out, name);
            out.push(b':');
            out.extend_from_slice(value.get().as_bytes());
        }
        out.extend_from_slice(b"}\n\n");
    }

    /// What was consumed: the last chunk, for a client that asked for it.
    pub fn usage(&self, out: &mut Vec<u8>, usage: &Usage) {
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(b"],\"usage\":");
        json(out, &Counts::from(usage));
        out.extend_from_slice(b"}\n\n");
    }

    /// What a vendor says beside the answer: further members, as in
    /// [`ReplyHead::whole`](super::ReplyHead::whole).
    pub fn beside(&self, out: &mut Vec<u8>, extra: &[(&str, &RawValue)]) {
        out.extend_from_slice(&self.prefix);
        out.push(b']');
        for (name, json) in extra {
            out.push(b',');
            write_string(out, name);
            out.push(b':');
            out.extend_from_slice(json.get().as_bytes());
        }
        out.extend_from_slice(b"}\n\n");
    }

    /// The stream is over.
    pub fn done(&self, out: &mut Vec<u8>) {
        sse::write(out, None, b"[DONE]");
    }

    fn choice(
        &self,
        out: &mut Vec<u8>,
        choice: u32,
        said: &Said<'_>,
        beside: impl FnOnce(&mut Vec<u8>),
    ) {
        self.begin(out, choice);
        json(out, said);
        beside(out);
        out.extend_from_slice(b",\"finish_reason\":null}]}\n\n");
    }

    fn stopped(&self, out: &mut Vec<u8>, choice: u32, (finish, native): (Finish, &str)) {
        self.begin(out, choice);
        out.extend_from_slice(b"{},\"finish_reason\":");
        json(out, &finish);
        out.extend_from_slice(b",\"native_finish_reason\":");
        write_string(out, native);
        out.extend_from_slice(b"}]");
    }

    fn begin(&self, out: &mut Vec<u8>, choice: u32) {
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(b"{\"index\":");
        json(out, &choice);
        out.extend_from_slice(b",\"delta\":");
    }
}

fn json(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("texts and counts are JSON, and memory takes them");
}
