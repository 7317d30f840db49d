//! Files without a name, for what is too large to be held in memory.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use ferro_wire::Rope;
use tokio::task::spawn_blocking;

/// A folder for bodies that are too large to be held in memory. Each lies there in a file that has no
/// name, so that nothing is left of it when the process ends, however it ends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spool(Arc<Path>);

impl Spool {
    /// Bodies lie in this folder.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        Self(folder.as_ref().into())
    }

    /// Where the system has its temporary files.
    pub fn of_the_system() -> Self {
        Self::new(std::env::temp_dir())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// A new file.
    pub(super) async fn file(&self) -> io::Result<SpoolFile> {
        let folder = Arc::clone(&self.0);
        let file = blocking(move || tempfile::tempfile_in(folder)).await?;
        Ok(SpoolFile(Arc::new(Mutex::new(file))))
    }
}

/// A file without a name. It is gone with the last who has it.
///
/// The lock is taken by threads that may block, and never where something is awaited.
#[derive(Clone, Debug)]
pub(crate) struct SpoolFile(Arc<Mutex<File>>);

impl SpoolFile {
    /// Writes `bytes` from `at` on.
    pub(super) async fn write(&self, at: u64, bytes: Rope) -> io::Result<()> {
        self.with(move |file| {
            file.seek(SeekFrom::Start(at))?;
            bytes.parts().try_for_each(|part| file.write_all(part))
        })
        .await
    }

    /// Reads `length` bytes from `at` on.
    pub(super) async fn read(self, at: u64, length: usize) -> io::Result<Bytes> {
        self.with(move |file| {
            let mut bytes = vec![0; length];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut bytes)?;
            Ok(bytes.into())
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut File) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let file = Arc::clone(&self.0);
        // What broke in the middle of something else is sought anew.
        blocking(move || work(&mut file.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

/// Where a thread may block: a disk is slow at times, and others wait for the runtime's own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
