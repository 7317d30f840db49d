//! Where this gateway leaves 1.0.1 on purpose: a test for each row of the table in
//! `config/README.md`, which shows what happens here and, where a setting brings the old behaviour
//! back, that it does.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::unused_async, reason = "a row is called alike whether it asks anybody or not")]

mod asking;
mod choosing;
mod doors;
mod files;
mod setup;

/// Ties rows of the table, by the words of their first column, to tests.
macro_rules! rows {
    ($($row:literal => $module:ident::$law:ident,)+) => {
        const ROWS: &[&str] = &[$($row),+];

        $(
            #[tokio::test]
            async fn $law() {
                $module::$law().await;
            }
        )+
    };
}

rows! {
    "unknown keys are ignored silently" => files::an_unknown_key_is_warned_about_and_refused_when_strict,
    "a key of a JSON file written twice: the last counts" => files::a_key_that_is_written_twice_is_refused,
    "the first of several YAML documents counts" => files::a_second_document_is_refused,
    "`${NAME}` is passed on literally" => files::a_variable_in_braces_is_replaced_and_a_bare_dollar_is_not,
    "bad durations count as the default" => files::a_bad_duration_is_refused,
    "bad regular expressions and unknown targets fail at the first request" => files::a_bad_pattern_and_an_unknown_target_are_refused_at_load,
    "a rule with an unknown key never matches, silently" => files::a_rule_with_an_unknown_key_is_warned_about,
    "negative attempts count as 1" => files::negative_attempts_are_refused,
    "two targets may have one name" => files::two_targets_of_one_name_are_refused,
    "without a file, targets stand in a random order" => files::without_a_file_targets_stand_in_the_builds_order,
    "a weight of 0 counts as 1" => choosing::a_weight_of_zero_drains_and_no_weight_is_one,
    "`loadbalance` without any weight is refused" => choosing::without_any_weight_the_shares_are_equal,
    "every strategy but `fallback` asks one target and fails with it" => choosing::the_others_stand_behind_the_first,
    "`least-latency` asks the first target that answered for ever" => choosing::who_was_never_seen_is_probed,
    "`cost-optimized` compares prompts, and a price that is not known is nothing" => choosing::the_reply_counts_and_an_unknown_price_is_last,
    "`prompt_not_contains` matches a request in which the user says nothing" => choosing::nothing_said_matches_no_rule_about_the_prompt,
    "retries only under `fallback`" => asking::retries_are_for_every_strategy,
    "without `on_status_codes` every failure is asked again, a 400 too" => asking::what_is_refused_is_not_asked_again_unless_listed,
    "waits between retries double without an end" => asking::waits_end_at_the_longest,
    "`Retry-After` is ignored" => asking::a_retry_after_is_waited_for_unless_it_is_too_long,
    "every request has its retries, also while a vendor is down" => asking::retries_are_counted_together,
    "under `fallback` a request that is refused is shown to every target" => asking::a_request_that_is_refused_goes_no_further_unless_listed,
    "a 400 is a failure of the target, and five open its circuit" => asking::a_callers_mistakes_open_no_circuit,
    "a circuit stays open for the same time after each failed probe" => asking::open_times_grow_to_their_longest,
    "another configuration closes every circuit" => asking::another_configuration_leaves_circuits_as_they_are,
    "`queue_size: 0` counts as 1000 (1.4.1)" => asking::a_queue_of_zero_is_no_queue,
    "every failure of a vendor is a 500, and a model that nobody has a 400" => asking::a_failure_keeps_its_own_status,
    "base URLs without the version for some vendors" => asking::a_base_url_may_lack_its_version,
    "a stream is cut after two silent minutes" => asking::a_silent_stream_is_cut_after_what_idle_says,
    "`/v1` is open to everybody" => doors::a_caller_shows_a_key_unless_the_door_is_opened,
    "request bodies of any size" => doors::a_body_is_as_large_as_is_said,
}

#[test]
fn every_row_of_the_table_has_a_test_and_every_test_a_row() {
    let readme = include_str!("../../../../config/README.md");
    let section = readme.split("## Different from 1.0.1 on purpose").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let rows: Vec<_> = rows
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            assert_eq!(cells.len(), 4, "{row}");
            cells[0]
        })
        .collect();
    assert_eq!(rows, ROWS);
}
