//! Hooks: what an embedding program hears of every request that ended.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use ferro_core::{Outcome, Price, Record};
use serde_json::{Map, Value, json};

use crate::outbox::Recipient;

/// A request was served.
pub const REQUEST_COMPLETED: &str = "gateway.request.completed";
/// A request ended in any other way.
pub const REQUEST_FAILED: &str = "gateway.request.failed";

/// A request ended.
#[derive(Clone, Debug)]
pub struct Event {
    record: Arc<Record>,
}

/// Something that wants to hear events. Runs on a thread of its own, one event at a time.
pub(crate) type Hook = Box<dyn FnMut(&Event) + Send>;

impl Event {
    pub(crate) fn new(record: Arc<Record>) -> Self {
        Self { record }
    }

    /// [`REQUEST_COMPLETED`] or [`REQUEST_FAILED`].
    pub fn subject(&self) -> &'static str {
        subject(&self.record)
    }

    /// Everything that is known about it.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The event as a flat map, with the keys and units that existing hooks expect: `trace_id`,
    /// `provider`, `model`, `status`, `latency_ms`, `stream`, `timestamp`; where it was served
    /// `tokens_in`, `tokens_out` and `cost_*usd` in dollars; where not, `error`.
    pub fn data(&self) -> Map<String, Value> {
        let record = &*self.record;
        let mut data = Map::new();
        let mut put = |key: &str, value: Value| data.insert(key.to_owned(), value);
        put("trace_id", json!(record.request_id));
        put("provider", json!(record.target));
        put("model", json!(record.model));
        put("status", json!(record.status.as_u16()));
        put("latency_ms", json!(record.duration.as_micros() as f64 / 1e3));
        put("stream", json!(record.stream));
        put("timestamp", json!(humantime::format_rfc3339_millis(record.started).to_string()));
        if record.outcome != Outcome::Served {
            put("error", json!(record.error));
            return data;
        }
        let usage = record.usage.clone().unwrap_or_default();
        put("tokens_in", json!(usage.prompt_tokens));
        put("tokens_out", json!(usage.completion_tokens));
        let cost = match record.price {
            Price::Priced(cost) => cost,
            _ => ferro_core::Cost::default(),
        };
        put("cost_usd", json!(cost.total.dollars()));
        put("cost_input_usd", json!(cost.input.dollars()));
        put("cost_output_usd", json!(cost.output.dollars()));
        put("cost_cache_read_usd", json!(cost.cache_read.dollars()));
        put("cost_cache_write_usd", json!(cost.cache_write.dollars()));
        put("cost_model_found", json!(matches!(record.price, Price::Priced(_))));
        data
    }
}

pub(crate) fn subject(record: &Record) -> &'static str {
    match record.outcome {
        Outcome::Served => REQUEST_COMPLETED,
        _ => REQUEST_FAILED,
    }
}

/// All hooks of a gateway, called in the order in which they were added.
pub(crate) struct Hooks(pub(crate) Vec<Hook>);

impl Recipient for Hooks {
    fn take(&mut self, record: &Arc<Record>) {
        let event = Event::new(Arc::clone(record));
        for hook in &mut self.0 {
            // One that panics keeps no other from hearing.
            if catch_unwind(AssertUnwindSafe(|| hook(&event))).is_err() {
                tracing::error!(request_id = %record.request_id, "a hook panicked");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use ferro_core::{RequestId, SurfaceKind};

    use super::*;

    #[test]
    fn a_hook_that_panics_keeps_no_other_from_hearing() {
        let heard = Arc::<Mutex<Vec<&str>>>::default();
        let told = Arc::clone(&heard);
        let hooks: Vec<Hook> = vec![
            Box::new(|_: &Event| panic!("scripted")),
            Box::new(move |event: &Event| told.lock().unwrap().push(event.subject())),
        ];
        let record = Record::open(RequestId::from("r"), SurfaceKind::Chat, None);
        Hooks(hooks).take(&Arc::new(record));
        assert_eq!(*heard.lock().unwrap(), [REQUEST_FAILED]);
    }
}
