//! Bodies, small and large, are what they were wherever they lie.

use futures_util::{StreamExt, stream};
use http_body::Body as _;

use super::*;

/// A body of so many bytes, none of which is like its neighbours.
fn body(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

/// Takes in a body in pieces of an odd size.
async fn held(spool: Option<&Spool>, bytes: &[u8]) -> Held {
    let mut store = Store::new(spool, Some(bytes.len() as u64));
    for piece in bytes.chunks(7_001) {
        store.push(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    Held::new(store.finish().await)
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, BodyError> {
    let mut all = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|cx| std::pin::Pin::new(&mut payload).poll_frame(cx)).await
    {
        let piece = frame?.into_data().unwrap();
        assert!(piece.len() <= 64 << 10, "pieces are small");
        all.extend_from_slice(&piece);
        assert_eq!(payload.length().is_some(), !matches!(payload, Payload::Stream(_)));
    }
    Ok(all)
}

fn is_in_file(held: &Held) -> bool {
    held.segments.iter().any(|segment| segment.in_memory().is_none())
}

#[tokio::test]
async fn a_small_body_stays_in_memory_and_a_large_one_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::new(folder.path());
    for (length, is_large) in [(0, false), (1 << 20, false), ((1 << 20) + 1, true), (3 << 20, true)]
    {
        let bytes = body(length);
        let held = held(Some(&spool), &bytes).await;
        assert_eq!(is_in_file(&held), is_large, "{length}");
        let in_memory = held.segments.iter().filter_map(Segment::in_memory).map(|b| b.len());
        assert!(!is_large || in_memory.sum::<usize>() == 0, "all of it is in the file");
        let (payload, told) = held.payload(&[]);
        assert_eq!((payload.length(), told), (Some(length as u64), Some(length as u64)));
        assert!(read(payload).await.unwrap() == bytes, "the bytes are others");
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "no file has a name");
}

#[tokio::test]
async fn a_body_whose_length_nobody_told_leaves_memory_as_it_grows() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, bytes) = (Spool::new(folder.path()), body(2 << 20));
    let mut store = Store::new(Some(&spool), None);
    for piece in bytes.chunks(1_000) {
        store.push(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    let held = Held::new(store.finish().await);
    assert!(is_in_file(&held));
    assert!(read(held.payload(&[]).0).await.unwrap() == bytes, "the bytes are others");
}

#[tokio::test]
async fn a_body_is_sent_as_often_as_needed_and_by_two_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = body(2 << 20);
    let held = held(Some(&Spool::new(folder.path())), &bytes).await;
    assert_eq!(held.replay(), Replay::Any);
    let (first, second) = (held.payload(&[]).0, held.payload(&[]).0);
    let (first, second) = tokio::join!(read(first), read(second));
    assert!(first.unwrap() == bytes && second.unwrap() == bytes, "the bytes are others");
}

#[tokio::test]
async fn an_edit_replaces_its_place_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::new(folder.path());
    for length in [100, 2 << 20] {
        let bytes = body(length);
        let held = held(Some(&spool), &bytes).await;
        let edits = [(0..3, "begin"), (50..50, ""), (60..61, "middle"), (90..100, "")];
        let edits = edits.map(|(place, text)| (place, Bytes::from(text)));
        let (payload, told) = held.payload(&edits);
        let expected = [b"begin", &bytes[3..60], b"middle", &bytes[61..90], &bytes[100..]].concat();
        assert_eq!((payload.length(), told), (Some(expected.len() as u64), told));
        assert_eq!(told, Some(expected.len() as u64));
        assert!(read(payload).await.unwrap() == expected, "the bytes are others");
    }
}

#[tokio::test]
async fn what_finds_no_room_is_kept_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Spool::new(folder.path().join("nowhere"));
    for spool in [None, Some(&nowhere)] {
        for announced in [None, Some(2 << 20)] {
            let (bytes, mut taken) = (body(2 << 20), 0);
            let mut store = Store::new(spool, announced);
            for piece in bytes.chunks(10_000) {
                taken += piece.len();
                if store.push(Bytes::copy_from_slice(piece)).await.is_err() {
                    break;
                }
            }
            assert!(taken < 1_100_000, "it was told at once: {taken}");
            let held = Held::new(store.segments());
            assert!(read(held.payload(&[]).0).await.unwrap() == bytes[..taken], "others");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_passed_on_is_sent_once_behind_what_is_held() {
    let segments = vec![Segment::Bytes(Bytes::from_static(b"held"))];
    let rest = stream::iter([Ok(Bytes::from_static(b" and the rest"))]).boxed();
    let held = Held::passed_on(segments, rest, Some(17));
    assert_eq!(held.replay(), Replay::Passing);
    let (payload, length) = held.payload(&[(0..4, Bytes::from_static(b"edited"))]);
    assert_eq!((payload.length(), length), (None, Some(19)));
    assert_eq!(read(payload).await.unwrap(), b"edited and the rest");
    assert!(matches!(read(held.payload(&[]).0).await, Err(BodyError::Sent)));
}
