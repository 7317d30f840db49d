//! The table that rows are compiled into: found by hash, read where it lies.
//!
//! All numbers are little-endian, all places are counted from the beginning:
//!
//! | part | entry |
//! |---|---|
//! | head | [`HEAD`] bytes: the mark, and how many kinds, models, prices and slots there are |
//! | kinds | [`KIND`] bytes, by name: the name's place and length, the place of the kind that it stands for |
//! | slots | 4 bytes: 0, or a model's number and one; open addressing, one after another |
//! | models | [`MODEL`] bytes |
//! | prices | [`PRICE`] bytes, a model's together |
//! | text | all names, each once |

use std::collections::BTreeMap;

use super::row::{Row, Stage};

/// What a table begins with; the last byte is the layout's number.
pub const MARK: u32 = u32::from_le_bytes(*b"FCA\x01");
/// Bytes of the head.
pub const HEAD: usize = 20;
/// Bytes of a kind.
pub const KIND: usize = 12;
/// Bytes of a model.
pub const MODEL: usize = 56;
/// Bytes of a price.
pub const PRICE: usize = 20;

/// What goes into a table.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Rows by kind of provider.
    pub kinds: BTreeMap<String, Vec<Row>>,
    /// Kinds that are served what another kind is.
    pub aliases: BTreeMap<String, String>,
    /// Addresses by the keys that rows name as their sources.
    pub sources: BTreeMap<String, String>,
}

/// Makes the table.
///
/// # Errors
/// When an alias leads nowhere, or an id stands twice in a kind.
pub fn compile(contents: &Contents) -> Result<Vec<u8>, String> {
    let mut names: Vec<&str> = contents.kinds.keys().map(String::as_str).collect();
    names.extend(contents.aliases.keys().map(String::as_str));
    names.sort_unstable();
    names.dedup();
    let place = |name: &str| names.binary_search(&name).ok();
    let mut text = Text::default();
    let (mut kinds, mut models, mut prices) = (Vec::new(), Vec::new(), Vec::new());
    for name in &names {
        let stands_for = contents.aliases.get(*name).map_or(*name, String::as_str);
        let target = place(stands_for).ok_or_else(|| format!("there is no kind `{stands_for}`"))?;
        text.put(name, &mut kinds);
        push(&mut kinds, u32_of(target));
    }
    let count = contents.kinds.values().map(Vec::len).sum::<usize>();
    let mut slots = vec![0u32; (count * 2).next_power_of_two().max(2)];
    let mut rows = Vec::new();
    for (name, of_kind) in &contents.kinds {
        let kind = place(name).unwrap_or_default();
        for row in of_kind {
            take_slot(&mut slots, &rows, (kind, &row.id))?;
            rows.push((kind, row.id.as_str()));
            let first = prices.len() / PRICE;
            write_prices(row, &mut prices, &mut text);
            write_model(row, (kind, first), (&mut models, &mut text), contents);
        }
    }
    let counts = [names.len(), count, prices.len() / PRICE, slots.len()];
    let mut blob = Vec::new();
    push(&mut blob, MARK);
    counts.iter().for_each(|count| push(&mut blob, u32_of(*count)));
    blob.extend(kinds);
    slots.iter().for_each(|slot| push(&mut blob, *slot));
    blob.extend(models);
    blob.extend(prices);
    blob.extend(text.bytes);
    Ok(blob)
}

/// The hash of an id within a kind, whatever the case of its letters.
pub fn hash(kind: usize, id: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    /// Makes letters small. What else it makes equal is told apart when ids are compared.
    const SMALL: u64 = 0x2020_2020_2020_2020;
    let mut hash = (kind as u64 ^ (id.len() as u64) << 32).wrapping_mul(FACTOR);
    for chunk in id.chunks(8) {
        let mut eight = [0; 8];
        eight[..chunk.len()].copy_from_slice(chunk);
        hash = (hash ^ (u64::from_le_bytes(eight) | SMALL)).wrapping_mul(FACTOR);
        hash ^= hash >> 29;
    }
    hash ^ hash >> 32
}

/// The slot that a hash points to first, of `slots`, which is a power of two.
pub fn first_slot(hash: u64, slots: usize) -> usize {
    usize::try_from(hash & (slots as u64 - 1)).unwrap_or_default()
}

fn take_slot(
    slots: &mut [u32],
    rows: &[(usize, &str)],
    (kind, id): (usize, &str),
) -> Result<(), String> {
    let mut slot = first_slot(hash(kind, id.as_bytes()), slots.len());
    while let Some(found) = slots[slot].checked_sub(1) {
        let (other, known) = rows[found as usize];
        if other == kind && known.eq_ignore_ascii_case(id) {
            return Err(format!("`{id}` stands there twice"));
        }
        slot = (slot + 1) % slots.len();
    }
    slots[slot] = u32_of(rows.len() + 1);
    Ok(())
}

fn write_prices(row: &Row, prices: &mut Vec<u8>, text: &mut Text) {
    for price in &row.prices {
        prices.extend(price.rate.to_le_bytes());
        push(prices, price.key.above);
        let at = text.place(&price.key.variant);
        push(prices, at);
        prices.extend(u16_of(price.key.variant.len()).to_le_bytes());
        prices.extend([price.key.meter.number(), price.key.tier.number()]);
    }
}

fn write_model(
    row: &Row,
    (kind, first_price): (usize, usize),
    (models, text): (&mut Vec<u8>, &mut Text),
    contents: &Contents,
) {
    let source = row.sources.first().map_or("", String::as_str);
    let source = contents.sources.get(source).map_or(source, String::as_str);
    let day = |day: Option<super::date::Date>| day.map_or(0, super::date::Date::number);
    let stage = Stage::ALL.iter().position(|stage| *stage == row.lifecycle.stage);
    push(models, text.place(&row.id));
    push(models, text.place(&row.lifecycle.successor));
    push(models, text.place(source));
    push(models, row.context_window);
    push(models, row.max_output_tokens);
    push(models, u32_of(first_price));
    push(models, day(row.lifecycle.deprecated));
    push(models, day(row.lifecycle.sunset));
    push(models, day(row.updated));
    let small = [
        u16_of(row.id.len()),
        u16_of(row.lifecycle.successor.len()),
        u16_of(source.len()),
        u16_of(kind),
        u16_of(row.prices.len()),
        row.surfaces,
        row.takes,
        row.gives,
        row.capabilities,
        u16_of(stage.unwrap_or_default()),
    ];
    small.iter().for_each(|number| models.extend(number.to_le_bytes()));
}

/// All names, each once.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    places: BTreeMap<String, u32>,
}

impl Text {
    fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = u32_of(self.bytes.len());
        self.bytes.extend(name.bytes());
        self.places.insert(name.to_owned(), place);
        place
    }

    /// Writes where a name stands and how long it is.
    fn put(&mut self, name: &str, to: &mut Vec<u8>) {
        let place = self.place(name);
        push(to, place);
        push(to, u32_of(name.len()));
    }
}

fn push(to: &mut Vec<u8>, number: u32) {
    to.extend(number.to_le_bytes());
}

fn u32_of(number: usize) -> u32 {
    u32::try_from(number).expect("a catalogue is far smaller than four gigabytes")
}

fn u16_of(number: usize) -> u16 {
    u16::try_from(number).expect("a name, or the prices of a model, are fewer than 65,536")
}
