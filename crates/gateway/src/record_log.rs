//! The log of requests: one line a record.

use std::{
    io::{BufWriter, Write},
    sync::Arc,
};

use ferro_core::{Price, Record};
use serde::Serialize;

use crate::outbox::Recipient;

/// How records are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RecordFormat {
    /// One JSON object a line: `level`, `message` and every field of the [`Record`].
    #[default]
    Json,
    /// A line for a person.
    Text,
}

/// Writes records, a line each. What cannot be written is said once a pause, not once a record.
pub(crate) struct RecordLog<W: Write + Send + 'static> {
    out: BufWriter<W>,
    format: RecordFormat,
    lost: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    message: &'static str,
    #[serde(flatten)]
    record: &'a Record,
}

impl<W: Write + Send + 'static> RecordLog<W> {
    pub(crate) fn new(out: W, format: RecordFormat) -> Self {
        Self { out: BufWriter::new(out), format, lost: 0 }
    }

    fn write(&mut self, record: &Record) -> std::io::Result<()> {
        match self.format {
            RecordFormat::Json => {
                let line = Line { level: "INFO", message: "request", record };
                serde_json::to_writer(&mut self.out, &line)?;
                self.out.write_all(b"\n")
            }
            RecordFormat::Text => text(&mut self.out, record),
        }
    }
}

fn text(out: &mut impl Write, record: &Record) -> std::io::Result<()> {
    let at = humantime::format_rfc3339_millis(record.started);
    let (surface, status) = (record.surface.as_str(), record.status.as_u16());
    let outcome = record.outcome.as_str();
    write!(
        out,
        "{at} {surface} {outcome} {status} {:?} model={:?}",
        record.duration, record.model
    )?;
    if let Some(target) = &record.target {
        write!(out, " target={target} attempts={}", record.attempts.len())?;
    }
    if let Some(usage) = &record.usage {
        write!(out, " in={} out={}", usage.prompt_tokens, usage.completion_tokens)?;
    }
    match record.price {
        Price::Priced(cost) => write!(out, " cost={}", cost.total)?,
        Price::Unpriced => write!(out, " cost=unpriced")?,
        _ => {}
    }
    if let Some(error) = &record.error {
        write!(out, " error={error:?}")?;
    }
    writeln!(out, " id={}", record.request_id)
}

impl<W: Write + Send + 'static> Recipient for RecordLog<W> {
    fn take(&mut self, record: &Arc<Record>) {
        if self.write(record).is_err() {
            self.lost += 1;
        }
    }

    fn rest(&mut self) {
        if let Err(error) = self.out.flush() {
            self.lost += 1;
            tracing::error!(%error, lost = self.lost, "records cannot be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use ferro_core::{RequestId, SurfaceKind};

    use super::*;

    #[test]
    fn a_record_is_one_line_of_json() {
        let mut log = RecordLog::new(Vec::new(), RecordFormat::Json);
        let record = Record::open(RequestId::from("r-1"), SurfaceKind::Chat, None);
        log.take(&Arc::new(record));
        let text = String::from_utf8(log.out.into_inner().unwrap()).unwrap();
        assert_eq!(text.lines().count(), 1);
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["message"], "request");
        assert_eq!((&line["request_id"], &line["outcome"]), (&"r-1".into(), &"cancelled".into()));
        assert!(line["duration_ms"].is_number() && line["timestamp"].is_string(), "{text}");
    }
}
