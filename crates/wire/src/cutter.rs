//! Whole events out of bytes as they arrive, however they are cut on the way.

use bytes::Bytes;

use crate::{Framing, Joined, Searched};

/// The least room that pieces are joined in.
const ROOM: usize = 1 << 10;
/// The most room that is made before there is something to put there.
const MOST_ROOM: usize = 16 << 10;

/// Cuts a stream at its events: what is whole goes, the beginning of the next one waits.
///
/// ```
/// use ferro_wire::{Cutter, sse};
///
/// let mut cutter = Cutter::new(sse::FRAMING, sse::DEFAULT_MAX_EVENT);
/// cutter.push("data: 1\n\nda".into());
/// assert_eq!(cutter.cut()?, "data: 1\n\n");
/// cutter.push("ta: 2\n\n".into());
/// assert_eq!(cutter.cut()?, "data: 2\n\n");
/// # Ok::<(), ferro_wire::EventTooLarge>(())
/// ```
#[derive(Debug)]
pub struct Cutter {
    framing: Framing,
    /// The beginning of an event whose end has not arrived, then whatever arrives.
    held: Joined,
    /// How much of it is known to hold no end.
    searched: Searched,
    /// How much was there the last time: about as much will be again.
    room: usize,
    max_event: usize,
}

/// An event has no end within the bytes that are waited for, or says that it will have none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an event is larger than {limit} bytes")]
pub struct EventTooLarge {
    /// As much as is waited for.
    pub limit: usize,
}

impl Cutter {
    /// A cutter at the beginning of a stream.
    pub fn new(framing: Framing, max_event: usize) -> Self {
        Self {
            framing,
            held: Joined::default(),
            searched: Searched::default(),
            room: ROOM,
            max_event,
        }
    }

    /// Takes in what has arrived.
    pub fn push(&mut self, piece: Bytes) {
        self.held.push(piece, self.room);
    }

    /// How many bytes wait to be cut.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether something has arrived since the last cut.
    pub fn has_news(&self) -> bool {
        self.held.len() > self.searched.length
    }

    /// All events that are whole by now, which may be none; what is left waits for its other half.
    /// Events that are whole go before one that is too large is told of; one that announces too
    /// large a length is not waited for.
    pub fn cut(&mut self) -> Result<Bytes, EventTooLarge> {
        let whole = self.framing.whole_after(&self.held, &mut self.searched);
        self.room = self.held.len().clamp(ROOM, MOST_ROOM);
        let events = self.held.take_first(whole);
        if events.is_empty() && self.is_too_large() {
            return Err(EventTooLarge { limit: self.max_event });
        }
        Ok(events)
    }

    /// What is left behind the last whole event, when the stream has ended.
    pub fn rest(&mut self) -> Bytes {
        self.searched = Searched::default();
        self.held.take()
    }

    /// Whether the event that has no end yet is too large already, or says that it will be.
    fn is_too_large(&self) -> bool {
        self.held.len().max(self.framing.announced(&self.held)) > self.max_event
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sse;

    const TEXT: &[u8] = b"\xEF\xBB\xBFdata: 1\r\n\r\n:c\n\nevent: x\ndata: \xE2\x82\xAC\ndata: 2\n\ndata: 3\r\rid: 4\ndata:5\n\ndata: tail";

    fn said(events: &[u8], all: &mut Vec<String>) {
        let spoken = sse::events(events).filter(|event| !event.is_silent());
        all.extend(spoken.map(|event| String::from_utf8(event.data().into_owned()).unwrap()));
    }

    fn through(pieces: impl IntoIterator<Item = Bytes>) -> (Vec<u8>, Vec<String>, Bytes) {
        let mut cutter = Cutter::new(sse::FRAMING, 100);
        let (mut bytes, mut all) = (Vec::new(), Vec::new());
        for piece in pieces {
            cutter.push(piece);
            let events = cutter.cut().unwrap();
            bytes.extend_from_slice(&events);
            said(&events, &mut all);
        }
        (bytes, all, cutter.rest())
    }

    fn check(pieces: impl IntoIterator<Item = Bytes>) {
        let (bytes, all, rest) = through(pieces);
        assert_eq!(all, ["1", "\u{20ac}\n2", "3", "5"]);
        assert_eq!([&bytes[..], &rest].concat(), TEXT, "no byte is lost");
    }

    #[test]
    fn any_cut_in_two_gives_the_same_events() {
        let text = Bytes::from_static(TEXT);
        (0..=TEXT.len()).for_each(|at| check([text.slice(..at), text.slice(at..)]));
    }

    #[test]
    fn any_size_of_piece_gives_the_same_events() {
        (1..=TEXT.len()).for_each(|size| check(TEXT.chunks(size).map(Bytes::from_static)));
    }

    #[test]
    fn an_event_without_end_is_an_error_once_it_is_too_large() {
        let mut cutter = Cutter::new(sse::FRAMING, 20);
        cutter.push(Bytes::from_static(b"data: 1\n\ndata: 23456789"));
        assert_eq!(cutter.cut().unwrap(), "data: 1\n\n");
        cutter.push(Bytes::from_static(b"0123456789"));
        assert_eq!(cutter.cut(), Err(EventTooLarge { limit: 20 }));
    }

    #[test]
    fn what_is_whole_goes_before_an_event_that_is_too_large() {
        let mut cutter = Cutter::new(sse::FRAMING, 8);
        cutter.push(Bytes::from_static(b"data: 1\n\ndata: 23456789"));
        assert_eq!(cutter.cut().unwrap(), "data: 1\n\n");
        assert_eq!(cutter.cut(), Err(EventTooLarge { limit: 8 }));
    }

    #[test]
    fn pieces_that_are_whole_events_are_never_copied() {
        let mut cutter = Cutter::new(sse::FRAMING, 100);
        for _ in 0..3 {
            let piece = Bytes::from(b"data: 1\n\n".to_vec());
            let place = piece.as_ptr();
            cutter.push(piece);
            assert_eq!(cutter.cut().unwrap().as_ptr(), place);
        }
    }

    #[test]
    fn an_event_of_sixteen_mebibytes_passes() {
        let mut cutter = Cutter::new(sse::FRAMING, sse::DEFAULT_MAX_EVENT);
        let line = Bytes::from(vec![b'x'; 64 << 10]);
        cutter.push(Bytes::from_static(b"data: "));
        for _ in 0..255 {
            cutter.push(line.clone());
            assert!(cutter.cut().unwrap().is_empty());
        }
        cutter.push(Bytes::from_static(b"\n\n"));
        assert_eq!(cutter.cut().unwrap().len(), 6 + 255 * (64 << 10) + 2);
    }

    proptest! {
        #[test]
        fn random_cuts_give_the_same_events(mut cuts in prop::collection::vec(0..TEXT.len(), 0..12)) {
            cuts.extend([0, TEXT.len()]);
            cuts.sort_unstable();
            let text = Bytes::from_static(TEXT);
            check(cuts.windows(2).map(|pair| text.slice(pair[0]..pair[1])));
        }
    }
}
