//! A law over all bytes, and where its search begins.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{Seeds, targets};

/// What is fuzzed.
pub struct Target {
    /// What it is called: `cargo xtask fuzz NAME`, and the folder of its corpus.
    pub name: &'static str,
    /// The law. Panics where it does not hold.
    pub run: fn(&[u8]),
    /// The fixtures that the search begins from, besides the corpus.
    pub seeds: &'static [Seeds],
}

impl Target {
    /// Every target.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        targets::ALL.iter().copied().flatten()
    }

    /// The target of this name, or else the names that there are.
    pub fn named(name: &str) -> Result<&'static Self, String> {
        Self::all().find(|target| target.name == name).ok_or_else(|| {
            let names: Vec<_> = Self::all().map(|target| target.name).collect();
            format!("there is no target `{name}`; there are {}", names.join(", "))
        })
    }

    /// The folder of the inputs that are kept with the code.
    pub fn corpus(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(self.name)
    }

    /// What the fixtures hold for this target.
    pub fn fixtures(&self) -> io::Result<Vec<Vec<u8>>> {
        let all = self.seeds.iter().map(Seeds::read).collect::<io::Result<Vec<_>>>()?;
        Ok(all.concat())
    }
}
