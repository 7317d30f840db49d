//! Where in a configuration something stands, in one notation: `targets[1].retry.attempts`.

/// A key below a path.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// An element of the list at a path.
pub(crate) fn at(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// Whether `path` is `ancestor`, or stands below it.
pub(crate) fn is_within(path: &str, ancestor: &str) -> bool {
    path.strip_prefix(ancestor)
        .is_some_and(|rest| rest.is_empty() || ancestor.is_empty() || rest.starts_with(['.', '[']))
}

/// The path that this one stands directly below.
pub(crate) fn parent(path: &str) -> Option<&str> {
    path.rfind(['.', '[']).map(|end| &path[..end])
}
