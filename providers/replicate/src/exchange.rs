//! One reply: a prediction that is made, and looked after until it is over.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ferro_core::{
    Call, CallContext, ErrorKind, Finish, Head, Payload, ProviderError, Reply, ReplyBody, Serve,
    Subject, Unsaid,
    chat::{Chat, ChatRequest, Choice, ReplyHead, Said},
    drive,
};
use ferro_dialect_openai::refusal;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header, response::Parts};
use tokio::time::{Instant, sleep, timeout_at};

use crate::{
    conversation::unsupported,
    encode, follow,
    inputs::Inputs,
    model::Model,
    prediction::{Prediction, estimated},
    provider::Replicate,
    running::Running,
};

/// The pause before a prediction is looked at for the first time, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The vendor gives no prediction less time than this.
const SHORTEST_LIFE: u64 = 5;

/// So many looks in a row may fail.
const MOST_FAILURES: u32 = 3;

#[async_trait]
impl Serve<Chat> for Replicate {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &ChatRequest,
    ) -> Result<Reply<Chat>, ProviderError> {
        let exchange = Exchange { own: self, cx, request };
        let deadline = cx.deadline.filter(|_| !request.wants_stream());
        let answer = match deadline {
            // What is dropped here while it runs is cancelled.
            Some(deadline) => match timeout_at(deadline, exchange.answer(Some(deadline))).await {
                Ok(answer) => answer,
                Err(_) => Err(ProviderError::new(ErrorKind::TotalTimeout)
                    .with_message("the prediction was not over in time")),
            },
            None => exchange.answer(None).await,
        };
        answer.map_err(|mut error| {
            error.mask(cx.credential);
            error
        })
    }

    fn unsaid(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        encode::unsaid(request)
    }
}

/// One reply in the making.
pub(crate) struct Exchange<'a> {
    pub(crate) own: &'a Replicate,
    pub(crate) cx: &'a CallContext<'a>,
    pub(crate) request: &'a ChatRequest,
}

impl Exchange<'_> {
    async fn answer(&self, deadline: Option<Instant>) -> Result<Reply<Chat>, ProviderError> {
        let outbound = self.creation(deadline)?;
        let (head, body) = self.ask(outbound).await?;
        let prediction = Prediction::read(&body)?;
        let running = self.running(&prediction)?;
        if let Some(end) = prediction.ended(&body) {
            running.progress.end();
            return end.map(|()| self.whole(head, &prediction));
        }
        if let Some(url) = prediction.stream().filter(|_| self.request.wants_stream()) {
            return follow::stream(self, url, &prediction, running).await;
        }
        // A model that does not stream answers in one piece.
        let (head, prediction) = self.settled(&prediction.id, &running).await?;
        Ok(self.whole(head, &prediction))
    }

    /// The request that makes the prediction.
    fn creation(&self, deadline: Option<Instant>) -> Result<Request<Payload>, ProviderError> {
        let name = self.cx.call.model;
        if self.own.paints(name) {
            return Err(unsupported("model", &format!("`{name}` paints, and does not chat")));
        }
        let model = Model::read(name)?;
        let inputs = Inputs::of(name, &self.own.own);
        let body = encode::prediction(&model, &inputs, self.request)?;
        let mut outbound = self.to(Method::POST, self.own.uri(&model.path))?;
        *outbound.body_mut() = Payload::from(body);
        if !self.request.wants_stream() {
            outbound.headers_mut().insert("prefer", HeaderValue::from_static("wait"));
        }
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(Instant::now()).as_secs() + 1;
            let life = HeaderValue::from_str(&format!("{}s", left.max(SHORTEST_LIFE)));
            outbound.headers_mut().insert("cancel-after", life.expect("a number is plain text"));
        }
        Ok(outbound)
    }

    /// The prediction, as something that is cancelled when it is dropped.
    fn running(&self, prediction: &Prediction) -> Result<Running, ProviderError> {
        let cancel = self.own.uri(&format!("/predictions/{}/cancel", prediction.id));
        let (parts, _) = self.to(Method::POST, cancel)?.into_parts();
        let mut headers = parts.headers;
        headers.remove(header::CONTENT_TYPE);
        Ok(Running::new(self.cx.upstream.errands(), parts.uri, headers))
    }

    /// Looks at the prediction until it is over. Its own URLs are not asked: the place follows from
    /// its name.
    async fn settled(
        &self,
        id: &str,
        running: &Running,
    ) -> Result<(Parts, Prediction), ProviderError> {
        let (mut pause, mut failures) = (FIRST_PAUSE, 0);
        loop {
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            // What runs is paid for: it is not given up for one look that failed.
            let (head, body) = match self.ask(self.look(id)?).await {
                Err(error) if failures < MOST_FAILURES && passes(&error) => {
                    failures += 1;
                    continue;
                }
                looked => looked?,
            };
            failures = 0;
            let prediction = Prediction::read(&body)?;
            if let Some(end) = prediction.ended(&body) {
                running.progress.end();
                return end.map(|()| (head, prediction));
            }
        }
    }

    /// The request that looks at a prediction.
    pub(crate) fn look(&self, id: &str) -> Result<Request<Payload>, ProviderError> {
        self.to(Method::GET, self.own.uri(&format!("/predictions/{id}")))
    }

    pub(crate) fn to(&self, method: Method, uri: Uri) -> Result<Request<Payload>, ProviderError> {
        self.own.request(method, uri, self.cx.credential)
    }

    /// Asks the API, and reads its answer.
    async fn ask(&self, outbound: Request<Payload>) -> Result<(Parts, Bytes), ProviderError> {
        let (head, inflow) = self.cx.upstream.send(outbound).await?.into_parts();
        if !head.status.is_success() {
            return Err(refusal::read(&head, drive::refusal(inflow).await, &[]));
        }
        let body = drive::whole(inflow, &head.headers, self.cx.max_reply).await?;
        Ok((head, body))
    }

    /// The reply in one piece.
    fn whole(&self, head: Parts, prediction: &Prediction) -> Reply<Chat> {
        let text = prediction.text();
        let choice = Choice {
            said: Said { content: Some(&text), ..Said::default() },
            finish: Some(Finish::Stop),
            native_finish: Some("succeeded"),
            ..Choice::default()
        };
        let usage = prediction.usage();
        let usage = usage.unwrap_or_else(|| estimated(self.request.prompt_tokens(), text.len()));
        let whole = self.head(prediction).whole(&[choice], Some(usage), &[]);
        // That something was made is not the client's affair.
        Reply {
            head: Head { status: StatusCode::OK, headers: head.headers },
            body: ReplyBody::Whole(whole),
        }
    }

    /// What the reply says before it says anything.
    pub(crate) fn head(&self, prediction: &Prediction) -> ReplyHead {
        let created = prediction.created(self.cx.call.now);
        ReplyHead::new(&prediction.id, created, self.cx.call.model)
    }
}

/// Whether a look that failed so may be followed by one that does not.
fn passes(error: &ProviderError) -> bool {
    let is_busy =
        |status: StatusCode| status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    error.status().map_or(error.kind() == ErrorKind::Transport, is_busy)
}
