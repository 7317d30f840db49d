//! What the rounds amount to: medians with their spread, limits, a file, charts, a comparison.

mod baseline;
mod chart;
mod fits;
mod limits;
#[cfg(feature = "pictures")]
mod picture;
mod seed;
mod summary;
mod table;

pub use baseline::{compare, noisy_gates};
pub use chart::write as write_charts;
pub use limits::table as limits;
pub use seed::table as seed_table;
pub use summary::{NOISE, Report, Row, Spread};
pub use table::table;
