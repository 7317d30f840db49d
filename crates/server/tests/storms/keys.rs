//! Several keys of one target, one of which is not taken any more.

use ferro_scripted::{Received, Script, Shape, refusal};

use crate::weather::{Vendor, Weather, healthy, well};

const KEYS: &str = "keys: [{key: sk-revoked-1, weight: 3}, {key: sk-good-2}], models: [m]";

fn shows_revoked(received: &Received) -> bool {
    received.header("authorization").is_some_and(|shown| shown.contains("revoked"))
}

fn takes_one_of_them(received: &Received) -> Script {
    if shows_revoked(received) { refusal(401, Shape::OpenAi).into() } else { well(received) }
}

#[tokio::test]
async fn a_revoked_key_is_stepped_over_and_rests() {
    let (a, b) = (Vendor::ill(takes_one_of_them).await, healthy().await);
    let targets = [("a", &a.upstream, KEYS), ("b", &b, "models: [m]")];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    let told = weather.ask_often(20, "m").await;
    assert!(told.iter().all(|told| (told.status, told.target()) == (200, "a")), "{told:?}");
    let shown = a.upstream.requests().iter().filter(|request| shows_revoked(request)).count();
    assert_eq!(shown, 1, "it is shown once, and then rests");
    assert_eq!(b.requests().len(), 0, "the target is not left while it has a key");
}

#[tokio::test]
async fn a_target_without_a_key_that_is_taken_is_left_for_the_next() {
    let (a, b) = (Vendor::ill(crate::weather::refuses(401)).await, healthy().await);
    let targets = [("a", &a.upstream, KEYS), ("b", &b, "models: [m]")];
    let weather = Weather::new("{mode: fallback}", &targets).await;
    let told = weather.ask_often(3, "m").await;
    assert!(told.iter().all(|told| (told.status, told.target()) == (200, "b")), "{told:?}");
    assert_eq!(a.asked(), 2, "each of its keys was shown once");
}

#[tokio::test]
async fn what_one_caller_may_not_have_takes_the_key_from_nobody() {
    let a = Vendor::ill(crate::weather::refuses(403)).await;
    let weather = Weather::new("{mode: fallback}", &[("a", &a.upstream, "models: [m]")]).await;
    assert_eq!(weather.ask("m", false).await.status, 502);
    a.cure();
    assert_eq!(weather.ask("m", false).await.status, 200);
}
