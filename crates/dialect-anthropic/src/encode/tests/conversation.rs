//! Messages become turns of two who alternate.

use super::*;

#[test]
fn instructions_are_one_text_until_one_carries_a_mark() {
    let go = user(json!("Go."));
    let plain = [
        system(json!("One.")),
        json!({"role": "developer", "content": [{"type": "text", "text": "Two."}]}),
        go.clone(),
    ];
    assert_eq!(said(&json!({"messages": plain}))["system"], "One.\nTwo.");
    let part = json!({"type": "text", "text": "One.", "cache_control": ephemeral()});
    let marked = [system(json!([part])), system(json!("Two.")), go];
    let two = json!({"type": "text", "text": "Two."});
    assert_eq!(said(&json!({"messages": marked}))["system"], json!([part, two]));
}

#[test]
fn marks_for_the_cache_are_kept_wherever_they_stand() {
    let mark = ephemeral();
    let tool = json!({"type": "function", "cache_control": mark, "function": {"name": "f"}});
    let mut called = calls(&[call("c", "f", "{}")]);
    called["cache_control"] = mark.clone();
    let mut answered = result("c", json!("7"));
    answered["cache_control"] = mark.clone();
    let asked = user(json!([{"type": "text", "text": "x", "cache_control": mark}]));
    let body = said(&json!({"messages": [asked, called, answered], "tools": [tool]}));
    assert_eq!(body["tools"][0]["cache_control"], mark);
    for (turn, named) in [(0, "text"), (1, "tool_use"), (2, "tool_result")] {
        let block = &body["messages"][turn]["content"][0];
        assert_eq!((&block["type"], &block["cache_control"]), (&json!(named), &mark));
    }
    assert_eq!(said(&json!({"cache_control": mark}))["cache_control"], mark);
}

#[test]
fn of_more_marks_than_four_the_last_are_kept() {
    let part = |n: usize| json!({"type": "text", "text": n.to_string(), "cache_control": {"type": "ephemeral"}});
    let parts: Vec<_> = (0..6).map(part).collect();
    let body = json!({"messages": [user(json!(parts))]});
    let sent = said(&body);
    let kept = sent["messages"][0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b.get("cache_control").is_some());
    assert_eq!(kept.collect::<Vec<_>>(), [false, false, true, true, true, true]);
    assert_eq!(unsaid_of(NEW, &body), ["cache_control"]);
}

