//! What is sent to a host, and what passes of its events.

use ferro_core::{Finish, Frame, TargetId};

use super::*;

struct Here(Profile);

impl Site for Here {
    fn profile(&self) -> &Profile {
        &self.0
    }

    fn place(&self, call: &Call<'_>, operation: Operation) -> Result<Uri, ProviderError> {
        Ok(format!("/{operation:?}/{}", call.model).parse().unwrap())
    }

    fn headers(&self) -> HeaderMap {
        HeaderMap::new()
    }
}

impl Host for Here {
    fn authorize(
        &self,
        _: &Call<'_>,
        _: &mut Request<Payload>,
        _: &Credential,
    ) -> Result<(), ProviderError> {
        Ok(())
    }
}

const BODY: &str = r#"{ "model":"claude-a","max_tokens":9, "stream":true,
 "system":[{"type":"text","text":"x-anthropic-billing-header"},{"type":"text","text":"second"}],
 "context_management":{"edits":[1e2]},"messages":[{"role":"user","content":"hi"}] }"#;

/// What is sent of a request with these headers: its place, headers and body.
fn sent(profile: Profile, model: &str, pairs: &[(&'static str, &'static str)]) -> [String; 3] {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_static(value));
    }
    let request = DocumentRequest::<Messages>::parse(BODY.as_bytes().to_vec()).unwrap();
    let request = request.with_beside(Beside::new(&headers, "beta=true"));
    let target = TargetId::from("t");
    let native = Native::new(Here(profile));
    let call = Call::new(&target, model);
    let (outbound, _) = Wire::<Messages>::encode(&native, &call, &request).unwrap();
    let (head, body) = outbound.into_parts();
    let Payload::Rope(body) = body else { panic!("it is held") };
    let headers =
        head.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()));
    let body = String::from_utf8(body.to_bytes().to_vec()).unwrap();
    [head.uri.to_string(), headers.collect(), body]
}

const SAID: &[(&str, &str)] = &[
    ("anthropic-version", "2026-10-21"),
    ("anthropic-beta", "context-management-2025-06-27"),
    ("anthropic-new-thing", "1"),
];

#[test]
fn a_request_in_this_wire_passes_byte_for_byte_with_its_headers_and_its_query() {
    let profile = Profile::anthropic().with_betas(vec!["own-1".to_owned()]);
    let [place, headers, body] = sent(profile, "claude-a", SAID);
    assert_eq!(place, "/Stream/claude-a?beta=true");
    assert_eq!(body, BODY);
    for line in [
        "anthropic-version: 2026-10-21\n",
        "anthropic-beta: context-management-2025-06-27\nanthropic-beta: own-1\n",
        "anthropic-new-thing: 1\n",
        "content-type: application/json\n",
    ] {
        assert!(headers.contains(line), "{line} is not in {headers}");
    }
    let [_, headers, body] = sent(Profile::anthropic(), "claude-b", &[]);
    assert_eq!(body, BODY.replace("claude-a", "claude-b"));
    assert!(headers.contains("anthropic-version: 2023-06-01\n"), "{headers}");
    assert!(!headers.contains("anthropic-beta"), "{headers}");
}

#[test]
fn a_host_whose_path_names_the_model_has_the_version_in_the_body() {
    let [place, headers, body] = sent(Profile::vertex(), "claude-b", SAID);
    assert_eq!(place, "/Stream/claude-b");
    assert!(!headers.contains("anthropic-version") && !headers.contains("new-thing"), "{headers}");
    assert!(headers.contains("anthropic-beta: context-management-2025-06-27\n"), "{headers}");
    assert!(!body.contains("claude-a") && body.contains(r#""stream":true"#), "{body}");
    assert!(body.contains(r#""anthropic_version":"vertex-2023-10-16""#), "{body}");
}

#[test]
fn a_host_that_takes_everything_in_the_body_finds_it_there() {
    let profile = Profile::bedrock().with_betas(vec!["own-1".to_owned()]);
    let [_, headers, body] = sent(profile, "claude-b", SAID);
    assert!(!headers.contains("anthropic-"), "{headers}");
    let said: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(said["anthropic_version"], "bedrock-2023-05-31");
    assert_eq!(
        said["anthropic_beta"],
        serde_json::json!(["context-management-2025-06-27", "own-1"])
    );
    assert_eq!((said.get("model"), said.get("stream")), (None, None));
    let system = &BODY[BODY.find("\"system\"").unwrap()..BODY.find("\"messages\"").unwrap()];
    assert!(body.contains(system.trim_end_matches([',', ' '])), "{body}");
}

#[test]
fn events_pass_with_their_names_up_to_the_end_and_are_counted() {
    let stream = "event: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":40,\"output_tokens\":1}}}\r\n\r\n: note\n\nevent: weather\ndata: {\"type\":\"weather\"}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"},\"usage\":{\"output_tokens\":7}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let mut decoder = MessagesDecoder::default();
    let mut frame = Frame::default();
    decoder.read(Bytes::from(format!("{stream}event: late\ndata: {{}}\n\n")), &mut frame).unwrap();
    assert_eq!(frame.bytes, stream);
    assert!(decoder.is_finished());
    let usage = frame.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens), (43, 40, 7));
    assert_eq!(frame.finish, Some(Finish::Length));
}
