//! What vendors are on record with, in the fixtures of their crates, as a scripted upstream says it.

use std::{fs, path::Path};

use ferro_scripted::Reply;

/// The answer in a fixture, whose folder is named from `providers` on; nothing where there is none.
pub(crate) fn recorded(fixture: &str) -> Option<Reply> {
    let providers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../providers");
    let file = fs::read_to_string(providers.join(fixture).join("upstream.http")).ok()?;
    let line = if file.lines().next()?.len() == file.find('\n')? { "\n" } else { "\r\n" };
    let (head, body) = file.split_once(&line.repeat(2)).expect("a fixture has a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let (is_type, others): (Vec<_>, Vec<_>) = lines
        .filter_map(|line| line.split_once(": "))
        .partition(|(name, _)| *name == "content-type");
    let content_type = is_type.first().expect("a fixture says what it holds").1;
    let body = match content_type {
        "application/vnd.amazon.eventstream" => ferro_testkit::frames(body),
        _ => body.to_owned().into(),
    };
    let reply = Reply::new(status.expect("a fixture has a status"), content_type, body);
    Some(others.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value)))
}
