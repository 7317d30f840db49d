//! `content-based`: what the user says decides who is first.

use ferro_core::{BadRequest, Order, Principal, Speaker, Strategy, Subject, SurfaceKind, View};
use ferro_strategies::{ContentBased, ContentRule};
use http::HeaderMap;

use crate::ask::{Ask, names, targets, weighted};

/// The order of `a b c` under these rules: test, value, target.
fn asked(rules: &[(&str, &str, &str)], ask: &Ask) -> String {
    let rules =
        rules.iter().map(|(test, value, target)| ContentRule::new(test, value, *target).unwrap());
    let strategy = ContentBased::new(rules.collect()).unwrap();
    let targets = targets::<3>();
    ask.names(&strategy, &weighted(&targets, [1.0; 3]), 3)
}

#[test]
fn a_text_is_found_whatever_its_case_in_any_script() {
    let rules = [("prompt_contains", "Refund", "b"), ("prompt_contains", "größe", "c")];
    assert_eq!(asked(&rules, &Ask::says("I want a REFUND now")), "b a c");
    assert_eq!(asked(&rules, &Ask::says("In welcher GRÖßE?")), "c a b");
    assert_eq!(asked(&rules, &Ask::says("nothing of the kind")), "a b c");
}

#[test]
fn a_text_is_a_text_and_no_pattern() {
    let rules = [("prompt_contains", "1+1 (a.b)", "b")];
    assert_eq!(asked(&rules, &Ask::says("what is 1+1 (A.B)?")), "b a c");
    assert_eq!(asked(&rules, &Ask::says("what is 111 (axb)?")), "a b c");
}

#[test]
fn only_what_the_user_says_counts() {
    let rules = [("prompt_contains", "secret", "b")];
    let said = |messages: &str| Ask::with(&format!(r#""messages":[{messages}]"#));
    let others = r#"{"role":"system","content":"secret"},{"role":"assistant","content":"secret"},
        {"role":"tool","content":"secret"},{"role":"user","content":"hello"}"#;
    assert_eq!(asked(&rules, &said(others)), "a b c");
    let earlier = r#"{"role":"user","content":"a secret"},{"role":"assistant","content":"well"},
        {"role":"user","content":"and now?"}"#;
    assert_eq!(asked(&rules, &said(earlier)), "b a c", "any of the user's messages");
    let parts = r#"{"role":"user","content":[{"type":"text","text":"one"},
        {"type":"text","text":"the secret"}]}"#;
    assert_eq!(asked(&rules, &said(parts)), "b a c", "any part of one");
}

#[test]
fn the_absence_of_a_text_is_in_all_messages_and_of_one_that_says_something() {
    let rules = [("prompt_not_contains", "urgent", "c")];
    assert_eq!(asked(&rules, &Ask::says("take your time")), "c a b");
    assert_eq!(asked(&rules, &Ask::says("this is Urgent")), "a b c");
    let two =
        r#""messages":[{"role":"user","content":"URGENT"},{"role":"user","content":"please"}]"#;
    assert_eq!(asked(&rules, &Ask::with(two)), "a b c");
    for silent in [
        r#""messages":[{"role":"system","content":"be brief"}]"#,
        r#""messages":[{"role":"user","content":"  "}]"#,
        r#""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]"#,
    ] {
        assert_eq!(asked(&rules, &Ask::with(silent)), "a b c", "{silent}");
    }
}

#[test]
fn a_pattern_minds_the_case_unless_it_says_otherwise() {
    let rules = [("prompt_regex", r"\border\s+\d+", "b"), ("prompt_regex", "(?i)track", "c")];
    assert_eq!(asked(&rules, &Ask::says("my order 4711")), "b a c");
    assert_eq!(asked(&rules, &Ask::says("my ORDER 4711")), "a b c");
    assert_eq!(asked(&rules, &Ask::says("TRACK it")), "c a b");
}

#[test]
fn the_first_rule_that_is_met_wins_wherever_it_is_met() {
    let rules = [("prompt_contains", "late", "c"), ("prompt_contains", "early", "b")];
    assert_eq!(asked(&rules, &Ask::says("early or late")), "c a b");
}

/// A request of which only the beginning can be read.
struct Unreadable;

impl Subject for Unreadable {
    fn model(&self) -> &'static str {
        "m"
    }

    fn set_model(&mut self, _: &str) {}

    fn texts(&self, see: &mut dyn FnMut(Speaker, &str)) -> Result<(), BadRequest> {
        see(Speaker::User, "hello");
        Err(BadRequest::new("the rest is no text"))
    }

    fn edit_texts(
        &mut self,
        _: &mut dyn FnMut(Speaker, &str) -> Option<String>,
    ) -> Result<(), BadRequest> {
        self.texts(&mut |_, _| {})
    }
}

#[test]
fn content_that_cannot_be_read_meets_no_rule() {
    let rules = [("prompt_contains", "hello", "b"), ("prompt_not_contains", "x", "c")];
    let rules = rules.map(|(test, value, target)| ContentRule::new(test, value, target).unwrap());
    let strategy = ContentBased::new(rules.to_vec()).unwrap();
    let targets = targets::<3>();
    let candidates = weighted(&targets, [1.0; 3]);
    let (nobody, headers) = (Principal::ANONYMOUS, HeaderMap::new());
    let view = View::new(&Unreadable, &nobody, &headers, SurfaceKind::Chat, &candidates);
    let mut order = Order::default();
    strategy.order(&view, &mut order);
    assert_eq!(names(&candidates, &order), "a b c");
}

#[test]
fn a_bad_pattern_is_found_when_the_strategy_is_built() {
    let error = ContentRule::new("prompt_regex", "(unclosed", "a").unwrap_err().to_string();
    assert!(error.starts_with("`(unclosed` cannot be searched for"), "{error}");
    let error = ContentRule::new("prompt_regex", r"(?:\w{900}){900}", "a").unwrap_err().to_string();
    assert!(error.contains("size limit"), "{error}");
    let error = ContentRule::new("prompt_says", "x", "a").unwrap_err().to_string();
    assert!(error.contains("`prompt_says`; known: prompt_contains"), "{error}");
    let error = ContentBased::new(Vec::new()).unwrap_err().to_string();
    assert!(error.contains("`content_conditions`"), "{error}");
}
