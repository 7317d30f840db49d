//! The vendor whose wire all others here speak.
//!
#![doc = include_str!("../README.md")]

use ferro_core::{ProviderFactory, SurfaceKind};
use ferro_dialect_openai::{Env, Vendor};

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&OPENAI];

/// No edits at all: of two spellings of a limit, or two names of a role, OpenAI judges for itself which
/// its models take.
static OPENAI: Vendor = Vendor {
    kind: "openai",
    base_url: "https://api.openai.com/v1",
    env: &[Env::Key("OPENAI_API_KEY"), Env::BaseUrl("OPENAI_BASE_URL")],
    owns: &[
        "gpt-",
        "chatgpt-",
        "codex-",
        "computer-use-",
        "sora-",
        "dall-e-",
        "whisper-",
        "tts-",
        "text-embedding-",
        "omni-moderation-",
        "ft:",
        "babbage-",
        "davinci-",
        "o0",
        "o1",
        "o2",
        "o3",
        "o4",
        "o5",
        "o6",
        "o7",
        "o8",
        "o9",
    ],
    surfaces: &[
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
        SurfaceKind::Responses,
        SurfaceKind::Forward,
    ],
    most_inputs: Some(2048),
    ..Vendor::OPENAI_SHAPED
};
