//! Why a document is not one, and why a field is not what was expected.

/// Why a document is not one.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// Where.
    pub offset: usize,
}

/// What can be wrong with a document.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// Something else should stand there.
    #[error("expected {0}")]
    Expected(&'static str),
    /// The document ends too early.
    #[error("unexpected end of the document")]
    Truncated,
    /// The bytes are not text.
    #[error("invalid UTF-8")]
    Utf8,
    /// Brackets within brackets, too many times.
    #[error("nested deeper than {} levels", super::MAX_DEPTH)]
    TooDeep,
    /// More fields than anybody reads.
    #[error("more than {} fields", super::MAX_FIELDS)]
    TooManyFields,
    /// A field stands there twice; two readers could see two different values.
    #[error("duplicate field `{0}`")]
    Duplicate(String),
}

/// A field that is not what was expected.
#[derive(Debug, thiserror::Error)]
#[error("{name} has the wrong type: {source}")]
pub struct FieldError {
    /// The field.
    pub name: String,
    /// What was expected and what was found.
    #[source]
    pub source: serde_json::Error,
}
