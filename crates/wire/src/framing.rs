//! Where the events of a stream end.

/// How a stream of bytes falls into events.
#[derive(Clone, Copy, Debug)]
pub struct Framing {
    whole: fn(&[u8]) -> usize,
    first: fn(&[u8]) -> usize,
    search: Search,
    announced: Option<fn(&[u8]) -> usize>,
}

/// What a search for ends has to look at, when bytes have arrived behind those that hold none.
#[derive(Clone, Copy, Debug)]
enum Search {
    /// Everything, from the event's beginning.
    All,
    /// What is new, and this many bytes before it.
    Context(usize),
    /// What is new, given what the search before it made of the rest.
    Memory(fn(&[u8], Searched) -> (usize, Searched)),
}

/// How far the search for an event's end has come: nothing yet by [`default`](Default::default).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Searched {
    /// How many bytes of the event are known to hold no end.
    pub length: usize,
    /// What the framing has to know of them; 0 at an event's beginning.
    pub memory: u64,
}

impl Framing {
    /// No events: any bytes are whole.
    pub const RAW: Self = Self::new(<[u8]>::len, <[u8]>::len);

    /// A framing made of its two questions, asked of bytes that begin with an event.
    pub const fn new(whole: fn(&[u8]) -> usize, first: fn(&[u8]) -> usize) -> Self {
        Self { whole, first, search: Search::All, announced: None }
    }

    /// A framing whose ends show by themselves, given this many bytes before them: a long event that
    /// arrives in many pieces is not searched from its beginning each time.
    pub const fn with_context(self, context: usize) -> Self {
        Self { search: Search::Context(context), ..self }
    }

    /// A framing that goes on where its search stood: `search` is shown everything from the event's
    /// beginning and how far it came the last time. It returns how many of these bytes are whole
    /// events, and how far it came in the bytes behind them.
    pub const fn with_memory(self, search: fn(&[u8], Searched) -> (usize, Searched)) -> Self {
        Self { search: Search::Memory(search), ..self }
    }

    /// A framing whose events begin with their length: `announced` says how long the first event will
    /// be, or 0 while its beginning does not tell. What is too long is refused before it has arrived.
    pub const fn with_announced(self, announced: fn(&[u8]) -> usize) -> Self {
        Self { announced: Some(announced), ..self }
    }

    /// How many of these bytes are whole events.
    pub fn whole(&self, bytes: &[u8]) -> usize {
        (self.whole)(bytes)
    }

    /// Like [`whole`](Self::whole), where the search has come this far before more arrived; says how
    /// far it has come in what is left behind the whole events.
    pub fn whole_after(&self, bytes: &[u8], searched: &mut Searched) -> usize {
        let from = match self.search {
            Search::All => 0,
            Search::Context(context) => searched.length.saturating_sub(context),
            Search::Memory(search) => {
                let (end, further) = search(bytes, *searched);
                *searched = further;
                return end;
            }
        };
        let end = match self.whole(&bytes[from..]) {
            0 => 0,
            end => from + end,
        };
        searched.length = bytes.len() - end;
        end
    }

    /// The length of the first whole event; 0 if there is none.
    pub fn first(&self, bytes: &[u8]) -> usize {
        (self.first)(bytes)
    }

    /// How long the first event says that it will be; 0 if it does not say so, or not yet.
    pub fn announced(&self, bytes: &[u8]) -> usize {
        self.announced.map_or(0, |announced| announced(bytes))
    }
}
