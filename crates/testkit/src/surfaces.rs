//! The surfaces that the suite has laws for: the one place where they are listed.

use ferro_core::{
    Provider, ProviderFactory, SurfaceKind,
    document::{
        Completions, CountTokens, Embeddings, Images, Messages, Moderations, Rerank, Responses,
        Speech,
    },
    surface::Chat,
    upload::{ImageEdits, ImageVariations, Transcriptions, Translations},
};

use crate::{Sent, environment::Environment, laws, laws::Suited};

/// Something that is done with a surface as a type.
pub(crate) trait With {
    /// What comes of it.
    type Out;
    /// Does it.
    fn with<S: Suited>(self) -> Self::Out;
}

/// The surfaces that the suite knows, by kind.
const KNOWN: &[SurfaceKind] = &[
    SurfaceKind::Chat,
    SurfaceKind::Completions,
    SurfaceKind::Embeddings,
    SurfaceKind::Images,
    SurfaceKind::ImageEdits,
    SurfaceKind::ImageVariations,
    SurfaceKind::Speech,
    SurfaceKind::Transcriptions,
    SurfaceKind::Translations,
    SurfaceKind::Moderations,
    SurfaceKind::Rerank,
    SurfaceKind::Messages,
    SurfaceKind::CountTokens,
    SurfaceKind::Responses,
];

/// Does something with the surface of that kind; `None` where the suite does not know it.
pub(crate) fn with<W: With>(kind: SurfaceKind, what: W) -> Option<W::Out> {
    Some(match kind {
        SurfaceKind::Chat => what.with::<Chat>(),
        SurfaceKind::Completions => what.with::<Completions>(),
        SurfaceKind::Embeddings => what.with::<Embeddings>(),
        SurfaceKind::Images => what.with::<Images>(),
        SurfaceKind::ImageEdits => what.with::<ImageEdits>(),
        SurfaceKind::ImageVariations => what.with::<ImageVariations>(),
        SurfaceKind::Speech => what.with::<Speech>(),
        SurfaceKind::Transcriptions => what.with::<Transcriptions>(),
        SurfaceKind::Translations => what.with::<Translations>(),
        SurfaceKind::Moderations => what.with::<Moderations>(),
        SurfaceKind::Rerank => what.with::<Rerank>(),
        SurfaceKind::Messages => what.with::<Messages>(),
        SurfaceKind::CountTokens => what.with::<CountTokens>(),
        SurfaceKind::Responses => what.with::<Responses>(),
        _ => return None,
    })
}

/// Whether a provider serves each of the surfaces that the suite knows.
pub(crate) fn served(provider: &dyn Provider) -> Vec<(SurfaceKind, bool)> {
    struct Serves<'a>(&'a dyn Provider);
    impl With for Serves<'_> {
        type Out = bool;
        fn with<S: Suited>(self) -> bool {
            S::of(self.0).is_some()
        }
    }
    KNOWN.iter().filter_map(|kind| Some((*kind, with(*kind, Serves(provider))?))).collect()
}

/// What a factory's provider sends first for the first surface that it claims.
pub(crate) fn first_request(
    factory: &'static dyn ProviderFactory,
    environment: &Environment,
) -> Result<Sent, String> {
    struct Sends<'a>(&'static dyn ProviderFactory, &'a Environment);
    impl With for Sends<'_> {
        type Out = Result<Sent, String>;
        fn with<S: Suited>(self) -> Self::Out {
            laws::sample_sent::<S>(self.0, self.1)
        }
    }
    let first = factory.describe().surfaces.first().copied();
    let sent = first.and_then(|kind| with(kind, Sends(factory, environment)));
    sent.unwrap_or_else(|| Err(format!("the suite has no laws for {first:?} yet")))
}
