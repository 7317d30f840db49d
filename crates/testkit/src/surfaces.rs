//! The surfaces that the suite has laws for: the one place where they are listed.

use ferro_core::{Provider, ProviderFactory, SurfaceKind, surface::Chat};

use crate::{Sent, environment::Environment, laws};

/// Whether a provider serves each of the surfaces that the suite knows.
pub(crate) fn served(provider: &dyn Provider) -> Vec<(SurfaceKind, bool)> {
    vec![(SurfaceKind::Chat, provider.chat().is_some())]
}

/// What a factory's provider sends first for the first surface that it claims.
pub(crate) fn first_request(
    factory: &'static dyn ProviderFactory,
    environment: &Environment,
) -> Result<Sent, String> {
    match factory.describe().surfaces.first() {
        Some(SurfaceKind::Chat) => laws::sample_sent::<Chat>(factory, environment),
        other => Err(format!("the suite has no laws for {other:?} yet")),
    }
}
