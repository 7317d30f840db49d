//! Fixtures as the beginning of a search: what vendors said is copied when it is wanted, not kept twice.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::frames;

/// Fixtures that a target's search begins from.
#[derive(Clone, Copy, Debug)]
pub enum Seeds {
    /// The files of this name below a folder of the project: `providers`, `request.json`.
    Files(&'static str, &'static str),
    /// The bodies of the replies below a folder of the project (`upstream.http`) whose head has this
    /// content type.
    Bodies(&'static str, &'static str),
    /// The same where they are AWS event streams, whose lines are made [`frames`].
    Frames(&'static str),
}

/// The content type of AWS event streams.
const FRAMED: &str = "application/vnd.amazon.eventstream";

impl Seeds {
    /// What the fixtures hold, in the order of their paths.
    pub fn read(&self) -> io::Result<Vec<Vec<u8>>> {
        let (Self::Files(folder, _) | Self::Bodies(folder, _) | Self::Frames(folder)) = self;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let name = if let Self::Files(_, name) = self { name } else { "upstream.http" };
        let paths = below(&root.join(folder), name)?;
        let texts = paths.iter().map(fs::read).collect::<io::Result<Vec<_>>>()?;
        Ok(texts.into_iter().filter_map(|text| self.part(text)).collect())
    }

    fn part(&self, text: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Files(..) => Some(text),
            Self::Bodies(_, content_type) => body(&text, content_type),
            Self::Frames(_) => body(&text, FRAMED).map(|lines| frames(&lines)),
        }
    }
}

/// The body of a reply whose head has this content type.
fn body(text: &[u8], content_type: &str) -> Option<Vec<u8>> {
    let blank = [&b"\n\n"[..], b"\r\n\r\n"];
    let ends = blank.iter().filter_map(|blank| {
        text.windows(blank.len()).position(|at| at == *blank).map(|at| (at, at + blank.len()))
    });
    let (head, body) = ends.min()?;
    let head = String::from_utf8_lossy(&text[..head]).to_ascii_lowercase();
    head.contains(&format!("content-type: {content_type}")).then(|| text[body..].to_vec())
}

/// The files of this name in a folder, and in the folders in it.
fn below(folder: &Path, name: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|found| found == name) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
