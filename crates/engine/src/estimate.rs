//! What a request consumed where its vendor has not counted: by its texts, and by what passed of the
//! reply.

use bytes::Bytes;
use ferro_core::{
    Delta, Frame, Outcome, Record, Subject, Surface, Tokenizer, Usage, Whole, document::TextSample,
};

/// As much of a text is counted closely. What is longer is taken to go on in the same way: whoever counts
/// does so on a thread that others wait for.
const CLOSELY: usize = 16 << 10;

/// A request that is no larger is kept for as long as it may have to be counted; of a larger one, a sample.
const KEPT: usize = 64 << 10;

/// Who knows a streamed reply's usage, if its vendor does not say it: the request, and what passed.
pub(crate) struct Tally<S: Surface> {
    /// What was read; kept until its vendor has counted it.
    read: Option<Read<S>>,
    passed: Passed,
}

/// What a model read.
enum Read<S: Surface> {
    All(S::Request),
    Sample(Box<TextSample>),
}

impl<S: Surface> Read<S> {
    fn count(&self, tokenizer: &dyn Tokenizer) -> u64 {
        match self {
            Self::All(request) => read(request).count(tokenizer),
            Self::Sample(sample) => sample.count(tokenizer),
        }
    }
}

impl<S: Surface> Tally<S> {
    /// Of a request that a vendor answers, beginning with this frame.
    pub(crate) fn of(request: S::Request, first: Option<&Frame>) -> Self {
        let is_counted = first.is_some_and(|frame| frame.usage.is_some());
        let read = (S::KIND.is_of_texts() && !is_counted).then(|| {
            let large = request.document().filter(|document| document.size() > KEPT);
            match large.map(|document| Box::new(TextSample::of(&document.to_rope()))) {
                Some(sample) => Read::Sample(sample),
                None => Read::All(request),
            }
        });
        Self { read, passed: Passed::default() }
    }

    /// Of what nobody charges for.
    pub(crate) fn of_nothing() -> Self {
        Self { read: None, passed: Passed::default() }
    }

    /// A frame of the upstream's passes. This is done for every frame: it adds up.
    #[inline]
    pub(crate) fn pass(&mut self, frame: &Frame) {
        self.passed.pass::<S>(&frame.bytes);
        if frame.usage.is_some() {
            self.passed.counted = self.passed.bytes;
            self.read = None;
        }
    }

    /// The reply has ended as the record says: what its vendor has not counted is estimated.
    ///
    /// A vendor's count is never added to. It stands, unless the reply broke off and most of what had
    /// passed came behind it: then it was the count of a beginning, as some tell first of all, and a
    /// completion that is estimated to be larger takes its place.
    pub(crate) fn settle(&mut self, record: &mut Record, tokenizer: &dyn Tokenizer) {
        if let Some(read) = self.read.take().filter(|_| record.usage.is_none()) {
            let read = read.count(tokenizer);
            record.usage = estimated(read, self.passed.written::<S>(tokenizer));
            return;
        }
        let has_broken_off = record.outcome != Outcome::Served;
        if let Some(usage) = record.usage.as_mut().filter(|_| has_broken_off)
            && S::KIND.is_of_texts()
            && self.passed.is_mostly_uncounted()
        {
            let written = self.passed.written::<S>(tokenizer);
            if written > usage.completion_tokens {
                (usage.completion_tokens, usage.estimated) = (written, true);
            }
        }
    }
}

/// A reply in one piece whose vendor has not counted.
pub(crate) fn whole<S: Surface>(
    request: &S::Request,
    whole: &mut S::Whole,
    tokenizer: &dyn Tokenizer,
) -> Option<Usage> {
    if !S::KIND.is_of_texts() {
        return None;
    }
    let mut said = Texts::default();
    if let Some(delta) = whole.as_delta() {
        delta.texts(&mut |_, text| said.add(text));
    }
    estimated(read(request).count(tokenizer), said.count(tokenizer))
}

/// Nothing where there were no texts: what else was sent is not known to be nothing.
fn estimated(read: u64, written: u64) -> Option<Usage> {
    (read > 0 || written > 0).then(|| Usage::new(read, written).estimated())
}

