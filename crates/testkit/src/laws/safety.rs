//! A credential goes to its upstream and is seen nowhere else; one call does not hear another's
//! reply; nothing is read without a limit.

use bytes::Bytes;
use ferro_core::{ErrorKind, ProviderError};
use futures_util::future::join_all;

use super::{Law, Suited, Verdict, ensure, laws};
use crate::{
    Answer, Script, Sent, Step,
    bench::{Ask, Bench, Target, answer, request, request_of},
    cut::Cut,
    environment::{Environment, SECRET},
    fixture::Case,
    heard::{Heard, excerpt},
    listener::listen,
};

/// The laws of every surface whose replies have an end that is waited for, or events.
pub(super) fn laws<S: Suited>() -> Vec<Law<S>> {
    let mut all = of_any_reply();
    all.extend(laws![an_oversized_body_stops_at_the_cap]);
    all
}

/// The laws of every surface.
pub(super) fn of_any_reply<S: Suited>() -> Vec<Law<S>> {
    laws![
        a_credential_is_never_printed_or_logged,
        a_credential_goes_to_its_upstream_only,
        an_echoed_credential_is_masked,
        a_credential_echoed_in_a_header_is_masked,
        concurrent_calls_do_not_cross_talk,
        an_oversized_refusal_stops_at_the_cap,
    ]
}

fn a_credential_is_never_printed_or_logged<S: Suited>(bench: &Bench<S>) -> Verdict {
    let (logged, verdict) = listen(|| {
        bench.run(async |target| {
            hides("the provider", &format!("{:?}", target.asker.built))?;
            hides("the credential", &format!("{:?}", target.asker.credential))?;
            let upstream = Script::always(Answer::new(401).with_body("{}"));
            let request = request::<S>(S::SAMPLE.as_bytes())?;
            let heard = target.ask(&upstream, &request, Ask::default()).await?;
            hides("an error", &format!("{heard:?} {}", heard.error()?))?;
            for sent in upstream.sent() {
                hides("the request", &format!("{sent:?}"))?;
            }
            // A key that no header may carry is refused, not shown.
            let environment = Environment::complete(&bench.description).with_broken_keys();
            let refused = environment.build(bench.factory).map_err(|error| error.to_string());
            hides("what is built of a broken key", &format!("{refused:?}"))
        })
    });
    verdict?;
    hides("a log", &logged)
}

fn hides(what: &str, printed: &str) -> Verdict {
    ensure!(!printed.contains(SECRET), "{what} shows the credential: {}", around(printed));
    Ok(())
}

/// What stands around the secret, without it.
fn around(printed: &str) -> String {
    let at = printed.find(SECRET).unwrap_or_default();
    let before: String = printed[..at].chars().rev().take(60).collect();
    format!("`…{}`", before.chars().rev().collect::<String>())
}

fn a_credential_goes_to_its_upstream_only<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        for case in bench.cases.iter().filter(|case| !case.is_large()) {
            let upstream = Script::always(answer(case, Cut::Whole));
            let request = request_of::<S>(case)?;
            target.ask(&upstream, &request, Ask::default()).await?;
            for sent in upstream.sent() {
                stays_at_its_upstream(&sent)?;
            }
        }
        for sent in target.elsewhere.sent() {
            let all = format!("{} {}", sent.uri, String::from_utf8_lossy(&sent.body));
            let shows = all.contains(SECRET) || headers_with_secret(&sent) > 0;
            ensure!(!shows, "the credential went to {}", sent.uri.host().unwrap_or("nobody"));
        }
        Ok(())
    })
}

