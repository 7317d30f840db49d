//! A provider under test: built through its factory, asked through the driver that the engine uses.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use ferro_core::{Built, Call, CallContext, Description, ProviderFactory, Served, Subject};

use crate::{
    Answer, Asker, Clock, Script,
    cut::Cut,
    environment::Environment,
    fixture::{Case, Expected, Recorded},
    heard::{Heard, excerpt},
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
    /// Kinds of cases that there cannot be.
    pub(crate) impossible: Vec<String>,
    surface: PhantomData<fn() -> S>,
}

impl<S: Suited> Bench<S> {
    pub(crate) fn new(factory: &'static dyn ProviderFactory, cases: Vec<Arc<Case>>) -> Self {
        let (description, impossible) = (factory.describe(), Vec::new());
        Self { factory, description, cases, impossible, surface: PhantomData }
    }

    /// The same, for a vendor of which these kinds of cases cannot be had.
    pub(crate) fn without(self, impossible: Vec<String>) -> Self {
        Self { impossible, ..self }
    }

    /// Runs a law against a fresh provider, in a time that stands still.
    pub(crate) fn run(&self, law: impl AsyncFnOnce(&Target<S>) -> Verdict) -> Verdict {
        Clock::run(async |_| {
            let run = async {
                let built = Environment::complete(&self.description).build(self.factory);
                let target = Target::open(built.map_err(|error| error.to_string())?).await?;
                let has_streams = !self.impossible.iter().any(|it| it == "stream");
                law(&Target { has_streams, ..target }).await
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
        self.all_streams().filter(|case| !case.is_large())
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
    pub(crate) asker: Asker,
    /// The way to other hosts. No law sends anybody there.
    pub(crate) elsewhere: Script,
    /// Whether it streams what the surface has streams of.
    has_streams: bool,
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
        let asker = Asker::open(built).await.map_err(|error| error.to_string())?;
        let elsewhere = Script::always(Answer::new(404));
        Ok(Self { asker, elsewhere, has_streams: true, surface: PhantomData })
    }

    /// A small request for a reply in one piece; and for a stream, where it has streams.
    pub(crate) fn samples(&self) -> impl Iterator<Item = &'static str> + use<S> {
        let streamed = S::STREAMED.filter(|_| self.has_streams);
        [Some(S::SAMPLE), streamed].into_iter().flatten()
    }

    pub(crate) fn serve(&self) -> Result<Served<'_, S>, String> {
        S::served(&*self.asker.built.provider).ok_or_else(|| "claimed, but not served".to_owned())
    }

    pub(crate) fn call<'a>(&'a self, request: &'a S::Request) -> Call<'a> {
        self.asker.call(request.model())
    }

    pub(crate) fn context<'a>(
        &'a self,
        upstream: &'a Script,
        model: &'a str,
        max_reply: usize,
    ) -> CallContext<'a> {
        self.asker.context(model, upstream, &self.elsewhere).with_max_reply(max_reply)
    }

    /// Asks, and listens to the end.
    pub(crate) async fn ask(
        &self,
        upstream: &Script,
        request: &S::Request,
        ask: Ask<'_>,
    ) -> Result<Heard, String> {
        let model = ask.model.unwrap_or_else(|| request.model());
        let cx = self.context(upstream, model, ask.max_reply);
        Ok(Heard::of(self.serve()?.serve(&cx, request).await).await)
    }

    /// Plays a case, its body cut like this.
    pub(crate) async fn play(&self, case: &Case, cut: Cut) -> Result<Heard, String> {
        let upstream = Script::always(answer(case, cut));
        self.ask(&upstream, &request_of::<S>(case)?, Ask::default()).await
    }

    /// Asks for a reply in one piece, and for a stream where the surface has them, of an upstream
    /// that answers like this.
    pub(crate) async fn ask_both(&self, answer: &Answer) -> Result<Vec<Heard>, String> {
        let mut heard = Vec::new();
        for sample in self.samples() {
            let request = request::<S>(sample.as_bytes())?;
            let upstream = Script::always(answer.clone());
            heard.push(self.ask(&upstream, &request, Ask::default()).await?);
        }
        Ok(heard)
    }
}

/// A case's answer, its body cut like this.
pub(crate) fn answer(case: &Case, cut: Cut) -> Answer {
    let recorded = |upstream: &Recorded| {
        Answer::new(upstream.status.as_u16()).with_headers(upstream.headers.clone())
    };
    let answer = recorded(&case.upstream).with_steps(cut.steps(&case.upstream.body));
    match &case.first {
        Some(first) => answer.after(recorded(first).with_body(first.body.clone())),
        None => answer,
    }
}

/// A client's body, understood as the data plane understands it.
pub(crate) fn request<S: Suited>(body: &[u8]) -> Result<S::Request, String> {
    S::request(body).map_err(|error| format!("{error}: {}", excerpt(body)))
}

/// A case's request, or the sample for what its upstream says.
pub(crate) fn request_of<S: Suited>(case: &Case) -> Result<S::Request, String> {
    let is_stream = matches!(case.expected, Expected::Events(_)) || case.upstream.is_stream();
    let sample = S::STREAMED.filter(|_| is_stream).unwrap_or(S::SAMPLE);
    request::<S>(case.request.as_deref().unwrap_or(sample.as_bytes()))
}
