//! AWS event-stream frames, written in lines as fixtures have them: no search would find a checksum.

use ferro_wire::event_stream::{self, Value};

/// A frame for each line, `eventType {…}` or `!exceptionType {…}`. What stands behind the last line's end
/// stays as it is.
pub fn frames(lines: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else {
            out.extend_from_slice(line);
            break;
        };
        let at = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        let (name, payload) = (&line[..at], line.get(at + 1..).unwrap_or_default());
        let name = String::from_utf8_lossy(name);
        let (kind, of, name) = match name.strip_prefix('!') {
            Some(name) => ("exception", ":exception-type", name),
            None => ("event", ":event-type", &*name),
        };
        let headers = [
            (":message-type", Value::Text(kind)),
            (of, Value::Text(name)),
            (":content-type", Value::Text("application/json")),
        ];
        // A name that no header can hold has no frame.
        let _unwritable = event_stream::write(&mut out, &headers, payload);
    }
    out
}
