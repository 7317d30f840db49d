//! The gateway as a library.
