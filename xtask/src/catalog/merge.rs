//! Two sources made into one list of rows. Where they differ one is taken by a rule, and it is listed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    facts::{Disagreement, Facts, Named, Rates, Tally},
    format::{
        meter::{Meter, Tier},
        price::{Key, Price},
        row::{Row, Stage},
    },
    genai::Provider,
    kinds::Kind,
    traits,
};

/// The rows of a kind, and where its sources differ.
pub(crate) fn merge(
    kind: &Kind,
    by_file: BTreeMap<String, Facts>,
    by_rule: &[&Provider],
    (found, left_out): (&mut Vec<Disagreement>, &mut Tally),
) -> Vec<Row> {
    let mut models: BTreeMap<String, Facts> = BTreeMap::new();
    for (id, facts) in by_file {
        let key = id.to_ascii_lowercase();
        match models.get_mut(&key) {
            None => {
                models.insert(key, facts);
            }
            Some(known) => one_spelling(kind, known, facts, found),
        }
    }
    for provider in by_rule {
        for id in provider.ids().filter_map(|id| kind.id_of(provider, id)) {
            let row = Row::new(&id);
            let facts = || Facts { row, ..Facts::default() };
            models.entry(id.to_ascii_lowercase()).or_insert_with(facts);
        }
    }
    let rows =
        models.into_values().map(|facts| one(kind, facts, by_rule, (&mut *found, &mut *left_out)));
    rows.filter(is_worth_a_line).collect()
}

/// A row without a price, a length or a word of what it can do tells nobody anything.
fn is_worth_a_line(row: &Row) -> bool {
    !row.id.contains(['\t', ' ', '\n']) && !row.sources.is_empty()
}

/// An id that stands in one source in two spellings.
fn one_spelling(kind: &Kind, known: &mut Facts, other: Facts, found: &mut Vec<Disagreement>) {
    let id = known.row.id.clone();
    let why = "two spellings in one source: the dearer";
    reconcile((kind, &id), &mut known.prices, other.prices, |_, _| why, found);
    for source in other.row.sources {
        if !known.row.sources.contains(&source) {
            known.row.sources.push(source);
        }
    }
    known.row.surfaces |= other.row.surfaces;
    known.row.capabilities |= other.row.capabilities;
    known.row.takes |= other.row.takes;
    known.row.gives |= other.row.gives;
    known.row.max_output_tokens = known.row.max_output_tokens.max(other.row.max_output_tokens);
}

fn one(
    kind: &Kind,
    facts: Facts,
    by_rule: &[&Provider],
    (found, left_out): (&mut Vec<Disagreement>, &mut Tally),
) -> Row {
    let Facts { mut row, mut prices, .. } = facts;
    let id = row.id.clone();
    let said = by_rule.iter().find_map(|provider| {
        let facts = provider.find(&kind.own_id(provider, &id)?)?;
        Some((provider, facts))
    });
    if let Some((provider, other)) = said {
        let is_close = other.by != Named::Part || kind.name == REGIONAL;
        if is_close {
            row.context_window = other.row.context_window;
        }
        if is_close && other.row.lifecycle.stage == Stage::Deprecated {
            row.lifecycle.stage = Stage::Deprecated;
        }
        let is_used = !other.prices.is_empty() || row.context_window > 0;
        if is_used && (is_close || !prices.is_empty()) {
            row.sources.insert(0, format!("genai/{}", provider.id));
        }
        if is_close || !prices.is_empty() {
            two_sources((kind, &id), &mut prices, other, found);
        }
    }
    if row.sources.is_empty() {
        // Named by the collection of rules, without a price.
        row.sources = by_rule.first().map(|p| format!("genai/{}", p.id)).into_iter().collect();
    }
    drop_dear_reads(&mut prices, left_out);
    traits::complete(&mut row, &prices);
    row.prices = prices.into_iter().map(|(key, rate)| Price { key, rate }).collect();
    row
}

/// Reconciles what the two sources say of one model. `prices` are those of the files by vendor.
fn two_sources(
    of: (&Kind, &str),
    prices: &mut Rates,
    mut other: Facts,
    found: &mut Vec<Disagreement>,
) {
    lengths(of, prices, &other, found);
    // A price that only a rule for parts of ids leads to is no price of this id, unless ids are long
    // and a part of them is all that names the model.
    if other.by == Named::Part && of.0.name != REGIONAL {
        other.prices.retain(|key, _| prices.contains_key(key));
    }
    let input = prices.get(&plain()).copied().unwrap_or(u64::MAX);
    let is_named = other.by == Named::Id;
    let is_regional = of.0.name == REGIONAL;
    let why = |key: &Key, (one, two): (u64, u64)| {
        let is_read = key.meter == Meter::CacheRead && key.above == 0;
        if is_rounded(one, two) {
            FINER
        } else if is_read && one > input && two <= input {
            "a cached read is not dearer than a fresh one: the second"
        } else if is_regional && one.saturating_mul(11) == two.saturating_mul(10) {
            "the second has the tenth that regional endpoints cost more: the second"
        } else if is_named {
            "both name the id: the dearer, so that no budget is overrun"
        } else {
            "the second has a rule for ids like it, the first names the id: the first"
        }
    };
    reconcile(of, prices, other.prices, why, found);
}

