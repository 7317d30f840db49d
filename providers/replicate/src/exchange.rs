//! One reply in the making: a prediction that is made, and looked after until it is over.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use ferro_core::{CallContext, ErrorKind, Head, Payload, ProviderError, drive};
use ferro_dialect_openai::refusal;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header, response::Parts};
use tokio::time::{Instant, sleep, timeout_at};

use crate::{model::Model, prediction::Prediction, provider::Replicate, running::Running};

/// The pause before a prediction is looked at for the first time, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The vendor gives no prediction less time than this.
const SHORTEST_LIFE: u64 = 5;

/// So many looks in a row may fail.
const MOST_FAILURES: u32 = 3;

/// One reply in the making.
pub(crate) struct Exchange<'a> {
    pub(crate) own: &'a Replicate,
    pub(crate) cx: &'a CallContext<'a>,
}

/// A prediction that was made.
pub(crate) struct Made {
    pub(crate) head: Parts,
    pub(crate) prediction: Prediction,
    /// Cancels it when it is dropped; `None` where it is over.
    pub(crate) running: Option<Running>,
}

impl Exchange<'_> {
    /// The answer, unless `deadline` passes before; no error tells the token.
    pub(crate) async fn in_time<T>(
        &self,
        deadline: Option<Instant>,
        answer: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let answer = match deadline {
            // What is dropped here while it runs is cancelled.
            Some(deadline) => match timeout_at(deadline, answer).await {
                Ok(answer) => answer,
                Err(_) => Err(ProviderError::new(ErrorKind::TotalTimeout)
                    .with_message("the prediction was not over in time")),
            },
            None => answer.await,
        };
        answer.map_err(|mut error| {
            error.mask(self.cx.credential);
            error
        })
    }

    /// The request that makes a prediction of `model`.
    pub(crate) fn creation(
        &self,
        model: &Model<'_>,
        body: Vec<u8>,
        deadline: Option<Instant>,
    ) -> Result<Request<Payload>, ProviderError> {
        let mut outbound = self.to(Method::POST, self.own.uri(&model.path))?;
        *outbound.body_mut() = Payload::from(body);
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(Instant::now()).as_secs() + 1;
            let life = HeaderValue::from_str(&format!("{}s", left.max(SHORTEST_LIFE)));
            outbound.headers_mut().insert("cancel-after", life.expect("a number is plain text"));
        }
        Ok(outbound)
    }

    /// Makes a prediction.
    ///
    /// # Errors
    ///
    /// What made it fail, where it is over already.
    pub(crate) async fn make(&self, creation: Request<Payload>) -> Result<Made, ProviderError> {
        let (head, body) = self.ask(creation).await?;
        let prediction = Prediction::read(&body)?;
        let running = self.running(&prediction)?;
        let running = match prediction.ended(&body) {
            Some(end) => {
                running.progress.end();
                end?;
                None
            }
            None => Some(running),
        };
        Ok(Made { head, prediction, running })
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
    pub(crate) async fn settled(
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
}

/// That something was made is not the client's affair.
pub(crate) fn told(head: Parts) -> Head {
    Head { status: StatusCode::OK, headers: head.headers }
}

/// Asks for a reply in one piece to be waited for.
pub(crate) fn waited_for(creation: &mut Request<Payload>) {
    creation.headers_mut().insert("prefer", HeaderValue::from_static("wait"));
}

/// Whether a look that failed so may be followed by one that does not.
fn passes(error: &ProviderError) -> bool {
    let is_busy =
        |status: StatusCode| status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    error.status().map_or(error.kind() == ErrorKind::Transport, is_busy)
}
