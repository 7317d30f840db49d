//! Images made of words, for vendors that differ from the wire: what is asked, and a reply made of
//! pictures.

use std::time::UNIX_EPOCH;

use ferro_wire::{JsonDoc, write_string};
use serde_json::value::RawValue;

use super::{DocumentReply, DocumentRequest, Images};
use crate::{
    Call, ErrorKind, InParts, ProviderError, Subject, Usage, Whole,
    chat::walk::{items, members},
};

/// The most pictures of one request, as the wire has it
/// (platform.openai.com/docs/api-reference/images/create).
const MOST: usize = 10;

/// How a vendor gives pictures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gives {
    /// Their bytes, and no address.
    Bytes,
    /// Their addresses, and no bytes.
    Addresses,
}

/// A picture that was made.
#[derive(Clone, Debug, Default)]
pub struct Picture<'a> {
    /// Its bytes in base64, or its address.
    pub data: &'a str,
    /// What the vendor made of the prompt.
    pub revised_prompt: Option<&'a str>,
}

/// What a vendor cannot do of a request, naming the field.
pub fn refused(field: &'static str, why: &str) -> ProviderError {
    let message = format!("{field}: {why}");
    ProviderError::new(ErrorKind::Unsupported).with_message(message).with_field(field)
}

/// The prompt, where a vendor that gives pictures as a whole can give what is asked for.
///
/// # Errors
///
/// Of kind `Unsupported`, and names the field: where events are wanted, more pictures than the wire has, or
/// pictures in the form in which the vendor does not give them; or where the prompt is no text.
pub fn prompt(request: &DocumentRequest<Images>, gives: Gives) -> Result<String, ProviderError> {
    let doc = request.doc();
    if request.wants_stream() {
        return Err(refused("stream", "this vendor gives a picture as a whole"));
    }
    if wanted(doc).is_some_and(|wanted| wanted > MOST) {
        return Err(refused("n", "ten pictures are the most of one request"));
    }
    let format = doc.get::<String>("response_format").ok().flatten();
    match (gives, format.as_deref()) {
        (Gives::Bytes, Some("url")) => {
            return Err(refused("response_format", "this vendor gives `b64_json`, and no `url`"));
        }
        (Gives::Addresses, Some("b64_json")) => {
            return Err(refused("response_format", "this vendor gives a `url`, and no `b64_json`"));
        }
        _ => {}
    }
    let prompt = doc.get("prompt").ok().flatten();
    prompt.ok_or_else(|| refused("prompt", "this vendor takes one text"))
}

/// How many pictures are asked for, where that is said.
fn wanted(doc: &JsonDoc) -> Option<usize> {
    doc.get("n").ok().flatten()
}

