//! What there is to read in a document that nobody keeps: a sample of its texts.

use ferro_wire::Rope;

use super::texts::SILENT;
use crate::{Tokenizer, chat::walk};

/// About how many tokens a large document has, for whoever has to let go of it.
///
/// Pieces of it are kept that stand at equal distances, sixteen kilobytes at the most, and they are read when
/// somebody asks. To take them costs about the same for every document, a microsecond: nothing is read
/// between them, but a large medium is left out where a piece would stand in it.
///
/// What comes of it is within a fifth of what all texts have, where those are prose in any language, program
/// text, data, tools, or any of them beside large media: mostly it is within a fiftieth. Where hundreds of
/// small media stand among the texts it is within a half.
#[derive(Debug, Default)]
pub struct TextSample {
    /// All pieces, one behind the other.
    json: Vec<u8>,
    pieces: Vec<Piece>,
}

/// A piece of the document.
#[derive(Clone, Copy, Debug)]
struct Piece {
    bytes: usize,
    /// How many bytes of the document it stands for.
    of: usize,
}

/// So many bytes without a space or a sign are no words.
const MEDIUM: usize = 128;

impl TextSample {
    const PIECES: usize = 32;
    const PIECE: usize = 512;

    /// A sample of this document.
    pub fn of(document: &Rope) -> Self {
        let step = document.len().div_ceil(Self::PIECES).max(Self::PIECE);
        let mut sample = Self::default();
        sample.json.reserve_exact(document.len().min(Self::PIECES * Self::PIECE));
        let mut at = 0;
        while at < document.len() {
            let (end, next) = (document.len().min(at + Self::PIECE), document.len().min(at + step));
            // One that ends before the next piece is a part of what this one stands for.
            let is_long = |found: &(usize, usize)| found.1 > next;
            let met = || medium(document, end.saturating_sub(MEDIUM)).filter(is_long);
            let Some((begin, behind)) = medium(document, at).filter(is_long).or_else(met) else {
                sample.push(document, at, Piece { bytes: end - at, of: next - at });
                at = unescaped(document, next);
                continue;
            };
            match begin.checked_sub(at) {
                None | Some(0) => sample.ends_before(at - begin),
                Some(bytes) => sample.push(document, at, Piece { bytes, of: bytes }),
            }
            at = behind;
        }
        sample
    }

    fn push(&mut self, document: &Rope, at: usize, piece: Piece) {
        self.json.extend_from_slice(&document.get(at..at + piece.bytes));
        self.pieces.push(piece);
    }

    /// The last piece stands for so many bytes less: a medium lies behind it.
    fn ends_before(&mut self, less: usize) {
        if let Some(last) = self.pieces.last_mut() {
            last.of = last.of.saturating_sub(less).max(last.bytes);
        }
    }

    /// About how many tokens there are in all texts.
    pub fn count(&self, tokenizer: &dyn Tokenizer) -> u64 {
        let mut rest = &self.json[..];
        let tokens = self.pieces.iter().map(|piece| {
            let (json, behind) = rest.split_at(piece.bytes);
            rest = behind;
            let tokens = tokenizer.count(&words(&String::from_utf8_lossy(json)));
            in_proportion(tokens, piece.bytes as u64, piece.of as u64)
        });
        tokens.sum()
    }
}

/// What all has, where a part has `tokens`.
fn in_proportion(tokens: u64, part: u64, all: u64) -> u64 {
    let part = u128::from(part.max(1));
    let scaled = (u128::from(tokens) * u128::from(all) + part / 2) / part;
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// Where the string begins and ends that is a medium and stands at `at`, if one does. There is no quote
/// in it, and what lies between its beginning, `at` and its end is taken to be like them.
fn medium(document: &Rope, at: usize) -> Option<(usize, usize)> {
    /// What stands before the bytes of a medium: `data:image/png;base64,`.
    const PREFIX: usize = 64;
    let is_one =
        |at: usize| at + MEDIUM <= document.len() && is_medium(&document.get(at..at + MEDIUM));
    if !is_one(at) {
        return None;
    }
    let (begin, end) = (document.find_before(b'"', at)? + 1, document.find(b'"', at)?);
    (is_one((begin + PREFIX).min(at)) && is_one(end.saturating_sub(MEDIUM))).then_some((begin, end))
}

fn is_medium(bytes: &[u8]) -> bool {
    // A slash may be escaped.
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-\\".contains(byte);
    bytes.iter().all(is_digit)
}

/// A place at `at`, or behind the escape that it would be in the middle of.
fn unescaped(document: &Rope, mut at: usize) -> usize {
    while at > 0 && at < document.len() && *document.get(at - 1..at) == *b"\\" {
        at += 1;
    }
    at
}

/// The words in a piece of some JSON. Whether it begins inside a string nobody knows: if it does not, all
/// that stands between its strings is what can stand there.
fn words(json: &str) -> String {
    let json = json.trim_matches(char::REPLACEMENT_CHARACTER);
    let (strays, words) = read(json, false);
    if strays == 0 {
        return words;
    }
    let (other, inside) = read(json, true);
    if other <= strays { inside } else { words }
}

/// What is said in the strings of a piece of JSON, and how many bytes there are between them that cannot
/// stand there.
fn read(json: &str, mut is_inside: bool) -> (usize, String) {
    let (mut rest, mut strays, mut words, mut key) = (json, 0, String::new(), "");
    while !rest.is_empty() {
        if !is_inside {
            let begin = rest.find('"').unwrap_or(rest.len());
            strays += rest[..begin].bytes().filter(|byte| !is_between(*byte)).count();
            rest = rest.get(begin + 1..).unwrap_or_default();
            is_inside = true;
            continue;
        }
        let end = walk::string_end(rest, 0);
        let (string, behind) = match end {
            Some(end) => (&rest[..end - 1], &rest[end..]),
            None => (rest, ""),
        };
        (rest, is_inside) = (behind, false);
        if behind.trim_ascii_start().starts_with(':') {
            key = string;
        } else if !SILENT.contains(&key) {
            say(string, &mut words);
            if end.is_some() {
                words.push('\n');
            }
        }
    }
    (strays, words)
}

/// Whether a byte stands between two strings.
fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte.is_ascii_digit() || b",:[]{}+-.Etruefalsn".contains(&byte)
}

