//! Images made of words: `predict` for Imagen, `generateContent` for the models that also write. Both
//! give the bytes, and no address.

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, InParts, ProviderError, Unsaid, Usage,
    document::{
        DocumentReply, DocumentRequest, Images,
        image::{self, Gives, Picture},
        in_one_piece,
    },
};
use ferro_wire::JsonDoc;
use serde::{Deserialize, Serialize};

/// Ratios of width to height that both kinds of models know.
const RATIOS: &[(u32, u32)] = &[(1, 1), (3, 4), (4, 3), (9, 16), (16, 9)];

const KNOWN: &[&str] =
    &["model", "prompt", "n", "size", "response_format", "aspect_ratio", "negative_prompt", "seed"];

/// Whether a model makes images, and does not write.
pub(crate) fn is_imagen(model: &str) -> bool {
    model.contains("imagen")
}

/// What Google cannot be told.
pub(crate) fn unsaid(call: &Call<'_>, doc: &JsonDoc) -> Vec<Unsaid> {
    let mut unsaid = super::unsaid(doc, KNOWN);
    if doc.contains("size") && ratio(doc).is_none() {
        unsaid.push(Unsaid("size".into()));
    }
    if !is_imagen(call.model) {
        let of_imagen = ["negative_prompt", "seed"].into_iter().filter(|name| doc.contains(name));
        unsaid.extend(of_imagen.map(|name| Unsaid(name.into())));
    }
    unsaid
}

/// The ratio that is asked for, or that a size has.
fn ratio(doc: &JsonDoc) -> Option<String> {
    if let Some(own) = doc.get::<String>("aspect_ratio").ok().flatten() {
        return Some(own);
    }
    let (width, height) = image::size(doc)?;
    let is_same = |ratio: &&(u32, u32)| {
        u64::from(ratio.0) * u64::from(height) == u64::from(ratio.1) * u64::from(width)
    };
    let (wide, high) = RATIOS.iter().find(is_same).filter(|_| width > 0)?;
    Some(format!("{wide}:{high}"))
}

