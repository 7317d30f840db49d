//! Chat's own laws, and which of the shared ones it obeys.

use bytes::Bytes;
use ferro_core::{
    BadRequest, Finish,
    chat::{Chat, ChatRequest},
};
use ferro_wire::sse;
use serde_json::Value;

use super::{
    Law, Suited, Verdict,
    documents::completions_say_what_the_chat_says,
    ensure, errors,
    hygiene::encoding_is_deterministic,
    laws, lossless,
    lossless::{sent_for, with_members},
    reassembled::Reassembled,
    safety, streams,
};
use crate::{
    Script,
    bench::{Ask, Bench, answer, request, request_of},
    cut::Cut,
    fixture::{Case, Expected, ExpectedReply},
    tree::Tree,
};

impl Suited for Chat {
    const SAMPLE: &'static str =
        r#"{"model":"conformance-model","messages":[{"role":"user","content":"Say hello."}]}"#;
    const STREAMED: Option<&'static str> = Some(
        r#"{"model":"conformance-model","messages":[{"role":"user","content":"Say hello."}],"stream":true,"stream_options":{"include_usage":true}}"#,
    );

    fn request(body: &[u8]) -> Result<ChatRequest, BadRequest> {
        ChatRequest::parse(body.to_vec())
    }

    fn laws() -> Vec<Law<Self>> {
        let own = laws![
            numbers_keep_their_text,
            tool_arguments_survive_verbatim,
            streamed_and_whole_replies_agree_when_reassembled,
            the_usage_event_is_for_who_asked,
            completions_say_what_the_chat_says,
            every_kind_of_case_is_there,
            encoding_is_deterministic,
        ];
        let groups = [lossless::laws(), streams::laws(), errors::laws(), safety::laws(), own];
        groups.into_iter().flatten().collect()
    }
}

fn numbers_keep_their_text(bench: &Bench<Chat>) -> Verdict {
    const FIELDS: &[(&str, &str)] = &[
        ("temperature", "1.000"),
        ("top_p", "9e-1"),
        ("seed", "12345678901234567890123"),
        ("max_tokens", "7"),
    ];
    const TOOLS: &str = r#""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"n":{"type":"number","minimum":-0.0,"maximum":1e400,"multipleOf":0.10}}}}}]"#;
    bench.run(async |target| {
        let fields: Vec<_> = FIELDS.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
        let body = with_members(Chat::SAMPLE, &format!("{},{TOOLS}", fields.join(",")));
        let request = request::<Chat>(body.as_bytes())?;
        let unsaid = target.serve()?.unsaid(&target.call(&request), &request);
        let is_unsaid = |name: &str| unsaid.iter().any(|unsaid| unsaid.0.starts_with(name));
        let sent = sent_for(target, &request, Ask::default()).await?;
        let Some(sent) = sent else { return Ok(()) };
        let sent = Tree::parse(&sent.body)?;
        let has = |text: &str| sent.any(&mut |tree| *tree == Tree::Number(text.to_owned()));
        for (name, text) in FIELDS {
            ensure!(has(text) || is_unsaid(name), "`{name}`: {text} is not in {sent:?}");
        }
        for text in ["-0.0", "1e400", "0.10"] {
            ensure!(has(text) || is_unsaid("tools"), "tools: {text} is not in {sent:?}");
        }
        Ok(())
    })
}

fn tool_arguments_survive_verbatim(bench: &Bench<Chat>) -> Verdict {
    const ARGUMENTS: &[&str] = &[
        "",
        "{}",
        "{ \"a\": 1.0,\t\"b\":[ ]}",
        "{\"cut\": \"of",
        "no JSON at all",
        "[1e2]",
        "é\n",
    ];
    bench.run(async |target| {
        let calls = ARGUMENTS.iter().enumerate().map(|(at, arguments)| {
            let arguments = Value::from(*arguments);
            format!(
                r#"{{"id":"call_{at}","type":"function","function":{{"name":"f","arguments":{arguments}}}}}"#
            )
        });
        let calls = calls.collect::<Vec<_>>().join(",");
        let body = format!(
            r#"{{"model":"conformance-model","messages":[{{"role":"user","content":"Go."}},{{"role":"assistant","content":null,"tool_calls":[{calls}]}}]}}"#
        );
        let request = request::<Chat>(body.as_bytes())?;
        let unsaid = target.serve()?.unsaid(&target.call(&request), &request);
        let sent = sent_for(target, &request, Ask::default()).await?;
        let Some(sent) = sent else { return Ok(()) };
        let sent = Tree::parse(&sent.body)?;
        for arguments in ARGUMENTS {
            // A wire that wants an object there instead of a string keeps them as one.
            let parsed = Tree::parse(if arguments.is_empty() { b"{}" } else { arguments.as_bytes() });
            let is_kept = sent.any(&mut |tree| match tree {
                Tree::Text(text) => text == arguments,
                other => parsed.as_ref() == Ok(other),
            });
            let is_unsaid = unsaid.iter().any(|unsaid| unsaid.0.contains("arguments"));
            ensure!(is_kept || is_unsaid, "the arguments `{arguments}` are not in {sent:?}");
        }
        Ok(())
    })
}

