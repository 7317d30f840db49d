//! Hears everything that is logged, to know what is.

use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Runs `action` and returns what was logged meanwhile, at any level, with every field.
pub(crate) fn listen<T>(action: impl FnOnce() -> T) -> (String, T) {
    let heard = Arc::<Mutex<String>>::default();
    let result = tracing::subscriber::with_default(Listener(Arc::clone(&heard)), action);
    let text = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (text, result)
}

struct Listener(Arc<Mutex<String>>);

impl Listener {
    fn hear(&self, record: impl FnOnce(&mut dyn Visit)) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        record(&mut Lines(&mut text));
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        self.hear(|lines| span.record(lines));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        self.hear(|lines| values.record(lines));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        self.hear(|lines| event.record(lines));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Lines<'a>(&'a mut String);

impl Visit for Lines<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0, "{field}={value:?}").expect("a string takes what is written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_events_and_spans_are_heard() {
        let (heard, value) = listen(|| {
            let _span = tracing::trace_span!("call", model = "m").entered();
            tracing::debug!(key = 7, "said");
            1
        });
        assert_eq!(value, 1);
        for part in ["model=\"m\"", "key=7", "message=said"] {
            assert!(heard.contains(part), "{heard}");
        }
    }
}
