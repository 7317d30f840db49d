//! Images: the addresses of what a prediction's model paints.

use std::borrow::Cow;

use async_trait::async_trait;
use ferro_core::{
    Call, CallContext, ErrorKind, ProviderError, Reply, ReplyBody, Serve, Unsaid,
    document::{
        DocumentReply, DocumentRequest, Images,
        image::{self, Gives, Picture},
    },
};
use ferro_wire::{JsonDoc, write_string};
use tokio::time::Instant;

use crate::{
    exchange::{Exchange, Made, told, waited_for},
    model::Model,
    prediction::{Prediction, malformed},
    provider::Replicate,
};

/// Fields that are said otherwise.
const OTHERWISE: &[&str] = &["model", "n", "size", "response_format", "stream", "input"];
/// Fields that the models have no input for. Any other is taken to be an input of the model's.
const UNSAID: &[&str] = &[
    "background",
    "moderation",
    "output_compression",
    "partial_images",
    "quality",
    "style",
    "user",
];
/// The maker whose models take a ratio, and neither a width nor a height; and the ratios that they know
/// (input schemas of `flux-schnell`, `flux-dev` and their kin, read 2026-12-01).
const BY_RATIO: &str = "black-forest-labs/";
const RATIOS: &[(u32, u32)] =
    &[(1, 1), (16, 9), (21, 9), (3, 2), (2, 3), (4, 5), (5, 4), (3, 4), (4, 3), (9, 16), (9, 21)];

#[async_trait]
impl Serve<Images> for Replicate {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &DocumentRequest<Images>,
    ) -> Result<Reply<Images>, ProviderError> {
        let exchange = Exchange { own: self, cx };
        exchange.in_time(cx.deadline, answer(&exchange, request, cx.deadline)).await
    }

    fn unsaid(&self, call: &Call<'_>, request: &DocumentRequest<Images>) -> Vec<Unsaid> {
        let doc = request.doc();
        let says = |name: &&&str| doc.text(name).is_some_and(|said| &*said != b"null");
        let mut unsaid: Vec<_> = UNSAID.iter().filter(says).copied().collect();
        if doc.contains("size") && size(call.model, doc).is_empty() {
            unsaid.push("size");
        }
        unsaid.into_iter().map(|name| Unsaid(name.into())).collect()
    }
}

async fn answer(
    exchange: &Exchange<'_>,
    request: &DocumentRequest<Images>,
    deadline: Option<Instant>,
) -> Result<Reply<Images>, ProviderError> {
    let name = exchange.cx.call.model;
    if exchange.own.writes(name) {
        return Err(image::refused("model", &format!("`{name}` writes, and does not paint")));
    }
    let model = Model::read(name)?;
    let body = prediction(name, &model, request)?;
    let mut creation = exchange.creation(&model, body, deadline)?;
    waited_for(&mut creation);
    let Made { head, prediction, running } = exchange.make(creation).await?;
    let (head, prediction) = match running {
        Some(running) => exchange.settled(&prediction.id, &running).await?,
        None => (head, prediction),
    };
    let whole = reply(&prediction, &exchange.cx.call)?;
    Ok(Reply { head: told(head), body: ReplyBody::Whole(whole) })
}

/// The body that makes a prediction of a model of this name.
fn prediction(
    name: &str,
    model: &Model<'_>,
    request: &DocumentRequest<Images>,
) -> Result<Vec<u8>, ProviderError> {
    let prompt = image::prompt(request, Gives::Addresses)?;
    let doc = request.doc();
    // The client's own inputs go before the same said otherwise.
    let own = doc.text("input").unwrap_or(Cow::Borrowed(b"{}")).into_owned();
    let mut input = JsonDoc::parse(own).map_err(|error| {
        let message = format!("input: {error}; it is an object such as {{\"go_fast\":true}}");
        ProviderError::new(ErrorKind::Invalid).with_message(message).with_field("input")
    })?;
    if !input.contains("prompt") {
        input.set("prompt", &prompt);
    }
    let counted: Option<u64> = doc.get("n").ok().flatten().filter(|n| *n > 1);
    let sized = size(name, doc);
    for (input_name, json) in
        counted.map(|n| ("num_outputs", n.to_string())).into_iter().chain(sized)
    {
        if !input.contains(input_name) {
            input.set_text(input_name, json.into());
        }
    }
    for key in doc.keys() {
        let key = String::from_utf8_lossy(&key).into_owned();
        let is_other = !OTHERWISE.contains(&&*key) && !UNSAID.contains(&&*key);
        if let Some(json) = doc.text(&key).filter(|_| is_other && !input.contains(&key)) {
            input.set_text(&key, json.into_owned().into());
        }
    }
    let mut body = b"{\"input\":".to_vec();
    body.extend_from_slice(&input.to_rope().to_bytes());
    if let Some(version) = model.version {
        body.extend_from_slice(b",\"version\":");
        write_string(&mut body, version);
    }
    body.push(b'}');
    Ok(body)
}

/// A size in the inputs that a model has for it; none, where it has no word for it.
fn size(model: &str, doc: &JsonDoc) -> Vec<(&'static str, String)> {
    let Some((width, height)) = image::size(doc) else { return Vec::new() };
    if !model.starts_with(BY_RATIO) {
        return vec![("width", width.to_string()), ("height", height.to_string())];
    }
    let is_same = |(wide, high): &&(u32, u32)| {
        u64::from(*wide) * u64::from(height) == u64::from(*high) * u64::from(width)
    };
    let ratio = RATIOS.iter().find(is_same).filter(|_| width > 0);
    ratio.map(|(wide, high)| ("aspect_ratio", format!("\"{wide}:{high}\""))).into_iter().collect()
}

fn reply(prediction: &Prediction, call: &Call<'_>) -> Result<DocumentReply<Images>, ProviderError> {
    let addresses = prediction.addresses();
    if addresses.is_empty() {
        return Err(malformed("the prediction's output is no picture"));
    }
    let pictures = addresses.iter().map(|data| Picture { data, ..Picture::default() });
    Ok(image::reply(prediction.created(call.now), Gives::Addresses, pictures, None))
}
