//! Server-sent events: read, edited, written.

use ferro_wire::sse;

use crate::{Seeds, Target, holds_at_every_cut};

pub(crate) static TARGETS: &[Target] =
    &[Target { name: "sse", run, seeds: &[Seeds::Bodies("providers", "text/event-stream")] }];

fn run(bytes: &[u8]) {
    holds_at_every_cut(sse::FRAMING, bytes, |events, out: &mut Vec<_>| {
        let loud = sse::events(events).filter(|event| !event.is_silent());
        let said =
            |event: sse::Event<'_>| (event.name().map(<[u8]>::to_vec), event.data().to_vec());
        out.extend(loud.map(said));
    });
    for event in sse::events(bytes).filter(|event| !event.data().is_empty()) {
        let edited = event.with_data(b"other");
        let edited: Vec<_> = sse::events(&edited).collect();
        assert_eq!(edited.len(), 1, "an edited event is one event: {edited:?}");
        assert_eq!((edited[0].name(), &*edited[0].data()), (event.name(), &b"other"[..]));
    }
    let mut written = Vec::new();
    sse::write(&mut written, Some("name"), bytes);
    let read: Vec<_> = sse::events(&written).collect();
    assert_eq!(read.len(), 1, "no text can end its event: {read:?}");
    let lines: Vec<_> = read[0].data().split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    assert_eq!(lines.concat(), without_breaks(bytes));
}

fn without_breaks(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect()
}
