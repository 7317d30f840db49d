//! Where the events of a stream end.

/// How a stream of bytes falls into events.
#[derive(Clone, Copy, Debug)]
pub struct Framing {
    whole: fn(&[u8]) -> usize,
    first: fn(&[u8]) -> usize,
    /// How many bytes before a place tell whether an event ends there; all of them if `None`.
    context: Option<usize>,
}

impl Framing {
    /// No events: any bytes are whole.
    pub const RAW: Self = Self::new(<[u8]>::len, <[u8]>::len);

    /// A framing made of its two questions, asked of bytes that begin with an event.
    pub const fn new(whole: fn(&[u8]) -> usize, first: fn(&[u8]) -> usize) -> Self {
        Self { whole, first, context: None }
    }

    /// A framing whose ends show by themselves, given this many bytes before them: a long event that
    /// arrives in many pieces is not searched from its beginning each time.
    pub const fn with_context(self, context: usize) -> Self {
        Self { context: Some(context), ..self }
    }

    /// How many of these bytes are whole events.
    pub fn whole(&self, bytes: &[u8]) -> usize {
        (self.whole)(bytes)
    }

    /// Like [`whole`](Self::whole), where the first `searched` bytes are known to hold no end.
    pub fn whole_after(&self, bytes: &[u8], searched: usize) -> usize {
        let from = self.context.map_or(0, |context| searched.saturating_sub(context));
        match self.whole(&bytes[from..]) {
            0 => 0,
            end => from + end,
        }
    }

    /// The length of the first whole event; 0 if there is none.
    pub fn first(&self, bytes: &[u8]) -> usize {
        (self.first)(bytes)
    }
}
