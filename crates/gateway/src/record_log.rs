//! The log of requests: one line a record.

use std::{
    io::{self, Write},
    mem,
    sync::Arc,
};

use ferro_core::{Price, Record};

use crate::outbox::Recipient;

/// How many bytes of lines are collected before they are written in the middle of a batch.
const PAGE: usize = 64 << 10;
/// What every line of JSON begins with; the record's own fields follow.
const BEGINNING: &[u8] = br#"{"level":"INFO","message":"request""#;

/// How records are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RecordFormat {
    /// One JSON object a line: `level`, `message` and every field of the [`Record`].
    #[default]
    Json,
    /// A line for a person.
    Text,
}

/// Writes records, a line each, and many lines at once. Lines that cannot be written are counted one
/// by one, and told of once a batch.
pub(crate) struct RecordLog<W: Write + Send + 'static> {
    out: W,
    format: RecordFormat,
    /// Whole lines.
    page: Vec<u8>,
    /// How many.
    lines: u64,
    /// Counts those that could not be written.
    lost: Box<dyn Fn(u64) + Send>,
}

impl<W: Write + Send + 'static> RecordLog<W> {
    pub(crate) fn new(out: W, format: RecordFormat, lost: impl Fn(u64) + Send + 'static) -> Self {
        Self { out, format, page: Vec::new(), lines: 0, lost: Box::new(lost) }
    }

    /// Writes what was collected, and forgets it, written or not.
    fn write(&mut self) -> io::Result<()> {
        let lines = mem::take(&mut self.lines);
        let written = self.out.write_all(&self.page);
        self.page.clear();
        written.inspect_err(|_| (self.lost)(lines))
    }
}

fn json(page: &mut Vec<u8>, record: &Record) {
    page.extend_from_slice(BEGINNING);
    let brace = page.len();
    record.write_json(page);
    page[brace] = b',';
    page.push(b'\n');
}

fn text(out: &mut impl Write, record: &Record) -> io::Result<()> {
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
    if let Some(label) = record.decision.as_ref().and_then(|decision| decision.label.as_ref()) {
        write!(out, " variant={label:?}")?;
    }
    if let Some(usage) = &record.usage {
        write!(out, " in={} out={}", usage.prompt_tokens, usage.completion_tokens)?;
        if usage.estimated {
            write!(out, " estimated=true")?;
        }
    }
    match record.price {
        Price::Priced(cost) => write!(out, " cost={}", cost.total)?,
        Price::Unpriced(unpriced) => write!(out, " cost=unpriced unpriced={}", unpriced.meter)?,
        _ => {}
    }
    if let Some(error) = &record.error {
        write!(out, " error={error:?}")?;
    }
    writeln!(out, " id={}", record.request_id)
}

impl<W: Write + Send + 'static> Recipient for RecordLog<W> {
    fn take(&mut self, record: &Arc<Record>) {
        match self.format {
            RecordFormat::Json => json(&mut self.page, record),
            RecordFormat::Text => {
                text(&mut self.page, record).expect("writing into memory does not fail");
            }
        }
        self.lines += 1;
        if self.page.len() >= PAGE
            && let Err(error) = self.write()
        {
            tracing::error!(%error, "records cannot be written");
        }
    }

    fn rest(&mut self) {
        if let Err(error) = self.write().and_then(|()| self.out.flush()) {
            tracing::error!(%error, "records cannot be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use ferro_core::{Decision, RequestId, SurfaceKind};

    use super::*;

    fn record() -> Arc<Record> {
        Arc::new(Record::open(RequestId::from("r-1"), SurfaceKind::Chat, None))
    }

    /// Keeps each write by itself; breaks while it has as many as this.
    #[derive(Default)]
    struct Paper(Vec<String>, Option<usize>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.1.take_if(|full| *full == self.0.len()).is_some() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.0.push(String::from_utf8(bytes.to_vec()).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log(paper: Paper, format: RecordFormat) -> (RecordLog<Paper>, Arc<AtomicU64>) {
        let lost = Arc::<AtomicU64>::default();
        let count = Arc::clone(&lost);
        let log = RecordLog::new(paper, format, move |lines| {
            count.fetch_add(lines, Ordering::Relaxed);
        });
        (log, lost)
    }

    #[test]
    fn a_record_is_one_line_of_json_that_begins_with_a_level_and_a_message() {
        let (mut log, _) = log(Paper::default(), RecordFormat::Json);
        log.take(&record());
        log.rest();
        let text = log.out.0.concat();
        let fields = serde_json::to_string(&*record()).unwrap();
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["timestamp"].as_str().unwrap().len(), "2026-01-01T00:00:00.000Z".len());
        let own = text.strip_prefix(r#"{"level":"INFO","message":"request","#).unwrap();
        let (begins, ends) = (r#""request_id":"r-1","timestamp":""#, "Z\",\"duration_ms\":");
        assert!(own.starts_with(begins) && own.ends_with("}\n"), "{text}");
        assert_eq!(own.split_once(ends).unwrap().1.trim(), fields.split_once(ends).unwrap().1);
    }

    #[test]
    fn a_line_for_a_person_names_the_variant_of_an_experiment() {
        let mut drawn = (*record()).clone();
        let mut decision = Decision::new("ab-test", 7);
        decision.label = Some("new".into());
        drawn.decision = Some(decision);
        let mut line = Vec::new();
        text(&mut line, &drawn).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert!(line.contains(r#" variant="new" "#) && line.ends_with(" id=r-1\n"), "{line}");
    }

    #[test]
    fn many_lines_are_one_write_and_a_full_page_is_not_waited_for() {
        for format in [RecordFormat::Json, RecordFormat::Text] {
            let (mut log, lost) = log(Paper::default(), format);
            for _ in 0..10 {
                log.take(&record());
            }
            assert!(log.out.0.is_empty());
            log.rest();
            assert_eq!((log.out.0.len(), log.out.0[0].lines().count()), (1, 10));
            while log.out.0.len() < 2 {
                log.take(&record());
            }
            assert!((PAGE..PAGE + 4096).contains(&log.out.0[1].len()));
            assert!(log.out.0[1].ends_with('\n'), "only whole lines are written");
            assert_eq!(lost.load(Ordering::Relaxed), 0);
        }
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted_and_the_next_ones_are_written() {
        let (mut log, lost) = log(Paper(Vec::new(), Some(1)), RecordFormat::Text);
        for count in [1, 3, 2] {
            (0..count).for_each(|_| log.take(&record()));
            log.rest();
        }
        assert_eq!(lost.load(Ordering::Relaxed), 3);
        let written: Vec<_> = log.out.0.iter().map(|page| page.lines().count()).collect();
        assert_eq!(written, [1, 2]);
    }
}
