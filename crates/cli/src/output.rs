//! Results in the forms that programs read.

use std::io::Write;

use serde::Serialize;

use crate::{arguments::Format, exit::Failure};

/// Writes a result as JSON or YAML; `false` if it is to be written for people instead.
pub(crate) fn is_written(
    out: &mut dyn Write,
    format: Format,
    result: &impl Serialize,
) -> Result<bool, Failure> {
    match format {
        Format::Table => return Ok(false),
        Format::Json => {
            let text = serde_json::to_string_pretty(result).map_err(Failure::refused)?;
            writeln!(out, "{text}")?;
        }
        Format::Yaml => {
            let text = serde_saphyr::to_string(result).map_err(Failure::refused)?;
            writeln!(out, "{}", text.trim_end())?;
        }
    }
    Ok(true)
}