/// The body for Imagen.
pub(crate) fn for_imagen(request: &DocumentRequest<Images>) -> Result<Vec<u8>, ProviderError> {
    #[derive(Serialize)]
    struct Body {
        instances: [Instance; 1],
        parameters: Parameters,
    }
    #[derive(Serialize)]
    struct Instance {
        prompt: String,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Parameters {
        sample_count: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        aspect_ratio: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        negative_prompt: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        seed: Option<u64>,
    }
    let doc = request.doc();
    let parameters = Parameters {
        sample_count: doc.get("n").ok().flatten().unwrap_or(1),
        aspect_ratio: ratio(doc),
        negative_prompt: doc.get("negative_prompt").ok().flatten(),
        seed: doc.get("seed").ok().flatten(),
    };
    Ok(json(&Body {
        instances: [Instance { prompt: image::prompt(request, Gives::Bytes)? }],
        parameters,
    }))
}

/// The body for a model that also writes: an image and nothing else is asked of it.
pub(crate) fn for_gemini(request: &DocumentRequest<Images>) -> Result<Vec<u8>, ProviderError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        contents: [Content; 1],
        generation_config: Config,
    }
    #[derive(Serialize)]
    struct Content {
        role: &'static str,
        parts: [Part; 1],
    }
    #[derive(Serialize)]
    struct Part {
        text: String,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        response_modalities: [&'static str; 1],
        #[serde(skip_serializing_if = "Option::is_none")]
        image_config: Option<Image>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Image {
        aspect_ratio: String,
    }
    let image_config = ratio(request.doc()).map(|aspect_ratio| Image { aspect_ratio });
    let parts = [Part { text: image::prompt(request, Gives::Bytes)? }];
    Ok(json(&Body {
        contents: [Content { role: "user", parts }],
        generation_config: Config { response_modalities: ["IMAGE"], image_config },
    }))
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("texts and numbers are JSON")
}

/// A model that also writes makes one image at a time.
pub(crate) fn parts(call: &Call<'_>, request: &DocumentRequest<Images>) -> Option<InParts<Images>> {
    if is_imagen(call.model) { None } else { image::one_by_one(request) }
}

/// Reads the reply of either.
pub(crate) fn decoder(call: &Call<'_>) -> Box<dyn Decoder<Images>> {
    let created = image::created(call);
    in_one_piece(move |_, body| read(&body, created))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    #[serde(default)]
    predictions: Option<Vec<Prediction>>,
    #[serde(default)]
    candidates: Option<Vec<Candidate>>,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    usage_metadata: Option<Counts>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prediction {
    #[serde(default)]
    bytes_base64_encoded: Option<String>,
    /// What was made of the prompt.
    #[serde(default)]
    prompt: Option<String>,
    #[serde(default)]
    rai_filtered_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default)]
    content: Option<Parts>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
struct Parts {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    #[serde(default)]
    inline_data: Option<Blob>,
}

#[derive(Deserialize)]
struct Blob {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    #[serde(default)]
    prompt_token_count: u64,
    #[serde(default)]
    candidates_token_count: u64,
}

/// An image, and what was made of its prompt.
type Made = (String, Option<String>);

fn read(body: &Bytes, created: u64) -> Result<DocumentReply<Images>, ProviderError> {
    let reply: Reply = super::read(body)?;
    let usage = reply.usage_metadata.map(|counts| {
        let mut usage = Usage::new(counts.prompt_token_count, counts.candidates_token_count);
        usage.completion_image_tokens = counts.candidates_token_count;
        usage
    });
    let blocked = reply.prompt_feedback.and_then(|feedback| feedback.block_reason);
    let (made, why) = match (reply.predictions, reply.candidates) {
        (Some(predictions), _) => predicted(predictions),
        (None, Some(candidates)) => written(candidates),
        (None, None) => (Vec::new(), blocked.clone()),
    };
    if made.is_empty() {
        return Err(no_image(body, why.or(blocked)));
    }
    let pictures =
        made.iter().map(|(data, prompt)| Picture { data, revised_prompt: prompt.as_deref() });
    Ok(image::reply(created, Gives::Bytes, pictures, usage))
}

fn predicted(predictions: Vec<Prediction>) -> (Vec<Made>, Option<String>) {
    let mut why = None;
    let made = predictions.into_iter().filter_map(|prediction| {
        why = prediction.rai_filtered_reason.or(why.take());
        Some((prediction.bytes_base64_encoded?, prediction.prompt))
    });
    (made.collect(), why)
}

fn written(candidates: Vec<Candidate>) -> (Vec<Made>, Option<String>) {
    let why = candidates.iter().find_map(|candidate| candidate.finish_reason.clone());
    let parts = candidates.into_iter().filter_map(|candidate| candidate.content);
    let parts = parts.flat_map(|content| content.parts);
    let made = parts.filter_map(|part| Some((part.inline_data?.data, None)));
    (made.collect(), why)
}

/// A success without an image: a filter has taken it, where a reason is given.
fn no_image(body: &Bytes, why: Option<String>) -> ProviderError {
    let Some(why) = why else {
        let message = "the upstream's reply has no images";
        return ProviderError::new(ErrorKind::Malformed).with_message(message);
    };
    let message = format!("no image was made: {why}");
    ProviderError::new(ErrorKind::ContentPolicy).with_message(message).with_body(body.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_ratio_where_google_has_it() {
        for (size, expected) in [
            ("1024x1024", Some("1:1")),
            ("1536x864", Some("16:9")),
            ("768x1024", Some("3:4")),
            ("1024x1536", None),
            ("auto", None),
            ("0x0", None),
        ] {
            let doc = JsonDoc::parse(format!(r#"{{"size":"{size}"}}"#).into_bytes()).unwrap();
            assert_eq!(ratio(&doc).as_deref(), expected, "{size}");
        }
    }
}
