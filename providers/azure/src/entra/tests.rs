//! Tokens of a scripted issuer.
