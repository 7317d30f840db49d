//! A chat request as a vendor takes it: the client's bytes, and the few edits its row asks for.

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError, Subject, chat::ChatRequest};
use ferro_wire::{JsonDoc, Rope, splice};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Vendor;

/// The body for `vendor`, which knows the model as `model`.
pub(crate) fn chat(
    vendor: &Vendor,
    model: &str,
    request: &ChatRequest,
) -> Result<Rope, ProviderError> {
    let profile = &vendor.profile;
    let model = model.strip_prefix(profile.strips_prefix).unwrap_or(model);
    let asks_usage =
        request.wants_stream() && profile.takes_stream_options && !request.wants_usage();
    let drops_options = !profile.takes_stream_options && request.doc().contains("stream_options");
    let is_plain = profile.renames.is_empty() && profile.takes_names && !drops_options;
    if model == request.model() && !asks_usage && is_plain {
        return Ok(request.to_rope());
    }
    let mut doc = request.doc().clone();
    if model != request.model() {
        doc.set("model", model);
    }
    if asks_usage {
        ask_usage(&mut doc)?;
    }
    if drops_options {
        doc.remove("stream_options");
    }
    for (ours, theirs) in profile.renames {
        if let Some(value) = doc.text(ours).map(|text| Bytes::from(text.into_owned())) {
            doc.remove(ours);
            doc.set_text(theirs, value);
        }
    }
    if !profile.takes_names {
        drop_names(&mut doc);
    }
    Ok(doc.to_rope())
}

/// Usage is always asked for; whether the client sees it is the decoder's business.
fn ask_usage(doc: &mut JsonDoc) -> Result<(), ProviderError> {
    let options = doc.text("stream_options").filter(|text| **text != *b"null");
    let edited = match options {
        None => Rope::from(Bytes::from_static(br#"{"include_usage":true}"#)),
        Some(text) => {
            let mut options = JsonDoc::parse(text.into_owned()).map_err(|error| {
                let message = format!("stream_options: {error}");
                ProviderError::new(ErrorKind::Invalid).with_message(message)
            })?;
            options.set("include_usage", &true);
            options.to_rope()
        }
    };
    doc.set_text("stream_options", edited.to_bytes());
    Ok(())
}

/// Takes the author's name out of every message; the other bytes stay.
fn drop_names(doc: &mut JsonDoc) {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(default, borrow)]
        name: Option<&'a RawValue>,
    }
    let Some(text) = doc.text("messages").map(std::borrow::Cow::into_owned) else { return };
    let Ok(messages) = serde_json::from_slice::<Vec<&RawValue>>(&text) else { return };
    let mut edits = Vec::new();
    for message in messages {
        let is_named = serde_json::from_str::<Named<'_>>(message.get())
            .is_ok_and(|message| message.name.is_some());
        if let (true, Ok(mut inner)) = (is_named, JsonDoc::parse(message.get().as_bytes().to_vec()))
        {
            inner.remove("name");
            let range = ferro_wire::offset_of(&text, message.get().as_bytes());
            edits.push((range, inner.to_rope().to_bytes()));
        }
    }
    if !edits.is_empty() {
        doc.set_text("messages", splice(&text, edits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, Vendor};

    const PLAIN: Vendor = Vendor::OPENAI_SHAPED;

    fn said(vendor: &Vendor, model: &str, body: &str) -> String {
        let request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
        let rope = chat(vendor, model, &request).unwrap();
        String::from_utf8(rope.to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_whole_request_passes_byte_for_byte() {
        let body =
            r#"{ "model" : "m", "seed": 12345678901234567890123, "x":{"y":1e2},"messages":[{}] }"#;
        assert_eq!(said(&PLAIN, "m", body), body);
        assert_eq!(said(&PLAIN, "n", body), body.replace("\"m\"", "\"n\""));
    }

    #[test]
    fn a_stream_is_asked_for_its_usage() {
        let asked = said(&PLAIN, "m", r#"{"model":"m","messages":[{}],"stream":true}"#);
        assert!(
            asked.ends_with(r#""stream":true,"stream_options":{"include_usage":true}}"#),
            "{asked}"
        );
        let kept = said(
            &PLAIN,
            "m",
            r#"{"model":"m","messages":[{}],"stream":true,"stream_options":{"x":1,"include_usage":false}}"#,
        );
        assert!(kept.contains(r#"{"x":1,"include_usage":true}"#), "{kept}");
    }

    #[test]
    fn a_rows_deviations_are_edits_and_nothing_else() {
        let vendor = Vendor {
            profile: Profile {
                takes_stream_options: false,
                takes_names: false,
                renames: &[("seed", "random_seed")],
                strips_prefix: "cloud/",
                ..Profile::STANDARD
            },
            ..PLAIN
        };
        let body = r#"{"model":"cloud/m","seed":7,"messages":[{"name":"n","role":"user"}],"stream":true,"stream_options":{}}"#;
        assert_eq!(
            said(&vendor, "cloud/m", body),
            r#"{"model":"m","messages":[{"role":"user"}],"stream":true,"random_seed":7}"#
        );
    }
}
