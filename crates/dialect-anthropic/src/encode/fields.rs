//! The fields of a request that are neither its conversation nor its tools.

use std::borrow::Cow;

use ferro_core::{
    ProviderError, Subject,
    chat::{ChatRequest, Text},
};
use ferro_wire::write_string;
use serde_json::value::RawValue;

use super::{
    block::string,
    place::{invalid, unsupported},
    schema::next,
};
use crate::notes::Notes;

/// Fields that are said elsewhere, or are the gateway's own affair.
const SAID: &[&str] = &[
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "stream",
    "stream_options",
    "n",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "thinking",
    "output_config",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "user",
    "safety_identifier",
    "metadata",
    "service_tier",
];

/// Fields in the vendor's own words, which pass as they stand, each with the beta feature that it takes.
const OWN: &[(&str, Option<&str>)] = &[
    ("cache_control", None),
    ("container", None),
    ("inference_geo", None),
    ("diagnostics", None),
    ("user_profile_id", None),
    ("speed", Some("fast-mode-2026-02-01")),
    ("context_management", Some("context-management-2025-06-27")),
    ("mcp_servers", Some("mcp-client-2025-11-20")),
];

/// An edit of the context that takes a beta feature of its own.
const COMPACTION: (&str, &str) = ("\"compact_20260112\"", "compact-2026-01-12");

/// A request's fields.
pub(super) struct Fields<'a> {
    request: &'a ChatRequest,
    /// The effort that the client asks for.
    pub(super) effort: Option<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(request: &'a ChatRequest) -> Self {
        let effort = request.doc().get::<String>("reasoning_effort").ok().flatten();
        Self { request, effort }
    }

    /// The text of a field's value; `None` where it is absent or null.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        const WHY: &str = "a document's bytes are checked to be text";
        let text = match self.request.doc().text(name)? {
            Cow::Borrowed(text) => Cow::Borrowed(std::str::from_utf8(text).expect(WHY)),
            Cow::Owned(text) => Cow::Owned(String::from_utf8(text).expect(WHY)),
        };
        Some(text).filter(|text| text != "null")
    }

    pub(super) fn raw(&self, name: &str) -> Option<Box<RawValue>> {
        self.text(name).and_then(|text| RawValue::from_string(text.into_owned()).ok())
    }

    pub(super) fn says(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.text(name).is_some_and(|text| text == value)
    }

    pub(super) fn wants_stream(&self) -> bool {
        self.request.wants_stream()
    }

    /// About as many bytes as its conversation and tools have.
    pub(super) fn size(&self) -> usize {
        let length = |name| self.request.doc().text(name).map_or(0, |text| text.len());
        length("messages") + length("tools")
    }

    /// Refuses what the vendor cannot do at all, and notes every field that it cannot be told.
    pub(super) fn check(&self, notes: &mut Notes) -> Result<(), ProviderError> {
        for key in self.request.doc().keys() {
            let key = String::from_utf8_lossy(&key);
            let name = &*key;
            let is_said = SAID.contains(&name) || OWN.iter().any(|(own, _)| *own == name);
            let text = self.request.doc().text(name).unwrap_or_default();
            if !is_said && !self.request.asks_for_nothing(name) && !text.is_empty() {
                notes.unsaid(name.to_owned());
            }
        }
        match self.text("n").as_deref() {
            None | Some("1") => Ok(()),
            Some(n) => {
                notes.unsaid("n");
                let message = format!("n is {n}; this vendor gives one answer to a request");
                Err(unsupported(&message))
            }
        }
        .and_then(|()| self.check_effort())
    }

    fn check_effort(&self) -> Result<(), ProviderError> {
        if self.says("reasoning_effort") && self.effort.is_none() {
            return Err(invalid("reasoning_effort is not a word"));
        }
        Ok(())
    }

    /// Writes them.
    pub(super) fn write(&self, out: &mut Vec<u8>, notes: &mut Notes) {
        self.write_stop(out, notes);
        self.write_user(out, notes);
        self.write_tier(out, notes);
        for (name, beta) in OWN {
            if let Some(text) = self.text(name) {
                if let Some(beta) = beta {
                    notes.beta(beta);
                }
                if text.contains(COMPACTION.0) {
                    notes.beta(COMPACTION.1);
                }
                next(out, name);
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// The vendor refuses an end that is only white space.
    fn write_stop(&self, out: &mut Vec<u8>, notes: &mut Notes) {
        let Some(text) = self.text("stop") else { return };
        let one = serde_json::from_str::<Text<'_>>(&text).map(|one| vec![one]);
        let Ok(mut ends) = one.or_else(|_| serde_json::from_str(&text)) else {
            return notes.unsaid("stop");
        };
        let all = ends.len();
        ends.retain(|end| !end.trim().is_empty());
        if ends.len() < all {
            notes.unsaid("stop");
        }
        if ends.is_empty() {
            return;
        }
        next(out, "stop_sequences");
        for (at, end) in ends.iter().enumerate() {
            out.push(if at == 0 { b'[' } else { b',' });
            write_string(out, end);
        }
        out.push(b']');
    }

    fn write_user(&self, out: &mut Vec<u8>, notes: &mut Notes) {
        let metadata = self.request.metadata("user_id");
        let identifier = self.request.doc().get::<String>("safety_identifier").ok().flatten();
        let user = self.request.user().map(Cow::Borrowed);
        let user = user.or_else(|| identifier.as_deref().map(Cow::Borrowed));
        if identifier.as_deref().is_some_and(|identifier| user.as_deref() != Some(identifier)) {
            notes.unsaid("safety_identifier");
        }
        let user = user.or_else(|| metadata.clone()).filter(|user| !user.is_empty());
        // Of the client's metadata the vendor takes only this one.
        let is_all = metadata.is_some() && metadata == user && self.has_one_entry("metadata");
        if self.text("metadata").is_some_and(|text| text != "{}") && !is_all {
            notes.unsaid("metadata");
        }
        if let Some(user) = user {
            next(out, "metadata");
            out.extend_from_slice(b"{\"user_id\":");
            write_string(out, &user);
            out.push(b'}');
        }
    }

    fn has_one_entry(&self, name: &str) -> bool {
        let entries = self.request.doc().get::<serde_json::Map<_, _>>(name).ok().flatten();
        entries.is_some_and(|entries| entries.len() == 1)
    }

    fn write_tier(&self, out: &mut Vec<u8>, notes: &mut Notes) {
        let tier = match self.text("service_tier").as_deref() {
            None => return,
            Some("\"auto\"") => "auto",
            Some("\"default\"" | "\"standard_only\"") => "standard_only",
            Some(_) => return notes.unsaid("service_tier"),
        };
        string(out, "service_tier", tier);
    }
}
