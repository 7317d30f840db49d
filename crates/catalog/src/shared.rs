//! The catalogue that everybody reads, and that is swapped when a better one comes.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use crate::{catalog::Catalog, overlay::Overlay};

/// The catalogue of a gateway: what was compiled in, under a file that may come again and again, under
/// what the configuration declares.
#[derive(Debug)]
pub struct Shared {
    current: ArcSwap<Catalog>,
    declared: Overlay,
}

/// What a file brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refreshed {
    /// How many models it has.
    pub models: usize,
    /// What was left out of it, and why.
    pub skipped: Vec<String>,
}

impl Shared {
    /// Begins with what was compiled in, and what is declared.
    ///
    /// # Errors
    /// When a model is declared twice.
    pub fn new(declared: Overlay) -> Result<Self, String> {
        let catalog = Catalog::compiled().overlaid(&declared)?;
        Ok(Self { current: ArcSwap::from_pointee(catalog), declared })
    }

    /// Begins with what was compiled in alone.
    pub fn compiled() -> Self {
        let current = ArcSwap::from_pointee(Catalog::compiled());
        Self { current, declared: Overlay::default() }
    }

    /// The catalogue as it is now. Who needs it for longer keeps this one.
    pub fn current(&self) -> Arc<Catalog> {
        self.current.load_full()
    }

    /// The same for a moment: it costs less.
    pub(crate) fn load(&self) -> Guard<Arc<Catalog>> {
        self.current.load()
    }

    /// Puts a file, as [`Overlay::read`] reads it, in the place of the one before.
    ///
    /// # Errors
    /// When it is bad, and everything stays as it was.
    pub fn refresh(&self, file: &[u8]) -> Result<Refreshed, String> {
        let overlay = Overlay::read(file)?;
        let catalog = Catalog::compiled().overlaid(&overlay)?.overlaid(&self.declared)?;
        self.current.store(Arc::new(catalog));
        Ok(Refreshed { models: overlay.len(), skipped: overlay.skipped().to_vec() })
    }
}
