//! Every mistake is reported, each at its line: the files of `fixtures/bad` beside what is said
//! about them. `UPDATE_EXPECT=1 cargo test -p ferro-config` writes the latter anew.
#![expect(clippy::unwrap_used, reason = "a test panics when its files are missing")]

use std::{fs, path::Path};

use ferro_config::{Config, Format, Strictness};

/// Compares what is said about a file with what is written beside it.
fn check(file: &str, strictness: Strictness) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bad");
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let format = Format::of(Path::new(file)).unwrap();
    let error = Config::parse_with(&text, format, strictness).unwrap_err();
    let said = format!("{error}\n");
    let expected = folder.join(format!("{file}.stderr"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&expected, &said).unwrap();
    }
    let expected = fs::read_to_string(&expected).unwrap_or_default();
    assert_eq!(said, expected, "{file} is spoken of otherwise than expected");
    assert!(!said.contains("SECRET"), "{file}: a secret can be seen");
}

#[test]
fn a_wrong_type_hides_no_other_mistake() {
    check("types.yaml", Strictness::Lenient);
}

#[test]
fn what_no_type_can_say_is_checked_and_all_of_it_reported() {
    check("meaning.yaml", Strictness::Lenient);
}

#[test]
fn media_are_fetched_from_hosts_within_limits() {
    check("media.yaml", Strictness::Lenient);
}

#[test]
fn an_unknown_word_lists_the_known_ones() {
    check("words.yaml", Strictness::Lenient);
}

#[test]
fn strictness_refuses_unknown_keys_and_names_the_nearest() {
    check("unknown-keys.yaml", Strictness::Strict);
    check("unknown-keys.json", Strictness::Strict);
}

#[test]
fn a_line_is_shown_without_its_secrets() {
    check("secrets.yaml", Strictness::Lenient);
    check("grammar.yaml", Strictness::Lenient);
    check("grammar.json", Strictness::Lenient);
}

#[test]
fn a_file_is_one_document_and_nothing_behind_it() {
    check("two-documents.yaml", Strictness::Lenient);
    check("trailing.json", Strictness::Lenient);
}

#[test]
fn a_key_is_written_once() {
    check("duplicate.yaml", Strictness::Lenient);
    check("duplicate.json", Strictness::Lenient);
}

#[test]
fn a_file_is_made_of_keys() {
    check("list.yaml", Strictness::Lenient);
}

#[test]
fn a_strategy_that_goes_by_rules_has_some() {
    check("conditional.yaml", Strictness::Lenient);
}

#[test]
fn what_a_strategy_goes_by_is_known_to_it() {
    check("strategy.yaml", Strictness::Lenient);
}

#[test]
fn strictness_refuses_weights_that_leave_nobody() {
    check("all-zero.yaml", Strictness::Strict);
}

#[test]
fn a_route_leads_somewhere_by_names_of_its_own_and_not_back() {
    check("routes.yaml", Strictness::Strict);
}

#[test]
fn what_does_nothing_where_it_stands_is_said() {
    check("idle.yaml", Strictness::Strict);
}

#[test]
fn a_rule_that_another_one_covers_is_said() {
    check("shadows.yaml", Strictness::Strict);
}

#[test]
fn a_variable_where_none_is_replaced_is_said() {
    check("literal.yaml", Strictness::Lenient);
}

#[test]
fn nobody_stands_so_deep_that_no_request_comes_there() {
    check("deep.yaml", Strictness::Lenient);
}

#[test]
fn what_cannot_be_searched_for_is_said_with_all_the_rest() {
    check("patterns.yaml", Strictness::Lenient);
}

#[test]
fn a_limit_lets_something_through_and_a_share_is_a_share() {
    check("limits.yaml", Strictness::Strict);
}

#[test]
fn more_keys_than_a_target_can_have_are_refused_where_they_stand() {
    let keys = |count| format!("[{}]", vec!["{key: \"${A}\"}"; count].join(", "));
    let text = |count| format!("targets:\n  - virtual_key: openai\n    keys: {}\n", keys(count));
    Config::parse(&text(64), Format::Yaml).unwrap();
    let said = Config::parse(&text(65), Format::Yaml).unwrap_err().to_string();
    assert!(said.contains("65 keys are too many") && said.contains("at most 64"), "{said}");
    assert!(said.contains("configuration:3:11"), "{said}");
}
