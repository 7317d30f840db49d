//! Google's own library as the judge: of every request, and as who serialises what we read.

mod place;

use std::path::Path;

use ferro_core::Finish;
use ferro_testkit::{Answer, Asker, Clock, Heard, oracle};
use serde_json::{Value, json};

const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";

fn judge(cases: &[Value]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle.py");
    oracle(&script, cases)
}

fn user(content: impl Into<Value>) -> Value {
    json!({"role":"user","content":content.into()})
}

fn function(name: &str, parameters: &Value) -> Value {
    json!({"type":"function","function":{"name":name,"description":"d","parameters":parameters}})
}

fn call(id: &str, name: &str, arguments: &str) -> Value {
    json!({"id":id,"type":"function","function":{"name":name,"arguments":arguments}})
}

/// Requests that say everything that can be said.
fn requests() -> Vec<Value> {
    let schema = json!({"type":"object","properties":{"a":{"type":["string","null"],"format":"uuid"},"b":{"$ref":"#/$defs/b"},
        "c":{"oneOf":[{"const":"x"},{"type":"integer","enum":[1,2]}]},"$ref":{"type":"array"}},"required":["a"],
        "additionalProperties":false,"$defs":{"b":{"allOf":[{"type":"object","properties":{"n":{"type":"number","minimum":0}}}]}}});
    let tools = json!([function("get weather!", &schema), function("nothing", &json!({"type":"object","properties":{}})), {"type":"code_execution"},
        {"google_search":{}}, {"type":"url_context"}]);
    let conversation = json!([
        {"role":"system","content":"Be brief."},
        user(json!([{"type":"text","text":"See:"},{"type":"image_url","image_url":{"url":PNG}},
            {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},
            {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0xLjc=","filename":"a.pdf"}},
            {"type":"video_url","video_url":{"url":"https://youtu.be/x"}},
            {"type":"image_url","image_url":{"url":"gs://bucket/cat.png"}}])),
        {"role":"assistant","content":"Let me look.","reasoning_details":[{"type":"reasoning.encrypted","data":"c2VhbA==","format":"google-gemini-v1"},
            {"type":"reasoning.text","text":"hm","signature":"c2VhbA==","format":"google-gemini-v1"}],
            "tool_calls":[call("1__thought__c2VhbA==","get weather!","{\"a\":1}"),call("2","nothing","")]},
        {"role":"tool","tool_call_id":"2","content":"[1]"},
        {"role":"tool","tool_call_id":"1","content":"{\"t\":20}"},
        user(json!("")),
    ]);
    let format = json!({"type":"json_schema","json_schema":{"name":"n","schema":schema}});
    let everything = json!({"temperature":0.5,"top_p":0.9,"top_k":4,"seed":1,"presence_penalty":0.1,"frequency_penalty":0.1,"n":2,
        "logprobs":true,"top_logprobs":3,"max_tokens":9,"stop":"x","media_resolution":"MEDIA_RESOLUTION_LOW","modalities":["text"],
        "safety_settings":[{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"OFF"}],"cached_content":"cachedContents/x","service_tier":"flex",
        "reasoning_effort":"high","audio":{"voice":"Kore"},"image_config":{"aspectRatio":"1:1"}});
    let mut requests = vec![
        json!({"messages":[user(json!("hi"))]}),
        json!({"messages":[{"role":"system","content":"alone"}]}),
        json!({"messages":conversation,"tools":tools,"tool_choice":"required"}),
        json!({"messages":conversation,"tools":tools,"tool_choice":{"type":"function","function":{"name":"get weather!"}}}),
        json!({"messages":[user(json!("hi"))],"response_format":format}),
        json!({"messages":[user(json!("hi"))],"response_format":{"type":"json_object"},"reasoning":{"max_tokens":500}}),
        json!({"messages":[{"role":"assistant","function_call":{"name":"f","arguments":"not json"}},{"role":"function","name":"f","content":"x"}]}),
    ];
    let mut said = everything;
    said["messages"] = json!([user(json!("hi"))]);
    requests.push(said);
    let shown = json!([user(json!("draw")),{"role":"assistant","content":null,"tool_calls":[call("1","f","{}")]},
        {"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":PNG}}]},
        {"role":"assistant","content":null,"images":[{"type":"image_url","image_url":{"url":PNG}}]}]);
    requests.push(json!({"messages":shown,"labels":{"team":"a"}}));
    requests.extend(odd_requests());
    requests
}

