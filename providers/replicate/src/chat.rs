//! Chat: what a prediction's model writes, whole or streamed.

use async_trait::async_trait;
use ferro_core::{
    Call, CallContext, Finish, ProviderError, Reply, ReplyBody, Serve, Subject, Unsaid,
    chat::{Chat, ChatRequest, Choice, ReplyHead, Said},
};
use http::{Request, response::Parts};
use tokio::time::Instant;

use crate::{
    conversation::unsupported,
    encode,
    exchange::{Exchange, Made, told, waited_for},
    follow,
    inputs::Inputs,
    model::Model,
    prediction::{Prediction, estimated},
    provider::Replicate,
};

#[async_trait]
impl Serve<Chat> for Replicate {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        let deadline = cx.deadline.filter(|_| !request.wants_stream());
        let exchange = Exchange { own: self, cx };
        exchange.in_time(deadline, answer(&exchange, request, deadline)).await
    }

    fn unsaid(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        encode::unsaid(request)
    }
}

async fn answer(
    exchange: &Exchange<'_>,
    request: &ChatRequest,
    deadline: Option<Instant>,
) -> Result<Reply<Chat>, ProviderError> {
    let creation = creation(exchange, request, deadline)?;
    let Made { head, prediction, running } = exchange.make(creation).await?;
    let Some(running) = running else {
        return Ok(whole(exchange.cx, request, (head, &prediction)));
    };
    if let Some(url) = prediction.stream().filter(|_| request.wants_stream()) {
        return follow::stream(exchange, request, (url, &prediction), running).await;
    }
    // A model that does not stream answers in one piece.
    let (head, prediction) = exchange.settled(&prediction.id, &running).await?;
    Ok(whole(exchange.cx, request, (head, &prediction)))
}

fn creation(
    exchange: &Exchange<'_>,
    request: &ChatRequest,
    deadline: Option<Instant>,
) -> Result<Request<ferro_core::Payload>, ProviderError> {
    let name = exchange.cx.call.model;
    if exchange.own.paints(name) {
        return Err(unsupported("model", &format!("`{name}` paints, and does not chat")));
    }
    let model = Model::read(name)?;
    let inputs = Inputs::of(name, &exchange.own.own);
    let body = encode::prediction(&model, &inputs, request)?;
    let mut creation = exchange.creation(&model, body, deadline)?;
    if !request.wants_stream() {
        waited_for(&mut creation);
    }
    Ok(creation)
}

/// The reply in one piece.
fn whole(
    cx: &CallContext<'_>,
    request: &ChatRequest,
    (parts, prediction): (Parts, &Prediction),
) -> Reply<Chat> {
    let text = prediction.text();
    let choice = Choice {
        said: Said { content: Some(&text), ..Said::default() },
        finish: Some(Finish::Stop),
        native_finish: Some("succeeded"),
        ..Choice::default()
    };
    let usage = prediction.usage();
    let usage = usage.unwrap_or_else(|| estimated(request.prompt_tokens(), text.len()));
    let whole = head(cx, prediction).whole(&[choice], Some(usage), &[]);
    Reply { head: told(parts), body: ReplyBody::Whole(whole) }
}

/// What the reply says before it says anything.
pub(crate) fn head(cx: &CallContext<'_>, prediction: &Prediction) -> ReplyHead {
    ReplyHead::new(&prediction.id, prediction.created(cx.call.now), cx.call.model)
}
