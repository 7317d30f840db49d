//! Whether what comes of a case is what its files say.

use ferro_core::ProviderError;
use ferro_wire::sse;

use super::{Suited, Verdict, ensure};
use crate::{
    Script,
    bench::{Ask, Bench, answer, request_of},
    cut::Cut,
    fixture::{Case, Expected, ExpectedError},
    heard::{Heard, excerpt},
    tree::Tree,
};

/// Plays a case and compares.
pub(crate) fn play<S: Suited>(bench: &Bench<S>, case: &Case) -> Verdict {
    bench.run(async |target| {
        let upstream = Script::always(answer(case, Cut::Whole));
        let heard = target.ask(&upstream, &request_of::<S>(case)?, Ask::default()).await?;
        if let Some(expected) = &case.sent {
            let sent = upstream.sent();
            let sent = Tree::parse(&sent.first().ok_or("nothing was sent")?.body)?;
            let difference = expected.difference(&sent);
            ensure!(difference.is_none(), "sent{}", difference.unwrap_or_default());
        }
        compare(case, &heard)
    })
}

/// Holds what was heard against what the case says.
pub(super) fn compare(case: &Case, heard: &Heard) -> Verdict {
    let body = &case.upstream.body;
    let expected = match &case.expected {
        Expected::Error(expected) => return error(case, expected, heard.error()?),
        Expected::Reply(reply) => {
            ensure!(heard.error.is_none(), "it is an error: {:?}", heard.error);
            ensure!(!heard.is_stream, "it is a stream");
            match &reply.body {
                Some(Tree::Text(any)) if any == "*" => {}
                Some(tree) => same(tree, &Tree::parse(&heard.bytes())?)?,
                None => same_bytes(body, &heard.bytes())?,
            }
            (reply.usage.clone(), reply.finish)
        }
        Expected::Events(events) => {
            match (&events.error, &heard.error) {
                (None, Some(error)) => return Err(format!("it ends with an error: {error:?}")),
                (Some(expected), _) => error(case, expected, heard.error()?)?,
                (None, None) => {}
            }
            ensure!(heard.is_stream, "it is no stream");
            match (&events.data, events.passes) {
                (Some(data), _) => same(&Tree::List(data.clone()), &said(&heard.bytes()))?,
                (None, None) => same_bytes(body, &heard.bytes())?,
                (None, Some(passes)) => {
                    let first: Vec<_> = case.upstream.events().take(passes).collect();
                    same_bytes(&first.concat(), &heard.bytes())?;
                }
            }
            (events.usage.clone(), events.finish)
        }
    };
    let learnt = (heard.usage.clone(), heard.finish);
    ensure!(learnt == expected, "expected {expected:?}, learnt {learnt:?}");
    Ok(())
}

/// What the events of a stream say; what is not JSON, as text.
fn said(bytes: &[u8]) -> Tree {
    let loud = sse::events(bytes).filter(|event| !event.is_silent());
    let read = |data: &[u8]| {
        Tree::parse(data).unwrap_or_else(|_| Tree::Text(String::from_utf8_lossy(data).into_owned()))
    };
    Tree::List(loud.map(|event| read(&event.data())).collect())
}

fn same(expected: &Tree, got: &Tree) -> Verdict {
    match expected.difference(got) {
        None => Ok(()),
        Some(difference) => Err(format!("for the client{difference}")),
    }
}

fn same_bytes(expected: &[u8], got: &[u8]) -> Verdict {
    ensure!(expected == got, "expected {}, got {}", excerpt(expected), excerpt(got));
    Ok(())
}

fn error(case: &Case, expected: &ExpectedError, error: &ProviderError) -> Verdict {
    let ExpectedError { kind, message, code, retry_after_ms } = expected;
    ensure!(error.kind().as_str() == kind, "expected {kind}, got {error:?}");
    let has_words = match (message.as_str(), error.message()) {
        (Some(words), Some(got)) => got.contains(words),
        (words, got) => words == got,
    };
    ensure!(has_words, "expected the words {message}, got {:?}", error.message());
    if let Some(code) = code {
        ensure!(error.code() == Some(code), "expected the code {code}, got {:?}", error.code());
    }
    if let Some(wait) = retry_after_ms {
        let got = error.retry_after().map(|wait| wait.as_millis());
        ensure!(got == Some(u128::from(*wait)), "expected to wait {wait} ms, got {got:?}");
    }
    let status = Some(case.upstream.status).filter(|status| !status.is_success());
    ensure!(error.status() == status, "expected {status:?}, got {:?}", error.status());
    Ok(())
}
