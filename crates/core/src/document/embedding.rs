//! Embeddings for vendors that differ from the wire: what is asked, in what its texts are, and a reply
//! made of vectors.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ferro_wire::{JsonDoc, offset_of, splice, write_string};
use serde_json::value::RawValue;

use super::{DocumentReply, DocumentRequest, Embeddings};
use crate::{
    ErrorKind, InParts, ProviderError, Usage, Whole,
    chat::walk::{items, members, text},
};

/// How a client wants vectors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    /// Lists of numbers.
    Floats,
    /// Their 32-bit forms, the low byte first, in base64: what libraries ask for unless told otherwise.
    Base64,
}

impl Encoding {
    /// What a request asks for.
    pub fn asked(doc: &JsonDoc) -> Self {
        match doc.get::<Cow<'_, str>>("encoding_format") {
            Ok(Some(format)) if format == "base64" => Self::Base64,
            _ => Self::Floats,
        }
    }

    /// A vector's JSON, written like this. A vendor's own digits stay where numbers are wanted and
    /// numbers came.
    ///
    /// # Errors
    ///
    /// Of kind `Malformed` where it is no vector.
    pub fn written(self, vector: &str) -> Result<Cow<'_, [u8]>, ProviderError> {
        let vector = vector.trim();
        match (self, vector.starts_with('"')) {
            (Self::Floats, false) | (Self::Base64, true) => Ok(Cow::Borrowed(vector.as_bytes())),
            (Self::Floats, true) => floats(vector).map(Cow::Owned),
            (Self::Base64, false) => base64(vector).map(Cow::Owned),
        }
    }
}

fn no_vector() -> ProviderError {
    let message = "the upstream's reply has an embedding that is no vector";
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

fn floats(base64: &str) -> Result<Vec<u8>, ProviderError> {
    let said = text(base64).ok_or_else(no_vector)?;
    let bytes = STANDARD.decode(&*said).map_err(|error| no_vector().with_source(error))?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    let numbers: Vec<f32> = numbers.iter().map(|four| f32::from_le_bytes(*four)).collect();
    if !rest.is_empty() || !numbers.iter().all(|number| number.is_finite()) {
        return Err(no_vector());
    }
    serde_json::to_vec(&numbers).map_err(|error| no_vector().with_source(error))
}

fn base64(numbers: &str) -> Result<Vec<u8>, ProviderError> {
    let numbers: Vec<f32> =
        serde_json::from_str(numbers).map_err(|error| no_vector().with_source(error))?;
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    Ok(format!("\"{}\"", STANDARD.encode(bytes)).into_bytes())
}

/// The texts that are to be embedded.
///
/// # Errors
///
/// Of kind `Unsupported`, and names the field, where they are tokens or something else that is no text.
pub fn texts(doc: &JsonDoc) -> Result<Vec<String>, ProviderError> {
    let input = doc.text("input").unwrap_or_default();
    let input = std::str::from_utf8(&input).unwrap_or_default().trim();
    if let Some(one) = text(input) {
        return Ok(vec![one.into_owned()]);
    }
    let list = serde_json::from_str::<Vec<&RawValue>>(input).unwrap_or_default();
    let texts = list.iter().map(|item| Some(text(item.get())?.into_owned()));
    texts.collect::<Option<Vec<_>>>().filter(|texts| !texts.is_empty()).ok_or_else(|| {
        let message = "input: this vendor embeds texts, and not tokens or anything else";
        ProviderError::new(ErrorKind::Unsupported).with_message(message).with_field("input")
    })
}

/// A reply of vectors, each as JSON: numbers, or base64.
///
/// # Errors
///
/// Of kind `Malformed` where one is no vector.
pub fn reply<'a>(
    encoding: Encoding,
    model: &str,
    vectors: impl IntoIterator<Item = &'a str>,
    usage: Option<Usage>,
) -> Result<DocumentReply<Embeddings>, ProviderError> {
    let mut body = br#"{"object":"list","data":["#.to_vec();
    for (index, vector) in vectors.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let head = format!(r#"{comma}{{"object":"embedding","index":{index},"embedding":"#);
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&encoding.written(vector)?);
        body.push(b'}');
    }
    body.extend_from_slice(br#"],"model":"#);
    write_string(&mut body, model);
    body.extend_from_slice(counts(usage.as_ref()).as_bytes());
    Ok(DocumentReply::new(body, usage))
}

