//! Cohere, configured.

use ferro_core::{
    Discover, Owns, Provider, Serve,
    chat::Chat,
    document::{Embeddings, Rerank},
};
use ferro_dialect_cohere::{ChatWire, DocumentWire, Profile};
use http::HeaderMap;

/// The beginnings of its models' names.
const OWN: &[&str] = &["command", "embed-", "rerank-"];

/// Cohere at a place.
#[derive(Debug)]
pub(crate) struct Cohere {
    chat: ChatWire,
    pub(crate) documents: DocumentWire,
    /// What stands in front of every path.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

impl Cohere {
    pub(crate) fn new(path: String, headers: HeaderMap) -> Self {
        let chat = format!("{path}/v2/chat").parse().expect("a path from a URL, and a suffix");
        let documents = DocumentWire::new(&path, headers.clone());
        let chat = ChatWire::new(Profile::COHERE, chat, headers.clone());
        Self { chat, documents, path, headers }
    }
}

impl Provider for Cohere {
    fn owns(&self, model: &str) -> Owns {
        let model = model.to_ascii_lowercase();
        if OWN.iter().any(|own| model.starts_with(own)) { Owns::Yes } else { Owns::No }
    }

    fn chat(&self) -> Option<&dyn Serve<Chat>> {
        Some(&self.chat)
    }

    fn embeddings(&self) -> Option<&dyn Serve<Embeddings>> {
        Some(&self.documents)
    }

    fn rerank(&self) -> Option<&dyn Serve<Rerank>> {
        Some(&self.documents)
    }

    fn discover(&self) -> Option<&dyn Discover> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_whose_a_model_is() {
        let cohere = Cohere::new(String::new(), HeaderMap::new());
        for own in ["command-a-03-2025", "Command-R", "embed-v4.0", "rerank-v3.5"] {
            assert_eq!(cohere.owns(own), Owns::Yes, "{own}");
        }
        for other in ["gpt-4o", "", "my-command"] {
            assert_eq!(cohere.owns(other), Owns::No, "{other}");
        }
    }
}
