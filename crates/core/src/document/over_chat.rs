//! Legacy completions of a vendor that has chat alone: the prompt is one message, and the answer is
//! written as the older surface has it.
//!
//! What a chat cannot be told is refused, with the field's name: several prompts, prompts of tokens, a
//! suffix, probabilities in the older shape, and a best of several. An echo is ours to give.

use async_trait::async_trait;
use bytes::Bytes;
use ferro_wire::{JsonDoc, sse, write_string};
use futures_util::StreamExt;
use serde_json::value::RawValue;

use super::{Completions, DocumentReply, DocumentRequest};
use crate::{
    Call, CallContext, ErrorKind, Frame, ProviderError, Reply, ReplyBody, Serve, Unsaid, Whole,
    chat::{
        Chat, ChatRequest,
        choices::says_nothing,
        walk::{items, members, text},
    },
};

/// Completions by way of a chat.
pub(super) struct OverChat<'a>(pub(super) &'a dyn Serve<Chat>);

#[async_trait]
impl Serve<Completions> for OverChat<'_> {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &DocumentRequest<Completions>,
    ) -> Result<Reply<Completions>, ProviderError> {
        let (chat, mut echo) = as_chat(request.doc())?;
        let Reply { head, body } = self.0.serve(cx, &chat).await?;
        let body = match body {
            ReplyBody::Whole(whole) => {
                let (usage, finish) = (whole.usage(), whole.finish());
                let said = whole.into_body().to_bytes();
                let said = completion(&String::from_utf8_lossy(&said), &mut echo);
                ReplyBody::Whole(DocumentReply::new(said, usage).with_finish(finish))
            }
            ReplyBody::Bytes(_) => {
                let message = "a chat was answered with bytes";
                return Err(ProviderError::new(ErrorKind::Malformed).with_message(message));
            }
            ReplyBody::Stream(frames) => ReplyBody::Stream(Box::pin(frames.map(move |frame| {
                frame.map(|frame| Frame { bytes: events(&frame.bytes, &mut echo), ..frame })
            }))),
        };
        Ok(Reply { head, body })
    }

    fn unsaid(&self, call: &Call<'_>, request: &DocumentRequest<Completions>) -> Vec<Unsaid> {
        let Ok((chat, _)) = as_chat(request.doc()) else { return Vec::new() };
        self.0.unsaid(call, &chat)
    }
}

/// The prompt, where it is to stand before each choice, and the choices that have it already.
#[derive(Default)]
struct Echo {
    prompt: Option<String>,
    begun: Vec<String>,
}

impl Echo {
    fn before(&mut self, index: &str) -> &str {
        let Some(prompt) = &self.prompt else { return "" };
        if self.begun.iter().any(|begun| begun == index) {
            return "";
        }
        self.begun.push(index.to_owned());
        prompt
    }
}

/// The same request to a chat.
fn as_chat(doc: &JsonDoc) -> Result<(ChatRequest, Echo), ProviderError> {
    for name in ["suffix", "logprobs", "best_of"] {
        if !says_nothing_of(doc, name) {
            return Err(unsupported(name, format!("{name} cannot be said to a chat")));
        }
    }
    let prompt = prompt(doc)?;
    let wants_echo = doc.get::<bool>("echo").ok().flatten().unwrap_or_default();
    let mut chat = doc.clone();
    for name in ["prompt", "suffix", "logprobs", "best_of", "echo"] {
        if chat.contains(name) {
            chat.remove(name);
        }
    }
    let mut messages = br#"[{"role":"user","content":"#.to_vec();
    write_string(&mut messages, &prompt);
    messages.extend_from_slice(b"}]");
    chat.set_text("messages", messages.into());
    let chat = ChatRequest::new(chat).map_err(|bad| {
        let error = ProviderError::new(ErrorKind::Invalid).with_message(bad.to_string());
        bad.param.into_iter().fold(error, |error, field| error.with_field(&*field))
    })?;
    let echo = Echo { prompt: wants_echo.then_some(prompt), begun: Vec::new() };
    Ok((chat, echo))
}

fn says_nothing_of(doc: &JsonDoc, name: &str) -> bool {
    doc.text(name).is_none_or(|text| match &*text {
        b"null" | b"\"\"" | b"false" => true,
        b"1" => name == "best_of",
        _ => false,
    })
}

/// The one prompt that there is.
fn prompt(doc: &JsonDoc) -> Result<String, ProviderError> {
    let said = doc.text("prompt").unwrap_or_default();
    let said = std::str::from_utf8(&said).unwrap_or_default().trim();
    if let Some(prompt) = text(said) {
        return Ok(prompt.into_owned());
    }
    let list = serde_json::from_str::<Vec<&RawValue>>(said).unwrap_or_default();
    if let [one] = list[..]
        && let Some(prompt) = text(one.get())
    {
        return Ok(prompt.into_owned());
    }
    let message = "prompt: this vendor is told one text, and not several, or tokens";
    Err(unsupported("prompt", message.to_owned()))
}

fn unsupported(field: &str, message: String) -> ProviderError {
    ProviderError::new(ErrorKind::Unsupported).with_message(message).with_field(field)
}

/// Events of a chat as events of a completion; those in which nothing is said yet are left out.
fn events(bytes: &[u8], echo: &mut Echo) -> Bytes {
    let mut out = Vec::with_capacity(bytes.len());
    for event in sse::events(bytes) {
        let data = event.data();
        match std::str::from_utf8(&data) {
            _ if event.is_silent() => out.extend_from_slice(event.raw),
            Ok(json) if json.trim_start().starts_with('{') => {
                if !says_nothing(&data) {
                    out.extend_from_slice(&event.with_data(&completion(json, echo)));
                }
            }
            _ => out.extend_from_slice(event.raw),
        }
    }
    out.into()
}

