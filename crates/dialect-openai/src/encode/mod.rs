//! A chat request as a vendor takes it: the client's bytes, and the few edits its row asks for.

pub(crate) mod fields;
mod messages;
mod schema;

use std::borrow::Cow;

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError, Subject, Unsaid, chat::ChatRequest};
use ferro_wire::{JsonDoc, Rope};

use crate::Vendor;

/// The client's document until the first edit, then our own.
pub(crate) type Doc<'a> = Cow<'a, JsonDoc>;

/// The body for `vendor`, which knows the model as `model`.
pub(crate) fn chat(
    vendor: &Vendor,
    model: &str,
    request: &ChatRequest,
) -> Result<Rope, ProviderError> {
    let profile = &vendor.profile;
    let mut doc = Cow::Borrowed(request.doc());
    let model = vendor.bare(model);
    if model != request.model() {
        doc.to_mut().set("model", model);
    }
    ask_usage(vendor, &mut doc, request.wants_stream() && !request.wants_usage())?;
    fields::edit(vendor, &mut doc)?;
    messages::edit(profile.messages, &mut doc)?;
    Ok(doc.to_rope())
}

/// What of `request` the vendor cannot be told.
pub(crate) fn unsaid(vendor: &Vendor, request: &ChatRequest) -> Vec<Unsaid> {
    let doc = request.doc();
    let fields = vendor.ignores.iter().chain(vendor.refuses);
    let fields = fields.filter(|name| fields::says_something(doc, name));
    let mut unsaid: Vec<_> = fields.map(|name| Unsaid(Cow::Borrowed(*name))).collect();
    unsaid.extend(fields::unsaid(vendor.profile.fields, doc));
    unsaid.extend(messages::left_out(vendor.profile.messages, doc));
    unsaid
}

/// Usage of a stream is always asked for where that can be done; whether the client sees it is the
/// decoder's business. `is_unasked` where the client has a stream without it.
pub(crate) fn ask_usage(
    vendor: &Vendor,
    doc: &mut Doc<'_>,
    is_unasked: bool,
) -> Result<(), ProviderError> {
    if !vendor.profile.takes_stream_options {
        fields::leave_out(doc, "stream_options");
        return Ok(());
    }
    if !is_unasked {
        return Ok(());
    }
    let options = doc.text("stream_options").filter(|text| **text != *b"null");
    let edited = match options {
        None => Rope::from(Bytes::from_static(br#"{"include_usage":true}"#)),
        Some(text) => {
            let mut options = JsonDoc::parse(text.into_owned())
                .map_err(|error| invalid(format!("stream_options: {error}")))?;
            options.set("include_usage", &true);
            options.to_rope()
        }
    };
    doc.to_mut().set_text("stream_options", edited.to_bytes());
    Ok(())
}

fn invalid(message: String) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldEdit, Profile};

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
            refuses: &["logit_bias"],
            profile: Profile {
                takes_stream_options: false,
                strips_prefix: "cloud/",
                fields: &[FieldEdit::Renamed("seed", "random_seed")],
                messages: &[crate::MessageEdit::Without(&["name"])],
                ..Profile::STANDARD
            },
            ..PLAIN
        };
        let body = r#"{"model":"cloud/m","seed":7,"messages":[{"name":"n","role":"user"}],"stream":true,"stream_options":{},"logit_bias":{"1":2}}"#;
        assert_eq!(
            said(&vendor, "cloud/m", body),
            r#"{"model":"m","messages":[{"role":"user"}],"stream":true,"random_seed":7}"#
        );
        let request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
        let unsaid: Vec<_> = unsaid(&vendor, &request).into_iter().map(|u| u.0).collect();
        assert_eq!(unsaid, ["logit_bias", "messages[].name"]);
    }

    #[test]
    fn what_says_nothing_is_not_missed() {
        let vendor = Vendor { ignores: &["n", "user"], refuses: &["logprobs", "tools"], ..PLAIN };
        let body = r#"{"model":"m","messages":[{}],"n":1,"user":"","logprobs":false,"tools":[]}"#;
        let request = ChatRequest::parse(body.as_bytes().to_vec()).unwrap();
        assert_eq!(unsaid(&vendor, &request), []);
        assert_eq!(said(&vendor, "m", body), r#"{"model":"m","messages":[{}],"n":1,"user":""}"#);
    }
}
