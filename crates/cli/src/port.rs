//! The port that the environment asks for.

use crate::Surroundings;

/// `PORT`, or 8080.
pub(crate) fn asked(around: &Surroundings) -> Result<u16, String> {
    let Some(port) = around.var("PORT") else { return Ok(8080) };
    port.trim()
        .parse()
        .map_err(|_| format!("PORT is `{port}`: it has to be a number between 0 and 65535"))
}
