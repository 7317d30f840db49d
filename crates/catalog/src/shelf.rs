//! A compiled table, read where it lies: nothing is parsed and nothing is allocated to find a model.

use std::{borrow::Cow, fmt};

use ferro_core::ModelFacts;

use crate::{
    format::{
        blob::{HEAD, KIND, MARK, MODEL, PRICE, first_slot, hash},
        date::Date,
        names::{CAPABILITIES, List, MODALITIES, SURFACES},
        row::{Lifecycle, Row, Stage},
    },
    prices::Prices,
};

/// A compiled table.
#[derive(Clone)]
pub(crate) struct Shelf {
    pub(crate) bytes: Cow<'static, [u8]>,
    kinds: usize,
    models: usize,
    slots: usize,
    /// A kind's number and one, by the hash of its name.
    kind_slots: Vec<u16>,
    /// Where the slots, the models, the prices and the text begin.
    at: [usize; 4],
}

impl Shelf {
    /// Wraps what `blob::compile` made.
    pub(crate) fn new(bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        assert_eq!(number(&bytes, 0), MARK, "the table is of this build's layout");
        let [kinds, models, prices, slots] = [4, 8, 12, 16].map(|at| count(number(&bytes, at)));
        let at_slots = HEAD + kinds * KIND;
        let at_models = at_slots + slots * 4;
        let at_prices = at_models + models * MODEL;
        let at = [at_slots, at_models, at_prices, at_prices + prices * PRICE];
        let mut shelf = Self { bytes, kinds, models, slots, kind_slots: Vec::new(), at };
        shelf.place_kinds();
        shelf
    }

    /// How many models there are.
    pub(crate) fn len(&self) -> usize {
        self.models
    }

    /// The number of a kind, or of the kind that it stands for.
    pub(crate) fn kind(&self, name: &str) -> Option<KindId> {
        let mut slot = first_slot(hash(0, name.as_bytes()), self.kind_slots.len());
        loop {
            let kind = usize::from(*self.kind_slots.get(slot)?).checked_sub(1)?;
            let at = HEAD + kind * KIND;
            if self.raw(number(&self.bytes, at), number(&self.bytes, at + 4)) == name.as_bytes() {
                return Some(KindId(count(number(&self.bytes, at + 8))));
            }
            slot = (slot + 1) & (self.kind_slots.len() - 1);
        }
    }

    /// Notes where the kinds are: some dozens, once for each table.
    fn place_kinds(&mut self) {
        let mut slots = vec![0u16; (self.kinds * 4).next_power_of_two()];
        for kind in 0..self.kinds {
            let mut slot = first_slot(hash(0, self.kind_name(kind).as_bytes()), slots.len());
            while slots[slot] != 0 {
                slot = (slot + 1) & (slots.len() - 1);
            }
            slots[slot] = u16::try_from(kind + 1).expect("kinds are some dozens");
        }
        self.kind_slots = slots;
    }

    /// The name of the kind that a kind stands for: mostly its own.
    pub(crate) fn target(&self, name: &str) -> Option<&str> {
        self.kind(name).map(|kind| self.kind_name(kind.0))
    }

    /// The kinds that have models of their own, by name.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &str> {
        let stands_for = |kind: &usize| count(number(&self.bytes, HEAD + kind * KIND + 8));
        let own = (0..self.kinds).filter(move |kind| stands_for(kind) == *kind);
        own.map(|kind| self.kind_name(kind))
    }

    fn kind_name(&self, kind: usize) -> &str {
        let at = HEAD + kind * KIND;
        self.text(number(&self.bytes, at), number(&self.bytes, at + 4))
    }

    /// The model of exactly this id, but for the case of letters.
    pub(crate) fn find(&self, kind: KindId, id: &str) -> Option<Model<'_>> {
        let mut slot = first_slot(hash(kind.0, id.as_bytes()), self.slots);
        loop {
            let found = number(&self.bytes, self.at[0] + slot * 4).checked_sub(1)?;
            let model = self.model(count(found));
            let known = self.raw(model.large(ID), u32::from(model.small(ID_LEN)));
            let is_it = known.eq_ignore_ascii_case(id.as_bytes());
            if is_it && usize::from(model.small(KIND_OF)) == kind.0 {
                return Some(model);
            }
            slot = (slot + 1) & (self.slots - 1);
        }
    }

    /// Every model, kind by kind, in the order of the rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Model<'_>> {
        (0..self.models).map(|index| self.model(index))
    }

    fn model(&self, index: usize) -> Model<'_> {
        Model { shelf: self, at: self.at[1] + index * MODEL }
    }

    pub(crate) fn text(&self, at: u32, len: u32) -> &str {
        std::str::from_utf8(self.raw(at, len)).expect("the table holds whole names")
    }

    fn raw(&self, at: u32, len: u32) -> &[u8] {
        let begin = self.at[3] + count(at);
        &self.bytes[begin..begin + count(len)]
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shelf({} models of {} kinds)", self.models, self.kinds)
    }
}

/// A kind of provider, within one table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KindId(usize);

/// Where a model's places stand, and where its small numbers.
const ID: usize = 0;
const SUCCESSOR: usize = 4;
const SOURCE: usize = 8;
const CONTEXT: usize = 12;
const OUTPUT: usize = 16;
const FIRST_PRICE: usize = 20;
const DEPRECATED: usize = 24;
const SUNSET: usize = 28;
const UPDATED: usize = 32;
const ID_LEN: usize = 36;
const SUCCESSOR_LEN: usize = 38;
const SOURCE_LEN: usize = 40;
const KIND_OF: usize = 42;
const PRICES: usize = 44;
const SERVES: usize = 46;
const TAKES: usize = 48;
const GIVES: usize = 50;
const CAN: usize = 52;
const STAGE: usize = 54;

