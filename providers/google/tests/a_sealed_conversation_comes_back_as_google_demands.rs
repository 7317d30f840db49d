//! Three turns of a conversation with a model that seals its steps: what the client got comes back as the
//! vendor sent it, however much of it the client keeps.

mod place;

use ferro_testkit::{Answer, Asker, Clock};
use serde_json::{Value, json};

/// What the model says in each turn: thoughts, two calls at once, one more, and words.
fn turns() -> [Value; 3] {
    [
        json!([
            {"text":"I need both.","thought":true},
            {"functionCall":{"id":"fc-1","name":"weather","args":{"city":"Paris","days":1.50}},"thoughtSignature":"SEAL/+A=="},
            {"functionCall":{"id":"fc-2","name":"weather","args":{"city":"Rome"}}},
        ]),
        json!([{"functionCall":{"id":"fc-3","name":"clock","args":{}},"thoughtSignature":"SEAL-B"}]),
        json!([{"text":"Done thinking.","thought":true},{"text":"Rome is warmer.","thoughtSignature":"SEAL-C"}]),
    ]
}

/// What the tools answer to the calls of each turn, in another order than they were called.
fn results() -> [Vec<(usize, &'static str)>; 3] {
    [vec![(1, "{\"t\":20}"), (0, "cold")], vec![(0, "noon")], vec![]]
}

/// How much of a message a client keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Keeps {
    Everything,
    /// What OpenAI's types have.
    KnownFields,
}

/// How the replies come.
#[derive(Clone, Copy, Debug)]
enum Comes {
    Whole,
    /// Each part in an event of its own.
    Streamed,
    /// Each part in an element of an array.
    Listed,
}

fn kept(message: &Value, keeps: Keeps) -> Value {
    if keeps == Keeps::Everything {
        return message.clone();
    }
    let mut known = json!({"role":"assistant","content":message["content"]});
    let calls = message["tool_calls"].as_array().into_iter().flatten().map(|call| {
        json!({"id":call["id"],"type":"function","function":{"name":call["function"]["name"],"arguments":call["function"]["arguments"]}})
    });
    let calls: Vec<Value> = calls.collect();
    if !calls.is_empty() {
        known["tool_calls"] = json!(calls);
    }
    known
}

fn piece(parts: &Value, ends: bool) -> Value {
    let mut candidate = json!({"content":{"role":"model","parts":parts},"index":0});
    if ends {
        candidate["finishReason"] = json!("STOP");
    }
    json!({"candidates":[candidate],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1},"responseId":"r"})
}

/// Asks, and returns what was sent and the message that came.
async fn turn(asker: &Asker, messages: &[Value], parts: &Value, comes: Comes) -> (Value, Value) {
    let request = json!({"model":"gemini-3-pro-preview","messages":messages,"stream":!matches!(comes, Comes::Whole)});
    let list = parts.as_array().expect("parts are a list");
    let pieces = list.iter().enumerate();
    let pieces = pieces.map(|(at, part)| piece(&json!([part]), at + 1 == list.len()));
    let (kind, body) = match comes {
        Comes::Whole => ("application/json", piece(parts, true).to_string()),
        Comes::Listed => ("application/json", pieces.collect::<Value>().to_string()),
        Comes::Streamed => {
            let events = pieces.map(|piece| format!("data: {piece}\r\n\r\n"));
            ("text/event-stream", events.collect())
        }
    };
    let answer = Answer::new(200).with_header("content-type", kind).with_body(body);
    let (sent, heard) = place::ask(asker, &request, answer).await;
    assert!(heard.error.is_none(), "{heard:?}");
    (sent, heard.message())
}

/// What the vendor is sent in the turn behind all of these.
async fn last_request(kind: &str, keeps: Keeps, comes: Comes) -> Value {
    let asker = place::asker(kind).await;
    let mut messages = vec![json!({"role":"user","content":"Where is it warmer?"})];
    for (parts, results) in turns().iter().zip(results()) {
        let (_, message) = turn(&asker, &messages, parts, comes).await;
        let message = kept(&message, keeps);
        let calls = message["tool_calls"].clone();
        messages.push(message);
        messages.extend(results.iter().map(
            |(at, result)| json!({"role":"tool","tool_call_id":calls[at]["id"],"content":result}),
        ));
    }
    messages.push(json!({"role":"user","content":"Sure?"}));
    turn(&asker, &messages, &json!([{"text":"Yes."}]), comes).await.0
}

/// The vendor's own turns: without unsealed thoughts, which it does not ask for, and without what the
/// place does not take or the client has not kept.
fn expected(kind: &str, keeps: Keeps) -> Value {
    let takes_ids = kind == "gemini";
    let id = |id: &str, of: Value| {
        let mut of = of;
        if takes_ids {
            of["id"] = json!(id);
        }
        of
    };
    let entry = |role: &str, parts: Value| json!({"role":role,"parts":parts});
    let model = turns().map(|parts| {
        let parts = parts
            .as_array()
            .expect("parts are a list")
            .iter()
            .filter(|part| part["thought"] != json!(true));
        let parts = parts.cloned().map(|mut part| {
            if let Some(call) =
                part.get_mut("functionCall").and_then(Value::as_object_mut).filter(|_| !takes_ids)
            {
                call.remove("id");
            }
            if part["text"].is_string() && keeps == Keeps::KnownFields {
                part.as_object_mut().expect("a part is an object").remove("thoughtSignature");
            }
            part
        });
        parts.collect::<Value>()
    });
    let response = |name: &str, of: Value| json!({"name":name,"response":of});
    let result = |of: Value| json!({"functionResponse":of});
    json!([
        entry("user", json!([{"text":"Where is it warmer?"}])),
        entry("model", model[0].clone()),
        entry(
            "user",
            json!([
                result(id("fc-1", response("weather", json!({"result":"cold"})))),
                result(id("fc-2", response("weather", json!({"t":20})))),
            ])
        ),
        entry("model", model[1].clone()),
        entry("user", json!([result(id("fc-3", response("clock", json!({"result":"noon"}))))])),
        entry("model", model[2].clone()),
        entry("user", json!([{"text":"Sure?"}])),
    ])
}

#[test]
fn every_turn_comes_back_as_the_vendor_sent_it() {
    for kind in ["gemini", "vertex-ai"] {
        for keeps in [Keeps::Everything, Keeps::KnownFields] {
            for comes in [Comes::Whole, Comes::Streamed, Comes::Listed] {
                let sent = Clock::run(async |_| last_request(kind, keeps, comes).await);
                assert_eq!(sent["contents"], expected(kind, keeps), "{kind} {keeps:?} {comes:?}");
            }
        }
    }
}
