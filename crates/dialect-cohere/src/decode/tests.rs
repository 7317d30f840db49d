//! What Cohere says, in the words of the chat wire.