/// A model as one kind of provider serves it.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    shelf: &'a Shelf,
    at: usize,
}

impl<'a> Model<'a> {
    /// The kind of provider.
    pub fn kind(&self) -> &'a str {
        self.shelf.kind_name(self.small(KIND_OF) as usize)
    }

    /// The id, as the vendor spells it.
    pub fn id(&self) -> &'a str {
        self.name(ID, ID_LEN)
    }

    /// The kinds of call that it serves, by the words of `SurfaceKind`, and `video` and `ocr`.
    pub fn surfaces(&self) -> impl Iterator<Item = &'static str> + use<> {
        SURFACES.words(self.small(SERVES))
    }

    /// Whether it serves this kind of call.
    pub fn serves(&self, surface: &str) -> bool {
        self.has(SURFACES, SERVES, surface)
    }

    /// Tokens that fit into prompt and completion together.
    pub fn context_window(&self) -> Option<u64> {
        Some(self.large(CONTEXT)).filter(|tokens| *tokens > 0).map(u64::from)
    }

    /// Tokens that it can write at most.
    pub fn max_output_tokens(&self) -> Option<u64> {
        Some(self.large(OUTPUT)).filter(|tokens| *tokens > 0).map(u64::from)
    }

    /// What it takes: `text`, `image`, `audio`, `video`, `file`.
    pub fn takes(&self) -> impl Iterator<Item = &'static str> + use<> {
        MODALITIES.words(self.small(TAKES))
    }

    /// What it gives, in the same words.
    pub fn gives(&self) -> impl Iterator<Item = &'static str> + use<> {
        MODALITIES.words(self.small(GIVES))
    }

    /// What it can do, as far as that is known: what is not named may still be possible.
    pub fn capabilities(&self) -> impl Iterator<Item = &'static str> + use<> {
        CAPABILITIES.words(self.small(CAN))
    }

    /// Whether it is known to do this.
    pub fn can(&self, capability: &str) -> bool {
        self.has(CAPABILITIES, CAN, capability)
    }

    /// Where it stands in its life.
    pub fn stage(&self) -> Stage {
        Stage::ALL.get(self.small(STAGE) as usize).copied().unwrap_or_default()
    }

    /// The day from which the vendor advises against it.
    pub fn deprecated(&self) -> Option<Date> {
        Date::from_number(self.large(DEPRECATED))
    }

    /// The day from which it answers nobody.
    pub fn sunset(&self) -> Option<Date> {
        Date::from_number(self.large(SUNSET))
    }

    /// What the vendor names instead.
    pub fn successor(&self) -> Option<&'a str> {
        Some(self.name(SUCCESSOR, SUCCESSOR_LEN)).filter(|id| !id.is_empty())
    }

    /// The address where this was read; empty where none is known.
    pub fn source(&self) -> &'a str {
        self.name(SOURCE, SOURCE_LEN)
    }

    /// The day on which the row was last changed.
    pub fn updated(&self) -> Option<Date> {
        Date::from_number(self.large(UPDATED))
    }

    /// What it charges.
    pub fn prices(&self) -> Prices<'a> {
        let first = self.shelf.at[2] + count(self.large(FIRST_PRICE)) * PRICE;
        Prices::new(self.shelf, first, self.small(PRICES) as usize)
    }

    /// The facts that a call needs.
    pub fn facts(&self) -> ModelFacts {
        let mut facts = ModelFacts::default();
        facts.context_window = self.context_window();
        facts.max_output_tokens = self.max_output_tokens();
        facts
    }

    /// The row that it was compiled from, with the source's address for its key.
    pub fn to_row(&self) -> Row {
        let lifecycle = Lifecycle {
            stage: self.stage(),
            deprecated: self.deprecated(),
            sunset: self.sunset(),
            successor: self.successor().unwrap_or_default().to_owned(),
        };
        let source = Some(self.source().to_owned()).filter(|source| !source.is_empty());
        Row {
            id: self.id().to_owned(),
            surfaces: self.small(SERVES),
            context_window: self.large(CONTEXT),
            max_output_tokens: self.large(OUTPUT),
            takes: self.small(TAKES),
            gives: self.small(GIVES),
            capabilities: self.small(CAN),
            lifecycle,
            prices: self.prices().iter().collect(),
            sources: source.into_iter().collect(),
            updated: self.updated(),
        }
    }

    fn has(&self, list: List, at: usize, word: &str) -> bool {
        list.bit(word).is_some_and(|bit| self.small(at) & bit != 0)
    }

    fn name(&self, at: usize, len: usize) -> &'a str {
        self.shelf.text(self.large(at), u32::from(self.small(len)))
    }

    fn large(&self, at: usize) -> u32 {
        number(&self.shelf.bytes, self.at + at)
    }

    fn small(&self, at: usize) -> u16 {
        let bytes = &self.shelf.bytes[self.at + at..][..2];
        u16::from_le_bytes([bytes[0], bytes[1]])
    }
}

impl fmt::Debug for Model<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({}/{})", self.kind(), self.id())
    }
}

pub(crate) fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].try_into().map_or(0, u32::from_le_bytes)
}

fn count(number: u32) -> usize {
    usize::try_from(number).expect("a table is smaller than the address space")
}
