//! Whatever stands in a file is loaded or refused, and can be shown: nothing panics.

use ferro_config::{Config, Format};

const YAML: &str = include_str!("fixtures/every-key.yaml");
const JSON: &str = include_str!("fixtures/every-key.json");

/// Reads a text as both formats, and shows what there is to say about it.
fn check(text: &str) {
    for format in [Format::Yaml, Format::Json] {
        match Config::parse(text, format) {
            Ok(config) => {
                let shown = [config.warnings(), config.validate()].concat();
                assert!(shown.iter().all(|diagnostic| !diagnostic.to_string().is_empty()));
                assert!(config.inactive().iter().all(|inactive| !inactive.to_string().is_empty()));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn a_file_that_ends_anywhere() {
    for text in [YAML, JSON] {
        for end in (0..text.len()).step_by(29) {
            check(&text[..end]);
        }
    }
}

#[test]
fn a_file_with_one_odd_character_anywhere() {
    let odd = ["é", "\t", "\0", "\"", ":", "[", "}", "*", "&", "#", "\r\n", "-"];
    for (at, odd) in (0..YAML.len()).step_by(29).zip(odd.iter().cycle()) {
        check(&format!("{}{odd}{}", &YAML[..at], &YAML[at..]));
    }
}

#[test]
fn texts_of_which_nobody_thinks() {
    for text in [
        "",
        " ",
        "\n",
        "\0",
        "\u{feff}",
        "~",
        "null",
        "[]",
        "{}",
        "---",
        "...",
        "%YAML 1.2\n---\n",
        "? a\n: b\n",
        "? [a]\n: b\n",
        "*a",
        "&a",
        "<<: 1",
        "1: 2",
        "a: !!binary x",
        "a: !x y",
        "targets: {0: 1}",
        "é: é\né: é",
        "targets:\r\n  - virtual_key: [é\r\n",
        "strategy: !!str",
        "max_request_bytes: 99999999999999999999999999",
        "\"a",
        "{\"a\"",
        "targets: [[[]]]",
    ] {
        check(text);
    }
}

#[test]
fn a_word_as_long_as_a_book_is_not_repeated() {
    let book = "é".repeat(100_000);
    for text in [
        format!("strategy: {{mode: {book}}}\n"),
        format!("request_timeout: {book}\n"),
        format!("max_request_bytes: {book}\n"),
        format!("{book}: 1\nrequest_timeout: soon\n"),
    ] {
        let error = Config::parse(&text, Format::Yaml).unwrap_err();
        let found = error.diagnostics();
        assert!(!found.is_empty() && found.iter().all(|found| found.message.len() < 300));
    }
}

#[test]
fn a_text_that_grows_when_it_is_read_is_refused() {
    let level =
        |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(","));
    let laughs: String = (1..10).map(level).collect();
    let deep = format!("targets: {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    for text in [format!("a0: &a0 lol\n{laughs}"), deep] {
        let error = Config::parse(&text, Format::Yaml).unwrap_err().to_string();
        assert!(error.contains("cannot be read") && error.len() < 4096, "{error:.500}");
    }
}
