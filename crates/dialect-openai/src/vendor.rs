//! A vendor as a row of a table.

use std::sync::Arc;

use ferro_core::{Auth, ErrorKind, Provider, SurfaceKind, Wire, surface::Chat};
use ferro_wire::JsonDoc;
use http::HeaderMap;

use crate::{
    Contents, Ends, FieldEdit, MessageEdit, Passing, Profile, TokenLimit, provider::Compatible,
};

/// Models' thoughts in earlier turns, under every name in use.
const THOUGHTS: &[&str] = &["reasoning_content", "reasoning", "reasoning_details"];

/// A vendor that speaks this wire. A row names only its deviations from
/// [`OPENAI_SHAPED`](Self::OPENAI_SHAPED).
#[derive(Clone, Copy, Debug)]
pub struct Vendor {
    /// The word that selects it in a configuration. Never changes.
    pub kind: &'static str,
    /// Its API root, version included; empty if an operator has to say it.
    pub base_url: &'static str,
    /// How what an operator says instead is completed.
    pub base: Base,
    /// The variables that configure it, by meaning.
    pub env: &'static [Env],
    /// How it is shown a key.
    pub auth: Auth,
    /// Where a client gets a token in place of a key; `None` if the vendor gives none.
    pub tokens: Option<Tokens>,
    /// Headers that every request carries, unless an operator says otherwise.
    pub headers: &'static [(&'static str, &'static str)],
    /// Prefixes of the models that are its own; none if it takes any name.
    pub owns: &'static [&'static str],
    /// Models that it is taken to have while no variable lists any.
    pub models: &'static [&'static str],
    /// Where below the root it lists its models; `None` if it does not.
    pub listing: Option<&'static str>,
    /// What it serves.
    pub surfaces: &'static [SurfaceKind],
    /// Where below the root it serves a surface that it does not have where the wire has it.
    pub paths: &'static [(SurfaceKind, &'static str)],
    /// What is done to the requests of surfaces besides chat, in this order.
    pub edits: &'static [(SurfaceKind, &'static [FieldEdit])],
    /// The most inputs of which it makes embeddings at once; `None` if nobody has said. More are asked
    /// in parts.
    pub most_inputs: Option<usize>,
    /// What it serves in other wires, each made below its root with the headers of every request. The first
    /// that has a surface serves it, before this wire does.
    pub beside: &'static [Beside],
    /// The hosts that it has besides its first, by the names that whoever serves a surface there asks for
    /// them. Where an operator says where the vendor is, it has none: everything is asked for there.
    pub hosts: &'static [(&'static str, &'static str)],
    /// Fields that it passes over. They are sent as they came, and reported.
    pub ignores: &'static [&'static str],
    /// Fields for which it would refuse the whole request. They are left out, and reported.
    pub refuses: &'static [&'static str],
    /// Its own codes for errors, where they say more than the status.
    pub codes: &'static [(&'static str, ErrorKind)],
    /// In what it deviates from the wire.
    pub profile: Profile,
}

/// Makes what a vendor serves in another wire, below the path of its root.
pub type Beside = fn(&str, &HeaderMap) -> Arc<dyn Provider>;

