//! The laws, in groups. Each takes a provider and says what is wrong with it, if anything.

mod bytes;
mod cases;
mod chat;
mod documents;
mod errors;
mod forwarding;
mod hygiene;
mod lossless;
mod reassembled;
mod safety;
mod streams;
mod uploads;

use ferro_core::{BadRequest, Surface};

pub(crate) use cases::play as case;
pub(crate) use hygiene::{LAWS as OF_FACTORIES, sample_sent};

use crate::bench::Bench;

/// Nothing, or what is wrong.
pub(crate) type Verdict = Result<(), String>;

/// Something that every provider of a surface obeys.
pub(crate) struct Law<S> {
    /// The law, as a sentence.
    pub(crate) name: &'static str,
    pub(crate) check: fn(&Bench<S>) -> Verdict,
}

/// A surface that the suite has laws for. A new surface is an implementation of this: its samples,
/// and which of the groups it obeys besides its own.
pub(crate) trait Suited: Surface {
    /// A small request for a reply in one piece.
    const SAMPLE: &'static str;
    /// The same for a stream that tells all it can, if the surface has streams.
    const STREAMED: Option<&'static str>;
    /// Understands a client's body.
    fn request(body: &[u8]) -> Result<Self::Request, BadRequest>;
    /// The laws that hold.
    fn laws() -> Vec<Law<Self>>;
    /// Those that hold where it is served over another surface.
    fn laws_over() -> Vec<Law<Self>> {
        Vec::new()
    }
}

/// Returns from a law with what is wrong, unless something holds.
macro_rules! ensure {
    ($holds:expr, $($words:tt)+) => {
        if !$holds {
            return Err(format!($($words)+));
        }
    };
}
use ensure;

/// A law's name is its function's.
macro_rules! laws {
    ($($law:ident),+ $(,)?) => {
        vec![$($crate::laws::Law { name: stringify!($law), check: $law }),+]
    };
}
use laws;