/// A width and a height, where the size is said in numbers.
pub fn size(doc: &JsonDoc) -> Option<(u32, u32)> {
    let size = doc.get::<String>("size").ok()??;
    let (width, height) = size.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// When a call's pictures were made, in seconds since 1970.
pub fn created(call: &Call<'_>) -> u64 {
    call.now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// A reply of pictures. Where no tokens are counted they are counted themselves.
pub fn reply<'a>(
    created: u64,
    gives: Gives,
    pictures: impl IntoIterator<Item = Picture<'a>>,
    usage: Option<Usage>,
) -> DocumentReply<Images> {
    let name = match gives {
        Gives::Bytes => "b64_json",
        Gives::Addresses => "url",
    };
    let (mut data, mut count) = (Vec::new(), 0);
    for picture in pictures {
        data.extend_from_slice(if count == 0 { b"{" } else { b",{" });
        write_string(&mut data, name);
        data.push(b':');
        write_string(&mut data, picture.data);
        if let Some(prompt) = picture.revised_prompt {
            data.extend_from_slice(b",\"revised_prompt\":");
            write_string(&mut data, prompt);
        }
        data.push(b'}');
        count += 1;
    }
    whole(created, &data, usage.unwrap_or_else(|| counted(count)))
}

fn whole(created: u64, data: &[u8], usage: Usage) -> DocumentReply<Images> {
    let mut body = format!(r#"{{"created":{created},"data":["#).into_bytes();
    body.extend_from_slice(data);
    body.extend_from_slice(b"]}");
    DocumentReply::new(body, Some(usage))
}

fn counted(count: u64) -> Usage {
    Usage::images(vec![crate::Images::new(count)])
}

/// A request for several pictures, at a vendor that makes one at a time; `None` where it is for one.
pub fn one_by_one(request: &DocumentRequest<Images>) -> Option<InParts<Images>> {
    // More are refused by their name where the request is said.
    let wanted = wanted(request.doc()).filter(|wanted| (2..=MOST).contains(wanted))?;
    let mut doc = request.doc().clone();
    doc.set("n", &1);
    let one = DocumentRequest::new(doc).ok()?;
    Some(InParts { requests: vec![one; wanted], join })
}

/// One reply of several: their pictures in order, and what they took together.
fn join(replies: Vec<DocumentReply<Images>>) -> Result<DocumentReply<Images>, ProviderError> {
    let (mut data, mut count, mut first, mut tokens) = (Vec::new(), 0, 0, None::<Usage>);
    for reply in replies {
        if let Some(counted) = reply.usage().filter(|usage| usage.total_tokens() > 0) {
            let sum = tokens.get_or_insert_default();
            sum.prompt_tokens += counted.prompt_tokens;
            sum.completion_tokens += counted.completion_tokens;
            sum.completion_image_tokens += counted.completion_image_tokens;
        }
        let body = reply.into_body().to_bytes();
        let json = std::str::from_utf8(&body)
            .map_err(|error| ProviderError::new(ErrorKind::Malformed).with_source(error))?;
        for (name, value) in members(json) {
            match &*name {
                "created" => first = value.get().parse().unwrap_or(first),
                "data" => {
                    for picture in items(value).map(RawValue::get) {
                        data.extend_from_slice(if count == 0 { b"" } else { b"," });
                        data.extend_from_slice(picture.as_bytes());
                        count += 1;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(whole(first, &data, tokens.unwrap_or_else(|| counted(count))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(members: &str) -> DocumentRequest<Images> {
        let body = format!(r#"{{"model":"m","prompt":"A hello."{members}}}"#);
        DocumentRequest::parse(body.into_bytes()).unwrap()
    }

    #[test]
    fn what_a_vendor_cannot_give_is_refused_by_its_field() {
        for (members, gives, field) in [
            (r#","response_format":"url""#, Gives::Bytes, "response_format"),
            (r#","response_format":"b64_json""#, Gives::Addresses, "response_format"),
            (r#","stream":true"#, Gives::Bytes, "stream"),
            (r#","n":11"#, Gives::Bytes, "n"),
        ] {
            let error = prompt(&request(members), gives).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{members}");
            assert!(error.message().unwrap().starts_with(field), "{error}");
        }
        assert_eq!(prompt(&request(""), Gives::Addresses).unwrap(), "A hello.");
    }

    #[test]
    fn pictures_that_are_made_one_by_one_are_one_reply() {
        for members in ["", r#","n":1"#, r#","n":11"#] {
            assert!(one_by_one(&request(members)).is_none(), "{members}");
        }
        let parts = one_by_one(&request(r#","n":3"#)).unwrap();
        assert_eq!(parts.requests.len(), 3);
        assert_eq!(parts.requests[0].doc().get::<u32>("n").ok(), Some(Some(1)));
        let picture =
            |data, revised_prompt| reply(7, Gives::Bytes, [Picture { data, revised_prompt }], None);
        let joined = (parts.join)(vec![picture("YQ==", None), picture("Yg==", Some("b"))]).unwrap();
        assert_eq!(joined.usage(), Some(counted(2)));
        assert_eq!(
            joined.into_body().to_bytes(),
            r#"{"created":7,"data":[{"b64_json":"YQ=="},{"b64_json":"Yg==","revised_prompt":"b"}]}"#
        );
    }
}
