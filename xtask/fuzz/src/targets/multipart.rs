//! Forms with files in them: the same parts however they arrive, and none that is not there.

use bytes::Bytes;
use ferro_wire::multipart::{Boundary, FormError, Part, Scanner};

use crate::{Target, cuts};

pub(crate) static TARGETS: &[Target] = &[Target { name: "multipart", run, seeds: &[] }];

/// The first line says what the content type is, and the rest is the body.
fn run(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let content_type = String::from_utf8_lossy(&bytes[..end]);
    let Ok(boundary) = Boundary::of(&content_type) else { return };
    let body = Bytes::copy_from_slice(bytes.get(end + 1..).unwrap_or_default());
    let whole = scan(&boundary, std::slice::from_ref(&body));
    for pieces in cuts(&body) {
        assert_eq!(scan(&boundary, &pieces), whole, "however it arrives");
    }
    for part in whole.unwrap_or_default() {
        let place =
            [part.place.start, part.place.end].map(|at| usize::try_from(at).expect("it fits"));
        let value = &body[place[0]..place[1]];
        assert!(part.is_whole && (part.is_file || part.value == value), "{part:?}");
    }
}

fn scan(boundary: &Boundary, pieces: &[Bytes]) -> Result<Vec<Part>, FormError> {
    let mut scanner = Scanner::new(boundary.clone());
    pieces.iter().try_for_each(|piece| scanner.push(piece))?;
    scanner.end().map(<[_]>::to_vec)
}
