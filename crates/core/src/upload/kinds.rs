//! The surfaces whose requests are forms with files in them, and what is read of each.

use ferro_wire::{Framing, sse};

use super::{Fields, UploadRequest};
use crate::{
    BadRequest, Inbound, Limits, Provider, Serve,
    Speaker::{self, User},
    Surface, SurfaceKind,
    document::{DocumentEvent, DocumentReply, Says},
};

/// Makes the marker of each surface: what it serves follows from its [`Fields`].
macro_rules! markers {
    ($($(#[$about:meta])* $name:ident says $says:expr),* $(,)?) => {
        $(
            $(#[$about])*
            #[derive(Debug)]
            pub enum $name {}

            impl Says for $name {
                const SAYS: &'static [&'static str] = $says;
            }

            impl Surface for $name {
                const KIND: SurfaceKind = <Self as Fields>::KIND;
                const FRAMING: Framing = sse::FRAMING;
                type Request = UploadRequest<Self>;
                type Event = DocumentEvent<Self>;
                type Whole = DocumentReply<Self>;

                fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
                    <Self as Fields>::of(provider)
                }

                async fn read(
                    inbound: &mut Inbound,
                    limits: &Limits,
                ) -> Result<Self::Request, BadRequest> {
                    UploadRequest::read(inbound, limits).await
                }

                fn is_silent(events: &[u8]) -> bool {
                    sse::is_silent(events)
                }
            }
        )*
    };
}

/// What is heard, in one piece or in events.
const HEARD: &[&str] = &["text", "delta", "word"];
/// What an image was really made of.
const REVISED: &[&str] = &["revised_prompt"];

markers! {
    /// Speech made into text: `POST /v1/audio/transcriptions`.
    Transcriptions says HEARD,
    /// Speech made into English text: `POST /v1/audio/translations`.
    Translations says HEARD,
    /// Images made of images and words: `POST /v1/images/edits`.
    ImageEdits says REVISED,
    /// Images made of an image: `POST /v1/images/variations`.
    ImageVariations says REVISED,
}

/// Some vendors take the address of a file, and some the id of one that they have.
const ELSEWHERE: &[&str] = &["url", "file_url", "file_id"];
const PROMPT: &[(&str, Speaker)] = &[("prompt", User)];

impl Fields for Transcriptions {
    const KIND: SurfaceKind = SurfaceKind::Transcriptions;
    const READS: &'static [(&'static str, Speaker)] = PROMPT;
    const EARLY: &'static [&'static str] = &["model", "stream", "prompt"];
    const INSTEAD: &'static [&'static str] = ELSEWHERE;
    const STREAMS: bool = true;

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.transcriptions()
    }
}

impl Fields for Translations {
    const KIND: SurfaceKind = SurfaceKind::Translations;
    const READS: &'static [(&'static str, Speaker)] = PROMPT;
    const EARLY: &'static [&'static str] = &["model", "stream", "prompt"];
    const INSTEAD: &'static [&'static str] = ELSEWHERE;
    const STREAMS: bool = true;

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.translations()
    }
}

impl Fields for ImageEdits {
    const KIND: SurfaceKind = SurfaceKind::ImageEdits;
    const READS: &'static [(&'static str, Speaker)] = PROMPT;
    const EARLY: &'static [&'static str] = &["model", "stream", "prompt", "user"];
    const FILE: &'static str = "image";
    const COUNTS: &'static [&'static str] = &["n"];
    const REQUIRED: &'static [&'static str] = &["prompt"];
    const STREAMS: bool = true;
    const DOCUMENTS: &'static [&'static str] = &["images", "image"];

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.image_edits()
    }
}

impl Fields for ImageVariations {
    const KIND: SurfaceKind = SurfaceKind::ImageVariations;
    const READS: &'static [(&'static str, Speaker)] = &[];
    const EARLY: &'static [&'static str] = &["model", "user"];
    const FILE: &'static str = "image";
    const COUNTS: &'static [&'static str] = &["n"];

    fn of(provider: &dyn Provider) -> Option<&dyn Serve<Self>> {
        provider.image_variations()
    }
}
