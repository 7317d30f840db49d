//! A request that is a document: the client's bytes, plus the few facts that routing needs.

use std::{borrow::Cow, marker::PhantomData, sync::OnceLock};

use ferro_wire::{JsonDoc, Rope};

use super::{Beside, Form, texts};
use crate::{
    BadRequest, Speaker, Subject, Thing,
    chat::{metadata, walk},
    fields::{self, check_readable, field, is_nothing, positive},
    surface::count_tokens,
};

/// A request of the form `F`.
///
/// Invariant: the facts agree with the document, because each edit goes through a method that
/// changes both.
#[derive(Clone, Debug)]
pub struct DocumentRequest<F> {
    doc: JsonDoc,
    model: Box<str>,
    user: Option<Box<str>>,
    stream: bool,
    max_output_tokens: Option<u64>,
    beside: Beside,
    /// Invariant: what the texts of the document amount to, once somebody has asked.
    prompt_tokens: OnceLock<u64>,
    form: PhantomData<fn() -> F>,
}

impl<F: Form> DocumentRequest<F> {
    /// Understands a document as such a request. Only what the gateway acts on is looked at;
    /// everything else is the upstream's to judge.
    ///
    /// # Errors
    ///
    /// Names the field that is wrong.
    pub fn new(doc: JsonDoc) -> Result<Self, BadRequest> {
        let model = match F::DEFAULT_MODEL {
            Some(usual) if is_nothing(&doc, "model") => usual.into(),
            _ => fields::model(&doc)?,
        };
        for name in F::REQUIRED {
            if is_nothing(&doc, name) {
                return Err(BadRequest::field(*name, format!("{name} is required")));
            }
        }
        F::check(&doc)?;
        for (name, _) in F::READS {
            check_readable(&doc, name)?;
        }
        let stream = F::streams(&doc)?;
        let mut max_output_tokens = None;
        for name in F::CEILINGS {
            max_output_tokens = max_output_tokens.or(positive(&doc, name)?);
        }
        let user = field(&doc, "user")?;
        let (beside, prompt_tokens, form) = (Beside::default(), OnceLock::new(), PhantomData);
        Ok(Self { doc, model, user, stream, max_output_tokens, beside, prompt_tokens, form })
    }

    /// The same request, with what its client says beside the document.
    pub fn with_beside(self, beside: Beside) -> Self {
        Self { beside, ..self }
    }

    /// Reads a request from a body that is here already.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and for what is no JSON object.
    pub fn parse(body: impl Into<Rope>) -> Result<Self, BadRequest> {
        Self::new(JsonDoc::parse(body)?)
    }

    /// Every field, known or not.
    pub fn doc(&self) -> &JsonDoc {
        &self.doc
    }

    /// What its client says beside the document.
    pub fn beside(&self) -> &Beside {
        &self.beside
    }
}

impl<F: Form> Subject for DocumentRequest<F> {
    fn model(&self) -> &str {
        &self.model
    }

    fn set_model(&mut self, model: &str) {
        self.doc.set("model", &model);
        self.model = model.into();
    }

    fn wants_stream(&self) -> bool {
        self.stream
    }

    fn max_output_tokens(&self) -> Option<u64> {
        self.max_output_tokens
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn metadata(&self, name: &str) -> Option<Cow<'_, str>> {
        metadata::entry(self.doc.text("metadata")?, name)
    }

    fn names(&self) -> Option<Thing> {
        F::NAMES.iter().find_map(|(name, kind)| {
            let text = self.doc.text(name)?;
            let text = std::str::from_utf8(&text).ok()?;
            // A conversation is named alone, or as an object.
            let id = walk::text(text).or_else(|| {
                let (_, id) = walk::members(text).find(|(name, _)| name == "id")?;
                walk::text(id.get())
            });
            Thing::new(*kind, &id?)
        })
    }

    fn prompt_tokens(&self) -> u64 {
        *self.prompt_tokens.get_or_init(|| count_tokens(self))
    }

