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
