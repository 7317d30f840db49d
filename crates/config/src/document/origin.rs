//! The tree as figment's source of values: figment types them, and tells the path at which it could
//! not.

use figment::{Error, Metadata, Profile, Provider, value::Map};

use super::{Entry, node::to_dict};

/// Keys of a file, for figment.
pub(crate) struct Origin<'a>(pub(crate) &'a [Entry]);

impl Provider for Origin<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named("configuration file")
    }

    fn data(&self) -> Result<Map<Profile, figment::value::Dict>, Error> {
        Ok(Profile::Default.collect(to_dict(self.0)))
    }
}
