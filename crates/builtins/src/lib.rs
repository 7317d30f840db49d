//! What this build can be configured to use.