    fn document(&self) -> Option<&JsonDoc> {
        Some(&self.doc)
    }

    fn texts(&self, see: &mut dyn FnMut(Speaker, &str)) -> Result<(), BadRequest> {
        texts::see_all(&self.doc, F::READS, see);
        Ok(())
    }

    fn edit_texts(
        &mut self,
        edit: &mut dyn FnMut(Speaker, &str) -> Option<String>,
    ) -> Result<(), BadRequest> {
        if texts::edit_all(&mut self.doc, F::READS, edit) {
            self.prompt_tokens = OnceLock::new();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Embeddings, Messages, Moderations, Rerank};
    use super::*;

    fn seen<F: Form>(body: &str) -> Vec<(Speaker, String)> {
        let request = DocumentRequest::<F>::parse(body.as_bytes().to_vec()).unwrap();
        let mut seen = Vec::new();
        request.texts(&mut |speaker, text| seen.push((speaker, text.to_owned()))).unwrap();
        seen
    }

    fn refused<F: Form>(body: &str) -> String {
        let bad = DocumentRequest::<F>::parse(body.as_bytes().to_vec()).unwrap_err();
        format!("{}: {bad}", bad.param.clone().unwrap_or_default())
    }

    #[test]
    fn what_must_be_there_is_named_where_it_is_missing_or_says_nothing() {
        for body in
            [r#"{"model":"m"}"#, r#"{"model":"m","input":[]}"#, r#"{"model":"m","input":""}"#]
        {
            assert_eq!(refused::<Embeddings>(body), "input: input is required");
        }
        let rerank = r#"{"model":"m","query":"q","documents":null}"#;
        assert_eq!(refused::<Rerank>(rerank), "documents: documents is required");
        assert_eq!(refused::<Embeddings>(r#"{"input":"a"}"#), "model: model is required");
        assert_eq!(
            refused::<Embeddings>(r#"{"model":"m","input":"a","dimensions":0}"#),
            "dimensions: dimensions must be positive, not 0"
        );
    }

    #[test]
    fn a_model_is_meant_where_a_surface_has_a_usual_one() {
        let body = br#"{"input":"a"}"#.to_vec();
        let mut request = DocumentRequest::<Moderations>::parse(body.clone()).unwrap();
        assert_eq!(request.model(), "omni-moderation-latest");
        assert_eq!(request.doc().to_rope().to_bytes(), body, "and nothing is said that was not");
        request.set_model("other");
        assert_eq!(request.doc().to_rope().to_bytes(), r#"{"input":"a","model":"other"}"#);
    }

    #[test]
    fn policy_sees_every_text_and_no_bytes_of_a_medium() {
        let tokens = r#"{"model":"m","input":[[1,2],[3]]}"#;
        assert_eq!(seen::<Embeddings>(tokens), []);
        let body = r#"{"model":"m","max_tokens":9,"system":[{"type":"text","text":"s"}],"messages":[
            {"role":"user","content":[{"type":"text","text":"u"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
            {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"city":"c"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}],
            "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}]}"#;
        let words: Vec<_> = seen::<Messages>(body)
            .into_iter()
            .map(|(who, text)| format!("{who:?} {text}"))
            .collect();
        assert_eq!(
            words,
            [
                "System s",
                "User u",
                "ToolDefinition f",
                "ToolDefinition c",
                "Tool r",
                "ToolDefinition f",
                "ToolDefinition d"
            ]
        );
    }

    #[test]
    fn an_edit_changes_the_text_and_nothing_else() {
        let body = r#"{ "model":"m", "x":1e2, "input":["one", "tw\u006f" ,3] }"#;
        let mut request = DocumentRequest::<Embeddings>::parse(body.as_bytes().to_vec()).unwrap();
        request.edit_texts(&mut |_, text| (text == "two").then(|| "2".to_owned())).unwrap();
        let edited = r#"{ "model":"m", "x":1e2, "input":["one", "2" ,3] }"#;
        assert_eq!(request.doc().to_rope().to_bytes(), edited);
    }
}
