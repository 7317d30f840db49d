//! Who can be asked.

use ferro_catalog::Price;

use super::{
    limits,
    numbers::{budget, share},
    texts::{base_url, headers, is_one_word, opaque, secret},
};
use crate::{
    Config, Prices, Target,
    finding::Findings,
    paths::{at, join},
};

/// The most that anybody asks for a million tokens, in dollars: far above it amounts cannot be counted.
const DEAREST: f64 = 1e9;
/// The most keys that one target has.
const MOST_KEYS: usize = 64;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for (index, target) in config.targets.iter().enumerate() {
        let path = at("targets", index);
        names(&path, target, &config.targets[..index], findings);
        if let Some(url) = &target.base_url {
            base_url(format!("{path}.base_url"), url, findings);
        }
        keys(&path, target, findings);
        headers(&format!("{path}.headers"), &target.headers, findings);
        share(format!("{path}.weight"), target.weight, findings);
        models(&path, target, findings);
        limits::check(&path, target, findings);
        times(&path, target, findings);
        opaque(&format!("{path}.settings"), &target.settings.0, findings);
        for (model, charged) in &target.prices {
            prices(&join(&format!("{path}.prices"), model), charged, findings);
        }
    }
}

fn names(at: &str, target: &Target, before: &[Target], findings: &mut Findings) {
    let path = format!("{at}.virtual_key");
    let name = target.virtual_key.as_str();
    if name.is_empty() {
        let help = "write a name; one that is a kind of provider needs no `provider` beside it";
        findings.error(path, "the target has no name", help);
    } else if let Some(first) = before.iter().position(|other| other.virtual_key == name) {
        let message = format!("`{name}` is the name of targets[{first}] already");
        let help = format!("give it a name of its own, and say `provider: {}`", target.kind());
        findings.error(path, message, help);
    } else if !is_one_word(name) {
        let message =
            format!("`{}` has white space or a control character in it", name.escape_debug());
        findings.error(path, message, "write it without");
    }
    if target.provider.as_deref() == Some("") {
        let help = "write the kind of provider, or leave the key out";
        findings.error(format!("{at}.provider"), "the kind of provider is empty", help);
    }
}

fn keys(path: &str, target: &Target, findings: &mut Findings) {
    if let Some(key) = &target.api_key {
        secret(format!("{path}.api_key"), key, findings);
        if key.typed().is_empty() {
            let help = "write `${VARIABLE}`, or leave it out for the kind's own variable";
            findings.error(format!("{path}.api_key"), "the key is empty", help);
        }
    }
    if target.api_key.is_some() && !target.keys.is_empty() {
        let help = "put it into the list, or leave the list out";
        findings.error(format!("{path}.api_key"), "there are `keys` besides", help);
    }
    if target.keys.len() > MOST_KEYS {
        let message = format!("{} keys are too many for one target", target.keys.len());
        let help = format!("list at most {MOST_KEYS}, and put the others into a second target");
        findings.error(format!("{path}.keys"), message, help);
    }
    for (index, key) in target.keys.iter().enumerate() {
        let path = format!("{path}.keys[{index}]");
        share(format!("{path}.weight"), key.weight, findings);
        secret(format!("{path}.key"), &key.key, findings);
        if key.key.typed().is_empty() {
            findings.error(format!("{path}.key"), "there is no key", "write `${VARIABLE}`");
        }
    }
    if !target.keys.is_empty() && target.keys.iter().all(|key| key.weight == Some(0.0)) {
        let help = "write a weight above 0, or leave one out";
        findings.error(format!("{path}.keys"), "every weight is 0: no key is used", help);
    }
}

fn models(path: &str, target: &Target, findings: &mut Findings) {
    for (index, model) in target.models.iter().enumerate() {
        let path = at(&format!("{path}.models"), index);
        let help = "write the exact name of one model";
        if model.is_empty() || model.contains(char::is_whitespace) || model.contains('*') {
            findings.error(path, format!("`{model}` is not a model's name"), help);
        } else if target.models[..index].contains(model) {
            findings.error(path, format!("`{model}` is listed twice"), "list it once");
        }
    }
}

fn times(path: &str, target: &Target, findings: &mut Findings) {
    let times = &target.timeouts;
    for (key, time) in [
        ("connect", times.connect),
        ("first_byte", times.first_byte),
        ("idle", times.idle),
        ("total", times.total),
    ] {
        budget(format!("{path}.timeouts.{key}"), time, findings);
    }
    budget(format!("{path}.ttft_timeout"), target.ttft_timeout, findings);
}

fn prices(path: &str, prices: &Prices, findings: &mut Findings) {
    for (key, name, price) in prices.iter() {
        let path = join(path, &key);
        if !(0.0..=DEAREST).contains(&price) {
            let help = "write dollars; leave the key out if the price is not known";
            findings.error(path, format!("{price} is not a price"), help);
        } else if let Err(error) = Price::parse(&format!("{name}={price}")) {
            let help = "the catalogue's own name for it, such as `batch.output` or `input@200000`";
            findings.error(path, error, help);
        }
    }
}
