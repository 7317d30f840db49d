//! placeholder
pub(crate) fn run(_: &[&str]) -> Result<(), String> { Err("not yet".to_owned()) }
