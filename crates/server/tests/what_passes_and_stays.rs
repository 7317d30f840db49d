//! Requests in a vendor's own words, and what is asked again later by its id: over real sockets, to
//! scripted upstreams.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod listening;

use ferro_gateway::{Doors, Registry};
use ferro_scripted::{Events, Received, Reply, Script, Upstream};
use listening::{Listening, configured};

struct Setup {
    a: Upstream,
    b: Upstream,
    gateway: Listening,
}

/// What a client reads.
struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn status(&self) -> &str {
        &self.head[9..12]
    }
}

/// Two targets of one kind, `a` and `b`, of which `b` alone has the model `only-b`. Whoever shows the
/// key is somebody; whoever shows none is let in as nobody in particular.
async fn start(kind: &str, more: &str, answers: fn(&Received) -> Script) -> Setup {
    let (a, b) = (upstream(answers).await, upstream(answers).await);
    let text = format!(
        "strategy: {{mode: fallback}}\n{more}\ntargets:\n\
         - {{virtual_key: a, provider: {kind}, base_url: '{}', api_key: sk-of-target-a}}\n\
         - {{virtual_key: b, provider: {kind}, base_url: '{}', api_key: sk-of-target-b,\n\
             models: [only-b]}}\n",
        a.base_url(),
        b.base_url()
    );
    let registry = Registry::new()
        .providers(ferro_provider_openai::PROVIDERS)
        .providers(ferro_provider_anthropic::PROVIDERS)
        .providers(ferro_provider_azure::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS)
        .ingress(&ferro_dialect_anthropic::INGRESS);
    let vars = |name: &str| match name {
        "MASTER_KEY" => Some("sk-master-key".to_owned()),
        "ALLOW_UNAUTHENTICATED_PROXY" => Some("true".to_owned()),
        _ => None,
    };
    let (doors, _) = Doors::from_vars(&vars).unwrap();
    let gateway = Listening::start(configured(&text, registry).doors(doors)).await;
    Setup { a, b, gateway }
}

async fn upstream(answers: fn(&Received) -> Script) -> Upstream {
    Upstream::builder().answers(answers).start().await.unwrap()
}

impl Setup {
    async fn ask(&self, line: &str, headers: &str, body: &str) -> Answer {
        let answer = self.gateway.ask(line, headers, body.as_bytes()).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let body = if is_chunked { unchunked(body) } else { body.to_owned() };
        Answer { head: head.to_ascii_lowercase(), body }
    }

    async fn json(&self, line: &str, body: &str) -> Answer {
        self.ask(line, "content-type: application/json\r\n", body).await
    }

    /// The lines of what each upstream was asked since the last time.
    fn asked(&self) -> [Vec<String>; 2] {
        [&self.a, &self.b].map(|upstream| {
            let all = upstream.take_requests().into_iter();
            all.map(|received| format!("{} {}", received.method, received.path)).collect()
        })
    }
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        whole.push_str(&rest[..length]);
        body = &rest[length + 2..];
    }
    whole
}