fn read(request: &impl Subject) -> Texts {
    let mut texts = Texts::default();
    // What cannot be read counts as nothing.
    let _unread = request.texts(&mut |_, text| {
        texts.add(text);
        texts.add("\n");
    });
    texts
}

/// Texts, of which the beginning is kept and the rest is measured.
#[derive(Debug, Default)]
struct Texts {
    beginning: String,
    bytes: usize,
}

impl Texts {
    fn add(&mut self, text: &str) {
        self.bytes += text.len();
        let room = CLOSELY.saturating_sub(self.beginning.len());
        self.beginning.push_str(&text[..text.floor_char_boundary(room)]);
    }

    fn count(&self, tokenizer: &dyn Tokenizer) -> u64 {
        in_proportion(tokenizer.count(&self.beginning), self.beginning.len(), self.bytes as u64)
    }
}

/// What all has, where a part has `tokens`.
fn in_proportion(tokens: u64, part: usize, all: u64) -> u64 {
    let part = (part as u128).max(1);
    let scaled = (u128::from(tokens) * u128::from(all) + part / 2) / part;
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// What has passed of a streamed reply: how much, and a sample of it. A short reply is kept; of a longer
/// one frames are kept ever more rarely, so that those that are kept are of all its parts, and few.
#[derive(Debug, Default)]
struct Passed {
    bytes: u64,
    /// Of them, those that came until the vendor counted last.
    counted: u64,
    /// When so many have passed, the next frame is kept.
    next: u64,
    /// Whole events.
    sample: Vec<u8>,
    /// Of the sample and of all, what was in the first frame: it is like no other.
    begun: (usize, u64),
}

impl Passed {
    /// As much is kept of one frame, once frames are left out.
    const PIECE: usize = 1 << 10;
    /// As much is kept before frames are left out.
    const SHORT: usize = 4 << 10;
    /// As much is kept of all, unless the first event has more.
    const MOST: usize = 8 << 10;

    #[inline]
    fn pass<S: Surface>(&mut self, events: &[u8]) {
        if self.bytes >= self.next {
            self.keep::<S>(events);
        }
        self.bytes += events.len() as u64;
    }

    #[cold]
    fn keep<S: Surface>(&mut self, events: &[u8]) {
        let most = Self::PIECE.max(Self::SHORT.saturating_sub(self.sample.len()));
        let piece = match S::FRAMING.whole(&events[..events.len().min(most)]) {
            0 => S::FRAMING.first(events),
            whole => whole,
        };
        if self.sample.is_empty() {
            self.sample.reserve(Self::PIECE);
            self.begun = (piece, events.len() as u64);
        }
        if self.sample.len() + piece <= Self::MOST || self.sample.is_empty() {
            self.sample.extend_from_slice(&events[..piece]);
        }
        // Of what comes in large pieces, a piece shows more.
        let step = if piece < events.len() { 2 * events.len() } else { events.len() };
        let rare = if self.sample.len() < Self::SHORT { 0 } else { self.bytes / 4 };
        self.next = self.bytes + (step as u64).max(rare);
    }

    /// Whether less than half of it had passed when the vendor counted.
    fn is_mostly_uncounted(&self) -> bool {
        self.counted < self.bytes.div_ceil(2)
    }

    /// About how many tokens were written.
    fn written<S: Surface>(&self, tokenizer: &dyn Tokenizer) -> u64 {
        if self.sample.len() as u64 == self.bytes {
            return tokens::<S>(&self.sample, tokenizer);
        }
        let (begun, rest) = self.sample.split_at(self.begun.0);
        let written = |sample, of| in_proportion(tokens::<S>(sample, tokenizer), sample.len(), of);
        if rest.is_empty() {
            return written(begun, self.bytes);
        }
        written(begun, self.begun.1) + written(rest, self.bytes - self.begun.1)
    }
}

/// How many tokens there are in the texts of events.
fn tokens<S: Surface>(events: &[u8], tokenizer: &dyn Tokenizer) -> u64 {
    let (mut rest, mut texts) = (Bytes::copy_from_slice(events), Texts::default());
    while let length @ 1.. = S::FRAMING.first(&rest) {
        if let Ok(event) = S::Event::read(rest.split_to(length)) {
            event.texts(&mut |_, text| texts.add(text));
        }
    }
    texts.count(tokenizer)
}