fn counts(usage: Option<&Usage>) -> String {
    let prompt = usage.map_or(0, |usage| usage.prompt_tokens);
    let total = usage.map_or(0, Usage::total_tokens);
    format!(r#","usage":{{"prompt_tokens":{prompt},"total_tokens":{total}}}}}"#)
}

/// A reply whose vectors are written as they were asked for; as it came, where they are so already.
///
/// # Errors
///
/// Of kind `Malformed` where one is no vector.
pub fn encoded(encoding: Encoding, body: Bytes) -> Result<Bytes, ProviderError> {
    let other = match encoding {
        Encoding::Floats => b'"',
        Encoding::Base64 => b'[',
    };
    if ferro_wire::needle(&body, b"\"embedding\"", other).is_none() {
        return Ok(body);
    }
    let json = std::str::from_utf8(&body).map_err(|error| no_vector().with_source(error))?;
    let mut edits = Vec::new();
    for item in data(json) {
        for (_, vector) in members(item.get()).filter(|(name, _)| name == "embedding") {
            if let Cow::Owned(written) = encoding.written(vector.get())? {
                let range = offset_of(json.as_bytes(), vector.get().as_bytes());
                edits.push((range, Bytes::from(written)));
            }
        }
    }
    Ok(splice(json.as_bytes(), edits))
}

fn data(json: &str) -> impl Iterator<Item = &RawValue> {
    members(json).filter(|(name, _)| name == "data").flat_map(|(_, data)| items(data))
}

/// A request for more inputs than `most`, in parts of so many; `None` where it is for no more.
pub fn parts(request: &DocumentRequest<Embeddings>, most: usize) -> Option<InParts<Embeddings>> {
    let input = request.doc().text("input")?;
    let list: Vec<&RawValue> = serde_json::from_slice(&input).ok()?;
    // A list of numbers is one input.
    let is_one = list.first()?.get().starts_with(|first: char| first.is_ascii_digit());
    if is_one || list.len() <= most {
        return None;
    }
    let part = |some: &[&RawValue]| {
        let mut doc = request.doc().clone();
        doc.set("input", some);
        DocumentRequest::new(doc).ok()
    };
    let requests = list.chunks(most.max(1)).map(part).collect::<Option<_>>()?;
    Some(InParts { requests, join })
}

/// One reply of several: their vectors in order, numbered anew, and what they took together.
#[expect(clippy::unnecessary_wraps, reason = "the type of all that join parts")]
fn join(
    replies: Vec<DocumentReply<Embeddings>>,
) -> Result<DocumentReply<Embeddings>, ProviderError> {
    let mut data = vec![b'['];
    let (mut count, mut first, mut usage) = (0_u64, None, None::<Usage>);
    for reply in replies {
        if let Some(counted) = reply.usage() {
            let sum = usage.get_or_insert_default();
            sum.prompt_tokens += counted.prompt_tokens;
            sum.completion_tokens += counted.completion_tokens;
            sum.prompt_image_tokens += counted.prompt_image_tokens;
        }
        let body = reply.into_body().to_bytes();
        let json = String::from_utf8_lossy(&body);
        let before = count;
        for item in self::data(&json) {
            if count > 0 {
                data.push(b',');
            }
            data.extend_from_slice(&numbered(item.get(), before, count - before));
            count += 1;
        }
        first.get_or_insert(body);
    }
    data.push(b']');
    let body = first.unwrap_or_default();
    let json = String::from_utf8_lossy(&body);
    let edits = members(&json).filter_map(|(name, value)| {
        let new = match &*name {
            "data" => Bytes::from(std::mem::take(&mut data)),
            "usage" => summed(value.get(), usage.as_ref()?),
            _ => return None,
        };
        Some((offset_of(json.as_bytes(), value.get().as_bytes()), new))
    });
    let edits = edits.collect();
    Ok(DocumentReply::new(splice(json.as_bytes(), edits), usage))
}

/// An item of a part's list, where it stands in the whole's.
fn numbered(item: &str, before: u64, place: u64) -> Bytes {
    let index = members(item).find(|(name, _)| name == "index").map(|(_, index)| index.get());
    let Some(index) = index else { return Bytes::copy_from_slice(item.as_bytes()) };
    let number = before + index.parse().unwrap_or(place);
    let range = offset_of(item.as_bytes(), index.as_bytes());
    splice(item.as_bytes(), vec![(range, number.to_string().into())])
}

/// The first part's counts, with those of all in the places of its own.
fn summed(counts: &str, usage: &Usage) -> Bytes {
    let edits = members(counts).filter_map(|(name, count)| {
        let sum = match &*name {
            "prompt_tokens" | "input_tokens" => usage.prompt_tokens,
            "total_tokens" => usage.total_tokens(),
            "completion_tokens" => usage.completion_tokens,
            _ => return None,
        };
        let range = offset_of(counts.as_bytes(), count.get().as_bytes());
        Some((range, Bytes::from(sum.to_string())))
    });
    let edits = edits.collect();
    splice(counts.as_bytes(), edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.1, -2 and 0.3333333 as 32-bit numbers, the low byte first, by Python's `struct` and `base64`.
    const BASE64: &str = "\"zczMPQAAAMCrqqo+\"";

    #[test]
    fn numbers_and_base64_are_the_same_numbers() {
        let numbers = Encoding::Floats.written(BASE64).unwrap();
        assert_eq!(numbers, &b"[0.1,-2.0,0.33333334]"[..]);
        let base64 = Encoding::Base64.written("[0.1, -2e0,0.33333333333333331]").unwrap();
        assert_eq!(base64, BASE64.as_bytes());
        let own = "[1e-1, -2.000]";
        assert_eq!(Encoding::Floats.written(own).unwrap(), own.as_bytes(), "its own digits stay");
        for bad in ["\"AAA\"", "\"AAAA\"", "\"AADAfw==\"", "[\"a\"]", "{}", "[1"] {
            let other = if bad.starts_with('"') { Encoding::Floats } else { Encoding::Base64 };
            assert_eq!(other.written(bad).unwrap_err().kind(), ErrorKind::Malformed, "{bad}");
        }
    }

    #[test]
    fn only_vectors_are_written_anew_and_only_where_they_have_to() {
        let body = r#"{ "data":[{"embedding":[0.1,-2,0.33333334],"index":0,"x":1e2}],"model":"m"}"#;
        let same = encoded(Encoding::Floats, Bytes::from(body)).unwrap();
        assert_eq!(same, body);
        let other = encoded(Encoding::Base64, Bytes::from(body)).unwrap();
        assert_eq!(other, body.replace("[0.1,-2,0.33333334]", BASE64));
    }

    fn request(input: &str) -> DocumentRequest<Embeddings> {
        let body = format!(r#"{{"model":"m","input":{input},"x":1e2}}"#);
        DocumentRequest::parse(body.into_bytes()).unwrap()
    }

    #[test]
    fn more_than_a_vendor_takes_is_asked_in_parts_and_joined_in_order() {
        assert!(parts(&request(r#""a""#), 2).is_none());
        assert!(parts(&request(r#"["a","b"]"#), 2).is_none());
        assert!(parts(&request("[1,2,3]"), 2).is_none(), "tokens are one input");
        let InParts { requests, join } = parts(&request(r#"["a", [7,8],"c"]"#), 2).unwrap();
        let sent: Vec<_> = requests.iter().map(|part| part.doc().to_rope().to_bytes()).collect();
        let expected = [r#"["a",[7,8]]"#, r#"["c"]"#];
        let expected = expected.map(|part| format!(r#"{{"model":"m","input":{part},"x":1e2}}"#));
        assert_eq!(sent, expected);
        let reply = |data: &str, tokens: u64| {
            let body = format!(
                r#"{{"object":"list","data":[{data}],"usage":{{"prompt_tokens":{tokens},"total_tokens":{tokens}}}}}"#
            );
            DocumentReply::new(Bytes::from(body), Some(Usage::new(tokens, 0)))
        };
        let one = |vector: u8, index: u8| format!(r#"{{"embedding":[{vector}],"index":{index}}}"#);
        // A vendor may give them in any order.
        let whole =
            join(vec![reply(&format!("{},{}", one(8, 1), one(7, 0)), 3), reply(&one(9, 0), 4)]);
        let whole = whole.unwrap();
        assert_eq!(whole.usage(), Some(Usage::new(7, 0)));
        let data = [one(8, 1), one(7, 0), one(9, 2)].join(",");
        let expected = format!(
            r#"{{"object":"list","data":[{data}],"usage":{{"prompt_tokens":7,"total_tokens":7}}}}"#
        );
        assert_eq!(whole.into_body().to_bytes(), expected);
    }

    #[test]
    fn tokens_are_no_texts() {
        for input in ["[1,2]", "[[1],[2]]", r#"["a",[1]]"#, r#"[{"text":"a"}]"#] {
            let error = texts(request(input).doc()).unwrap_err();
            assert_eq!((error.kind(), error.field()), (ErrorKind::Unsupported, Some("input")));
        }
        assert_eq!(texts(request(r#"["a","\n"]"#).doc()).unwrap(), ["a", "\n"]);
        assert_eq!(texts(request(r#" "a""#).doc()).unwrap(), ["a"]);
    }

    #[test]
    fn a_reply_is_made_of_vectors() {
        let made = reply(Encoding::Base64, "m", ["[0.1,-2,0.33333334]"], Some(Usage::new(3, 0)));
        let made = made.unwrap().into_body().to_bytes();
        let expected = format!(
            r#"{{"object":"list","data":[{{"object":"embedding","index":0,"embedding":{BASE64}}}],"model":"m","usage":{{"prompt_tokens":3,"total_tokens":3}}}}"#
        );
        assert_eq!(made, expected);
    }
}
