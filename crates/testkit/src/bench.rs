//! A provider under test: built through its factory, asked through the driver that the engine uses.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;
use ferro_core::{
    Built, Call, CallContext, Credential, Description, ErrorKind, Finish, Frame, Inbound, Limits,
    ProviderError, ProviderFactory, ReplyBody, Serve, TargetId, Usage, Whole,
};
use ferro_wire::sse;
use futures_util::StreamExt;
use http::HeaderMap;

use crate::{
    Answer, Clock, Script,
    cut::Cut,
    environment::Environment,
    fixture::{Case, Expected},
    laws::{Suited, Verdict},
};

/// The most that a reply may have, unless a law is about that.
pub(crate) const MAX_REPLY: usize = 16 << 20;
/// Whoever waits longer than this waits for ever: the clock of a law stands still.
const FOREVER: Duration = Duration::from_secs(24 * 60 * 60);

/// One surface of one kind of provider, with what its vendor said.
pub(crate) struct Bench<S> {
    pub(crate) factory: &'static dyn ProviderFactory,
    pub(crate) description: Description,
    pub(crate) cases: Vec<Arc<Case>>,
    surface: PhantomData<fn() -> S>,
}

impl<S: Suited> Bench<S> {
    pub(crate) fn new(factory: &'static dyn ProviderFactory, cases: Vec<Arc<Case>>) -> Self {
        Self { factory, description: factory.describe(), cases, surface: PhantomData }
    }

    /// Runs a law against a fresh provider, in a time that stands still.
    pub(crate) fn run(&self, law: impl AsyncFnOnce(&Target<S>) -> Verdict) -> Verdict {
        Clock::run(async |_| {
            let run = async {
                let built = Environment::complete(&self.description).build(self.factory);
                let target = Target::open(built.map_err(|error| error.to_string())?).await?;
                law(&target).await
            };
            let timely = tokio::time::timeout(FOREVER, run).await;
            timely.unwrap_or_else(|_| Err("somebody waits for what never comes".to_owned()))
        })
    }

    /// Which share of the ways in which a case can be cut this kind tries: all of them for a case
    /// of its own; of a shared one an eighth, chosen by the kind's name, so that the kinds of a crate
    /// try all of them together and in a time that one waits for.
    pub(crate) fn share(&self, case: &Case) -> (usize, usize) {
        const EIGHTH: usize = 8;
        if !case.is_shared {
            return (0, 1);
        }
        let name = self.description.kind.bytes();
        (name.fold(0, |sum, byte| sum * 31 % 1009 + usize::from(byte)) % EIGHTH, EIGHTH)
    }

    /// Cases of a stream that ends well, small enough to be cut in many ways.
    pub(crate) fn streams(&self) -> impl Iterator<Item = &Case> {
        self.all_streams().filter(|case| case.upstream.body.len() < 64 << 10)
    }

    /// Cases of a stream that ends well.
    pub(crate) fn all_streams(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().map(|case| &**case).filter(
            |case| matches!(&case.expected, Expected::Events(events) if events.error.is_none()),
        )
    }

    /// Cases of a stream with an error in it.
    pub(crate) fn broken_streams(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().map(|case| &**case).filter(
            |case| matches!(&case.expected, Expected::Events(events) if events.error.is_some()),
        )
    }

    /// Cases of a reply in one piece.
    pub(crate) fn wholes(&self) -> impl Iterator<Item = &Case> {
        let cases = self.cases.iter().map(|case| &**case);
        cases.filter(|case| matches!(&case.expected, Expected::Reply(_)))
    }

    /// Cases of an error in place of a reply: refusals, and those that came with a success.
    pub(crate) fn errors(&self, with_success: bool) -> impl Iterator<Item = &Case> {
        let cases = self.cases.iter().map(|case| &**case);
        cases.filter(move |case| {
            matches!(&case.expected, Expected::Error(_))
                && case.upstream.status.is_success() == with_success
        })
    }
}

