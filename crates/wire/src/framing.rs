//! Where the events of a stream end.

/// How a stream of bytes falls into events.
#[derive(Clone, Copy, Debug)]
pub struct Framing {
    whole: fn(&[u8]) -> usize,
    first: fn(&[u8]) -> usize,
}

impl Framing {
    /// No events: any bytes are whole.
    pub const RAW: Self = Self::new(<[u8]>::len, <[u8]>::len);

    /// A framing made of its two questions.
    pub const fn new(whole: fn(&[u8]) -> usize, first: fn(&[u8]) -> usize) -> Self {
        Self { whole, first }
    }

    /// How many of these bytes are whole events.
    pub fn whole(&self, bytes: &[u8]) -> usize {
        (self.whole)(bytes)
    }

    /// The length of the first whole event; 0 if there is none.
    pub fn first(&self, bytes: &[u8]) -> usize {
        (self.first)(bytes)
    }
}