/// A chat's reply, or an event of one, as that of a completion.
fn completion(json: &str, echo: &mut Echo) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    for (name, value) in members(json) {
        out.push(if out.is_empty() { b'{' } else { b',' });
        write_string(&mut out, &name);
        out.push(b':');
        match &*name {
            "object" => out.extend_from_slice(br#""text_completion""#),
            "choices" => {
                out.push(b'[');
                for (place, one) in items(value).enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    choice(one.get(), echo, &mut out);
                }
                out.push(b']');
            }
            _ => out.extend_from_slice(value.get().as_bytes()),
        }
    }
    out.push(b'}');
    out
}

fn choice(json: &str, echo: &mut Echo, out: &mut Vec<u8>) {
    let (mut index, mut finish_reason) = ("0", "null");
    let (mut message, mut delta) = (None, None);
    for (name, value) in members(json) {
        match &*name {
            "index" => index = value.get(),
            "finish_reason" => finish_reason = value.get(),
            "message" => message = Some(value),
            "delta" => delta = Some(value),
            _ => {}
        }
    }
    // Some tell with every piece what they have said so far.
    let mut said = delta.or(message).map(words).unwrap_or_default();
    said.insert_str(0, echo.before(index));
    out.extend_from_slice(br#"{"text":"#);
    write_string(out, &said);
    for part in [",\"index\":", index, ",\"logprobs\":null,\"finish_reason\":", finish_reason, "}"]
    {
        out.extend_from_slice(part.as_bytes());
    }
}

/// What a message says to the client: its content, or why there is none.
fn words(message: &RawValue) -> String {
    let said = members(message.get()).filter(|(name, _)| matches!(&**name, "content" | "refusal"));
    said.filter_map(|(_, value)| Some(text(value.get())?.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> Result<String, String> {
        let doc = JsonDoc::parse(body.as_bytes().to_vec()).unwrap();
        match as_chat(&doc) {
            Ok((chat, _)) => Ok(String::from_utf8(chat.to_rope().to_bytes().to_vec()).unwrap()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                Err(error.field().unwrap_or_default().to_owned())
            }
        }
    }

    #[test]
    fn one_prompt_is_one_message_and_every_other_field_stays() {
        let sent =
            r#"{"model":"m","stop":"\n","x":1e2,"messages":[{"role":"user","content":"a\"b"}]}"#;
        for prompt in [r#""a\"b""#, r#"["a\"b"]"#, r#" [ "a\u0022b" ] "#] {
            let body = format!(
                r#"{{"model":"m","prompt":{prompt},"stop":"\n","x":1e2,"echo":true,"best_of":1,"logprobs":null}}"#
            );
            assert_eq!(said(&body).as_deref(), Ok(sent), "{prompt}");
        }
    }

    #[test]
    fn what_a_chat_cannot_be_told_is_refused_by_name() {
        for (fields, name) in [
            (r#""prompt":["a","b"]"#, "prompt"),
            (r#""prompt":[1,2]"#, "prompt"),
            (r#""prompt":[[1,2]]"#, "prompt"),
            (r#""prompt":"a","suffix":"b""#, "suffix"),
            (r#""prompt":"a","logprobs":0"#, "logprobs"),
            (r#""prompt":"a","best_of":2"#, "best_of"),
        ] {
            assert_eq!(said(&format!(r#"{{"model":"m",{fields}}}"#)), Err(name.to_owned()));
        }
    }

    #[test]
    fn a_chats_reply_is_written_as_a_completion() {
        let chat = r#"{"id":"c-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"b\n","refusal":null},"logprobs":null,"finish_reason":"stop"},{"index":1,"message":{"content":null,"refusal":"no"},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"x":1e2}}"#;
        let mut echo = Echo { prompt: Some("a ".to_owned()), begun: Vec::new() };
        assert_eq!(
            String::from_utf8(completion(chat, &mut echo)).unwrap(),
            r#"{"id":"c-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"a b\n","index":0,"logprobs":null,"finish_reason":"stop"},{"text":"a no","index":1,"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":1,"x":1e2}}"#
        );
    }

    #[test]
    fn a_chats_events_are_a_completions_and_an_echo_comes_once() {
        let event = |delta: &str, finish: &str| {
            format!(
                "data: {{\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n"
            )
        };
        let chat = [
            event(r#"{"role":"assistant","content":""}"#, "null"),
            ": ping\n\n".to_owned(),
            event(r#"{"content":"b"}"#, "null"),
            event(r#"{"content":"c"}"#, "null"),
            event("{}", "\"stop\""),
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n".to_owned(),
            "data: [DONE]\n\n".to_owned(),
        ]
        .concat();
        let own = |text: &str, finish: &str| {
            format!(
                "data: {{\"object\":\"text_completion\",\"choices\":[{{\"text\":\"{text}\",\"index\":0,\"logprobs\":null,\"finish_reason\":{finish}}}]}}\n\n"
            )
        };
        let mut echo = Echo { prompt: Some("a".to_owned()), begun: Vec::new() };
        let expected = [
            ": ping\n\n".to_owned(),
            own("ab", "null"),
            own("c", "null"),
            own("", "\"stop\""),
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n".to_owned(),
            "data: [DONE]\n\n".to_owned(),
        ];
        let events = events(chat.as_bytes(), &mut echo);
        assert_eq!(String::from_utf8(events.to_vec()).unwrap(), expected.concat());
    }
}
