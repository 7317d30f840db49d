//! OpenAI, served as itself.
//!
//! ```
//! assert_eq!(ferro_provider_openai::PROVIDERS[0].describe().kind, "openai");
//! ```

use ferro_core::ProviderFactory;
use ferro_dialect_openai::{Env, Vendor};

/// What this crate can build.
pub static PROVIDERS: &[&dyn ProviderFactory] = &[&OPENAI];

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
    ..Vendor::OPENAI_SHAPED
};
