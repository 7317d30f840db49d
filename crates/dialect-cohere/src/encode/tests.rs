//! What the chat wire says, in Cohere's words.
