//! On whose behalf a request is made.

use crate::KeyId;

/// Who calls: the holder of a key, or nobody in particular.
///
/// Part of every cache, limit, affinity and coalescing key, so that tenants never share.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Principal {
    /// The key that was shown; `None` where the gateway is open.
    pub key: Option<KeyId>,
}

impl Principal {
    /// Somebody who showed no key, where none is asked for.
    pub const ANONYMOUS: Self = Self { key: None };

    /// The holder of `key`.
    pub fn new(key: KeyId) -> Self {
        Self { key: Some(key) }
    }
}