/// A variable of the environment, by what it is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Env {
    /// The key, without which the vendor is not configured.
    Key(&'static str),
    /// The key of a server that may do without.
    OptionalKey(&'static str),
    /// The API root.
    BaseUrl(&'static str),
    /// The server, without which the vendor is not configured.
    Host(&'static str),
    /// What stands for `{account}` in the API root; required.
    Account(&'static str),
    /// The models that it has, separated by commas. Of several variables the last that lists any
    /// counts; what looks like a path is no model.
    Models(&'static str),
}

/// How an API root follows from what an operator says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Base {
    /// It is the root, as written; but a host alone, and the default root without its version (as
    /// older configurations have it), take the default root's version.
    Root,
    /// It is a server, whose root is `path`. What is written may be the server, its root, or one of
    /// its endpoints. A name without a scheme takes this one, and this port unless it has its own.
    Server {
        /// `http` or `https`.
        scheme: &'static str,
        /// The port of a name without a scheme; the scheme's own if `None`.
        port: Option<u16>,
        /// The root's path.
        path: &'static str,
    },
}

/// How a client that has a secret in place of a key gets a token: by OAuth's client credentials, from
/// the vendor's own host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tokens {
    /// The variable with the client's name.
    pub client_id: &'static str,
    /// The variable with its secret.
    pub client_secret: &'static str,
    /// Where on the host tokens are given.
    pub path: &'static str,
    /// What a token is asked for: plain characters only.
    pub scope: &'static str,
}

impl Vendor {
    /// A vendor without deviations, to be completed.
    pub const OPENAI_SHAPED: Self = Self {
        kind: "",
        base_url: "",
        base: Base::Root,
        env: &[],
        auth: Auth::Bearer,
        tokens: None,
        headers: &[],
        owns: &[],
        models: &[],
        listing: Some("/models"),
        surfaces: &[SurfaceKind::Chat, SurfaceKind::Forward],
        paths: &[],
        edits: &[],
        most_inputs: None,
        beside: &[],
        hosts: &[],
        ignores: &[],
        refuses: &[],
        codes: &[],
        profile: Profile::STANDARD,
    };

    /// A vendor without deviations from Mistral's wire, at whichever host: Mistral's own, Google's.
    ///
    /// A field that it does not know is a 422 (`extra_forbidden`), in a message too: seen for
    /// `max_completion_tokens`, `store`, an empty `tools` and `reasoning_content` in reports of 2025-11
    /// to 2026-04, read 2026-11-24. Names of calls have nine letters and digits. The choice `required`
    /// is known beside its own `any`. Usage comes with the last chunk, unasked. Models that think answer
    /// with a list of thinking and text.
    pub const MISTRAL_SHAPED: Self = Self {
        refuses: &["logprobs", "top_logprobs", "logit_bias", "user", "store"],
        profile: Profile {
            takes_stream_options: false,
            token_limit: TokenLimit::MaxTokens,
            fields: &[FieldEdit::Renamed("seed", "random_seed"), FieldEdit::NoEmptyTools],
            messages: &[
                MessageEdit::Without(&["name", "refusal", "annotations", "audio", "function_call"]),
                MessageEdit::Without(THOUGHTS),
                MessageEdit::DeveloperIsSystem,
                MessageEdit::EmptyContentIsText,
                MessageEdit::NineCharacterCalls,
            ],
            contents: Contents::Parts,
            ..Profile::STANDARD
        },
        ..Self::OPENAI_SHAPED
    };

    /// A model's name as the vendor has it: without the prefix that is ours.
    pub fn bare<'a>(&self, model: &'a str) -> &'a str {
        model.strip_prefix(self.profile.strips_prefix).unwrap_or(model)
    }

    /// What is done to the requests of a surface besides chat.
    pub(crate) fn edits_of(&self, surface: SurfaceKind) -> &'static [FieldEdit] {
        self.edits.iter().find(|(of, _)| *of == surface).map_or(&[], |(_, edits)| *edits)
    }

    /// How many choices are asked for, where the end of a stream has to be told by them.
    pub(crate) fn choices(&self, doc: &JsonDoc) -> usize {
        if self.profile.ends == Ends::WithDone {
            return 1;
        }
        doc.get("n").ok().flatten().unwrap_or(1).max(1)
    }

    /// The surfaces besides chat that it has below `path`, for who drives them otherwise than from a
    /// configuration. Every request carries `headers`.
    ///
    /// # Panics
    ///
    /// If `path` cannot be a URL's.
    pub fn passing(&self, path: &str, headers: &HeaderMap) -> Passing {
        Passing::new(self, path, headers)
    }

    /// Its wire below `path`, for who drives it otherwise than from a configuration: a bridge, a
    /// test. Every request carries `headers`.
    ///
    /// # Panics
    ///
    /// If `path` cannot be a URL's.
    pub fn wire(&self, path: &str, headers: HeaderMap) -> impl Wire<Chat> + use<> {
        Compatible::new(self, path, headers, Vec::new())
    }
}
