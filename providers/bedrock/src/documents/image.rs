//! Images of Amazon's models and of Stability's: both give the bytes, and no address.

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, ErrorKind, ProviderError, Unsaid,
    document::{
        DocumentReply, DocumentRequest, Images,
        image::{self, Gives, Picture},
        in_one_piece,
    },
};
use ferro_wire::JsonDoc;
use serde::{Deserialize, Serialize};

use super::{lacks, others, read};

fn is_stability(model: &str) -> bool {
    model.contains("stability.")
}

/// What a model cannot be told.
pub(super) fn unsaid(model: &str, doc: &JsonDoc) -> Vec<Unsaid> {
    let known: &[&str] = if is_stability(model) {
        &[
            "model",
            "prompt",
            "response_format",
            "n",
            "aspect_ratio",
            "negative_prompt",
            "seed",
            "output_format",
        ]
    } else {
        &["model", "prompt", "response_format", "n", "size", "quality", "negative_prompt", "seed"]
    };
    let mut unsaid = others(doc, known);
    if !is_stability(model) && doc.contains("size") && image::size(doc).is_none() {
        unsaid.push(Unsaid("size".into()));
    }
    unsaid
}

/// The body.
pub(super) fn said(
    model: &str,
    request: &DocumentRequest<Images>,
) -> Result<Vec<u8>, ProviderError> {
    let doc = request.doc();
    let prompt = image::prompt(request, Gives::Bytes)?;
    let count: u64 = doc.get("n").ok().flatten().unwrap_or(1);
    if !is_stability(model) {
        return Ok(amazon(prompt, count, doc));
    }
    if count > 1 {
        return Err(image::refused("n", "these models make one image at a time"));
    }
    Ok(stability(prompt, doc))
}

fn stability(prompt: String, doc: &JsonDoc) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body {
        prompt: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        negative_prompt: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        aspect_ratio: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        output_format: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        seed: Option<u64>,
    }
    let word = |name: &str| doc.get::<String>(name).ok().flatten();
    json(&Body {
        prompt,
        negative_prompt: word("negative_prompt"),
        aspect_ratio: word("aspect_ratio"),
        output_format: word("output_format"),
        seed: doc.get("seed").ok().flatten(),
    })
}

fn amazon(text: String, number_of_images: u64, doc: &JsonDoc) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        task_type: &'static str,
        text_to_image_params: Text,
        image_generation_config: Config,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Text {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        negative_text: Option<String>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        number_of_images: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        width: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        height: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        quality: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        seed: Option<u64>,
    }
    // Two words there for what clients have more for.
    let quality = doc.get::<String>("quality").ok().flatten().map(|word| match &*word {
        "hd" | "high" | "premium" => "premium",
        _ => "standard",
    });
    let (width, height) = image::size(doc).unzip();
    let seed = doc.get("seed").ok().flatten();
    let negative_text = doc.get("negative_prompt").ok().flatten();
    json(&Body {
        task_type: "TEXT_IMAGE",
        text_to_image_params: Text { text, negative_text },
        image_generation_config: Config { number_of_images, width, height, quality, seed },
    })
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("texts and numbers are JSON")
}

/// Reads the reply of either.
pub(super) fn decoder(call: &Call<'_>) -> Box<dyn Decoder<Images>> {
    let created = image::created(call);
    in_one_piece(move |_, body| images(&body, created))
}

fn images(body: &Bytes, created: u64) -> Result<DocumentReply<Images>, ProviderError> {
    #[derive(Deserialize)]
    struct Reply {
        images: Option<Vec<String>>,
        /// Amazon's word on images that a filter took.
        error: Option<String>,
        /// Stability's.
        finish_reasons: Option<Vec<Option<String>>>,
    }
    let reply: Reply = read(body, "ModelErrorException")?;
    let why = reply.finish_reasons.into_iter().flatten().flatten().next().or(reply.error);
    let images = reply.images.unwrap_or_default();
    match (images.is_empty(), why) {
        (true, None) => return Err(lacks("images")),
        (true, Some(why)) => {
            let message = format!("no image was made: {why}");
            let error = ProviderError::new(ErrorKind::ContentPolicy).with_message(message);
            return Err(error.with_body(body.clone()));
        }
        (false, _) => {}
    }
    let pictures = images.iter().map(|data| Picture { data, ..Picture::default() });
    Ok(image::reply(created, Gives::Bytes, pictures, None))
}
