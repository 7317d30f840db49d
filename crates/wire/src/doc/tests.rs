//! What a document promises, over many inputs and every cut.

use bytes::Bytes;
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::*;

fn cut(text: &[u8], size: usize) -> Rope {
    text.chunks(size).map(Bytes::copy_from_slice).collect()
}

fn check(text: &[u8]) {
    let is_object = text.trim_ascii_start().starts_with(b"{");
    // `IgnoredAny` does not look inside strings, so it does not see bytes that are no text.
    let is_json = serde_json::from_slice::<IgnoredAny>(text).is_ok();
    let valid = is_object && is_json && std::str::from_utf8(text).is_ok();
    // Pieces of less than a block, of about one and of about two, and all in one.
    for size in (1..40).chain([63, 64, 65, 100, 127, 128, 129, usize::MAX]) {
        let ours = JsonDoc::parse(cut(text, size.min(text.len().max(1))));
        match ours {
            Ok(doc) => {
                assert!(valid, "accepted {:?}", String::from_utf8_lossy(text));
                if let Ok(theirs) = serde_json::from_slice::<Map<String, Value>>(text) {
                    for (name, value) in theirs {
                        assert_eq!(doc.get::<Value>(&name).unwrap().unwrap_or_default(), value);
                    }
                }
            }
            Err(JsonError { kind: JsonErrorKind::Duplicate(_), .. }) => assert!(valid),
            Err(error) => {
                assert!(!valid, "refused {:?} with {error}", String::from_utf8_lossy(text));
            }
        }
    }
}

