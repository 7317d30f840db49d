//! A prediction that runs: cancelled when nobody waits for it any more.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use ferro_core::{Errands, Payload};
use http::{HeaderMap, Method, Request, Uri};

/// How far a prediction is: known to whoever reads its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_over: AtomicBool,
    written: AtomicUsize,
}

impl Progress {
    /// It is over.
    pub(crate) fn end(&self) {
        self.0.is_over.store(true, Ordering::Release);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_over.load(Ordering::Acquire)
    }

    /// It has written so many bytes more.
    pub(crate) fn wrote(&self, bytes: usize) {
        self.0.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How many bytes it has written.
    pub(crate) fn written(&self) -> usize {
        self.0.written.load(Ordering::Relaxed)
    }
}

/// A prediction that runs. Dropped before it is over, it is cancelled.
pub(crate) struct Running {
    errands: Option<Arc<dyn Errands>>,
    cancel: Uri,
    headers: HeaderMap,
    pub(crate) progress: Progress,
}

impl Running {
    /// A prediction that a `POST` to `cancel` ends.
    pub(crate) fn new(errands: Option<Arc<dyn Errands>>, cancel: Uri, headers: HeaderMap) -> Self {
        Self { errands, cancel, headers, progress: Progress::default() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(errands) = self.errands.take().filter(|_| !self.progress.is_over()) else {
            return;
        };
        let mut request = Request::new(Payload::empty());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = std::mem::take(&mut self.cancel);
        *request.headers_mut() = std::mem::take(&mut self.headers);
        errands.send_off(request);
    }
}
