//! The surfaces as methods, for a program that has the gateway inside.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use ferro_core::{
    Delta, Principal, Problem, RequestId, Surface,
    chat::{Chat, ChatEvent, ChatRequest, ChatResponse},
};
use ferro_engine::{Answer, AnswerBody, Caller, Events};
use futures_util::Stream;
use http::StatusCode;

use crate::Gateway;

/// On whose behalf a program calls: nobody in particular, with a new name for the request.
pub fn anonymous() -> Caller {
    Caller {
        request_id: RequestId::from(format!("{:032x}", rand::random::<u128>())),
        principal: Principal::ANONYMOUS,
        roll: rand::random(),
    }
}

impl Gateway {
    /// Answers a chat request in one piece, whatever it says of streaming.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the upstream call; the request is recorded as cancelled.
    pub async fn chat(
        &self,
        request: ChatRequest,
        caller: Caller,
    ) -> Result<ChatResponse, Problem> {
        let request = request.with_stream(false);
        let answer = self.engine().open_request::<Chat>(caller, request).run().await?;
        match answer.body {
            AnswerBody::Whole(whole) => Ok(whole),
            AnswerBody::Stream(_) | AnswerBody::Bytes(_) => Err(unasked(&answer, "a stream")),
        }
    }

    /// Answers a chat request as events, whatever it says of streaming. Dropping the stream abandons
    /// the upstream call.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the upstream call; the request is recorded as cancelled.
    pub async fn chat_stream(
        &self,
        request: ChatRequest,
        caller: Caller,
    ) -> Result<ChatStream, Problem> {
        let request = request.with_stream(true);
        let answer = self.engine().open_request::<Chat>(caller, request).run().await?;
        let events = answer.events(|answer| unasked(answer, "a reply in one piece"))?;
        Ok(ChatStream { events, ready: Bytes::new() })
    }
}

fn unasked<S: Surface>(answer: &Answer<S>, what: &str) -> Problem {
    let target = answer.target.as_deref().unwrap_or("a recording");
    let message = format!("`{target}` answered with {what}, which was not asked for");
    Problem::new(StatusCode::BAD_GATEWAY, "upstream_error", "upstream_error", message)
}

/// The events of a chat reply, each with the upstream's own bytes. Comments and the end marker are
/// left out: the end of the stream is the end. An `Err` is the last item.
pub struct ChatStream {
    events: Events,
    /// Whole events that have arrived.
    ready: Bytes,
}

impl ChatStream {
    fn next_ready(&mut self) -> Option<ChatEvent> {
        while let length @ 1.. = Chat::FRAMING.first(&self.ready) {
            let event = ChatEvent::read(self.ready.split_to(length));
            if let Ok(event) = event
                && !event.data().is_empty()
                && &event.data()[..] != b"[DONE]"
            {
                return Some(event);
            }
        }
        None
    }
}

impl Stream for ChatStream {
    type Item = Result<ChatEvent, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.next_ready() {
                return Poll::Ready(Some(Ok(event)));
            }
            match ready!(self.events.as_mut().poll_next(cx)) {
                Some(Ok(frame)) => self.ready = frame.bytes,
                Some(Err(problem)) => return Poll::Ready(Some(Err(problem))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl std::fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChatStream")
    }
}