pub(super) fn stays_at_its_upstream(sent: &Sent) -> Verdict {
    ensure!(sent.uri.authority().is_none(), "the URI names a host: {:?}", sent.uri.authority());
    ensure!(sent.uri.path().starts_with('/'), "the URI is no path");
    ensure!(!sent.headers.contains_key("host"), "the `host` header is the upstream's business");
    ensure!(headers_with_secret(sent) > 0, "the upstream is shown no credential");
    ensure!(!sent.uri.to_string().contains(SECRET), "the credential is in the URI");
    let body = String::from_utf8_lossy(&sent.body);
    ensure!(!body.contains(SECRET), "the credential is in the body");
    let printable = sent.headers.values().filter(|value| holds_secret(value.as_bytes()));
    let open = printable.filter(|value| !value.is_sensitive()).count();
    ensure!(open == 0, "the credential's header is not marked as sensitive");
    Ok(())
}

fn headers_with_secret(sent: &Sent) -> usize {
    sent.headers.values().filter(|value| holds_secret(value.as_bytes())).count()
}

fn holds_secret(value: &[u8]) -> bool {
    value.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
}

/// Vendors like to say which key was wrong. Whatever a case's error says, here it says the key too.
fn an_echoed_credential_is_masked<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        let cases = bench.errors(false).chain(bench.errors(true)).chain(bench.broken_streams());
        let mut count = 0;
        for case in cases {
            let heard = target.play(case, Cut::Whole).await?;
            // A case that comes to no error, or to one without words, is another law's.
            let words = heard.error.as_ref().and_then(|error| error.message());
            let Some(body) = words.and_then(|words| with_echo(case, words)) else {
                continue;
            };
            count += 1;
            let echo = answer(case, Cut::Whole).with_body(body);
            let request = request_of::<S>(case)?;
            let heard = target.ask(&Script::always(echo), &request, Ask::default()).await?;
            let error = heard.error()?;
            let said = format!("{error} {error:?} {:?} {:?}", error.message(), error.code());
            let name = &case.name;
            hides(name, &said)?;
            hides(name, &String::from_utf8_lossy(error.body()))?;
        }
        ensure!(count > 0, "no case has an error with words");
        Ok(())
    })
}

fn a_credential_echoed_in_a_header_is_masked<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        let challenge = format!("Bearer realm=\"api\", error_description=\"{SECRET} is wrong\"");
        let answer = Answer::new(401).with_header("www-authenticate", &challenge);
        for heard in target.ask_both(&answer.with_body("{}")).await? {
            let error = heard.error()?;
            let shown = error.headers().values().any(|value| holds_secret(value.as_bytes()));
            ensure!(!shown, "a header of the error shows the credential");
            hides("an error", &format!("{error:?}"))?;
        }
        Ok(())
    })
}

/// A body whose words say the key: put in front of the vendor's own.
fn with_echo(case: &Case, words: &str) -> Option<Bytes> {
    let text = case.upstream.text()?;
    let json = serde_json::to_string(words).ok()?;
    let quoted = json.trim_matches('"');
    let echoed = format!("The key {SECRET} is wrong. {quoted}");
    text.contains(quoted).then(|| case.upstream.with_text(quoted, &echoed))
}

/// Calls at the same time.
const CALLS: usize = 64;

