//! The project's files, read once; or made up, where a check is tested.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{manifest::Crate, source::Source};

/// Folders that hold nothing that is written by hand, wherever they stand.
const SKIPPED: &[&str] = &["target", "node_modules", ".git"];

/// Folders whose members are crates.
const MEMBERS: &[&str] = &["crates", "providers", "plugins", "bins"];

/// The project's files.
#[derive(Default)]
pub(crate) struct Tree {
    /// Text by path, relative to the root. A file that is not text has none.
    files: BTreeMap<String, String>,
    sources: Vec<Source>,
    crates: Vec<Crate>,
}

impl Tree {
    /// Reads the tree below `root`, without what `.gitignore` names at the top.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let ignored = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
        let mut files = BTreeMap::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root.join(&folder))? {
                let entry = entry?;
                let name = entry.file_name();
                let path = folder.join(&name);
                let shown = path.to_string_lossy().replace('\\', "/");
                let is_ignored = ignored.lines().any(|line| line.strip_prefix('/') == Some(&shown));
                if is_ignored || SKIPPED.iter().any(|skipped| name == *skipped) {
                    continue;
                }
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(entry.path())?;
                    files.insert(shown, String::from_utf8(bytes).unwrap_or_default());
                }
            }
        }
        Ok(Self::new(files))
    }

    fn new(files: BTreeMap<String, String>) -> Self {
        let sources = files
            .iter()
            .filter(|(path, _)| has_extension(path, "rs"))
            .map(|(path, text)| Source::parse(path, text))
            .collect();
        let crates = files
            .iter()
            .filter(|(path, _)| is_member(path))
            .map(|(path, text)| Crate::parse(path, text))
            .collect();
        Self { files, sources, crates }
    }

    /// A tree of these files.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect())
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every file: its path and its text.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every Rust file, of members and of what stands outside the workspace.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    pub(crate) fn source(&self, path: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.path == path)
    }

    /// The workspace's crates, in the order of their folders.
    pub(crate) fn crates(&self) -> &[Crate] {
        &self.crates
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Crate> {
        self.crates.iter().find(|member| member.name == name)
    }
}

pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

fn is_member(path: &str) -> bool {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["xtask", "Cargo.toml"] | ["xtask", "bench" | "fuzz", "Cargo.toml"] => true,
        [room, _, "Cargo.toml"] => MEMBERS.contains(&room),
        _ => false,
    }
}
