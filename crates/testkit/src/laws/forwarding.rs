//! Whatever else is asked, passed on as it is: which of the shared laws it obeys, and its own.

use bytes::Bytes;
use ferro_core::{
    BadRequest, Inbound, Limits, ReplyBody, Subject, Surface, Whole,
    forward::{Forward, ForwardRequest},
};
use futures_util::{FutureExt, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use super::{
    Law, Suited, Verdict,
    bytes::are_handed_on,
    ensure, errors, laws,
    lossless::sent_for,
    safety::{self, stays_at_its_upstream},
};
use crate::{
    Answer, Script, Sent,
    bench::{Ask, Bench, MAX_REPLY, Target, answer, request, request_of},
    cut::Cut,
    heard::excerpt,
};

/// A request as a file has it: method and address, headers, an empty line, the body.
fn read(text: &[u8]) -> Result<ForwardRequest, BadRequest> {
    let wrong = |what: &str| BadRequest::new(format!("a request without {what}"));
    let split = text.windows(2).position(|pair| pair == b"\n\n").ok_or(wrong("an empty line"))?;
    let head = String::from_utf8_lossy(&text[..split]);
    let (first, lines) = head.split_once('\n').unwrap_or((&head, ""));
    let (method, uri) = first.split_once(' ').ok_or(wrong("an address"))?;
    let body = Bytes::copy_from_slice(&text[split + 2..]);
    let mut headers = HeaderMap::new();
    for line in lines.lines() {
        let (name, value) = line.split_once(": ").ok_or(wrong("colons in its headers"))?;
        let name: HeaderName = name.parse().map_err(|_| wrong("names of headers"))?;
        headers.append(name, value.parse().map_err(|_| wrong("values of headers"))?);
    }
    headers.insert(header::CONTENT_LENGTH, body.len().into());
    let method: Method = method.parse().map_err(|_| wrong("a method"))?;
    let uri: Uri = uri.parse().map_err(|_| wrong("an address"))?;
    let mut inbound = Inbound::new(headers, body).with_asked(method, uri);
    let read = Forward::read(&mut inbound, &Limits::default()).now_or_never();
    read.ok_or(wrong("the rest of its body"))?
}

impl Suited for Forward {
    const SAMPLE: &'static str = "POST /v1/fine_tuning/jobs\ncontent-type: application/json\n\n\
        {\"model\":\"conformance-model\",\"training_file\":\"file-conformance\"}";
    const STREAMED: Option<&'static str> = None;

    fn request(body: &[u8]) -> Result<ForwardRequest, BadRequest> {
        read(body)
    }

    fn laws() -> Vec<Law<Self>> {
        let own = laws![
            a_path_leads_below_the_root_or_nowhere,
            a_query_is_kept_but_for_a_key,
            a_method_is_kept,
            a_body_reaches_the_wire_byte_for_byte_but_for_the_model,
            headers_of_the_connection_and_of_the_client_stay_behind,
            a_body_that_passed_is_not_sent_again,
            a_success_is_handed_on_with_its_status_and_its_bytes,
            bytes_are_handed_on_before_the_last_has_come,
            events_are_handed_on_as_events,
            what_was_made_is_told,
            the_kinds_of_cases_are_there,
        ];
        let groups = [errors::of_any_reply(), safety::of_any_reply(), own];
        groups.into_iter().flatten().collect()
    }
}

/// What a request is to the upstream.
async fn sent(target: &Target<Forward>, text: &str) -> Result<Sent, String> {
    let request = request::<Forward>(text.as_bytes())?;
    sent_for(target, &request, Ask::default()).await?.ok_or_else(|| "nothing was sent".to_owned())
}

/// The path of the API's root, as the sample's shows it.
async fn root(target: &Target<Forward>) -> Result<String, String> {
    let path = sent(target, Forward::SAMPLE).await?.uri.path().to_owned();
    let root = path.strip_suffix("/fine_tuning/jobs");
    root.map(str::to_owned).ok_or_else(|| format!("`{path}` is not where the sample is"))
}

fn a_path_leads_below_the_root_or_nowhere(bench: &Bench<Forward>) -> Verdict {
    const GOOD: [&str; 5] =
        ["/files", "/files/file-1/content", "/a/b/c/d", "/x/a%20b", "/models/org%2Dx:tag@2"];
    const BAD: [&str; 12] = [
        "/v1/../admin",
        "/v1/files/..",
        "/v1/files/%2e%2e/admin",
        "/v1/files/%252e%252e/admin",
        "/v1/files%2f..%2fadmin",
        "/v1/files/..%5cadmin",
        "/v1/files;a=b/x",
        "/v1//files",
        "/v1/files/",
        "/v1/files/a%00b",
        "/v1/files/a%0d%0ahost:x",
        "/v2/files",
    ];
    bench.run(async |target| {
        let root = root(target).await?;
        for path in GOOD {
            let sent = sent(target, &format!("GET /v1{path}\n\n")).await?;
            ensure!(sent.uri.path() == format!("{root}{path}"), "`{path}` leads to {}", sent.uri);
            stays_at_its_upstream(&sent)?;
        }
        for path in BAD {
            let refused = Forward::request(format!("GET {path}\n\n").as_bytes());
            let refused = refused.err().ok_or_else(|| format!("`{path}` is passed on"))?;
            ensure!(refused.status == 400 && refused.code == "invalid_proxy_path", "{refused:?}");
        }
        Ok(())
    })
}

fn a_query_is_kept_but_for_a_key(bench: &Bench<Forward>) -> Verdict {
    const QUERY: &str = "after=a%20b&limit=2&include[]=x%2Fy&empty=&flag&after=c";
    bench.run(async |target| {
        let text = format!("GET /v1/files?{QUERY}&api_key=client-1&key=client-2\n\n");
        let sent = sent(target, &text).await?;
        let query = sent.uri.query().unwrap_or_default();
        ensure!(query.starts_with(QUERY), "it is `{query}`");
        ensure!(!query.contains("client-"), "a client's key is passed on: `{query}`");
        Ok(())
    })
}

fn a_method_is_kept(bench: &Bench<Forward>) -> Verdict {
    bench.run(async |target| {
        for method in ["GET", "POST", "DELETE", "PUT", "PATCH"] {
            let sent = sent(target, &format!("{method} /v1/files/file-1\n\n")).await?;
            ensure!(sent.method.as_str() == method, "{method} is {}", sent.method);
            ensure!(sent.body.is_empty(), "{method}: a body that nobody sent");
        }
        Ok(())
    })
}

/// A form as clients upload a file with it.
const FORM: &str = "--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\n\
    content-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{\"a\":1}\r\n\0\r\n--b--\r\n";

fn a_body_reaches_the_wire_byte_for_byte_but_for_the_model(bench: &Bench<Forward>) -> Verdict {
    const DOCUMENT: &str = "{ \"x\":12345678901234567890123, \"model\" : \"conformance-model\",\n\
        \"y\":[1e2,-0.0],\"z\":\"\\u00e9\" }";
    bench.run(async |target| {
        for (content_type, body) in [
            ("application/json", DOCUMENT),
            ("application/json; charset=utf-8", "{\"no\":\"model\"}"),
            ("multipart/form-data; boundary=b", FORM),
            ("application/octet-stream", "\0{\"model\":\"conformance-model\"}\r\n"),
        ] {
            let text = format!("POST /v1/uploads\ncontent-type: {content_type}\n\n{body}");
            for model in ["conformance-model", "another-name"] {
                // A body that passes does so once.
                let request = request::<Forward>(text.as_bytes())?;
                let is_named = request.model() == "conformance-model";
                let ask = Ask { model: is_named.then_some(model), ..Ask::default() };
                let sent = sent_for(target, &request, ask).await?.ok_or("nothing was sent")?;
                let expected = if is_named {
                    body.replace("conformance-model", model)
                } else {
                    body.to_owned()
                };
                ensure!(sent.body == expected, "{content_type}: {}", excerpt(&sent.body));
                let kept = sent.headers.get(header::CONTENT_TYPE);
                ensure!(kept.is_some_and(|kept| kept == content_type), "it is {kept:?}");
                let length = sent.headers.get(header::CONTENT_LENGTH);
                let is_right = length.is_none_or(|length| *length == *sent.body.len().to_string());
                ensure!(is_right, "{content_type}: {length:?} of {}", sent.body.len());
            }
        }
        Ok(())
    })
}

fn headers_of_the_connection_and_of_the_client_stay_behind(bench: &Bench<Forward>) -> Verdict {
    const STAY: [(&str, &str); 16] = [
        ("authorization", "Bearer client-1"),
        ("x-api-key", "client-2"),
        ("api-key", "client-3"),
        ("proxy-authorization", "Basic client-4"),
        ("cookie", "session=client-5"),
        ("host", "client-6.example"),
        ("connection", "keep-alive, client-7"),
        ("keep-alive", "timeout=client-8"),
        ("te", "client-9"),
        ("trailer", "client-10"),
        ("transfer-encoding", "client-11"),
        ("upgrade", "client-12"),
        ("x-forwarded-for", "client-13"),
        ("forwarded", "for=client-14"),
        ("expect", "client-15"),
        ("accept-encoding", "client-16"),
    ];
    const TRAVEL: [(&str, &str); 3] =
        [("accept", "application/jsonl"), ("openai-beta", "assistants=v2"), ("range", "bytes=0-9")];
    bench.run(async |target| {
        let headers = STAY.iter().chain(&TRAVEL).map(|(name, value)| format!("{name}: {value}\n"));
        let text = format!("GET /v1/files/file-1/content\n{}\n", headers.collect::<String>());
        let sent = sent(target, &text).await?;
        for (name, value) in &sent.headers {
            let is_clients = String::from_utf8_lossy(value.as_bytes()).contains("client-");
            ensure!(!is_clients, "the client's `{name}` is passed on");
        }
        for (name, value) in TRAVEL {
            let kept = sent.headers.get(name);
            ensure!(kept.is_some_and(|kept| kept == value), "`{name}` is {kept:?}");
        }
        stays_at_its_upstream(&sent)
    })
}

/// It went to whoever was asked first: whoever is asked next is not sent another.
fn a_body_that_passed_is_not_sent_again(bench: &Bench<Forward>) -> Verdict {
    bench.run(async |target| {
        let text =
            format!("POST /v1/files\ncontent-type: multipart/form-data; boundary=b\n\n{FORM}");
        let request = request::<Forward>(text.as_bytes())?;
        let first = sent_for(target, &request, Ask::default()).await?.ok_or("nothing was sent")?;
        ensure!(first.body == FORM, "first {}", excerpt(&first.body));
        let again = sent_for(target, &request, Ask::default()).await?;
        let again = again.map(|sent| sent.body).unwrap_or_default();
        ensure!(again.is_empty(), "again {}", excerpt(&again));
        Ok(())
    })
}

fn a_success_is_handed_on_with_its_status_and_its_bytes(bench: &Bench<Forward>) -> Verdict {
    const TYPES: [&str; 4] = ["application/json", "application/octet-stream", "text/csv", ""];
    const BODIES: [&str; 4] =
        ["{\"object\":\"list\", \"data\":[1e2]}", "{\"a\":1}\n{\"a\":2}\n", "\0\u{ff}", ""];
    bench.run(async |target| {
        let text = "GET /v1/files/file-1/content\n\n";
        for (index, status) in [200, 201, 202, 203, 204, 206].into_iter().enumerate() {
            for (content_type, body) in TYPES.into_iter().zip(BODIES) {
                let request = request::<Forward>(text.as_bytes())?;
                let mut answer = Answer::new(status).with_header("x-kept", "yes");
                if !content_type.is_empty() {
                    answer = answer.with_header("content-type", content_type);
                }
                if index % 2 == 0 {
                    answer = answer.with_header("content-length", &body.len().to_string());
                }
                let upstream = Script::always(answer.with_body(body));
                let cx = target.context(&upstream, request.model(), MAX_REPLY);
                let reply = target.serve()?.serve(&cx, &request).await;
                let reply = reply.map_err(|error| format!("{status}: {error:?}"))?;
                ensure!(reply.head.status == status, "{status} is {}", reply.head.status);
                let kept = reply.head.headers.get("x-kept");
                ensure!(kept == Some(&HeaderValue::from_static("yes")), "headers are lost");
                let got = collected(reply.body).await?;
                // A status that has no body has none, whatever came behind it.
                ensure!(got == body || status == 204, "{status}: {}", excerpt(&got));
            }
        }
        Ok(())
    })
}

async fn collected(body: ReplyBody<Forward>) -> Result<Bytes, String> {
    let mut all = Vec::new();
    match body {
        ReplyBody::Whole(whole) => return Ok(whole.into_body().to_bytes()),
        ReplyBody::Stream(_) => return Err("it is a stream of events".to_owned()),
        ReplyBody::Bytes(mut frames) => {
            while let Some(frame) = frames.next().await {
                all.extend_from_slice(&frame.map_err(|error| format!("{error:?}"))?.bytes);
            }
        }
    }
    Ok(all.into())
}

fn bytes_are_handed_on_before_the_last_has_come(bench: &Bench<Forward>) -> Verdict {
    bench.run(async |target| {
        let first = Bytes::from_static(b"{\"a\":1}\n");
        let answer = Answer::new(200).with_header("content-type", "application/octet-stream");
        let request = request::<Forward>(b"GET /v1/files/file-1/content\n\n")?;
        are_handed_on(target, &request, (answer, first)).await
    })
}

/// Between events there may stand a sign of life, and an error behind them; between bytes there may not.
fn events_are_handed_on_as_events(bench: &Bench<Forward>) -> Verdict {
    const EVENTS: &str = "event: a\ndata: {\"x\":1e2}\n\n: comment\n\ndata: {\"usage\":null}\n\n";
    const TYPES: [&str; 2] = ["text/event-stream", "text/event-stream; charset=utf-8"];
    bench.run(async |target| {
        for (method, content_type) in ["GET", "POST"].into_iter().zip(TYPES) {
            let text = format!("{method} /v1/x/y/events\n\n");
            let request = request::<Forward>(text.as_bytes())?;
            let answer = Answer::new(200).with_header("content-type", content_type);
            let pieces = Cut::Every(5).steps(&Bytes::from_static(EVENTS.as_bytes()));
            let upstream = Script::always(answer.with_steps(pieces));
            let cx = target.context(&upstream, request.model(), MAX_REPLY);
            let reply = target.serve()?.serve(&cx, &request).await;
            let reply = reply.map_err(|error| format!("{method}: {error:?}"))?;
            let ReplyBody::Stream(frames) = reply.body else {
                return Err(format!("{method}: it is no stream of events"));
            };
            let frames: Vec<_> = frames.map(|frame| frame.map(|it| it.bytes)).collect().await;
            let frames: Result<Vec<_>, _> = frames.into_iter().collect();
            let all = frames.map_err(|error| format!("{error:?}"))?.concat();
            ensure!(all == EVENTS.as_bytes(), "{method}: {}", excerpt(&all));
        }
        Ok(())
    })
}

/// A case whose reply has an id tells that it was made: what is asked of it later goes to the same
/// target, and to nobody else's.
fn what_was_made_is_told(bench: &Bench<Forward>) -> Verdict {
    bench.run(async |target| {
        let mut count = 0;
        for case in bench.wholes() {
            let request = request_of::<Forward>(case)?;
            let is_making = request.adds().is_some();
            let reply = serde_json::from_slice::<serde_json::Value>(&case.upstream.body);
            let id = reply.ok().and_then(|reply| Some(reply["id"].as_str()?.to_owned()));
            let (true, Some(id)) = (is_making, id) else { continue };
            count += 1;
            let upstream = Script::always(answer(case, Cut::Every(7)));
            let cx = target.context(&upstream, request.model(), MAX_REPLY);
            let reply = target.serve()?.serve(&cx, &request).await;
            let reply = reply.map_err(|error| format!("{}: {error:?}", case.name))?;
            let ReplyBody::Whole(whole) = reply.body else {
                return Err(format!("{}: it is read by nobody", case.name));
            };
            let is_told = whole.made().iter().any(|thing| *thing.id == *id);
            ensure!(is_told, "{}: `{id}` is not among {:?}", case.name, whole.made());
        }
        ensure!(count > 0, "no case makes anything");
        Ok(())
    })
}

fn the_kinds_of_cases_are_there(bench: &Bench<Forward>) -> Verdict {
    let is_document = |body: &Bytes| serde_json::from_slice::<serde_json::Value>(body).is_ok();
    let wholes = || bench.wholes().map(|case| &case.upstream.body);
    ensure!(wholes().any(is_document), "no case is a document");
    ensure!(wholes().any(|body| !is_document(body)), "no case is the bytes of a file");
    ensure!(bench.errors(false).next().is_some(), "no case is a refusal");
    Ok(())
}