#[test]
fn later_instructions_stay_behind_the_users_turn_where_the_model_takes_that() {
    let conversation = json!({"messages": [
        user(json!("One.")), assistant(json!("Two.")), system(json!("In French.")), user(json!("Three.")), assistant(json!("Trois.")),
    ]});
    let sent = said_of("claude-opus-4-8", &conversation);
    let roles: Vec<_> =
        sent["messages"].as_array().unwrap().iter().map(|m| m["role"].clone()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "system", "assistant"]);
    assert_eq!(sent["messages"][3]["content"], "In French.");
    assert!(sent.get("system").is_none());
    let sent = said_of(NEW, &conversation);
    assert_eq!(sent["system"], "In French.");
    assert_eq!(sent["messages"].as_array().unwrap().len(), 4);
    let behind_the_assistant =
        json!({"messages": [user("One."), assistant("Two."), system("In French.")]});
    let sent = said_of("claude-opus-4-8", &behind_the_assistant);
    assert_eq!(sent["system"], "In French.", "no turn of the user's is near");
    assert_eq!(sent["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn turns_of_one_role_are_one_and_blank_texts_are_none() {
    let sent = messages(&[
        user(json!("One.")),
        user(json!(" \n")),
        assistant(json!("")),
        user(json!([{"type": "text", "text": ""}, {"type": "text", "text": "Two."}])),
    ]);
    let blocks = json!([{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]);
    assert_eq!(sent, json!([user(blocks)]));
}

#[test]
fn a_conversation_begins_with_the_user() {
    let sent = messages(&[assistant(json!("Hello.")), user(json!("Hi."))]);
    assert_eq!(sent[0], user(json!("Continue.")));
    assert_eq!(messages(&[system(json!("Only this."))]), json!([user(json!("Only this."))]));
}

#[test]
fn an_unfinished_turn_does_not_end_with_white_space() {
    let sent = messages(&[user(json!("Go.")), assistant(json!("The answer is \n"))]);
    assert_eq!(sent[1], assistant(json!("The answer is")));
    let sent = messages(&[user(json!("Go.")), assistant(json!("It is \n")), user(json!("What?"))]);
    assert_eq!(sent[1], assistant(json!("It is \n")), "only the last");
}

#[test]
fn all_results_of_a_turn_stand_first_and_in_one_message() {
    let sent = messages(&[
        user(json!("Go.")),
        calls(&[call("a", "f", r#"{ "x": 1 }"#), call("b.1", "g", "")]),
        result("a", json!("one")),
        user(json!("And?")),
        result("b.1", json!([{"type": "text", "text": "two"}])),
    ]);
    assert_eq!(sent.as_array().unwrap().len(), 3);
    let mapped = sent[1]["content"][1]["id"].clone();
    assert!(mapped.as_str().unwrap().bytes().all(|b| b.is_ascii_alphanumeric()), "{mapped}");
    assert_eq!(
        sent[2]["content"],
        json!([
            {"type": "tool_result", "tool_use_id": "a", "content": "one"},
            {"type": "tool_result", "tool_use_id": mapped, "content": "two"},
            {"type": "text", "text": "And?"},
        ])
    );
    assert_eq!(
        sent[1]["content"][0],
        json!({"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}})
    );
    assert_eq!(sent[1]["content"][1]["input"], json!({}));
}

#[test]
fn a_result_may_hold_pictures_and_report_a_failure() {
    let mut failed = result(
        "a",
        json!([
            {"type": "text", "text": "no"},
            {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
            {"type": "file", "file": {"file_data": "data:text/plain,hi"}},
        ]),
    );
    failed["is_error"] = json!(true);
    let sent = messages(&[user(json!("Go.")), calls(&[call("a", "f", "{}")]), failed]);
    let block = &sent[2]["content"][0];
    assert_eq!(block["is_error"], true);
    let kinds = block["content"].as_array().unwrap().iter().map(|b| b["type"].clone());
    assert_eq!(kinds.collect::<Vec<_>>(), ["text", "image", "document"]);
}

#[test]
fn a_function_called_the_old_way_finds_its_result() {
    let called = json!({"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}});
    let answered = json!({"role": "function", "name": "f", "content": "7"});
    let sent = messages(&[user(json!("Go.")), called, answered]);
    assert_eq!(sent[1]["content"][0]["id"], sent[2]["content"][0]["tool_use_id"]);
}

#[test]
fn the_vendors_own_blocks_go_back_as_they_came() {
    let block = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}});
    let mut placed = block.clone();
    placed["index"] = json!(0);
    let turn = json!({"role": "assistant", "content": "So.", "content_blocks": [placed]});
    let sent = messages(&[user(json!("Go.")), turn, user(json!([block]))]);
    assert_eq!(sent[1]["content"][0], block);
    assert_eq!(sent[2]["content"][0], block);
}

/// A turn that paused goes on only if a search of the vendor's that waits for its result stands last.
#[test]
fn the_vendors_own_blocks_go_back_to_their_places() {
    let search = json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}});
    let found =
        json!({"type": "web_search_tool_result", "tool_use_id": "s", "content": [], "x": 1e2});
    let mut placed = [search.clone(), found.clone()];
    placed[0]["behind"] = json!({"thoughts": 1, "characters": 3, "calls": 0});
    placed[1]["behind"] = json!({"thoughts": 2, "characters": 3, "calls": 1});
    let thought = |text: &str| json!({"type": "reasoning.text", "text": text, "signature": "z", "format": "anthropic-claude-v1"});
    let turn = |content: Value, own: &[Value]| {
        let sent = messages(&[
            user("Go."),
            json!({"role": "assistant", "content": content, "content_blocks": own,
                "reasoning_details": [thought("a"), thought("b")], "tool_calls": [call("c", "f", "{}")]}),
        ]);
        let blocks = sent[1]["content"].as_array().unwrap().clone();
        let kinds = blocks.iter().map(|block| match block["text"].as_str() {
            Some(text) => text.to_owned(),
            None => block["type"].as_str().unwrap().to_owned(),
        });
        (kinds.collect::<Vec<_>>(), blocks)
    };
    let (kinds, blocks) = turn(json!("So\u{fc} it is."), &placed);
    let expected = [
        "thinking",
        "So\u{fc}",
        "server_tool_use",
        "thinking",
        "tool_use",
        "web_search_tool_result",
        " it is.",
    ];
    assert_eq!(kinds, expected);
    assert_eq!((&blocks[2], &blocks[5]), (&search, &found));
    let (kinds, _) = turn(json!("x"), &placed[..1]);
    assert_eq!(kinds, ["thinking", "x", "server_tool_use", "thinking", "tool_use"], "it was cut");
    let (kinds, _) = turn(json!([{"type": "text", "text": "So\u{fc} it is."}]), &placed[..1]);
    assert_eq!(kinds[1..4], ["So\u{fc}", "server_tool_use", "thinking"], "one part is a text");
    let (kinds, _) = turn(json!("x"), &[search]);
    assert_eq!(kinds, ["thinking", "thinking", "server_tool_use", "x", "tool_use"]);
}

#[test]
fn what_is_said_of_a_call_goes_back_or_is_unsaid() {
    let caller = json!({"type": "code_execution_20250825", "tool_id": "srvtoolu_1"});
    let mut tool_call = call("a", "f", "{}");
    tool_call["extra_content"] = json!({"anthropic": {"caller": caller}});
    let body = |of: Value| json!({"messages": [user("Go."), calls(&[of]), result("a", "7")]});
    let sent = said(&body(tool_call.clone()));
    assert_eq!(sent["messages"][1]["content"][0]["caller"], caller);
    assert_eq!(unsaid_of(NEW, &body(tool_call.clone())), Vec::<String>::new());
    tool_call["extra_content"] = json!({"google": {"thought_signature": "s"}});
    tool_call["odd"] = json!(1);
    tool_call["function"]["odder"] = json!(2);
    let unsaid = ["odd", "function.odder", "extra_content"];
    assert_eq!(
        unsaid_of(NEW, &body(tool_call)),
        unsaid.map(|name| format!("messages[1].tool_calls[0].{name}"))
    );
}
