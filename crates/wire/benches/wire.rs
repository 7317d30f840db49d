//! What the byte formats cost: `cargo bench -p ferro-wire`. The tree is there to compare with.

use bytes::Bytes;
use divan::{Bencher, black_box};
use ferro_wire::{Cutter, JsonDoc, Rope, needle, sse};

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