/// An upstream that keeps responses, files and batches.
fn keeping(received: &Received) -> Script {
    let path = received.path.split('?').next().unwrap_or_default();
    let json = |body: &str| Reply::json(200, body.to_owned()).into();
    match (received.method.as_str(), path) {
        ("GET", "/v1/batches") => json(&listed(&received.path)),
        ("GET", "/v1/files") => json(r#"{"object":"list","data":[],"has_more":false, "x":1e2}"#),
        ("POST", "/v1/batches") if String::from_utf8_lossy(&received.body).contains("batch-") => {
            let body: serde_json::Value = serde_json::from_slice(&received.body).unwrap();
            json(&format!(r#"{{"id":{},"object":"batch"}}"#, body["metadata"]["name"]))
        }
        ("POST", "/v1/responses") => json(RESPONSE),
        ("GET", "/v1/files/file-1/content") => {
            Reply::new(200, "application/jsonl", "{\"a\":1}\n{\"b\":2}\n").into()
        }
        ("POST", "/v1/files") => json(r#"{"id":"file-1","object":"file"}"#),
        ("POST", "/v1/batches") => json(r#"{"id":"batch-1","object":"batch"}"#),
        ("GET", "/v1/batches/batch-1") => {
            json(r#"{"id":"batch-1","object":"batch","output_file_id":"file-1"}"#)
        }
        _ => json(r#"{"seen":true}"#),
    }
}

/// A page of an account's 250 batches, of which many are nobody's.
fn listed(path: &str) -> String {
    let parameter = |name: &str| {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    let after = parameter("after").map(|id| id.strip_prefix("batch-").unwrap().parse().unwrap());
    let from = after.map_or(0, |after: usize| after + 1);
    let until = 250.min(from + parameter("limit").map_or(20, |limit| limit.parse().unwrap()));
    let ids: Vec<_> = (from..until).map(|index| format!(r#"{{"id":"batch-{index}"}}"#)).collect();
    let (first, last, has_more) = (from, until.saturating_sub(1), until < 250);
    format!(
        r#"{{"object":"list","data":[{}],"first_id":"batch-{first}","last_id":"batch-{last}","has_more":{has_more}, "x":1e2}}"#,
        ids.join(",")
    )
}

const RESPONSE: &str = r#"{"id":"resp_1","object":"response","status":"completed","model":"only-b","output":[], "x_new":1e2,"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}"#;
const MINE: &str = "authorization: Bearer sk-master-key\r\n";

#[tokio::test]
async fn a_response_is_asked_for_where_it_was_made_by_whom_it_was_made_for() {
    let setup = start("openai", "", keeping).await;
    let asked = r#"{ "model":"only-b", "input":"hi", "x_beta":{"a":[1.0]} }"#;
    let made = setup.json("POST /v1/responses", asked).await;
    assert_eq!((made.status(), &*made.body), ("200", RESPONSE));
    assert_eq!(setup.b.requests()[0].body, asked.as_bytes());
    assert_eq!(setup.asked(), [vec![], vec!["POST /v1/responses".to_owned()]]);
    for (line, sent) in [
        (
            "GET /v1/responses/resp_1?starting_after=3&key=k",
            "GET /v1/responses/resp_1?starting_after=3",
        ),
        ("POST /v1/responses/resp_1/cancel", "POST /v1/responses/resp_1/cancel"),
        ("GET /v1/responses/resp_1/input_items", "GET /v1/responses/resp_1/input_items"),
        ("DELETE /v1/responses/resp_1", "DELETE /v1/responses/resp_1"),
    ] {
        let answer = setup.ask(line, "", "").await;
        assert_eq!((answer.status(), &*answer.body), ("200", r#"{"seen":true}"#), "{line}");
        assert_eq!(setup.asked(), [vec![], vec![sent.to_owned()]]);
        let foreign = setup.ask(line, MINE, "").await;
        assert_eq!(foreign.status(), "404", "{line}: {}", foreign.body);
        assert!(foreign.body.contains("there is no response `resp_1`"), "{}", foreign.body);
    }
    // Who goes on from it is led there too, whatever the model's name tells.
    let next = r#"{"model":"gpt-4o","input":"and?","previous_response_id":"resp_1"}"#;
    assert_eq!(setup.json("POST /v1/responses", next).await.status(), "200");
    assert_eq!(setup.asked(), [vec![], vec!["POST /v1/responses".to_owned()]]);
}

#[tokio::test]
async fn what_nobody_remembers_goes_to_the_target_that_is_named_for_it() {
    let setup = start("openai", "", keeping).await;
    for (line, code) in [
        ("GET /v1/responses/resp_9", "responses_not_configured"),
        ("GET /v1/files", "batch_not_configured"),
        ("GET /v1/batches/b", "batch_not_configured"),
    ] {
        let answer = setup.ask(line, "", "").await;
        assert_eq!(answer.status(), "501", "{line}: {}", answer.body);
        assert!(answer.body.contains(code), "{line}: {}", answer.body);
    }
    assert_eq!(setup.asked(), [vec![], vec![] as Vec<String>]);
    let setup = start("openai", "responses_target: b\nbatch_target: a", keeping).await;
    for line in ["GET /v1/responses/resp_9", "GET /v1/files", "GET /v1/batches/b"] {
        assert_eq!(setup.ask(line, MINE, "").await.status(), "200", "{line}");
    }
    let [files, responses] = setup.asked();
    assert_eq!(files, ["GET /v1/files", "GET /v1/batches/b"]);
    assert_eq!(responses, ["GET /v1/responses/resp_9"]);
}

/// The ids on a page, and whether there is more.
fn page(answer: &Answer) -> (Vec<String>, bool) {
    assert_eq!(answer.status(), "200", "{}", answer.body);
    let page: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let ids = page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap());
    let ids: Vec<_> = ids.map(str::to_owned).collect();
    let ends = [ids.first(), ids.last()].map(|id| serde_json::to_value(id).unwrap());
    assert_eq!([&page["first_id"], &page["last_id"]], [&ends[0], &ends[1]]);
    assert!(answer.body.contains(r#""x":1e2"#), "what nobody means to change stays");
    (ids, page["has_more"].as_bool().unwrap())
}

#[tokio::test]
async fn a_list_shows_each_key_what_is_its_own_and_pages_lead_to_the_end() {
    let setup = start("openai", "batch_target: b", keeping).await;
    let json = "content-type: application/json\r\n";
    for (name, key) in [(3, MINE), (5, ""), (110, MINE), (111, MINE), (249, MINE)] {
        let body =
            format!(r#"{{"endpoint":"/v1/responses","metadata":{{"name":"batch-{name}"}}}}"#);
        let made = setup.ask("POST /v1/batches", &format!("{json}{key}"), &body).await;
        assert_eq!(made.status(), "200", "{}", made.body);
    }
    setup.asked();
    let ids = |names: &[u32]| names.iter().map(|name| format!("batch-{name}")).collect::<Vec<_>>();
    let first = setup.ask("GET /v1/batches?limit=2&x=1", MINE, "").await;
    assert_eq!(page(&first), (ids(&[3, 110]), true));
    assert_eq!(
        setup.asked()[1],
        [
            "GET /v1/batches?limit=2&x=1",
            "GET /v1/batches?x=1&limit=100&after=batch-1",
            "GET /v1/batches?x=1&limit=100&after=batch-101",
        ]
    );
    let second = setup.ask("GET /v1/batches?limit=2&after=batch-110", MINE, "").await;
    assert_eq!(page(&second), (ids(&[111, 249]), false));
    let all = setup.ask("GET /v1/batches", MINE, "").await;
    assert_eq!(page(&all), (ids(&[3, 110, 111, 249]), false));
    // Who shows no key sees what nobody remembers, and nothing of anybody's.
    let anybodys: Vec<_> = (0..21).filter(|name| *name != 3).collect();
    assert_eq!(page(&setup.ask("GET /v1/batches", "", "").await), (ids(&anybodys), true));
    assert_eq!(setup.ask("GET /v1/batches/batch-3", "", "").await.status(), "404");
    let nothing = setup.ask("GET /v1/files", MINE, "").await;
    assert_eq!(nothing.body, r#"{"object":"list","data":[],"has_more":false, "x":1e2}"#);
}

/// An upstream whose account has three things of every kind, `one` to `three`, and makes what it is told to.
fn account(received: &Received) -> Script {
    let says = |name: &str| String::from_utf8_lossy(&received.body).contains(name);
    let item = |name: &str| format!(r#"{{"id":"{name}"}}"#);
    let names = ["one", "two", "three"];
    Reply::json(
        200,
        match &*received.method {
            "POST" => {
                names.iter().find(|name| says(name)).map(|name| item(name)).unwrap_or_default()
            }
            _ => format!(r#"{{"data":[{}],"has_more":false}}"#, names.map(item).join(",")),
        },
    )
    .into()
}

#[tokio::test]
async fn what_is_kept_is_listed_for_whoever_made_it_whatever_it_is() {
    let setup = start("openai", "", account).await;
    let json = "content-type: application/json\r\nx-provider: b\r\n";
    for path in [
        "/v1/fine_tuning/jobs",
        "/v1/vector_stores",
        "/v1/containers",
        "/v1/evals",
        "/v1/videos",
        "/v1/conversations",
        "/v1/skills",
        "/v1/agents",
        "/v1/agents/environments",
        "/v1/vaults",
    ] {
        let (line, headers) = (format!("POST {path}"), format!("{json}{MINE}"));
        let made = setup.ask(&line, &headers, r#"{"name":"two"}"#).await;
        assert_eq!(made.body, r#"{"id":"two"}"#, "{path}");
        setup.asked();
        let ids = async |key: &str| {
            let list =
                setup.ask(&format!("GET {path}"), &format!("x-provider: b\r\n{key}"), "").await;
            let list: serde_json::Value = serde_json::from_str(&list.body).unwrap();
            let ids = list["data"].as_array().unwrap().iter().map(|item| item["id"].to_string());
            ids.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ids(MINE).await, r#""two""#, "{path}");
        assert_eq!(ids("").await, r#""one" "three""#, "{path}");
        setup.asked();
        // Whose it is knows where it lives, and nobody else knows it.
        let one = format!("GET {path}/two");
        assert_eq!(setup.ask(&one, MINE, "").await.status(), "200", "{path}");
        assert_eq!(setup.asked(), [vec![], vec![one.clone()]]);
        assert_eq!(setup.ask(&one, "x-provider: b\r\n", "").await.status(), "404", "{path}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_shown_in_part_is_not_shown_to_a_key() {
    let odd = |_: &Received| Reply::json(200, r#"{"files":[{"id":"somebodys"}]}"#).into();
    let setup = start("openai", "batch_target: b", odd).await;
    let refused = setup.ask("GET /v1/files", MINE, "").await;
    assert_eq!(refused.status(), "502", "{}", refused.body);
    assert!(!refused.body.contains("somebodys"), "{}", refused.body);
    assert_eq!(setup.ask("GET /v1/files", "", "").await.status(), "200");
}

#[tokio::test]
async fn files_go_up_and_come_down_as_they_are_and_a_batch_is_made_where_its_file_is() {
    let setup = start("openai", "batch_target: b", keeping).await;
    let form = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{}\r\n--x--\r\n";
    let kind = "content-type: multipart/form-data; boundary=x\r\ncookie: a=1\r\n";
    let made = setup.ask("POST /v1/files", &format!("{kind}{MINE}"), form).await;
    assert_eq!((made.status(), &*made.body), ("200", r#"{"id":"file-1","object":"file"}"#));
    let sent = &setup.b.requests()[0];
    assert_eq!(sent.body, form.as_bytes());
    assert_eq!(sent.header("content-type"), Some("multipart/form-data; boundary=x"));
    assert_eq!(sent.header("authorization"), Some("Bearer sk-of-target-b"));
    assert_eq!(sent.header("cookie"), None);
    let down = setup.ask("GET /v1/files/file-1/content", MINE, "").await;
    assert_eq!(down.body, "{\"a\":1}\n{\"b\":2}\n");
    assert!(down.head.contains("content-type: application/jsonl"), "{}", down.head);
    let json = format!("content-type: application/json\r\n{MINE}");
    let batch =
        r#"{"input_file_id":"file-1","endpoint":"/v1/responses","completion_window":"24h"}"#;
    assert_eq!(setup.ask("POST /v1/batches", &json, batch).await.status(), "200");
    assert_eq!(setup.ask("GET /v1/batches/batch-1", MINE, "").await.status(), "200");
    for line in ["GET /v1/batches/batch-1", "GET /v1/files/file-1/content"] {
        assert_eq!(setup.ask(line, "", "").await.status(), "404", "{line} is somebody's");
    }
    assert!(setup.asked()[0].is_empty());
}

#[tokio::test]
async fn the_rest_is_passed_on_by_the_rules() {
    let setup = start("openai", "", keeping).await;
    for (line, headers, status, code) in [
        ("GET /v1/x/../admin", "", "400", "invalid_proxy_path"),
        ("GET /v1/x/%2e%2e/admin", "x-provider: a\r\n", "400", "invalid_proxy_path"),
        ("GET /v1/x", "", "400", "provider_not_resolved"),
        ("GET /v1/x", "x-provider: nobody\r\n", "404", "provider_not_found"),
        ("GET /v1/chat/completions", "x-provider: a\r\n", "405", "method_not_supported"),
    ] {
        let answer = setup.ask(line, headers, "").await;
        assert_eq!(answer.status(), status, "{line}: {}", answer.body);
        assert!(answer.body.contains(code), "{line}: {}", answer.body);
    }
    assert_eq!(setup.asked(), [vec![], vec![] as Vec<String>]);
    let answer = setup.ask("GET /v1/x/y?a=1", "x-provider: b\r\n", "").await;
    assert_eq!((answer.status(), &*answer.body), ("200", r#"{"seen":true}"#));
    assert!(answer.head.contains("x-gateway-provider: b"), "{}", answer.head);
    let body = r#"{ "model":"only-b","n":1e1 }"#;
    assert_eq!(setup.json("POST /v1/fine_tuning/jobs", body).await.status(), "200");
    let sent = setup.b.requests();
    assert_eq!(sent[1].body, body.as_bytes());
    assert_eq!(setup.asked()[1], ["GET /v1/x/y?a=1", "POST /v1/fine_tuning/jobs"]);
    let other = start("anthropic", "batch_target: a", keeping).await;
    // It is passed on to a vendor of another wire too, in whose words it is said.
    assert_eq!(other.ask("GET /v1/x", "x-provider: a\r\n", "").await.status(), "200");
    let foundry = start("azure-foundry", "", keeping).await;
    let refused = foundry.ask("GET /v1/x", "x-provider: a\r\n", "").await;
    assert_eq!(refused.status(), "501");
    assert!(refused.body.contains("proxy_not_supported"), "{}", refused.body);
    let refused = other.ask("GET /v1/files", "", "").await;
    assert_eq!(refused.status(), "501");
    assert!(refused.body.contains("batch_not_supported"), "{}", refused.body);
}

const USAGE: &str = r#"{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}"#;

/// An upstream that completes what stands around a hole, whole and in events, and tells again later what
/// that took.
fn consuming(received: &Received) -> Script {
    let says = |word: &str| String::from_utf8_lossy(&received.body).contains(word);
    match &*received.path {
        "/v1/fim/completions" if says("\"stream\":true") => {
            let events = ["null", USAGE].map(|usage| format!("data: {{\"usage\":{usage}}}\n\n"));
            let events = events.into_iter().chain(["data: [DONE]\n\n".to_owned()]);
            Events::new(events).into()
        }
        "/v1/fim/completions" if says("large") => {
            let long = "x".repeat(2 << 20);
            Reply::json(200, format!(r#"{{"text":"{long}","usage":{USAGE}}}"#)).into()
        }
        _ => Reply::json(200, format!(r#"{{"id":"c","usage":{USAGE}}}"#)).into(),
    }
}

#[tokio::test]
async fn what_is_passed_on_is_counted_where_a_model_is_asked_and_nowhere_else() {
    let counted = async |line: &str, headers: &str, body: &str| {
        let setup = start("openai", "", consuming).await;
        let headers = format!("content-type: application/json\r\nx-provider: b\r\n{headers}");
        let answer = setup.ask(line, &headers, body).await;
        assert_eq!(answer.status(), "200", "{line} {body}: {}", answer.body);
        let metrics = setup.ask("GET /metrics", MINE, "").await.body;
        let tokens = metrics.lines().filter(|line| line.starts_with("gateway_tokens_"));
        let tokens = tokens.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        (tokens.sum::<u64>(), answer)
    };
    let (whole, _) = counted("POST /v1/fim/completions", "", r#"{"model":"m"}"#).await;
    let (large, _) = counted("POST /v1/fim/completions", "", r#"{"model":"m","large":1}"#).await;
    let streamed = r#"{"model":"m","stream":true}"#;
    let (streamed, answer) = counted("POST /v1/fim/completions", "", streamed).await;
    assert_eq!((whole, large, streamed), (12, 12, 12));
    assert!(answer.head.contains("content-type: text/event-stream"), "{}", answer.head);
    assert!(answer.body.ends_with("data: [DONE]\n\n"), "{}", answer.body);
    for (line, body) in [
        ("GET /v1/chat/completions/c/messages", ""),
        ("POST /v1/chat/completions/c", r#"{"metadata":{}}"#),
        ("POST /v1/responses/r/cancel", "{}"),
    ] {
        assert_eq!(counted(line, "", body).await.0, 0, "{line}: it was counted when it was made");
    }
}

/// An upstream that keeps batches of messages, and files of the same vendor's.
fn keeping_messages(received: &Received) -> Script {
    let batch = r#"{ "id":"msgbatch_1","type":"message_batch","results_url":"https://vendor.example/v1/messages/batches/msgbatch_1/results","x":1e2 }"#;
    match (&*received.method, received.path.split('?').next().unwrap_or_default()) {
        ("GET", "/v1/messages/batches") => {
            let list = format!(r#"{{"data":[{batch},{{"id":"msgbatch_2"}}],"has_more":false}}"#);
            Reply::json(200, list).into()
        }
        (_, "/v1/messages/batches/msgbatch_1/results") => {
            Reply::new(200, "application/x-jsonl", "{\"custom_id\":\"one\"}\n").into()
        }
        (_, path) if path.starts_with("/v1/messages/batches") => Reply::json(200, batch).into(),
        (_, "/v1/files") => Reply::json(200, r#"{"id":"file_1","type":"file"}"#).into(),
        _ => Reply::json(200, r#"{"seen":true}"#).into(),
    }
}

#[tokio::test]
async fn a_batch_of_messages_stays_with_its_vendor_and_its_results_are_asked_for_at_the_gateway() {
    // Nobody is named for what is not known: it is the first who keeps such things.
    let setup = start("anthropic", "", keeping_messages).await;
    let version = "anthropic-version: 2023-06-01\r\n";
    let mine = format!("content-type: application/json\r\n{version}x-api-key: sk-master-key\r\n");
    let asked = r#"{"requests":[{"custom_id":"one","params":{"model":"m"}}]}"#;
    let shown = r#"{ "id":"msgbatch_1","type":"message_batch","results_url":"/v1/messages/batches/msgbatch_1/results","x":1e2 }"#;
    let made = setup.ask("POST /v1/messages/batches", &mine, asked).await;
    assert_eq!((made.status(), &*made.body), ("200", shown));
    let sent = setup.a.requests().pop().unwrap();
    assert_eq!((sent.header("x-api-key"), &*sent.body), (Some("sk-of-target-a"), asked.as_bytes()));
    assert_eq!(sent.header("anthropic-version"), Some("2023-06-01"));
    let results = "GET /v1/messages/batches/msgbatch_1/results";
    assert_eq!(setup.ask(results, &mine, "").await.body, "{\"custom_id\":\"one\"}\n");
    let list = setup.ask("GET /v1/messages/batches?limit=5", &mine, "").await;
    let own = format!(
        r#"{{"data":[{shown}],"has_more":false,"first_id":"msgbatch_1","last_id":"msgbatch_1"}}"#
    );
    assert_eq!(list.body, own);
    // Whoever did not make it hears in his words that there is none.
    for line in ["GET /v1/messages/batches/msgbatch_1", results] {
        let other = setup.ask(line, version, "").await;
        assert_eq!(other.status(), "404");
        assert!(other.body.starts_with(r#"{"type":"error","error":{"type":"not_found_error""#));
    }
    assert_eq!(setup.asked()[1], [] as [String; 0]);
}

#[tokio::test]
async fn a_list_that_tells_where_its_next_page_is_keeps_that() {
    let answers = |received: &Received| {
        let list = r#"{"data":[{"id":"one"},{"id":"two"}],"next_page":"p2"}"#;
        let is_list = received.method == "GET";
        Reply::json(200, if is_list { list } else { r#"{"id":"two"}"# }).into()
    };
    let setup = start("anthropic", "", answers).await;
    let mine = "content-type: application/json\r\nanthropic-version: 2023-06-01\r\nx-api-key: sk-master-key\r\n";
    for path in ["/v1/skills", "/v1/vaults", "/v1/sessions"] {
        setup.ask(&format!("POST {path}"), mine, "{}").await;
        setup.asked();
        let list = setup.ask(&format!("GET {path}?limit=1"), mine, "").await;
        assert_eq!(list.body, r#"{"data":[{"id":"two"}],"next_page":"p2"}"#, "{path}");
        assert_eq!(setup.asked()[0], [format!("GET {path}?limit=1")], "and no other is asked for");
    }
}

#[tokio::test]
async fn files_are_the_vendors_whose_words_the_client_speaks() {
    let setup = start("anthropic", "batch_target: b", keeping_messages).await;
    let form = "content-type: multipart/form-data; boundary=x\r\n";
    let version = "anthropic-version: 2023-06-01\r\n";
    let made = setup.ask("POST /v1/files", &format!("{form}{version}"), "--x--\r\n").await;
    assert_eq!((made.status(), &*made.body), ("200", r#"{"id":"file_1","type":"file"}"#));
    assert_eq!(setup.asked(), [vec![], vec!["POST /v1/files".to_owned()]]);
    let other = setup.ask("POST /v1/files", form, "--x--\r\n").await;
    assert!(other.body.contains("batch_not_supported"), "{}", other.body);
}

const STREAMED: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: weather\ndata: {\"type\":\"weather\",\"n\":1e2}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
const MESSAGE: &str = r#"{ "type":"message","content":[], "stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":7},"x":1.0 }"#;
const REFUSED: &str = r#"{"type":"error", "error":{"type":"invalid_request_error","message":"prompt is too long: 2 > 1"}}"#;

fn messages(received: &Received) -> Script {
    let says = |word: &str| String::from_utf8_lossy(&received.body).contains(word);
    match () {
        () if received.path.starts_with("/v1/messages/count_tokens") => {
            Reply::json(200, r#"{"input_tokens": 14}"#).into()
        }
        () if says("too long") => Reply::json(400, REFUSED).into(),
        () if says("\"stream\":true") => Reply::new(200, "text/event-stream", STREAMED).into(),
        () => Reply::json(200, MESSAGE).header("anthropic-ratelimit-requests-limit", "9").into(),
    }
}

#[tokio::test]
async fn a_message_passes_byte_for_byte_both_ways() {
    let setup = start("anthropic", "", messages).await;
    let headers = "content-type: application/json\r\nx-api-key: sk-master-key\r\n\
                   anthropic-version: 2026-10-21\r\nanthropic-beta: a-1,b-2\r\n";
    let ask = async |path: &str, words: &str| {
        let body = format!(
            r#"{{ "model":"claude-x","max_tokens":9,{words} "system":[{{"type":"text","text":"2"}},{{"type":"text","text":"1"}}],"x_beta":{{"n":1e2}},"messages":[{{"role":"user","content":"hi"}}] }}"#
        );
        let answer = setup.ask(&format!("POST {path}"), headers, &body).await;
        let sent = setup.a.take_requests().pop().unwrap();
        assert_eq!((&*sent.path, &*sent.body), (path, body.as_bytes()));
        assert_eq!(sent.header("anthropic-version"), Some("2026-10-21"));
        assert_eq!(sent.header("anthropic-beta"), Some("a-1,b-2"));
        assert_eq!(sent.header("x-api-key"), Some("sk-of-target-a"));
        assert_eq!(sent.header("authorization"), None);
        answer
    };
    let whole = ask("/v1/messages?beta=true", "").await;
    assert_eq!((whole.status(), &*whole.body), ("200", MESSAGE));
    assert!(whole.head.contains("anthropic-ratelimit-requests-limit: 9"), "{}", whole.head);
    let streamed = ask("/v1/messages", r#""stream":true,"#).await;
    assert_eq!(streamed.body, STREAMED);
    assert!(streamed.head.contains("content-type: text/event-stream"), "{}", streamed.head);
    let refused = ask("/v1/messages", r#""metadata":{"user_id":"too long"},"#).await;
    assert_eq!((refused.status(), &*refused.body), ("400", REFUSED));
    let counted = ask("/v1/messages/count_tokens", "").await;
    assert_eq!(counted.body, r#"{"input_tokens": 14}"#);
    let unknown = setup.json("POST /v1/messages", r#"{"model":"m"}"#).await;
    assert_eq!(unknown.status(), "400");
    assert!(unknown.body.starts_with(r#"{"type":"error","error":{"type":"invalid_request_error""#));
}
