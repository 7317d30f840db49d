//! The surfaces that the suite has laws for: the one place where they are listed.

use ferro_core::{
    Provider, ProviderFactory, Served, Surface, SurfaceKind, Way,
    document::{
        Completions, CountTokens, Embeddings, Images, Messages, Moderations, Rerank, Responses,
        Speech,
    },
    forward::Forward,
    surface::{self, Chat},
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
        SurfaceKind::Forward => what.with::<Forward>(),
        _ => return None,
    })
}

/// How a provider serves each surface, if it does.
pub(crate) fn served(provider: &dyn Provider) -> Vec<(SurfaceKind, Option<Way>)> {
    struct Serves<'a>(&'a dyn Provider);
    impl surface::With for Serves<'_> {
        type Out = Option<Way>;
        fn with<S: Surface>(self) -> Self::Out {
            Some(match S::served(self.0)? {
                Served::Own(_) => Way::Own,
                Served::Over(_) => S::OVER.map_or(Way::Own, Way::Over),
            })
        }
    }
    let ways = |kind: &SurfaceKind| Some((*kind, surface::with(*kind, Serves(provider))?));
    SurfaceKind::ALL.iter().filter_map(ways).collect()
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
