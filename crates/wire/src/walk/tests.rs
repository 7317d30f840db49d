//! What a walk takes, and what it leaves to another reader.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

fn takes(text: &[u8]) -> bool {
    let mut walk = Walk::new(text);
    walk.skip().is_some() && walk.is_over()
}

#[test]
fn json_is_taken() {
    for text in [
        r#" { "a" : [ 1 , -0.5e+10, true, false, null, "", {} ], "b":{"c":[]} } "#,
        r#""a long text with \"escapes\", \u00e9 and \n, and more than one block of it""#,
        "0",
    ] {
        assert!(takes(text.as_bytes()), "{text}");
    }
}

#[test]
fn what_is_not_json_is_not_taken() {
    for text in [
        "",
        "{",
        "{}}",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "[1 2]",
        "01",
        "-",
        "1.",
        "1e",
        "nul",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"",
        "[\"a\":1]",
        "{\"a\"}",
        "tru e",
    ] {
        assert!(!takes(text.as_bytes()), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(!takes(deep.as_bytes()), "nor is the stack ever exhausted");
}

#[test]
fn members_are_shown_in_their_order() {
    let mut seen = Vec::new();
    let text = br#"{"a":1,"b" : "x" ,"c":[null,{"d":2}],"e":null}"#;
    Walk::new(text).object(|name, walk| {
        let mut said = None;
        walk.say(&mut said)?;
        seen.push((name, said));
        Some(())
    });
    let expected: [(&[u8], Option<&[u8]>); 4] = [
        (b"a", Some(&b"1"[..])),
        (b"b", Some(b"\"x\"")),
        (b"c", Some(b"[null,{\"d\":2}]")),
        (b"e", None),
    ];
    assert_eq!(seen, expected);
}

proptest! {
    #[test]
    fn nothing_is_taken_that_serde_refuses(
        text in r#"([\[\]{},:"\\0-9a-eE.+\- \n]|true|null|"a":|\\u00e9|"b"){0,12}"#,
    ) {
        if takes(text.as_bytes()) {
            prop_assert!(serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{text}");
        }
    }
}

#[test]
fn a_count_is_taken_as_serde_takes_it_and_nothing_else_is() {
    let most = u64::MAX.to_string();
    for text in
        ["0", "7", "51 ", " 12345", "null", &most, "", "-1", "1.0", "1e2", "01", "00", "nul", "x"]
            .into_iter()
            .chain(["18446744073709551616", "99999999999999999999", "+1", "\"1\"", "0x1"])
    {
        let (mut count, mut walk) = (Some(9), Walk::new(text.as_bytes()));
        let is_taken = walk.count(&mut count).is_some() && walk.is_over();
        let theirs = serde_json::from_str::<Option<u64>>(text);
        assert_eq!(is_taken.then_some(count), theirs.ok(), "{text}");
    }
}
