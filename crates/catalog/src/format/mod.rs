//! The catalogue's own format: rows as lines of text, and the table that they are compiled into.
//!
//! Standard library only. The build script of this crate and `cargo xtask catalog` take the module by
//! its path, so that what is written, what is compiled in and what is read at run time are one thing.

pub mod blob;
pub mod date;
pub mod decimal;
pub mod line;
pub mod meter;
pub mod names;
pub mod price;
pub mod row;
