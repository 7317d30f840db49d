//! A tool that the model may call.

use serde_json::value::RawValue;

use crate::chat::{Text, members::members};

members! {
    /// A tool. What is no function is the vendor's own affair, and stands in `rest` as well as in
    /// the [`Source`](super::Source)'s own text.
    pub struct Tool<'a> {
        /// What it is: `function`, `custom`, or a word of the vendor's.
        named: Text<'a> = "type",
        /// The function.
        function: Signature<'a> = "function",
        /// Where a vendor may end what it caches, in Anthropic's words.
        cache_control: &'a RawValue = "cache_control",
    }
}

members! {
    /// How a function is called.
    pub struct Signature<'a> {
        /// Its name.
        name: Text<'a> = "name",
        /// What it is for.
        description: Text<'a> = "description",
        /// The schema of its arguments.
        parameters: &'a RawValue = "parameters",
        /// Whether the arguments have to follow the schema.
        strict: bool = "strict",
    }
}

impl<'a> Tool<'a> {
    /// What the tool is: a function unless it says otherwise.
    pub fn kind(&self) -> &str {
        self.named.as_deref().unwrap_or("function")
    }

    /// A function, as older clients say it: without a word around it.
    pub(super) fn of(function: Signature<'a>) -> Self {
        Self { function: Some(function), ..Self::default() }
    }
}
