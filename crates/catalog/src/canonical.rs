//! What an id is without what vendors and resellers put around it.
//!
//! A model is looked up by its id as it stands. Where nobody knows that, the first of these that the id
//! has is taken off and the rest is looked up, again and again:
//!
//! 1. a path: `models/`, `publishers/google/models/`, `accounts/fireworks/models/`, an ARN;
//! 2. a geographic prefix: `us.`, `eu.`, `apac.`, `global.` and their like;
//! 3. how a reseller is to serve it: `:free`, `:nitro`, …;
//! 4. a version of the packaging: `-v1:0`, `:0`, `-v1`;
//! 5. a date: `-2024-08-06`, `-20241022`, `@20241022`, and `@001`, `@default`;
//! 6. `-latest`, `@latest`;
//! 7. who made it, at a reseller: `anthropic/`.
//!
//! When nothing is left to take off, `-latest` is tried behind what remains. The case of letters never
//! matters.

/// What was taken off an id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Trimmed {
    /// A path before it.
    Path,
    /// Where it is served.
    Geography,
    /// How a reseller is to serve it, which has a price of its own.
    Service,
    /// A version of the packaging.
    Packaging,
    /// A date, or a number of a snapshot.
    Snapshot,
    /// `-latest`.
    Latest,
    /// Who made it.
    Maker,
}

/// Prefixes of inference profiles.
const GEOGRAPHIES: [&str; 12] =
    ["us-gov.", "us.", "eu.", "apac.", "ap.", "global.", "jp.", "au.", "ca.", "uk.", "sa.", "me."];
/// Suffixes by which resellers are told how to serve a model.
const SERVICES: [&str; 9] = [
    ":free",
    ":nitro",
    ":floor",
    ":online",
    ":extended",
    ":beta",
    ":thinking",
    ":exacto",
    ":batch",
];

/// What remains of an id without one of the things above, if it has that.
type Trim = fn(&str) -> Option<&str>;

/// Takes the first of the things above off an id, if it has one.
pub fn trimmed(id: &str) -> Option<(&str, Trimmed)> {
    let trims: [(Trim, Trimmed); 7] = [
        (without_path, Trimmed::Path),
        (without_geography, Trimmed::Geography),
        (without_service, Trimmed::Service),
        (without_packaging, Trimmed::Packaging),
        (without_snapshot, Trimmed::Snapshot),
        (without_latest, Trimmed::Latest),
        (without_maker, Trimmed::Maker),
    ];
    let mut found = trims.into_iter().filter_map(|(trim, what)| Some((trim(id)?, what)));
    found.find(|(rest, _)| !rest.is_empty())
}

/// What remains when everything is taken off.
pub fn canonical(id: &str) -> &str {
    let mut rest = id;
    while let Some((shorter, _)) = trimmed(rest) {
        rest = shorter;
    }
    rest
}

fn without_path(id: &str) -> Option<&str> {
    if id.starts_with("arn:") {
        return id.rsplit_once('/').map(|(_, last)| last);
    }
    if let Some(rest) = id.strip_prefix("models/") {
        return Some(rest);
    }
    let owned = id.starts_with("publishers/") || id.starts_with("accounts/");
    let (_, rest) = id.split_once("/models/").filter(|_| owned)?;
    Some(rest)
}

fn without_geography(id: &str) -> Option<&str> {
    GEOGRAPHIES.iter().find_map(|prefix| strip_prefix(id, prefix))
}

fn without_service(id: &str) -> Option<&str> {
    SERVICES.iter().find_map(|suffix| strip_suffix(id, suffix))
}

/// `-v1:0`, `-v1`, `:0`.
fn without_packaging(id: &str) -> Option<&str> {
    let is_number = |text: &str| {
        (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some((rest, _)) = id.rsplit_once(':').filter(|(_, number)| is_number(number)) {
        return Some(rest);
    }
    let (rest, version) = id.rsplit_once('-')?;
    let number = version.strip_prefix(['v', 'V'])?;
    is_number(number).then_some(rest)
}

fn without_snapshot(id: &str) -> Option<&str> {
    if let Some((rest, snapshot)) = id.rsplit_once('@') {
        let is_number = snapshot.len() <= 8
            && snapshot.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let is_snapshot = is_number || snapshot.eq_ignore_ascii_case("default");
        return is_snapshot.then_some(rest);
    }
    let (rest, last) = id.rsplit_once('-')?;
    if last.len() == 8 && last.is_ascii() {
        return is_date(&last[..4], &last[4..6], &last[6..]).then_some(rest);
    }
    let (rest, month) = rest.rsplit_once('-')?;
    let (rest, year) = rest.rsplit_once('-')?;
    is_date(year, month, last).then_some(rest)
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    let within = |text: &str, len: usize, range: std::ops::RangeInclusive<u32>| {
        let is_number = text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number && text.parse().is_ok_and(|number| range.contains(&number))
    };
    within(year, 4, 2019..=2099) && within(month, 2, 1..=12) && within(day, 2, 1..=31)
}

fn without_latest(id: &str) -> Option<&str> {
    strip_suffix(id, "-latest").or_else(|| strip_suffix(id, "@latest"))
}

fn without_maker(id: &str) -> Option<&str> {
    id.split_once('/').map(|(_, rest)| rest)
}

fn strip_prefix<'a>(id: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = id.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn strip_suffix<'a>(id: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, end) = id.split_at_checked(id.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_around_an_id_is_taken_off() {
        for (id, rest) in [
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
            ("claude-3-5-sonnet-latest", "claude-3-5-sonnet"),
            ("claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet"),
            ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-5-sonnet"),
            ("GLOBAL.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-4-5"),
            ("models/gemini-2.5-pro", "gemini-2.5-pro"),
            ("publishers/google/models/text-embedding@005", "text-embedding"),
            ("accounts/fireworks/models/llama-v3p1-8b-instruct", "llama-v3p1-8b-instruct"),
            ("anthropic/claude-3-haiku:beta", "claude-3-haiku"),
            ("deepseek/deepseek-r1:free", "deepseek-r1"),
            ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", "amazon.nova-pro"),
        ] {
            assert_eq!(canonical(id), rest, "{id}");
        }
    }

    #[test]
    fn what_only_looks_like_a_date_or_a_prefix_stays() {
        for id in [
            "gpt-4-0613",
            "gemini-2.5-pro-preview-05-06",
            "model-20241399",
            "gpt-4o-1999-01-01",
            "usher-1",
            "llama-v3p1-8b",
            "éé-latesté",
            "a-00\u{10000}é",
            "a-é1\u{10000}x-01-02",
            "a@b",
            "-latest",
            "",
        ] {
            assert_eq!(canonical(id), id);
        }
    }
}
