//! What the byte formats cost: `cargo bench -p ferro-wire`. The tree is there to compare with.

use std::fmt;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount};
use ferro_wire::{
    Cutter, JsonDoc, Rope,
    event_stream::{self, Value},
    json_array, ndjson, needle, sse,
};

fn main() {
    divan::main();
}

/// A chat request of about this many bytes, as it arrives: in pieces of 16 KiB.
fn request(size: usize) -> Rope {
    let message = r#"{"role":"user","content":"Lorem ipsum \"dolor\" sit amet, consectetur \n"},"#;
    let messages = message.repeat(size / message.len() + 1);
    let body = format!(
        r#"{{"model":"fast","messages":[{}],"temperature":0.5}}"#,
        messages.trim_end_matches(',')
    );
    body.into_bytes().chunks(16 << 10).map(Bytes::copy_from_slice).collect()
}

#[divan::bench(args = [1_000, 100_000, 1_000_000])]
fn parse_rename_and_say(bencher: Bencher<'_, '_>, size: usize) {
    let body = request(size);
    bencher.bench(|| {
        let mut doc = JsonDoc::parse(body.clone()).expect("it is valid");
        doc.set("model", "gpt-4o-mini");
        doc.to_rope()
    });
}

#[divan::bench(args = [1_000, 100_000, 1_000_000])]
fn the_same_with_a_tree(bencher: Bencher<'_, '_>, size: usize) {
    let body = request(size).to_bytes();
    bencher.bench(|| {
        let mut tree: serde_json::Value = serde_json::from_slice(&body).expect("it is valid");
        tree["model"] = "gpt-4o-mini".into();
        serde_json::to_vec(&tree).expect("a tree can be said")
    });
}

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];

/// What a document's text is made of decides what reading it costs.
static TEXTS: [(&str, &str); 5] = [
    ("plain", "The quick brown fox jumps over the lazy dog and runs on. "),
    ("lines", r"The quick brown fox jumps over the lazy dog, and runs.\n"),
    ("quotes", r#"a \"lazy\" dog, "#),
    ("cjk", "人工知能の研究者たちは、新しい言語モデルを発表した。"),
    ("emoji", r"\ud83d\ude00 is a smile "),
];

/// Every text in every size.
fn texts() -> impl Iterator<Item = Case> {
    TEXTS.iter().flat_map(|(name, text)| SIZES.map(|size| Case { size, name, text }))
}

struct Case {
    size: usize,
    name: &'static str,
    text: &'static str,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.size)
    }
}

/// The rates of one text at all sizes have to be about the same: the cost grows with the length.
#[divan::bench(args = texts())]
fn read_text(bencher: Bencher<'_, '_>, case: &Case) {
    let text = case.text.repeat(case.size / case.text.len() + 1);
    let body = format!(r#"{{"model":"fast","messages":[{{"role":"user","content":"{text}"}}]}}"#);
    let body: Rope = body.into_bytes().chunks(16 << 10).map(Bytes::copy_from_slice).collect();
    bencher
        .counter(BytesCount::new(body.len()))
        .bench(|| JsonDoc::parse(black_box(body.clone())).expect("it is valid"));
}

#[divan::bench(args = [1, 4, 16])]
fn cut_events(bencher: Bencher<'_, '_>, events: usize) {
    let chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n";
    let piece = Bytes::from(chunk.repeat(events));
    bencher.bench(|| {
        let mut cutter = Cutter::new(sse::FRAMING, sse::DEFAULT_MAX_EVENT);
        cutter.push(black_box(piece.clone()));
        let whole = cutter.cut().expect("it is small");
        needle(&whole, b"\"usage\"", b'{').is_some()
    });
}

/// What the binary frames cost, with both checksums, their headers and the name of the event.
#[divan::bench(args = [1, 4, 16])]
fn cut_and_read_frames(bencher: Bencher<'_, '_>, events: usize) {
    let headers = [
        (":event-type", Value::Text("contentBlockDelta")),
        (":content-type", Value::Text("application/json")),
        (":message-type", Value::Text("event")),
    ];
    let payload = br#"{"contentBlockIndex":0,"delta":{"text":"word "},"p":"abcdefghij"}"#;
    let mut frame = Vec::new();
    event_stream::write(&mut frame, &headers, payload).expect("it is short");
    let piece = Bytes::from(frame.repeat(events));
    bencher.bench(|| {
        let mut cutter = Cutter::new(event_stream::FRAMING, sse::DEFAULT_MAX_EVENT);
        cutter.push(black_box(piece.clone()));
        let whole = cutter.cut().expect("it is small");
        let frames = event_stream::frames(&whole).flatten();
        frames.filter(|frame| frame.text(":event-type").is_some()).count()
    });
}

const ELEMENT: &str = r#"{"candidates":[{"content":{"parts":[{"text":"word "}],"role":"model"}}]}"#;

#[divan::bench(args = [1, 4, 16])]
fn cut_and_read_lines(bencher: Bencher<'_, '_>, events: usize) {
    let piece = Bytes::from(format!("{ELEMENT}\n").repeat(events));
    bencher.bench(|| {
        let mut cutter = Cutter::new(ndjson::FRAMING, sse::DEFAULT_MAX_EVENT);
        cutter.push(black_box(piece.clone()));
        ndjson::lines(&cutter.cut().expect("it is small")).count()
    });
}

#[divan::bench(args = [1, 4, 16])]
fn cut_and_read_elements(bencher: Bencher<'_, '_>, events: usize) {
    let piece = Bytes::from(format!("[{}]", vec![ELEMENT; events].join(",\r\n")));
    bencher.bench(|| {
        let mut cutter = Cutter::new(json_array::FRAMING, sse::DEFAULT_MAX_EVENT);
        cutter.push(black_box(piece.clone()));
        json_array::events(&cutter.cut().expect("it is small")).count()
    });
}

/// An element that arrives in many pieces: the rates of both sizes have to be about the same.
#[divan::bench(args = [100_000, 1_000_000])]
fn cut_a_long_element(bencher: Bencher<'_, '_>, size: usize) {
    let text = format!("[{{\"data\":\"{}\"}}]", "iVBORw0KGgo".repeat(size / 11));
    let pieces: Vec<_> = text.as_bytes().chunks(1 << 10).map(Bytes::copy_from_slice).collect();
    bencher.counter(BytesCount::new(text.len())).bench(|| {
        let mut cutter = Cutter::new(json_array::FRAMING, sse::DEFAULT_MAX_EVENT);
        let cut = pieces.iter().map(|piece| {
            cutter.push(black_box(piece.clone()));
            cutter.cut().expect("it is small").len()
        });
        cut.sum::<usize>()
    });
}
