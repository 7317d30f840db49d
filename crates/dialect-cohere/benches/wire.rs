//! What a request and an event cost.
fn main() {}