/// A provider that can be asked.
pub(crate) struct Target<S> {
    pub(crate) built: Built,
    pub(crate) credential: Credential,
    /// The way to other hosts. No law sends anybody there.
    pub(crate) elsewhere: Script,
    id: TargetId,
    surface: PhantomData<fn() -> S>,
}

/// What of a call a law may choose.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) model: Option<&'a str>,
    pub(crate) max_reply: usize,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        Self { model: None, max_reply: MAX_REPLY }
    }
}

impl<S: Suited> Target<S> {
    pub(crate) async fn open(built: Built) -> Result<Self, String> {
        let credential = built.credentials.current().await.map_err(|error| error.to_string())?;
        Ok(Self {
            built,
            credential,
            elsewhere: Script::always(Answer::new(404)),
            id: TargetId::from("conformance"),
            surface: PhantomData,
        })
    }

    pub(crate) fn serve(&self) -> Result<&dyn Serve<S>, String> {
        S::of(&*self.built.provider).ok_or_else(|| "claimed, but not served".to_owned())
    }

    pub(crate) fn context<'a>(
        &'a self,
        upstream: &'a Script,
        model: &'a str,
        max_reply: usize,
    ) -> CallContext<'a> {
        CallContext {
            call: Call::new(&self.id, model),
            upstream,
            transport: &self.elsewhere,
            credential: &self.credential,
            deadline: None,
            max_reply,
        }
    }

    /// Asks, and listens to the end.
    pub(crate) async fn ask(
        &self,
        upstream: &Script,
        request: &S::Request,
        ask: Ask<'_>,
    ) -> Result<Heard, String> {
        use ferro_core::Subject;
        let model = ask.model.unwrap_or_else(|| request.model());
        let cx = self.context(upstream, model, ask.max_reply);
        Ok(match self.serve()?.serve(&cx, request).await {
            Ok(reply) => Heard::listen::<S>(reply).await,
            Err(error) => Heard { error: Some(error), ..Heard::default() },
        })
    }

    /// Plays a case, its body cut like this.
    pub(crate) async fn play(&self, case: &Case, cut: Cut) -> Result<Heard, String> {
        let upstream = Script::always(answer(case, cut));
        self.ask(&upstream, &request_of::<S>(case).await?, Ask::default()).await
    }

    /// Asks for a reply in one piece, and for a stream where the surface has them, of an upstream
    /// that answers like this.
    pub(crate) async fn ask_both(&self, answer: &Answer) -> Result<Vec<Heard>, String> {
        let mut heard = Vec::new();
        for sample in [Some(S::SAMPLE), S::STREAMED].into_iter().flatten() {
            let request = request::<S>(sample.as_bytes()).await?;
            let upstream = Script::always(answer.clone());
            heard.push(self.ask(&upstream, &request, Ask::default()).await?);
        }
        Ok(heard)
    }
}

/// What came of a call.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) is_stream: bool,
    /// What is written to the client; a reply in one piece is one frame.
    pub(crate) frames: Vec<Frame>,
    pub(crate) usage: Option<Usage>,
    pub(crate) finish: Option<Finish>,
    pub(crate) error: Option<ProviderError>,
    /// Something came after the error.
    pub(crate) goes_on: bool,
}

/// What must be the same however the bytes arrive.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Gist {
    bytes: Bytes,
    usage: Option<Usage>,
    finish: Option<Finish>,
    error: Option<(ErrorKind, Option<String>)>,
}

impl Heard {
    async fn listen<S: Suited>(reply: ferro_core::Reply<S>) -> Self {
        let mut heard = Self::default();
        match reply.body {
            ReplyBody::Whole(whole) => {
                (heard.usage, heard.finish) = (whole.usage(), whole.finish());
                heard.frames.push(Frame::new(whole.into_body().to_bytes()));
            }
            ReplyBody::Stream(mut frames) => {
                heard.is_stream = true;
                while let Some(frame) = frames.next().await {
                    match frame {
                        Ok(frame) => heard.take(frame),
                        Err(error) => {
                            heard.error = Some(error);
                            heard.goes_on = frames.next().await.is_some();
                            break;
                        }
                    }
                }
            }
        }
        heard
    }

