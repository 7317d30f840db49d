//! The first list of models, for which vendors are asked once and not by every client anew.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use ferro_gateway::{Engine, Gateway, Model};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::time::Instant;

/// Vendors that listed nothing are left alone for this long.
const AGAIN: Duration = Duration::from_secs(60);

/// Asks vendors for their models where nobody has done so yet. Clients that come while they are
/// being asked wait for the same answer.
#[derive(Clone, Default)]
pub(crate) struct Listing(Arc<Mutex<Option<Asking>>>);

struct Asking {
    since: Instant,
    /// Whose targets were asked: those of another configuration were not.
    engine: Weak<Engine>,
    answered: Shared<BoxFuture<'static, ()>>,
}

impl Listing {
    /// Every model that is known, once vendors have been asked for theirs.
    ///
    /// # Cancel safety
    ///
    /// Whoever waits for the same answer, or comes next, goes on with the asking.
    pub(crate) async fn models(&self, gateway: &Gateway) -> Vec<Model> {
        if !gateway.has_discovered() {
            self.asked(gateway).await;
        }
        gateway.models()
    }

    fn asked(&self, gateway: &Gateway) -> Shared<BoxFuture<'static, ()>> {
        let mut asking = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = Arc::downgrade(&gateway.engine());
        let is_current =
            |asking: &&Asking| asking.since.elapsed() < AGAIN && asking.engine.ptr_eq(&engine);
        let last = asking.as_ref().filter(is_current);
        if let Some(last) = last {
            return last.answered.clone();
        }
        let gateway = gateway.clone();
        let answered = async move { gateway.discover().await }.boxed().shared();
        *asking = Some(Asking { since: Instant::now(), engine, answered: answered.clone() });
        answered
    }
}