/// Says a string as it is meant. Its last escape may be cut off.
fn say(string: &str, words: &mut String) {
    /// Two halves of a character are the longest escape.
    const ESCAPE: usize = 12;
    if string.len() >= MEDIUM && is_medium(string.as_bytes()) {
        return;
    }
    let whole = (0..ESCAPE.min(string.len())).find_map(|less| {
        let string = &string[..string.floor_char_boundary(string.len() - less)];
        walk::text(&format!("\"{string}\"")).map(|text| words.push_str(&text))
    });
    whole.unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::{Value, json};

    use super::*;
    use crate::{
        ByScript, Subject,
        chat::ChatRequest,
        document::{DocumentRequest, Messages},
    };

    fn file(path: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        fs::read_to_string(root.join(path)).unwrap()
    }

    /// How far off an estimate may be, as a part of what all texts have.
    const FIFTH: f64 = 0.2;
    const HALF: f64 = 0.5;

    fn check(about: &str, body: &Value, off: f64) {
        let chat = ChatRequest::of(body).unwrap();
        let sample = TextSample::of(&chat.to_rope());
        assert!(sample.json.capacity() <= TextSample::PIECES * TextSample::PIECE, "{about}");
        let mut texts = String::new();
        chat.texts(&mut |_, text| texts.extend([text, "\n"])).unwrap();
        let (all, sampled) = (ByScript.count(&texts), sample.count(&ByScript));
        let ratio = sampled as f64 / all as f64;
        assert!((ratio - 1.0).abs() <= off, "{about}: {sampled} of {all}, {ratio}");
    }

    fn chat(messages: &[Value], tools: &Value) -> Value {
        json!({"model": "m", "stream": true, "messages": messages, "tools": tools})
    }

    fn turns(texts: impl IntoIterator<Item = String>) -> Vec<Value> {
        let roles = ["user", "assistant"].into_iter().cycle();
        texts
            .into_iter()
            .zip(roles)
            .map(|(content, role)| json!({"role": role, "content": content}))
            .collect()
    }

    fn image(bytes: usize) -> Value {
        let digits = (0..bytes).map(|n| {
            char::from(
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                    [(n * n * 31 + n / 64) % 64],
            )
        });
        let url = format!("data:image/png;base64,{}", digits.collect::<String>());
        json!({"type": "image_url", "image_url": {"url": url}})
    }

    fn tools(number: usize) -> Value {
        let tool = |n| json!({"type": "function", "function": {"name": format!("look_up_{n}"), "description": "Looks up what is known of a place: its name, where it is, and who lives there.", "parameters": {"type": "object", "properties": {"place": {"type": "string", "description": "The name of the place, as it is written there."}, "depth": {"type": "integer", "minimum": 0}}, "required": ["place"]}}});
        (0..number).map(tool).collect()
    }

    #[test]
    fn a_sample_of_real_texts_is_within_a_fifth_of_all_of_them() {
        let prose = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"].map(file);
        let code = [
            "crates/core/src/drive.rs",
            "crates/core/src/surface.rs",
            "crates/engine/src/walk.rs",
            "crates/wire/src/doc/mod.rs",
        ]
        .map(file);
        let languages = file("crates/core/src/tokens.rs");
        check("prose", &chat(&turns([prose.concat().repeat(3)]), &Value::Null), FIFTH);
        check("code", &chat(&turns(code.clone()), &Value::Null), FIFTH);
        check(
            "many short turns",
            &chat(&turns(prose.concat().repeat(3).lines().map(str::to_owned)), &Value::Null),
            FIFTH,
        );
        check("languages", &chat(&turns([languages.repeat(6)]), &Value::Null), FIFTH);
        check(
            "a conversation with tools",
            &chat(&turns(prose.iter().chain(&code).cloned()), &tools(60)),
            FIFTH,
        );
        check("tools alone", &chat(&turns(["hello".to_owned()]), &tools(400)), FIFTH);
        let lock = file("Cargo.lock");
        check("data", &chat(&turns([lock]), &Value::Null), FIFTH);
    }

    #[test]
    fn media_are_no_texts_however_large_they_are() {
        let prose = file("ARCHITECTURE.md");
        let words = |text: &str| json!({"type": "text", "text": text});
        for bytes in [20_000, 200_000, 2_000_000] {
            let before = json!([words(&prose), image(bytes)]);
            let behind = json!([image(bytes), words(&prose)]);
            let between = json!([
                image(bytes),
                words(&prose),
                image(bytes),
                words(&prose[..4000]),
                image(bytes)
            ]);
            for (about, content) in [("before", before), ("behind", behind), ("between", between)] {
                let message = json!({"role": "user", "content": content});
                check(&format!("{about} {bytes}"), &chat(&[message], &Value::Null), FIFTH);
            }
        }
        let captions: Vec<_> = (0..200)
            .map(|_| json!({"role": "user", "content": [words(&prose[..2000]), image(5_000)]}))
            .collect();
        check("many", &chat(&captions, &Value::Null), HALF);
    }

    #[test]
    fn a_medium_is_left_out_wherever_a_piece_meets_it() {
        let prose = file("ARCHITECTURE.md");
        let (prose, medium) = (&prose[..prose.floor_char_boundary(4_000)], image(100_000));
        for length in (2_900..3_500).step_by(7) {
            let before =
                json!({"type": "text", "text": &prose[..prose.floor_char_boundary(length)]});
            let behind = json!({"type": "text", "text": prose});
            let content = json!([before, medium, behind]);
            let body = chat(&[json!({"role": "user", "content": content})], &Value::Null);
            check(&format!("behind {length} bytes"), &body, HALF);
        }
    }

    #[test]
    fn what_looks_like_a_medium_in_a_text_does_not_hide_it() {
        let pasted = format!(
            "{} {} {}",
            file("README.md"),
            "QUJD".repeat(500),
            file("ARCHITECTURE.md").repeat(3)
        );
        let body = chat(&turns([pasted]), &Value::Null);
        check("pasted", &body, FIFTH);
    }

    #[test]
    fn nothing_panics_wherever_pieces_end() {
        let json = r#"{"messages":[{"role":"user","content":"\u00e9\\\"{[ä漢\ud83d\ude00"},{"content":[1,true,null]}]}"#;
        for start in 0..=json.len() {
            for end in start..=json.len() {
                let cut = String::from_utf8_lossy(&json.as_bytes()[start..end]);
                words(&cut);
            }
        }
        let body = json.repeat(2_000).into_bytes();
        let parts: Rope =
            body.chunks(1_000).map(|part| bytes::Bytes::from(part.to_vec())).collect();
        let (whole, parts) = (TextSample::of(&body.into()), TextSample::of(&parts));
        assert_eq!(whole.count(&ByScript), parts.count(&ByScript));
        assert_eq!(TextSample::of(&Rope::default()).count(&ByScript), 0);
    }

    #[test]
    fn no_bytes_make_it_panic_nor_keep_more() {
        let mut random = 7_u64;
        let mut draw = |most: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap() % most
        };
        let words =
            ["\"", "\\", "\\\"", ":", "{", " ", "ä", "\"url\":\"data:image/png;base64,", "role"];
        for _ in 0..300 {
            let mut body = Vec::new();
            while body.len() < 40_000 {
                match draw(4) {
                    0 => body.extend(std::iter::repeat_n(b'A', draw(5_000))),
                    _ => body.extend_from_slice(words[draw(words.len())].as_bytes()),
                }
            }
            let parts = body.chunks(1 + draw(20_000));
            let sample = TextSample::of(&parts.map(bytes::Bytes::copy_from_slice).collect());
            assert!(sample.json.len() <= TextSample::PIECES * TextSample::PIECE);
            sample.count(&ByScript);
        }
    }

    #[test]
    fn a_document_of_messages_is_sampled_as_a_chat_is() {
        let text = file("ARCHITECTURE.md").repeat(8);
        let body = json!({"model": "m", "max_tokens": 9, "system": text, "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD".repeat(100_000)}}]}]});
        let request =
            DocumentRequest::<Messages>::parse(serde_json::to_vec(&body).unwrap()).unwrap();
        let sampled = TextSample::of(&request.document().unwrap().to_rope()).count(&ByScript);
        let ratio = sampled as f64 / ByScript.count(&text) as f64;
        assert!((0.8..=1.2).contains(&ratio), "{ratio}");
    }
}
