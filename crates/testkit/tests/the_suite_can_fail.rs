//! The suite finds what is wrong with a provider, names exactly the laws that it breaks, and has
//! nothing to say against an honest one.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod acme;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use acme::{Acme, Flaw};
use ferro_core::ProviderFactory;
use ferro_testkit::Suite;

/// The trials that a provider with this flaw fails, without its name.
fn broken_by(flaw: Flaw) -> BTreeSet<String> {
    let factory: &'static dyn ProviderFactory = Box::leak(Box::new(Acme(flaw)));
    failures(&[factory], &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"))
}

fn failures(factories: &[&'static dyn ProviderFactory], fixtures: &Path) -> BTreeSet<String> {
    let failures = Suite::new(factories, fixtures).failures();
    failures.into_iter().map(|(name, _)| name.trim_start_matches("acme::").to_owned()).collect()
}

fn laws<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// Laws of chat that are broken, and with them those of what is served over it.
fn of_both<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    let both = ["chat", "text_completion"].into_iter();
    both.flat_map(|surface| names.map(|name| format!("{surface}::{name}"))).collect()
}

#[test]
fn an_honest_provider_breaks_no_law() {
    assert_eq!(broken_by(Flaw::None), laws([]));
}

#[test]
fn a_stream_that_is_over_one_event_early_is_noticed() {
    // What comes behind the finish is lost whenever it comes in another read, so everything that
    // compares reads breaks too.
    let mut expected = of_both([
        "a_truncated_stream_is_an_error",
        "a_broken_connection_is_an_error",
        "keep_alives_and_comments_are_ignored",
    ]);
    expected.extend(laws([
        "chat::any_chunking_gives_the_same_events",
        "chat::streamed_and_whole_replies_agree_when_reassembled",
    ]));
    assert_eq!(broken_by(Flaw::DoneOneEventEarly), expected);
    let expected = of_both(["a_truncated_stream_is_an_error"]);
    assert_eq!(broken_by(Flaw::TakesTheFinishForTheEnd), expected);
}

#[test]
fn a_dropped_field_is_noticed() {
    let expected = of_both(["an_unknown_field_reaches_the_wire_or_is_reported_unsaid"]);
    assert_eq!(broken_by(Flaw::DropsUnknownFields), expected);
}

#[test]
fn a_printed_key_is_noticed() {
    let expected = of_both(["a_credential_is_never_printed_or_logged"]);
    assert_eq!(broken_by(Flaw::PrintsItsKey), expected);
}

#[test]
fn a_credential_shown_to_another_host_is_noticed() {
    let expected = of_both(["a_credential_goes_to_its_upstream_only"]);
    assert_eq!(broken_by(Flaw::TellsAnotherHost), expected);
}

#[test]
fn what_one_call_leaves_for_the_next_is_noticed() {
    let expected = of_both([
        "concurrent_calls_do_not_cross_talk",
        "renaming_the_model_changes_only_the_model",
    ]);
    assert_eq!(broken_by(Flaw::RemembersTheFirstModel), expected);
}

#[test]
fn a_panic_is_a_failure_of_the_law_and_not_of_the_suite() {
    let expected =
        of_both(["a_malformed_reply_is_malformed", "a_reply_that_only_looks_whole_is_malformed"]);
    assert_eq!(broken_by(Flaw::PanicsAtWhatIsNoJson), expected);
}

#[test]
fn what_a_factory_says_of_itself_is_held_against_it() {
    let expected = laws(["unknown_settings_are_refused_by_name"]);
    assert_eq!(broken_by(Flaw::TakesAnySetting), expected);
    let expected = laws(["generate_content::the_suite_has_laws_for_it"]);
    assert_eq!(broken_by(Flaw::ClaimsWhatItDoesNotServe), expected);
    let twice: &'static dyn ProviderFactory = &Acme(Flaw::None);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    assert_eq!(failures(&[twice, twice], &fixtures), laws(["crate::no_kind_is_listed_twice"]));
}

/// A folder of this test's own, with a copy of one case.
fn copy_of_a_case(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let case = root.join("fixtures/acme/chat/hello_whole");
    drop(fs::remove_dir_all(&root));
    fs::create_dir_all(&case).unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/acme/chat/hello_whole");
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), case.join(entry.file_name())).unwrap();
    }
    root
}

fn fails(root: &Path, trial: &str) -> bool {
    let factory: &'static dyn ProviderFactory = &Acme(Flaw::None);
    failures(&[factory], &root.join("fixtures")).contains(trial)
}

#[test]
fn a_fixture_without_a_source_or_with_a_credential_is_refused() {
    const TRIAL: &str = "crate::fixture::acme/chat/hello_whole";
    let root = copy_of_a_case("sources");
    let case = root.join("fixtures/acme/chat/hello_whole");
    assert!(!fails(&root, TRIAL));
    let key = ["sk", "-", "abcdefghijklmnopqrst0123456789"].concat();
    fs::write(case.join("request.json"), format!(r#"{{"key":"{key}"}}"#)).unwrap();
    assert!(fails(&root, TRIAL), "a credential passes");
    fs::remove_file(case.join("request.json")).unwrap();
    fs::write(case.join("source"), "out of our own encoder\n").unwrap();
    assert!(fails(&root, TRIAL), "any source passes");
    fs::remove_file(case.join("source")).unwrap();
    assert!(fails(&root, TRIAL), "no source passes");
}

#[test]
fn a_claim_without_cases_is_a_claim_untested() {
    let root = copy_of_a_case("claims");
    assert!(fails(&root, "chat::every_kind_of_case_is_there"));
    fs::rename(root.join("fixtures/acme"), root.join("fixtures/another")).unwrap();
    assert!(fails(&root, "crate::every_fixture_is_somebodys"));
}

#[test]
fn a_known_failure_is_none_until_it_passes() {
    const CASE: &str = "chat::case::hello_whole";
    let root = copy_of_a_case("known");
    let reply = root.join("fixtures/acme/chat/hello_whole/reply.json");
    let list = root.join("known-failures.txt");
    let right = fs::read_to_string(&reply).unwrap();
    fs::write(&reply, r#"{"usage":null,"finish":"length"}"#).unwrap();
    assert!(fails(&root, CASE));
    fs::write(&list, "*::chat::case::hello_whole # until it is mended\n").unwrap();
    assert!(!fails(&root, CASE), "a known failure fails");
    fs::write(&reply, right).unwrap();
    assert!(fails(&root, CASE), "a stale entry passes");
    fs::write(&list, "acme::chat::no_such_law\n").unwrap();
    assert!(fails(&root, "crate::every_known_failure_names_a_trial"));
}