fn streamed_and_whole_replies_agree_when_reassembled(bench: &Bench<Chat>) -> Verdict {
    bench.run(async |target| {
        let mut pairs = 0;
        for whole in bench.wholes() {
            let Some(stem) = whole.name.strip_suffix("_whole") else { continue };
            let streamed = bench.streams().find(|case| case.name == format!("{stem}_streamed"));
            let Some(streamed) = streamed else { continue };
            pairs += 1;
            let (a, b) = (
                target.play(whole, Cut::Whole).await?,
                target.play(streamed, Cut::Every(7)).await?,
            );
            let (a, b) = (Reassembled::read(&a), Reassembled::read(&b));
            ensure!(a == b, "{stem}: whole {a:?}, streamed {b:?}");
        }
        ensure!(pairs > 0, "no pair of cases `<name>_whole` and `<name>_streamed`");
        Ok(())
    })
}

/// Whether usage is asked for does not depend on the client; whether it sees it, does.
fn the_usage_event_is_for_who_asked(bench: &Bench<Chat>) -> Verdict {
    bench.run(async |target| {
        for case in bench.streams() {
            let mut doc = request_of::<Chat>(case)?.doc().clone();
            doc.remove("stream_options");
            let unasked = request::<Chat>(&doc.to_rope().to_bytes())?;
            doc.set_text("stream_options", Bytes::from_static(br#"{"include_usage":true}"#));
            let asked = request::<Chat>(&doc.to_rope().to_bytes())?;
            let upstream = Script::always(answer(case, Cut::Whole));
            let with = target.ask(&upstream, &asked, Ask::default()).await?;
            let without = target.ask(&upstream, &unasked, Ask::default()).await?;
            if with.usage.is_none() {
                continue; // a count that nobody sees is another law's
            }
            let bytes = with.bytes();
            let kept = sse::events(&bytes).filter(|event| !is_usage_only(&event.data()));
            let kept: Vec<u8> = kept.flat_map(|event| event.raw.iter().copied()).collect();
            ensure!(without.bytes() == kept, "{}: more or less than the usage is gone", case.name);
            ensure!(with.usage == without.usage, "{}: hidden usage is lost usage", case.name);
        }
        Ok(())
    })
}

fn is_usage_only(data: &[u8]) -> bool {
    serde_json::from_slice::<Value>(data).is_ok_and(|chunk| {
        chunk["usage"].is_object() && chunk["choices"].as_array().is_some_and(Vec::is_empty)
    })
}

/// No claim goes untested: the laws above are as good as the cases that they are tried on.
fn every_kind_of_case_is_there(bench: &Bench<Chat>) -> Verdict {
    const TOOLS: &str = r#""tools":[{"type":"function","function":{"name":"f"}}]"#;
    bench.run(async |target| {
        let mut found = kinds_of_cases(bench);
        let with_tools = request::<Chat>(with_members(Chat::SAMPLE, TOOLS).as_bytes())?;
        let unsaid = target.serve()?.unsaid(&target.call(&with_tools), &with_tools);
        if unsaid.iter().all(|unsaid| unsaid.0 != "tools") {
            let (mut whole, mut streamed) = (false, false);
            for case in bench.wholes().chain(bench.streams()) {
                let heard = target.play(case, Cut::Whole).await?;
                let calls = heard.finish == Some(Finish::ToolCalls);
                whole |= calls && !heard.is_stream;
                streamed |= calls && heard.is_stream;
            }
            found.push(("a reply that calls tools", whole));
            found.push(("a stream that calls tools", streamed));
        }
        for impossible in &bench.impossible {
            let kind = found.iter().find(|(kind, _)| kind == impossible);
            let (kind, is_there) = kind.ok_or(format!("{impossible}: no kind of case is that"))?;
            ensure!(!is_there, "{kind}: listed as impossible, and there");
        }
        found.retain(|(kind, _)| !bench.impossible.iter().any(|impossible| impossible == kind));
        let missing: Vec<_> = found.iter().filter(|(_, is_there)| !is_there).map(|f| f.0).collect();
        ensure!(missing.is_empty(), "no case is {}", missing.join(", nor "));
        Ok(())
    })
}

fn kinds_of_cases(bench: &Bench<Chat>) -> Vec<(&'static str, bool)> {
    let reply = |has: fn(&ExpectedReply) -> bool| {
        bench.wholes().any(|case| matches!(&case.expected, Expected::Reply(reply) if has(reply)))
    };
    let is_ascii = |case: &Case| case.upstream.body.is_ascii();
    vec![
        ("a reply in one piece", bench.wholes().next().is_some()),
        ("a reply without usage", reply(|reply| reply.usage.is_none())),
        ("a reply without a finish", reply(|reply| reply.finish.is_none())),
        ("a stream", bench.streams().next().is_some()),
        ("a stream with characters of several bytes", !bench.streams().all(is_ascii)),
        ("a refusal", bench.errors(false).next().is_some()),
        ("an error that came with a success", bench.errors(true).next().is_some()),
        ("a stream with an error in it", bench.broken_streams().next().is_some()),
    ]
}