/// The kind whose regional endpoints cost a tenth more than its global ones, for newer models:
/// <https://aws.amazon.com/bedrock/pricing/>.
const REGIONAL: &str = "bedrock";
const FINER: &str = "one is the other in fewer digits: the one with more";

/// Takes out prices of cached reads that are dearer than fresh ones: what keeping them costs is meant,
/// or they are in the wrong column.
fn drop_dear_reads(prices: &mut Rates, left_out: &mut Tally) {
    let all = prices.clone();
    let before = prices.len();
    prices.retain(|key, rate| {
        let fresh = match key.meter {
            Meter::CacheRead => Meter::Input,
            Meter::AudioCacheRead => Meter::AudioInput,
            Meter::ImageCacheRead => Meter::ImageInput,
            _ => return true,
        };
        let fresh = Key { meter: fresh, ..key.clone() };
        let fresh = all.get(&fresh).or_else(|| all.get(&Key { above: 0, ..fresh.clone() }));
        fresh.is_none_or(|fresh| *rate <= *fresh)
    });
    let dropped = before - prices.len();
    if dropped > 0 {
        let what = "a price of a cached read that is dearer than a fresh one";
        *left_out.entry(what.to_owned()).or_default() += dropped;
    }
}

/// Puts into `prices` what is taken.
fn reconcile(
    (kind, id): (&Kind, &str),
    prices: &mut Rates,
    others: Rates,
    why: impl Fn(&Key, (u64, u64)) -> &'static str,
    found: &mut Vec<Disagreement>,
) {
    for (key, other) in others {
        let Some(&one) = prices.get(&key) else {
            prices.insert(key, other);
            continue;
        };
        if one == other {
            continue;
        }
        let why = why(&key, (one, other));
        let taken = if why == FINER {
            if digits(one) >= digits(other) { one } else { other }
        } else if why.ends_with(": the first") {
            one
        } else if why.ends_with(": the second") {
            other
        } else {
            one.max(other)
        };
        let shown = |rate| Price { key: key.clone(), rate }.dollars();
        found.push(Disagreement {
            kind: kind.name.clone(),
            id: id.to_owned(),
            key: key.text(),
            one: shown(one),
            other: shown(other),
            taken: shown(taken),
            why,
        });
        prices.insert(key, taken);
    }
}

/// Where both sources have a longer prompt cost more, but from another length on, the length of the
/// collection of rules is taken: the other writes its lengths into ids.
fn lengths(
    (kind, id): (&Kind, &str),
    prices: &mut Rates,
    other: &Facts,
    found: &mut Vec<Disagreement>,
) {
    let of = |rates: &Rates| -> BTreeSet<u32> {
        rates.keys().filter(|key| key.above > 0).map(|key| key.above).collect()
    };
    let (ones, others) = (of(prices), of(&other.prices));
    let (Some(&one), Some(&two)) = (ones.first(), others.first()) else {
        let says_flat = other.by == Named::Id && other.prices.contains_key(&plain());
        if let Some(&one) = ones.first().filter(|_| says_flat && others.is_empty()) {
            found.push(Disagreement {
                kind: kind.name.clone(),
                id: id.to_owned(),
                key: "length".to_owned(),
                one: one.to_string(),
                other: "none".to_owned(),
                taken: one.to_string(),
                why: "only the first has a price for longer prompts",
            });
        }
        return;
    };
    if ones.len() > 1 || others.len() > 1 || one == two {
        return;
    }
    found.push(Disagreement {
        kind: kind.name.clone(),
        id: id.to_owned(),
        key: "length".to_owned(),
        one: one.to_string(),
        other: two.to_string(),
        taken: two.to_string(),
        why: "the first writes its lengths into ids",
    });
    let moved = std::mem::take(prices).into_iter();
    *prices = moved
        .map(|(key, rate)| {
            let above = if key.above == one { two } else { key.above };
            (Key { above, ..key }, rate)
        })
        .collect();
}

fn plain() -> Key {
    Key { tier: Tier::Standard, meter: Meter::Input, variant: String::new(), above: 0 }
}

/// Whether one number is the other with digits rounded away: they agree within one in fifty, and
/// differ in how many digits they have.
fn is_rounded(one: u64, other: u64) -> bool {
    let (less, more) = (one.min(other), one.max(other));
    digits(one) != digits(other) && (more - less).saturating_mul(50) <= more && {
        let (fine, coarse) = if digits(one) > digits(other) { (one, other) } else { (other, one) };
        let step = 10u64.pow(trailing_zeros(coarse));
        coarse.abs_diff(fine) * 2 <= step
    }
}

/// Significant digits.
fn digits(number: u64) -> u32 {
    number.checked_ilog10().map_or(1, |log| log + 1) - trailing_zeros(number)
}

fn trailing_zeros(number: u64) -> u32 {
    let text = number.to_string();
    let zeros = text.len() - text.trim_end_matches('0').len();
    u32::try_from(zeros).unwrap_or_default()
}
