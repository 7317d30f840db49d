//! A reply in server-sent events, with the timing and the faults that a stream can have.

use std::time::Duration;

use bytes::Bytes;

use crate::{Script, answer, script::End};

const HEAD: &str = "HTTP/1.1 200 Scripted\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
                    x-request-id: req-scripted\r\nopenai-version: 2020-10-01\r\n\
                    transfer-encoding: chunked\r\n\r\n";

/// A reply in events. Unless told otherwise all of them are written at once and the reply ends in
/// order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Events {
    events: Vec<Bytes>,
    first_after: Duration,
    every: Duration,
    per_write: usize,
    has_comments: bool,
    fate: Fate,
}

/// How it goes on after the events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Ends,
    Breaks,
    Resets,
    Stalls,
}

impl Events {
    /// Events as they are on the wire, each with its empty line.
    pub fn new<E: Into<Bytes>>(events: impl IntoIterator<Item = E>) -> Self {
        Self {
            events: events.into_iter().map(Into::into).collect(),
            first_after: Duration::ZERO,
            every: Duration::ZERO,
            per_write: usize::MAX,
            has_comments: false,
            fate: Fate::Ends,
        }
    }

    /// An ordinary answer that says `text`, a token an event.
    pub fn of_text(text: &[&str]) -> Self {
        Self::new(answer::events_of_text(text))
    }

    /// The first event waits this long, after the head.
    pub fn first_after(self, time: Duration) -> Self {
        Self { first_after: time, ..self }
    }

    /// Time between two writes. Without [`per_write`](Self::per_write) each holds one event.
    pub fn every(self, time: Duration) -> Self {
        let per_write = if self.per_write == usize::MAX { 1 } else { self.per_write };
        Self { every: time, per_write, ..self }
    }

    /// Events in one write.
    pub fn per_write(self, events: usize) -> Self {
        Self { per_write: events.max(1), ..self }
    }

    /// A comment stands before every event, as vendors keep a quiet line alive.
    pub fn with_comments(self) -> Self {
        Self { has_comments: true, ..self }
    }

    /// The connection closes after that many events, without an end.
    pub fn cut_after(self, events: usize) -> Self {
        self.ending(events, Fate::Breaks)
    }

    /// The connection is reset after that many events.
    pub fn reset_after(self, events: usize) -> Self {
        self.ending(events, Fate::Resets)
    }

    /// Nothing comes after that many events, until the peer leaves.
    pub fn stall_after(self, events: usize) -> Self {
        self.ending(events, Fate::Stalls)
    }

    /// Another event, after all others.
    pub fn and(mut self, event: impl Into<Bytes>) -> Self {
        self.events.push(event.into());
        self
    }

    fn ending(mut self, events: usize, fate: Fate) -> Self {
        self.events.truncate(events);
        Self { fate, ..self }
    }

    fn write(&self, events: &[Bytes]) -> Vec<u8> {
        let mut data = Vec::new();
        for event in events {
            if self.has_comments {
                data.extend_from_slice(b": keep-alive\n\n");
            }
            data.extend_from_slice(event);
        }
        let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
        chunk.append(&mut data);
        chunk.extend_from_slice(b"\r\n");
        chunk
    }
}

impl From<Events> for Script {
    fn from(events: Events) -> Self {
        let mut script = Self::new();
        // The head goes out with the first events, unless they are to wait.
        let mut pending = HEAD.as_bytes().to_vec();
        for (index, write) in events.events.chunks(events.per_write).enumerate() {
            let pause = if index == 0 { events.first_after } else { events.every };
            if index > 0 || !pause.is_zero() {
                script = script.write(std::mem::take(&mut pending)).pause(pause);
            }
            pending.append(&mut events.write(write));
        }
        if events.fate == Fate::Ends {
            pending.extend_from_slice(b"0\r\n\r\n");
        }
        script = script.write(pending);
        match events.fate {
            Fate::Ends => script,
            Fate::Breaks => Self { end: End::Close, ..script },
            Fate::Resets => Self { end: End::Reset, ..script },
            Fate::Stalls => script.stall(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Step;

    fn writes(events: Events) -> Vec<usize> {
        let count = |step: &Step| match step {
            Step::Write { bytes, .. } => {
                Some(String::from_utf8_lossy(bytes).matches("data:").count())
            }
            _ => None,
        };
        Script::from(events).steps.iter().filter_map(count).collect()
    }

    #[test]
    fn events_go_out_in_as_many_writes_as_was_said() {
        let five = || Events::new(["data: x\n\n"; 5]);
        assert_eq!(writes(five()), [5]);
        assert_eq!(writes(five().per_write(2)), [2, 2, 1]);
        assert_eq!(writes(five().every(Duration::from_millis(1))), [1, 1, 1, 1, 1]);
        let late = five().first_after(Duration::from_millis(1));
        assert_eq!(writes(late), [0, 5], "the head goes before the pause");
    }

    #[test]
    fn a_stream_that_is_cut_does_not_say_that_it_is_over() {
        let cut = Script::from(Events::new(["data: x\n\n"; 5]).cut_after(2));
        let Some(Step::Write { bytes, .. }) = cut.steps.last() else { panic!("{cut:?}") };
        assert!(bytes.ends_with(b"data: x\n\n\r\n"), "{bytes:?}");
        assert_eq!(cut.end, End::Close);
    }
}