/// Each call asks for a model of its own, and its upstream answers with that name as the text, in
/// small pieces, so that all replies arrive at once.
fn concurrent_calls_do_not_cross_talk<S: Suited>(bench: &Bench<S>) -> Verdict {
    if bench.impossible.iter().any(|impossible| impossible == "text") {
        return Ok(()); // a reply of numbers
    }
    bench.run(async |target| {
        let mut cases = vec![with_text(target, bench.wholes()).await?];
        if target.samples().count() > 1 {
            cases.push(with_text(target, bench.streams()).await?);
        }
        for (case, text) in cases {
            let upstream = {
                let (answer, recorded) = (answer(case, Cut::Whole), case.upstream.clone());
                Script::new(move |sent| {
                    let said = format!("{} {}", sent.uri, String::from_utf8_lossy(&sent.body));
                    let name = said.split("conformance-call-").nth(1).unwrap_or_default();
                    let name: String = name.chars().take_while(char::is_ascii_digit).collect();
                    let body = recorded.with_text(&text, &nonce(&name));
                    // What was made first leads on to this call's reply.
                    let model = format!("conformance-call-{name}-");
                    let answer = answer.clone().with_first_renamed("conformance-model", &model);
                    answer.with_steps(Cut::Every(64).steps(&body))
                })
            };
            let request = request_of::<S>(case)?;
            let calls = (0..CALLS).map(async |call| {
                let model = format!("conformance-call-{call}-");
                let ask = Ask { model: Some(&model), ..Ask::default() };
                target.ask(&upstream, &request, ask).await
            });
            for (call, heard) in join_all(calls).await.into_iter().enumerate() {
                let heard: Heard = heard?;
                ensure!(heard.error.is_none(), "call {call}: {:?}", heard.error);
                let bytes = heard.bytes();
                let said = String::from_utf8_lossy(&bytes);
                let nonce = nonce(&call.to_string());
                ensure!(said.contains(&nonce), "call {call} heard {}", excerpt(&bytes));
            }
        }
        Ok(())
    })
}

fn nonce(call: &str) -> String {
    format!("[answer {call}]")
}

/// What a reply may hold by which calls can be told apart, where it has no text: the model's name, or
/// a word in an address.
const MARKS: [&str; 2] = ["conformance-model", "conformance-reply"];

/// A case with something in its reply by which calls can be told apart: it stands once in what the
/// vendor sends, as the client reads it.
async fn with_text<'a, S: Suited>(
    target: &Target<S>,
    cases: impl Iterator<Item = &'a Case>,
) -> Result<(&'a Case, String), String> {
    for case in cases {
        let heard = target.play(case, Cut::Whole).await?;
        let body = case.upstream.text().unwrap_or_default();
        let is_telling = |text: &String| text.len() > 2 && body.matches(text).count() == 1;
        let marks = MARKS.map(str::to_owned);
        if let Some(text) = heard.texts::<S>().into_iter().chain(marks).find(is_telling) {
            return Ok((case, text));
        }
    }
    Err("no case has a text by which calls can be told apart".to_owned())
}

fn an_oversized_body_stops_at_the_cap<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        for content_type in ["application/json", "text/event-stream"] {
            for error in endless(target, 200, content_type, CAP).await? {
                ensure!(error.kind() == ErrorKind::Malformed, "{error:?}");
            }
        }
        Ok(())
    })
}

fn an_oversized_refusal_stops_at_the_cap<S: Suited>(bench: &Bench<S>) -> Verdict {
    /// More of a refusal than this nobody reads.
    const REFUSAL: usize = 1 << 20;
    bench.run(async |target| {
        endless(target, 400, "application/json", REFUSAL).await?;
        endless(target, 500, "text/html", REFUSAL).await?;
        Ok(())
    })
}

/// The most that a reply may have where one is too large.
const CAP: usize = 64 << 10;

/// What comes of bodies that do not end, of which at most so much may be read.
async fn endless<S: Suited>(
    target: &Target<S>,
    status: u16,
    content_type: &str,
    most: usize,
) -> Result<Vec<ProviderError>, String> {
    let piece = Bytes::from(vec![b'x'; 16 << 10]);
    let mut errors = Vec::new();
    for sample in target.samples() {
        let answer = Answer::new(status).with_header("content-type", content_type);
        let answer = answer.with_steps([Step::Forever(piece.clone())]);
        let flow = answer.flow();
        let request = request::<S>(sample.as_bytes())?;
        let ask = Ask { max_reply: CAP, ..Ask::default() };
        let heard = target.ask(&Script::always(answer), &request, ask).await?;
        let taken = flow.taken();
        if taken > most + CAP || !flow.is_dropped() {
            return Err(format!("{status}: {taken} bytes were read, or the rest is waited for"));
        }
        errors.push(heard.error.ok_or_else(|| format!("{status}: no error"))?);
    }
    Ok(errors)
}
