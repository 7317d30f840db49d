//! A chat reply put into words, for a vendor whose wire is another: as a whole, or chunk by chunk.

mod chunks;
mod said;
mod usage;
mod whole;

pub use chunks::Chunks;
pub use said::{Said, SaidCall, Thought};
pub use whole::{Choice, ReplyHead};

#[cfg(test)]
mod tests;