#[test]
fn it_agrees_with_serde_on_the_grammar_at_every_cut() {
    let long = format!(r#"{{"a":"{}","model":"x\\\"y","n":-1.5e+3}}"#, "q\\\" \\\\".repeat(30));
    let texts = [
        long.as_str(),
        "{}",
        r#" { "model" : "a" , "b" : [ ] } "#,
        r#"{"a":1,}"#,
        r#"{"a":01}"#,
        r#"{"a":[1 2]}"#,
        r#"{"a":[1}"#,
        r#"{"a":tru}"#,
        "[1]",
        r#"{"a":1} x"#,
        r#"{"a":"b"#,
        r#"{"a":1.}"#,
        r#"{"a":-}"#,
        r#"{"a" 1}"#,
        "{,}",
        r#"{"a":1e999}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\x"}"#,
        r#"{"a":"\u12g4"}"#,
        "{\"a\":\"\n\"}",
        r#"{"é":"ü€😀"}"#,
        "",
        " ",
        "nul",
        r#"{"a":nullx}"#,
        r#"{"a":{"b":[{}, [], "c", true, false, null, 0, -0.0e-1]}}"#,
    ];
    texts.iter().for_each(|text| check(text.as_bytes()));
    for seed in SEEDS {
        JsonDoc::parse(seed.as_bytes().to_vec()).expect(seed);
        check(seed.as_bytes());
    }
    check(b"{\"a\":\"\xff\"}");
    check(b"{\"a\":\"\xc3\"}");
}

#[test]
fn a_field_that_stands_twice_is_refused_however_it_is_written() {
    for text in [r#"{"model":"a","model":"b"}"#, r#"{"model":"a","mod\u0065l":"b"}"#] {
        let error = JsonDoc::parse(text.as_bytes().to_vec()).unwrap_err();
        assert_eq!(error.kind, JsonErrorKind::Duplicate("model".into()), "{text}");
    }
}

#[test]
fn the_pieces_of_a_value_are_its_text_before_and_after_an_edit() {
    let mut doc = JsonDoc::parse(cut(br#"{"a":"a long value","b":1}"#, 3)).unwrap();
    let text = |doc: &JsonDoc, name| doc.pieces(name).map(|rope| rope.to_bytes());
    assert_eq!(text(&doc, "a").unwrap(), &b"\"a long value\""[..]);
    assert_eq!(text(&doc, "c"), None);
    doc.set("a", &5);
    doc.remove("b");
    doc.set("c", &7);
    let texts = ["a", "b", "c"].map(|name| text(&doc, name));
    assert_eq!(texts, [Some("5".into()), None, Some("7".into())]);
}

#[test]
fn too_deep_is_refused_where_serde_would_refuse_it() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert!(JsonDoc::parse(nested(126).into_bytes()).is_ok());
    let error = JsonDoc::parse(nested(200).into_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "nested deeper than 127 levels at byte 131");
}

#[test]
fn too_many_fields_are_refused_before_they_are_all_indexed() {
    let body = |count: usize| {
        let fields: Vec<_> = (0..count).map(|n| format!("\"{n}\":1")).collect();
        format!("{{{}}}", fields.join(",")).into_bytes()
    };
    assert!(JsonDoc::parse(body(MAX_FIELDS)).is_ok());
    let error = JsonDoc::parse(body(MAX_FIELDS + 1)).unwrap_err();
    assert!(error.to_string().starts_with("more than 4096 fields at byte "), "{error}");
}

#[test]
fn white_space_at_the_end_in_many_pieces_is_passed_over_once() {
    let text = format!("{{\"a\":1{}}}{}", " ".repeat(200_000), "\n".repeat(200_000));
    let mut doc = JsonDoc::parse(cut(text.as_bytes(), 16)).unwrap();
    doc.set("b", &2);
    let out = doc.to_rope().to_bytes(); // once each: were it once a piece, this would not end
    assert!(out.starts_with(b"{\"a\":1,\"b\":2 ") && out.ends_with(b"\n\n"));
}

#[test]
fn edits_leave_the_other_bytes_alone() {
    let text = r#"{ "a" : 1e2, "b":[1, 2] ,"c": "x" }"#;
    let edited = |edit: &dyn Fn(&mut JsonDoc)| {
        let mut doc = JsonDoc::parse(cut(text.as_bytes(), 5)).unwrap();
        edit(&mut doc);
        let out = String::from_utf8(doc.to_rope().to_bytes().to_vec()).unwrap();
        serde_json::from_str::<Value>(&out).expect(&out);
        out
    };
    assert_eq!(edited(&|_| {}), text);
    assert_eq!(edited(&|d| d.set("b", &true)), text.replace("[1, 2]", "true"));
    assert_eq!(edited(&|d| d.set("d", "new")), r#"{ "a" : 1e2, "b":[1, 2] ,"c": "x","d":"new" }"#);
    assert_eq!(edited(&|d| d.remove("a")), r#"{ "b":[1, 2] ,"c": "x" }"#);
    assert_eq!(edited(&|d| d.remove("c")), r#"{ "a" : 1e2, "b":[1, 2] }"#);
    assert_eq!(edited(&|d| ["b", "c"].iter().for_each(|n| d.remove(n))), r#"{ "a" : 1e2 }"#);
    assert_eq!(edited(&|d| ["a", "b", "c"].iter().for_each(|n| d.remove(n))), "{  }");
    let all = |d: &mut JsonDoc| {
        d.remove("a");
        d.set("c", &1);
        d.set("e", &2);
    };
    assert_eq!(edited(&all), r#"{ "b":[1, 2] ,"c": 1,"e":2 }"#);
}

proptest! {
    #[test]
    fn any_bytes_are_judged_like_serde_judges_them(text in "[\\{\\}\\[\\]\",:0-9eE+\\-.truefalsn\\\\ ab\u{e9}]{0,24}") {
        check(format!("{{\"a\":{text}}}").as_bytes());
        check(text.as_bytes());
    }

    #[test]
    fn a_set_value_is_read_back(name in "[a-c\"\\\\]{0,3}", value in any::<u32>()) {
        let mut doc = JsonDoc::parse(br#"{"a":1,"b":2}"#.to_vec()).unwrap();
        doc.set(&name, &value);
        let again = JsonDoc::parse(doc.to_rope()).unwrap();
        prop_assert_eq!(again.get::<u32>(&name).unwrap(), Some(value));
    }

    #[test]
    fn a_request_that_was_damaged_anywhere_is_judged_like_serde_judges_it(
        seed in 0..SEEDS.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..5u8, any::<u8>()), 0..4),
    ) {
        let mut text = SEEDS[seed].as_bytes().to_vec();
        for (place, how, byte) in damage {
            let at = place.index(text.len());
            let telling = b"\"\\{}[]:,u0n \x1f\x7f\x80\xc3\xed\xf0"[usize::from(byte) % 18];
            match how {
                0 => text[at] = byte,
                1 => text[at] = telling,
                2 => text.insert(at, telling),
                3 => text.truncate(at.max(1)),
                _ => drop(text.remove(at)),
            }
            if text.is_empty() {
                break;
            }
        }
        check(&text);
    }
}

/// Requests as clients send them: each has strings longer than a block, escapes at its edges, or
/// characters of several bytes across them.
const SEEDS: [&str; 5] = [
    r#"{"model":"fast","messages":[{"role":"user","content":"The quick brown fox jumps over the \"lazy\" dog.\nAnd again, until a block is over: \\\\ \u00e9\ud83d\ude00\t/"}],"stream":true}"#,
    r#"{"messages":[{"role":"user","content":"人工知能の研究者たちは、新しい言語モデルを発表した。😀 Die Straße zum größten Café in München"}],"model":"m"}"#,
    r#"{ "model" : "m", "tools" : [ { "type":"function", "function":{ "name":"f", "parameters":{ "type":"object", "properties":{ "n":{ "minimum":-1.5e+3 } }, "required":[] } } } ] }"#,
    r#"{"mod\u0065l":"m","n":[0,-0,1e5,0.25,1234567890,true,false,null,{},[]],"data":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="}"#,
    r#"{"a":"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"","b":"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""}"#,
];
