//! The collection that is one file with rules for ids: `genai-prices.json`.
//!
//! Its prices are in dollars, for a million tokens or a thousand requests.

use std::{fs, path::Path};

use super::{
    facts::{Facts, Named, Rates},
    format::{
        date::Date,
        decimal::scaled,
        meter::{Meter, Tier},
        price::Key,
        row::{Row, Stage},
    },
    json::Json,
};

/// Prices, and for how many millions of what is counted they are: a thousand requests are a thousandth
/// of a million.
const PRICES: [(&str, Meter); 8] = [
    ("input_mtok", Meter::Input),
    ("output_mtok", Meter::Output),
    ("cache_read_mtok", Meter::CacheRead),
    ("cache_write_mtok", Meter::CacheWrite),
    ("input_audio_mtok", Meter::AudioInput),
    ("output_audio_mtok", Meter::AudioOutput),
    ("cache_audio_read_mtok", Meter::AudioCacheRead),
    ("requests_kcount", Meter::Requests),
];

/// What the collection says, provider by provider.
pub(crate) struct Collection {
    pub(crate) providers: Vec<Provider>,
}

/// A provider.
pub(crate) struct Provider {
    pub(crate) id: String,
    /// Pages that say what it charges.
    pub(crate) pages: Vec<String>,
    models: Vec<Entry>,
}

struct Entry {
    id: String,
    rule: Json,
    facts: Facts,
    /// Whether its price changes with the hour.
    by_hour: bool,
}

impl Collection {
    /// Reads the prices that hold on a day.
    pub(crate) fn read(from: &Path, today: Date) -> Result<Self, String> {
        let path = from.join("genai-prices.json");
        let said = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| said(&error))?;
        let json = Json::parse(&text).map_err(|error| said(&error))?;
        let providers = json.items().iter().map(|provider| {
            let id = provider.get("id").and_then(Json::text).ok_or_else(|| said(&"no id"))?;
            let models = provider.get("models").map(Json::items).unwrap_or_default();
            let models = models.iter().map(|model| entry(model, today)).collect::<Result<_, _>>();
            let pages = provider.get("pricing_urls").into_iter().flat_map(Json::texts);
            Ok(Provider {
                id: id.to_owned(),
                pages: pages.map(str::to_owned).collect(),
                models: models.map_err(|error| said(&error))?,
            })
        });
        Ok(Self { providers: providers.collect::<Result<_, String>>()? })
    }

    /// How many prices change with the hour.
    pub(crate) fn by_hour(&self) -> usize {
        let models = self.providers.iter().flat_map(|provider| &provider.models);
        models.filter(|model| model.by_hour).count()
    }
}

impl Provider {
    /// The ids that it names in full.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.models.iter().flat_map(|model| {
            let mut ids = Vec::new();
            whole_ids(&model.rule, &mut ids);
            if leads(&model.rule, &model.id).is_some() && !ids.contains(&model.id.as_str()) {
                ids.push(&model.id);
            }
            ids
        })
    }

    /// What it says of an id: the first of its models whose rule leads there.
    pub(crate) fn find(&self, id: &str) -> Option<Facts> {
        let named = self.models.iter().find(|model| model.id.eq_ignore_ascii_case(id));
        let named = named.map(|model| (model, Named::Id));
        let found = named.or_else(|| {
            self.models.iter().find_map(|model| Some((model, leads(&model.rule, id)?)))
        });
        let (model, by) = found?;
        Some(Facts { by, ..model.facts.clone() })
    }
}

/// The ids that a rule names in full.
fn whole_ids<'a>(rule: &'a Json, ids: &mut Vec<&'a str>) {
    for (word, value) in rule.fields().into_iter().flatten() {
        match (word.as_str(), value.text()) {
            ("equals", Some(id)) => ids.push(id),
            ("or", _) => value.items().iter().for_each(|rule| whole_ids(rule, ids)),
            _ => {}
        }
    }
}

/// How a rule leads from an id to its model. Rules that are regular expressions lead nowhere here.
fn leads(rule: &Json, id: &str) -> Option<Named> {
    let id = id.to_ascii_lowercase();
    let mut rules = rule.fields()?.iter();
    rules.find_map(|(word, value)| {
        let text = value.text().unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "equals" => (id == text).then_some(Named::Id),
            "starts_with" => id.starts_with(&text).then_some(Named::Beginning),
            "contains" => id.contains(&text).then_some(Named::Part),
            "ends_with" => id.ends_with(&text).then_some(Named::Part),
            "or" => value.items().iter().find_map(|rule| leads(rule, &id)),
            "and" => {
                let all = value.items().iter().map(|rule| leads(rule, &id));
                all.collect::<Option<Vec<_>>>().map(|_| Named::Part)
            }
            _ => None,
        }
    })
}