/// Requests that a stranger might send.
fn odd_requests() -> Vec<Value> {
    let result = |id: &str| json!({"role":"tool","tool_call_id":id,"content":"r"});
    let called = |id: &str, name: &str| json!({"role":"assistant","content":null,"tool_calls":[call(id,name,"{}")]});
    let apart = json!([{"role":"system","content":"a"},user("go"),called("1__thought__c2VhbA==","f"),called("2","g h"),
        {"role":"developer","content":"b"},result("2"),{"role":"system","content":"c"},result("1"),user("and?")]);
    let seal = |name: Option<&str>| json!({"type":"reasoning.encrypted","data":"c2VhbA==","format":"google-gemini-v1","id":name});
    let sealed = json!([user("draw"),{"role":"assistant","content":"ab","reasoning_details":[seal(None),seal(None),seal(Some("image_0"))],
        "images":[{"type":"image_url","thought":true,"image_url":{"url":PNG}},{"type":"image_url","image_url":{"url":PNG}}]},user("more")]);
    let silent = json!([{"role":"system","content":"a"},{"role":"assistant","content":""}]);
    let node = json!({"type":"object","description":"d","properties":{"next":{"$ref":"#/definitions/node","title":"Next"},"any":{"$ref":"#/definitions/any","default":null}}});
    let deep = json!({"type":"object","properties":{"node":{"$ref":"#/definitions/node","description":"mine"},"$ref":{"type":"string"},
        "list":{"type":"array","items":{"$ref":"#/properties/node"}}},"definitions":{"node":node,"any":{"anyOf":[{"type":"string"},{"type":"null"}]}}});
    let format = json!({"type":"json_schema","json_schema":{"name":"n","schema":deep}});
    let mut odd = vec![
        json!({"messages":apart}),
        json!({"messages":sealed}),
        json!({"messages":silent}),
        json!({"messages":[user("hi")],"response_format":format,"tools":[function("f",&deep),function("any",&json!({"type":"object","additionalProperties":true}))]}),
        json!({"messages":[user("hi")],"audio_timestamp":true,"labels":{"a":"b"},"extra_body":{"google":{"top_k":3,"tools":[]}}}),
    ];
    let thinking = [
        json!({"reasoning_effort":"none"}),
        json!({"reasoning_effort":"minimal"}),
        json!({"reasoning":{"effort":"xhigh","exclude":true}}),
        json!({"reasoning":{"enabled":false}}),
        json!({"thinking":{"type":"enabled","budget_tokens":99999}}),
        json!({"thinking_config":{"thinking_budget":-1},"reasoning_effort":"low"}),
    ];
    odd.extend(thinking.map(|mut fields| {
        fields["messages"] = json!([user("hi")]);
        fields
    }));
    odd
}

#[test]
fn every_request_is_one_that_googles_types_take() {
    const MODELS: [&str; 7] = [
        "gemini-3-pro-preview",
        "gemini-3.5-flash",
        "gemini-pro-latest",
        "gemma-3-27b-it",
        "gemini-2.5-flash",
        "gemini-2.0-flash",
        "gemini-flash-latest",
    ];
    let mut cases = Vec::new();
    for kind in ["gemini", "vertex-ai"] {
        let asker = Clock::run(async |_| place::asker(kind).await);
        for (request, model) in requests().into_iter().flat_map(|r| MODELS.map(|m| (r.clone(), m)))
        {
            let mut request = request;
            request["model"] = json!(model);
            let (sent, heard) =
                Clock::run(async |_| place::ask(&asker, &request, Answer::new(400)).await);
            let error = heard.error.unwrap();
            // What an older model cannot take is said, and not sent.
            if sent.is_null() {
                assert!(error.message().unwrap().contains("messages["), "{error:?}");
                continue;
            }
            cases.push(json!({"body":sent,"vertex":kind == "vertex-ai","model":model}));
        }
    }
    assert!(cases.len() > 250, "{}", cases.len());
    for (case, verdict) in cases.iter().zip(judge(&cases)) {
        assert_eq!(verdict, Value::Null, "{case}");
    }
}

