//! Models: what they are called, what they can do, how long they live, and what they cost.
//!
//! The catalogue is a table that is compiled in from the rows in `data/models`, one file for each kind
//! of provider. `cargo xtask catalog --from DIR` writes those from two public collections of facts
//! that know nothing of one another, and lists in `data/disagreements.tsv` where they differ. The
//! table lies in the binary as it is read: starting parses nothing, looking up allocates nothing.
//!
//! Over the table a file may be laid, and over that what a configuration declares; see [`Overlay`] and
//! [`Shared`]. An id is found as it stands, or by the [rules](canonical) of what vendors put around it.
//!
//! Money is integer nano-dollars ([`Money`](ferro_core::Money)). A price that is not known leaves an
//! exchange [`Unpriced`](ferro_core::Unpriced), and is never zero.
//!
//! ```
//! use ferro_catalog::{Catalog, cost};
//! use ferro_core::Usage;
//!
//! let catalog = Catalog::compiled();
//! let found = catalog.find("openai", "gpt-4o-mini-2024-07-18").expect("it is well known");
//! let mut usage = Usage::new(1_000, 100);
//! usage.cached_tokens = 400;
//! let prices = found.prices().expect("no reseller is told how to serve it");
//! let bill = cost(&usage, prices)?;
//! assert_eq!(bill.total.nanos(), 600 * 150 + 400 * 75 + 100 * 600);
//! # Ok::<(), ferro_core::Unpriced>(())
//! ```
//!
//! # Limitations
//!
//! Prices are those of a vendor's default region, in dollars. A price that changes with the hour is
//! held at its dearer one.

mod canonical;
mod catalog;
mod cost;
pub mod format;
mod lifecycle;
mod overlay;
mod prices;
mod shared;
mod shelf;
mod target;

pub use canonical::{Trimmed, canonical, trimmed};
pub use catalog::{Catalog, Found, Match};
pub use cost::{Bill, Line, cost};
pub use format::{
    date::Date,
    meter::{Meter, Tier, Unit},
    price::{Key, Price},
    row::Stage,
};
pub use lifecycle::Warning;
pub use overlay::{Declared, MAX_FILE, Overlay};
pub use prices::Prices;
pub use shared::{Refreshed, Shared};
pub use shelf::Model;
pub use target::TargetModels;