    fn take(&mut self, frame: Frame) {
        self.usage = frame.usage.or(self.usage);
        self.finish = frame.finish.or(self.finish);
        self.frames.push(frame);
    }

    pub(crate) fn bytes(&self) -> Bytes {
        match &self.frames[..] {
            [frame] => frame.bytes.clone(),
            frames => frames.iter().map(|f| &f.bytes[..]).collect::<Vec<_>>().concat().into(),
        }
    }

    /// What was said and learnt. Of a stream, what its events say: where the line breaks between two
    /// of them are cut says nothing.
    pub(crate) fn gist(&self) -> Gist {
        let error = self.error.as_ref();
        let bytes = self.bytes();
        Gist {
            bytes: if self.is_stream { loud(&bytes) } else { bytes },
            usage: self.usage,
            finish: self.finish,
            error: error.map(|error| (error.kind(), error.message().map(str::to_owned))),
        }
    }

    /// The error, which there must be.
    pub(crate) fn error(&self) -> Result<&ProviderError, String> {
        let end = || format!("no error, but {}", excerpt(&self.bytes()));
        self.error.as_ref().ok_or_else(end)
    }
}

impl Gist {
    /// Says in what two hearings differ.
    pub(crate) fn difference(&self, other: &Self) -> String {
        if self.bytes != other.bytes {
            let pairs = self.bytes.iter().zip(&other.bytes);
            let at = pairs.take_while(|(a, b)| a == b).count();
            let from = at.saturating_sub(20);
            return format!(
                "bytes differ at {at}: …{} against …{}",
                excerpt(&self.bytes[from.min(self.bytes.len())..]),
                excerpt(&other.bytes[from.min(other.bytes.len())..])
            );
        }
        let Self { bytes: _, usage, finish, error } = self;
        format!(
            "{usage:?}, {finish:?}, {error:?} against {:?}, {:?}, {:?}",
            other.usage, other.finish, other.error
        )
    }
}

/// The events that say something, each without the blank line behind it.
pub(crate) fn loud(bytes: &[u8]) -> Bytes {
    let events = sse::events(bytes).filter(|event| !event.is_silent());
    let lines: Vec<_> = events.flat_map(|event| [event.raw.trim_ascii(), b"\n"]).collect();
    lines.concat().into()
}

/// A case's answer, its body cut like this.
pub(crate) fn answer(case: &Case, cut: Cut) -> Answer {
    let upstream = &case.upstream;
    Answer::new(upstream.status.as_u16())
        .with_headers(upstream.headers.clone())
        .with_steps(cut.steps(&upstream.body))
}

/// A client's body, read as the data plane reads it.
pub(crate) async fn request<S: Suited>(body: &[u8]) -> Result<S::Request, String> {
    let body = Bytes::copy_from_slice(body);
    let mut inbound = Inbound::new(HeaderMap::new(), body.clone());
    let read = S::read(&mut inbound, &Limits::default()).await;
    read.map_err(|error| format!("{error}: {}", excerpt(&body)))
}

/// A case's request, or the sample for what its upstream says.
pub(crate) async fn request_of<S: Suited>(case: &Case) -> Result<S::Request, String> {
    let is_stream = matches!(case.expected, Expected::Events(_)) || case.upstream.is_stream();
    let sample = S::STREAMED.filter(|_| is_stream).unwrap_or(S::SAMPLE);
    request::<S>(case.request.as_deref().unwrap_or(sample.as_bytes())).await
}

/// The beginning of some bytes, for a message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if text.chars().count() <= 200 {
        return format!("`{text}`");
    }
    format!("`{}…` ({} bytes)", text.chars().take(200).collect::<String>(), bytes.len())
}
