//! The subscriber, and the line that every request leaves behind.
