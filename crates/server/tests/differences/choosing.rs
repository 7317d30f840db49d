//! Who is asked.

use crate::setup::{always, answering, ask, ask_saying, gateway, status, target};

pub(crate) async fn a_weight_of_zero_drains_and_no_weight_is_one() {
    let (drained, other) = (answering(&[]).await, answering(&[]).await);
    let (a, b) = (target("a", &drained, "weight: 0"), target("b", &other, ""));
    let before = gateway("{mode: loadbalance}", &[a, b.clone()], "");
    for _ in 0..50 {
        ask(&before).await.unwrap();
    }
    assert_eq!((drained.requests().len(), other.requests().len()), (0, 50));

    let after = gateway("{mode: loadbalance}", &[target("a", &drained, ""), b], "");
    let mut asked = 0;
    while drained.requests().is_empty() && asked < 200 {
        ask(&after).await.unwrap();
        asked += 1;
    }
    assert_eq!(drained.requests().len(), 1, "without a weight it has a share again");
}

pub(crate) async fn without_any_weight_the_shares_are_equal() {
    let (one, other) = (answering(&[]).await, answering(&[]).await);
    let targets = [target("a", &one, ""), target("b", &other, "")];
    let gateway = gateway("{mode: loadbalance}", &targets, "");
    for _ in 0..200 {
        ask(&gateway).await.unwrap();
    }
    // Half of 200, and six standard deviations of that, for whoever is a little faster besides.
    let warned = gateway.config().warnings();
    assert!(warned.iter().any(|found| found.message.contains("no target says its `weight`")));
    let asked = one.requests().len();
    assert!((20..=180).contains(&asked), "{asked} of 200");
}

pub(crate) async fn the_others_stand_behind_the_first() {
    for mode in ["loadbalance", "least-latency", "cost-optimized"] {
        let (dead, other) = (always(500).await, answering(&[]).await);
        let a = target("a", &dead, "");
        let two = gateway(&format!("{{mode: {mode}}}"), &[a.clone(), target("b", &other, "")], "");
        for _ in 0..10 {
            assert_eq!(status(&two).await, 200, "{mode}");
        }
        let alone = gateway(&format!("{{mode: {mode}}}"), &[a], "");
        assert_eq!(status(&alone).await, 502, "{mode}: with one target it fails with it");
    }
}

pub(crate) async fn who_was_never_seen_is_probed() {
    let (one, other) = (answering(&[]).await, answering(&[]).await);
    let targets = [target("a", &one, ""), target("b", &other, "")];
    let gateway = gateway("{mode: least-latency}", &targets, "");
    // One in twenty: that five hundred pass one of them by happens once in 10^11 times.
    for _ in 0..500 {
        ask(&gateway).await.unwrap();
    }
    assert!(!one.requests().is_empty() && !other.requests().is_empty());
}

pub(crate) async fn the_reply_counts_and_an_unknown_price_is_last() {
    let (cheap_to_ask, cheap_to_hear) = (answering(&[]).await, answering(&[]).await);
    let unpriced = answering(&[]).await;
    let prices = |input: f64, output: f64| {
        format!("prices: {{m: {{input_per_m_tokens: {input}, output_per_m_tokens: {output}}}}}")
    };
    let targets = [
        target("unpriced", &unpriced, ""),
        target("a", &cheap_to_ask, &prices(1.0, 50.0)),
        target("b", &cheap_to_hear, &prices(2.0, 2.0)),
    ];
    let here = gateway("{mode: cost-optimized}", &targets, "");
    ask(&here).await.unwrap();
    let asked = [&unpriced, &cheap_to_ask, &cheap_to_hear].map(|u| u.take_requests().len());
    assert_eq!(asked, [0, 0, 1], "the reply counts");

    let allowing = "{mode: cost-optimized, output_share: 0, unpriced_strategy: allow}";
    ask(&gateway(allowing, &targets, "")).await.unwrap();
    let asked = [&unpriced, &cheap_to_ask, &cheap_to_hear].map(|u| u.take_requests().len());
    assert_eq!(asked, [1, 0, 0], "what is not known is nothing");
}

pub(crate) async fn nothing_said_matches_no_rule_about_the_prompt() {
    let (one, other) = (answering(&[]).await, answering(&[]).await);
    let targets = [target("a", &one, ""), target("b", &other, "")];
    let strategy = "{mode: content-based, content_conditions: \
                    [{type: prompt_not_contains, value: poem, target_key: b}]}";
    let gateway = gateway(strategy, &targets, "");
    ask_saying(&gateway, "system", "be brief").await.unwrap();
    assert_eq!((one.take_requests().len(), other.take_requests().len()), (1, 0));
    ask_saying(&gateway, "user", "a letter").await.unwrap();
    assert_eq!((one.take_requests().len(), other.take_requests().len()), (0, 1));
}