fn entry(model: &Json, today: Date) -> Result<Entry, String> {
    let id = model.get("id").and_then(Json::text).ok_or("a model without an id")?;
    let mut row = Row::new(id);
    let context = model.get("context_window").and_then(Json::number);
    row.context_window = context.and_then(|context| context.parse().ok()).unwrap_or_default();
    if model.get("deprecated").is_some_and(|said| *said == Json::Word("true".into())) {
        row.lifecycle.stage = Stage::Deprecated;
    }
    let said = model.get("prices").ok_or_else(|| format!("{id}: no prices"))?;
    let lists = said.items().iter().map(|list| Ok((list, begins(list, today)?)));
    let lists = lists.collect::<Result<Vec<_>, String>>()?;
    let by_hour = said.items().iter().any(|list| list.at(&["constraint", "start_time"]).is_some());
    let mut prices = Rates::new();
    if said.fields().is_some() {
        rates(said, &mut prices)?;
    } else if by_hour {
        // The dearer of the hours.
        for (list, _) in lists {
            let mut of_hour = Rates::new();
            rates(list.get("prices").unwrap_or(list), &mut of_hour)?;
            for (key, rate) in of_hour {
                let dearest = prices.entry(key).or_insert(rate);
                *dearest = rate.max(*dearest);
            }
        }
    } else {
        // Of those that have begun, the last.
        let mut begun = lists.into_iter().filter(|(_, has_begun)| *has_begun);
        if let Some((list, _)) = begun.next_back() {
            rates(list.get("prices").unwrap_or(list), &mut prices)?;
        }
    }
    say_above(&mut prices);
    // Without a price, and free by its name.
    if prices.is_empty() && id.ends_with(":free") {
        prices = [Meter::Input, Meter::Output].map(|meter| (Key::plain(meter), 0)).into();
    }
    let facts = Facts { row, prices, by: Named::Id };
    let rule = model.get("match").cloned().unwrap_or(Json::List(Vec::new()));
    Ok(Entry { id: id.to_owned(), rule, facts, by_hour })
}

/// Says of each price of tokens that it holds for longer prompts too, where others do not: this source
/// means that, and a price that is not said to hold there is not known.
fn say_above(prices: &mut Rates) {
    let lengths: Vec<u32> = prices.keys().map(|key| key.above).filter(|above| *above > 0).collect();
    for (key, rate) in prices.clone() {
        let is_token = key.meter.unit() == Meter::Input.unit();
        for above in lengths.iter().filter(|_| is_token && key.above == 0) {
            prices.entry(Key { above: *above, ..key.clone() }).or_insert(rate);
        }
    }
}

/// Whether a list of prices holds already.
fn begins(list: &Json, today: Date) -> Result<bool, String> {
    let day = list.at(&["constraint", "start_date"]).and_then(Json::text);
    day.map_or(Ok(true), |day| Ok(Date::parse(day)? <= today))
}

fn rates(list: &Json, to: &mut Rates) -> Result<(), String> {
    for (name, price) in list.fields().into_iter().flatten() {
        let Some((_, meter)) = PRICES.iter().find(|(known, _)| known == name) else {
            return Err(format!("the price `{name}` is not known here"));
        };
        // Dollars for a thousand requests, where one is counted.
        let factor = match meter {
            Meter::Requests => meter.unit().factor() / 1_000,
            _ => meter.unit().factor(),
        };
        let mut put = |above: &str, price: &Json| -> Result<(), String> {
            let above = above.parse().map_err(|_| format!("`{above}` is not a length"))?;
            let rate = scaled(price.number().unwrap_or_default(), factor)?;
            let key = Key { tier: Tier::Standard, meter: *meter, variant: String::new(), above };
            if rate.value > 0 {
                to.insert(key, rate.value);
            }
            Ok(())
        };
        match price.get("base") {
            None => put("0", price)?,
            Some(base) => {
                put("0", base)?;
                for tier in price.get("tiers").map(Json::items).unwrap_or_default() {
                    let start = tier.get("start").and_then(Json::number).unwrap_or_default();
                    tier.get("price").map_or(Ok(()), |price| put(start, price))?;
                }
            }
        }
    }
    Ok(())
}
