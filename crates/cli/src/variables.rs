//! Variables of the environment that steer the gateway itself: which of them do nothing yet, and how
//! those are read that do something.

use std::time::Duration;

use ferro_config::parse_duration;

use crate::Surroundings;

/// What is understood and does nothing yet, and what happens instead. A list that only shrinks.
const INACTIVE: &[(&str, &str)] = &[
    ("ADMIN_BOOTSTRAP_KEY", "there are no routes for administration"),
    ("ADMIN_BOOTSTRAP_READ_ONLY_KEY", "there are no routes for administration"),
    ("ADMIN_BOOTSTRAP_ENABLED", "there are no routes for administration"),
    ("API_KEY_STORE_BACKEND", "keys are not stored: MASTER_KEY is the only one"),
    ("API_KEY_STORE_DSN", "keys are not stored: MASTER_KEY is the only one"),
    ("CONFIG_STORE_BACKEND", "the configuration is read from its file alone"),
    ("CONFIG_STORE_DSN", "the configuration is read from its file alone"),
    ("CORS_ORIGINS", "no page of another origin may read an answer"),
    ("ENABLE_PPROF", "there are no routes for profiles"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "no trace is sent"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "no trace is sent"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "no trace is sent"),
    ("RATE_LIMIT_BURST", "addresses are not limited"),
    ("RATE_LIMIT_RPS", "addresses are not limited"),
    ("REQUEST_LOG_STORE_BACKEND", "requests are logged, and not stored"),
    ("REQUEST_LOG_STORE_DSN", "requests are logged, and not stored"),
    ("TRUSTED_PROXIES", "no header says where a request comes from"),
];

/// What these variables say when they ask for nothing, or for what happens anyway.
const OFF: [&str; 6] = ["0", "false", "no", "memory", "in-memory", "inmemory"];

const CATALOG: &str = "FERRO_MODEL_CATALOG_URL";
const CATALOG_PATIENCE: &str = "FERRO_MODEL_CATALOG_TIMEOUT";
const DISCOVERY: &str = "FERRO_MODEL_DISCOVERY_INTERVAL";
/// Vendors do not like to be asked more often.
const SHORTEST: Duration = Duration::from_secs(60);

/// Variables that are set and do nothing yet, one text each. Their values are not shown.
pub(crate) fn inactive(around: &Surroundings) -> Vec<String> {
    let asks = |name: &str| {
        let value = around.var(name).unwrap_or_default();
        let value = value.trim();
        !value.is_empty() && !OFF.iter().any(|off| value.eq_ignore_ascii_case(off))
    };
    let set = INACTIVE.iter().filter(|(name, _)| asks(name));
    set.map(|(name, what)| format!("`{name}` is not served yet: {what}")).collect()
}

/// Where a newer catalogue of models is to be read, and for how long at most; nowhere unless that is
/// said, or where there is no time for it.
pub(crate) fn catalog(around: &Surroundings) -> Result<Option<(String, Duration)>, String> {
    let url = around.var(CATALOG).map(|text| text.trim().to_owned());
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(None) };
    let patience = match around.var(CATALOG_PATIENCE) {
        Some(text) if text.trim() == "0" => Duration::ZERO,
        Some(text) => {
            parse_duration(text.trim()).map_err(|error| format!("{CATALOG_PATIENCE}: {error}"))?
        }
        None => Duration::from_secs(10),
    };
    Ok((!patience.is_zero()).then_some((url, patience)))
}

/// How often vendors are to be asked which models they have; never unless it is said.
pub(crate) fn discovery(around: &Surroundings) -> Result<Option<Duration>, String> {
    let Some(text) = around.var(DISCOVERY) else { return Ok(None) };
    let every = parse_duration(text.trim()).map_err(|error| format!("{DISCOVERY}: {error}"))?;
    match every < SHORTEST {
        true => Err(format!("{DISCOVERY} is `{text}`: it has to be 1m or longer")),
        false => Ok(Some(every)),
    }
}
