//! Media inside a request: `data:` URLs, and what bytes are by how they begin.

use ferro_core::{DataUrl, media};

use crate::Target;

pub(crate) static TARGETS: &[Target] = &[Target { name: "media", run, seeds: &[] }];

/// The bytes as a URL, and as what one holds.
fn run(bytes: &[u8]) {
    let known = media::sniff(bytes);
    let held = escaped(bytes);
    let url = DataUrl::parse(&held).expect("it is one");
    assert_eq!((url.media_type(), url.bytes().as_deref()), ("a/b", Some(bytes)));
    assert_eq!(url.sniffed(), known.unwrap_or("a/b"));
    in_base64_it_is_the_same(&url);
    if let Some(url) = std::str::from_utf8(bytes).ok().and_then(DataUrl::parse) {
        assert!(!url.media_type().is_empty() && !url.sniffed().is_empty());
        if url.bytes().is_some() {
            in_base64_it_is_the_same(&url);
        }
    }
}

fn in_base64_it_is_the_same(url: &DataUrl<'_>) {
    let again = format!("data:{};base64,{}", url.media_type(), url.base64());
    let again = DataUrl::parse(&again).expect("it is one");
    assert_eq!((again.bytes(), again.base64()), (url.bytes(), url.base64()));
}

/// A URL that holds these bytes, each of them escaped.
fn escaped(bytes: &[u8]) -> String {
    let each = bytes.iter().map(|byte| format!("%{byte:02x}"));
    format!("data:a/b,{}", each.collect::<String>())
}
