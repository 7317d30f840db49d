//! The request's fields by name: which of this wire's each is, and which are none.

use std::borrow::Cow;

use ferro_core::chat::ChatRequest;

use crate::{
    Profile,
    json::{Json, Members, text},
};

/// Fields of `generationConfig`, by the client's names. A value goes as it is written.
pub(super) const CONFIG: &[(&str, &str)] = &[
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("seed", "seed"),
    ("presence_penalty", "presencePenalty"),
    ("frequency_penalty", "frequencyPenalty"),
    ("n", "candidateCount"),
    ("logprobs", "responseLogprobs"),
    ("top_logprobs", "logprobs"),
    ("media_resolution", "mediaResolution"),
    ("mediaResolution", "mediaResolution"),
    ("response_modalities", "responseModalities"),
    ("responseModalities", "responseModalities"),
    ("speech_config", "speechConfig"),
    ("speechConfig", "speechConfig"),
    ("image_config", "imageConfig"),
    ("imageConfig", "imageConfig"),
    ("audio_timestamp", "audioTimestamp"),
    ("audioTimestamp", "audioTimestamp"),
];

/// Fields of the request itself.
const BESIDE: &[(&str, &str)] = &[
    ("safety_settings", "safetySettings"),
    ("safetySettings", "safetySettings"),
    ("cached_content", "cachedContent"),
    ("cachedContent", "cachedContent"),
    ("labels", "labels"),
];

/// What a client calls a tier, and what it is here.
const TIERS: &[(&str, &str)] = &[
    ("auto", GOES_WITHOUT_SAYING),
    ("default", "standard"),
    ("standard", "standard"),
    ("flex", "flex"),
    ("priority", "priority"),
];
const GOES_WITHOUT_SAYING: &str = "";

/// Fields that something of their own is made of, where the request itself says them.
const OWN: &[&str] = &[
    "model",
    "messages",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "response_format",
    "stream",
    "stream_options",
    "extra_body",
    "google",
];
/// Fields that something of their own is made of, wherever they are said.
const READ: &[&str] = &[
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "modalities",
    "thinking_config",
    "thinkingConfig",
];

/// Fields that the chat wire has and this one has not.
const CHAT: &[&str] = &[
    "audio",
    "logit_bias",
    "metadata",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "service_tier",
    "store",
    "user",
    "verbosity",
    "web_search_options",
];

/// A request's fields, with those that are meant for Google alone.
pub(super) struct Fields<'a> {
    request: &'a ChatRequest,
    /// From `extra_body.google` and `google`, as clients of Google's own compatible API say them.
    google: Vec<(String, String)>,
    /// Other members of `extra_body`.
    strangers: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(request: &'a ChatRequest) -> Self {
        let mut fields = Self { request, google: Vec::new(), strangers: Vec::new() };
        if let Some(google) = fields.own("google") {
            fields.take_google(&google, "google");
        }
        if let Some(extra) = fields.own("extra_body") {
            let members = fields.members(&extra, "extra_body");
            for (name, value) in members.iter().filter(|(_, value)| says_something(value.get())) {
                match name {
                    "google" => fields.take_google(value.get(), "extra_body.google"),
                    name => fields.strangers.push(format!("extra_body.{name}")),
                }
            }
        }
        fields
    }

    fn take_google(&mut self, json: &str, place: &str) {
        let members = self.members(json, place);
        let said = members.iter().filter(|(_, json)| says_something(json.get()));
        self.google.extend(said.map(|(name, json)| (name.to_owned(), json.get().to_owned())));
    }

    /// The members of what should be an object.
    fn members<'j>(&mut self, json: &'j str, place: &str) -> Members<'j> {
        Members::of(json).unwrap_or_else(|| {
            self.strangers.push(place.to_owned());
            Members::default()
        })
    }

    /// The request's own field.
    pub(super) fn own(&self, name: &str) -> Option<Cow<'a, str>> {
        const WHY: &str = "a document's bytes are checked to be text";
        let text = match self.request.doc().text(name)? {
            Cow::Borrowed(text) => Cow::Borrowed(std::str::from_utf8(text).expect(WHY)),
            Cow::Owned(text) => Cow::Owned(String::from_utf8(text).expect(WHY)),
        };
        (text != "null").then_some(text)
    }

    /// A field's JSON, wherever the client has put it.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let google = || self.google.iter().find(|(own, _)| own == name);
        self.own(name).or_else(|| google().map(|(_, json)| Cow::Borrowed(&**json)))
    }

    /// Writes what stands beside the conversation.
    pub(super) fn write_beside(&self, profile: Profile, json: &mut Json) {
        let mut written = "";
        for (name, own) in BESIDE {
            let is_new = written != *own && profile.takes(own);
            if let Some(value) = self.get(name).filter(|_| is_new) {
                json.raw_member(own, &value);
                written = own;
            }
        }
        if let Some(tier) = self.tier().filter(|tier| *tier != GOES_WITHOUT_SAYING) {
            json.member("serviceTier", tier);
        }
    }

    /// The tier that is asked for; `None` for none that exists here.
    fn tier(&self) -> Option<&'static str> {
        let said = self.get("service_tier")?;
        let said = text(&said)?;
        TIERS.iter().find(|(name, _)| **name == *said).map(|(_, own)| *own)
    }

    /// The names of the fields that have no counterpart.
    pub(super) fn strange(&self, profile: Profile) -> impl Iterator<Item = String> + '_ {
        let keys = self.request.doc().keys();
        let own = keys.map(|key| String::from_utf8_lossy(&key).into_owned());
        let own = own.filter(move |name| {
            let is_idle = || is_idle(name, self.own(name).as_deref().unwrap_or("null"));
            !self.is_said(name, profile) && !is_idle()
        });
        let google = self.google.iter().filter(move |(name, _)| {
            // What the request says itself counts, and of what is read there nothing is read here.
            let is_read = !OWN.contains(&&**name) && self.own(name).is_none();
            !is_read || !self.is_said(name, profile)
        });
        let google = google.map(|(name, _)| format!("extra_body.google.{name}"));
        own.chain(google).chain(self.strangers.iter().cloned())
    }

    fn is_said(&self, name: &str, profile: Profile) -> bool {
        let is_one_of = |fields: &[(&str, &str)]| {
            fields.iter().any(|(client, own)| *client == name && profile.takes(own))
        };
        match name {
            "service_tier" => self.tier().is_some(),
            // Several calls at once cannot be forbidden, and need not be allowed.
            "parallel_tool_calls" => self.get(name).as_deref() != Some("false"),
            // What is said of these by whom, `thinking` and `config` know.
            "reasoning_effort" | "reasoning" | "thinking" => true,
            "audio" => super::config::voice(self).is_some(),
            _ => {
                OWN.contains(&name)
                    || READ.contains(&name)
                    || is_one_of(CONFIG)
                    || is_one_of(BESIDE)
            }
        }
    }
}

/// Whether some JSON says anything.
pub(super) fn says_something(json: &str) -> bool {
    !matches!(json, "null" | "[]")
}

/// Whether a field of the chat wire asks for nothing that would not be done without it. Of what nobody
/// knows, nobody knows that either.
fn is_idle(name: &str, value: &str) -> bool {
    match value {
        // To search with no wishes is to search.
        "{}" => CHAT.contains(&name) && name != "web_search_options",
        "null" | "false" | "[]" | "\"\"" => CHAT.contains(&name),
        _ => false,
    }
}