#[test]
fn the_judge_refuses_what_is_wrong() {
    let body = |contents: Value| json!({"body":{"contents":contents},"vertex":false});
    let entry = |parts: Value| json!([{"role":"user","parts":parts}]);
    let beside = |fields: Value| {
        let mut case = body(entry(json!([{"text":"a"}])));
        for (name, value) in fields.as_object().unwrap() {
            case["body"][name] = value.clone();
        }
        case
    };
    let wrong = [
        body(entry(json!([{"txt":"a"}]))),
        body(entry(json!([{"text":""}]))),
        body(json!([])),
        body(entry(json!([{"functionResponse":{"name":"f","response":{}}}]))),
        beside(json!({"generationConfig":{"topp":1}})),
        beside(json!({"generationConfig":{"audioTimestamp":true}})),
        beside(json!({"tools":[{"functionDeclarations":[{"name":"a b"}]}]})),
        beside(
            json!({"generationConfig":{"responseJsonSchema":{"properties":{"a":{"$ref":"#/$defs/x","title":"t"}},"$defs":{"x":{}}}}}),
        ),
        beside(
            json!({"generationConfig":{"responseJsonSchema":{"properties":{"a":{"$ref":"#/definitions/x"}}}}}),
        ),
        json!({"body":{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}}]}]},"vertex":false,"model":"gemini-3-pro"}),
    ];
    for (case, verdict) in wrong.iter().zip(judge(&wrong)) {
        assert!(verdict.is_string(), "{case}: {verdict}");
    }
}

#[test]
fn what_googles_types_serialise_is_understood() {
    let names = ["text", "streamed", "calls", "calls_streamed"];
    let cases: Vec<Value> = names.iter().map(|name| json!({"make":name})).collect();
    for kind in ["gemini", "vertex-ai"] {
        for (name, made) in names.iter().zip(judge(&cases)) {
            let pieces = made["pieces"].as_array().unwrap();
            let is_streamed = name.ends_with("streamed");
            let heard =
                Clock::run(async |_| heard(&place::asker(kind).await, pieces, is_streamed).await);
            let message = heard.message();
            let text = message["content"].as_str().unwrap_or_default();
            assert_eq!(text, made["text"], "{name}");
            assert_eq!(message["reasoning_content"].as_str().unwrap_or_default(), made["thoughts"]);
            let calls = message["tool_calls"].as_array().cloned().unwrap_or_default();
            let made_calls = made["calls"].as_array().unwrap();
            assert_eq!(calls.len(), made_calls.len(), "{name}");
            for (call, made) in calls.iter().zip(made_calls) {
                let arguments: Value =
                    serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
                assert_eq!((&call["function"]["name"], &arguments), (&made["name"], &made["args"]));
                assert_eq!(call["extra_content"]["google"]["thought_signature"], made["seal"]);
                let id = call["id"].as_str().unwrap();
                assert_eq!(id.split("__thought__").next().unwrap(), made["id"]);
            }
            let expected = match (made_calls.is_empty(), made["finish"].as_str().unwrap()) {
                (false, "STOP") => Finish::ToolCalls,
                (_, "MAX_TOKENS") => Finish::Length,
                _ => Finish::Stop,
            };
            assert_eq!(heard.finish, Some(expected), "{name}");
            assert_eq!(json!(heard.usage.unwrap().total_tokens()), made["total"], "{name}");
        }
    }
}

/// What is heard of a reply that came in these pieces.
async fn heard(asker: &Asker, pieces: &[Value], is_streamed: bool) -> Heard {
    let request =
        json!({"model":"gemini-3-pro-preview","messages":[user(json!("hi"))],"stream":is_streamed});
    let (kind, body) = if is_streamed {
        let events = pieces.iter().map(|piece| format!("data: {piece}\r\n\r\n"));
        ("text/event-stream", events.collect())
    } else {
        ("application/json", pieces[0].to_string())
    };
    let answer = Answer::new(200).with_header("content-type", kind).with_body(body);
    place::ask(asker, &request, answer).await.1
}
