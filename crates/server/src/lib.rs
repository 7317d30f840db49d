//! The process: listens, serves, and drains when it is told to stop.

mod serve;

pub use ferro_http::Doors;
pub use serve::{Server, doors};
