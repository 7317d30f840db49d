//! An error says what kind it is, in the upstream's words, and nothing an upstream sends is a panic.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ferro_core::ErrorKind as K;

use super::{Law, Suited, Verdict, ensure, laws};
use crate::{
    Answer, Script,
    bench::{Ask, Bench, Target, request_of},
    cut::Cut,
    heard::excerpt,
};

/// The laws of every surface whose replies in one piece are JSON.
pub(super) fn laws<S: Suited>() -> Vec<Law<S>> {
    let mut all = of_any_reply();
    all.extend(laws![a_malformed_reply_is_malformed, a_reply_that_only_looks_whole_is_malformed]);
    all
}

/// The laws of every surface.
pub(super) fn of_any_reply<S: Suited>() -> Vec<Law<S>> {
    laws![
        a_refusal_keeps_the_upstreams_words_and_headers,
        statuses_map_to_the_kind_table,
        retry_after_is_read_in_every_form,
        garbage_in_a_stream_is_no_panic,
        an_error_in_a_success_is_an_error,
    ]
}

fn a_refusal_keeps_the_upstreams_words_and_headers<S: Suited>(bench: &Bench<S>) -> Verdict {
    const HEADERS: &[(&str, &str)] = &[
        ("x-request-id", "req-conformance"),
        ("retry-after", "3"),
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-should-retry", "false"),
    ];
    bench.run(async |target| {
        for case in bench.errors(false) {
            let name = &case.name;
            let heard = target.play(case, Cut::Every(64)).await?;
            let error = heard.error().map_err(|end| format!("{name}: {end}"))?;
            let recorded = &case.upstream;
            ensure!(error.body() == &recorded.body, "{name}: {}", excerpt(error.body()));
            ensure!(error.headers() == &recorded.headers, "{name}: {:?}", error.headers());
        }
        let mut answer = Answer::new(429).with_body(r#"{"error":{"message":"Slow down."}}"#);
        for (header, value) in HEADERS {
            answer = answer.with_header(header, value);
        }
        for heard in target.ask_both(&answer).await? {
            let error = heard.error()?;
            for (header, value) in HEADERS {
                let kept = error.headers().get(*header);
                ensure!(kept.is_some_and(|kept| kept == value), "`{header}` is {kept:?}");
            }
            ensure!(error.status().is_some_and(|status| status == 429), "{error:?}");
        }
        Ok(())
    })
}

fn statuses_map_to_the_kind_table<S: Suited>(bench: &Bench<S>) -> Verdict {
    const TABLE: &[(u16, K)] = &[
        (400, K::Invalid),
        (401, K::Unauthorized),
        (402, K::Quota),
        (403, K::Unauthorized),
        (404, K::NotFound),
        (408, K::Timeout),
        (422, K::Invalid),
        (429, K::RateLimited),
        (498, K::RateLimited),
        (500, K::Unavailable),
        (502, K::Unavailable),
        (503, K::Overloaded),
        (504, K::Timeout),
        (529, K::Overloaded),
    ];
    // Bodies that say nothing: the status alone decides.
    const BODIES: &[&str] = &["", "{}", "[]", "null", "<html>No.</html>", "{\"error\":", "\u{1}"];
    bench.run(async |target| {
        for (status, kind) in TABLE {
            for body in BODIES {
                for heard in target.ask_both(&Answer::new(*status).with_body(*body)).await? {
                    let error = heard.error().map_err(|end| format!("{status}: {end}"))?;
                    ensure!(error.kind() == *kind, "{status} with `{body}`: {error:?}");
                    ensure!(!error.to_string().contains("<html>"), "{status}: {error}");
                }
            }
        }
        Ok(())
    })
}

fn retry_after_is_read_in_every_form<S: Suited>(bench: &Bench<S>) -> Verdict {
    let hour = Duration::from_secs(3600);
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + hour);
    let forms: &[(&[(&str, &str)], Duration)] = &[
        (&[("retry-after", "7")], Duration::from_secs(7)),
        (&[("retry-after", &in_an_hour)], hour),
        (&[("retry-after-ms", "1500"), ("retry-after", "2")], Duration::from_millis(1500)),
        (&[("x-ms-retry-after-ms", "3000")], Duration::from_secs(3)),
        (
            &[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "6m0s")],
            Duration::from_secs(360),
        ),
        (&[("x-ratelimit-reset-tokens", "120ms")], Duration::from_millis(120)),
    ];
    bench.run(async |target| {
        for (headers, wait) in forms {
            let mut answer = Answer::new(429).with_body("{}");
            for (name, value) in *headers {
                answer = answer.with_header(name, value);
            }
            for heard in target.ask_both(&answer).await? {
                // A date is to the second, and the wall clock runs.
                let read = heard.error()?.retry_after();
                let is_near = |read: Duration| read <= *wait && read >= *wait * 9 / 10;
                ensure!(read.is_some_and(is_near), "{headers:?} is read as {read:?}");
            }
        }
        for heard in target.ask_both(&Answer::new(429).with_body("{}")).await? {
            ensure!(heard.error()?.retry_after().is_none(), "advice that nobody gave");
        }
        Ok(())
    })
}

fn a_malformed_reply_is_malformed<S: Suited>(bench: &Bench<S>) -> Verdict {
    let bodies: [&[u8]; 11] = [
        b"",
        b" \n",
        b"null",
        b"[]",
        b"\"words\"",
        b"12",
        b"<html>Hello</html>",
        b"{",
        b"{\"choices\":[",
        b"data: {}\n\n",
        b"\xFF\xFE",
    ];
    bench.run(async |target| {
        let case = bench.wholes().next().ok_or("no case is a reply in one piece")?;
        let body = case.upstream.body.clone();
        let length = body.trim_ascii_end().len();
        let cut = [1, length / 3, length / 2].map(|length| body.slice(..length));
        let cut = cut.into_iter().filter(|body| !body.ends_with(b"}"));
        for body in bodies.map(Bytes::from_static).into_iter().chain(cut) {
            is_malformed(target, body).await?;
        }
        Ok(())
    })
}

/// A brace at the end is not the end: a reply that was cut at one, or is no JSON between its braces,
/// would be counted, priced and cached as a good one.
fn a_reply_that_only_looks_whole_is_malformed<S: Suited>(bench: &Bench<S>) -> Verdict {
    const BODIES: [&[u8]; 5] =
        [b"{}}", b"{\"choices\":[}", b"{\"a\":{\"b\":1}", b"{\"a\" 1}", b"{'a':1}"];
    bench.run(async |target| {
        let case = bench.wholes().next().ok_or("no case is a reply in one piece")?;
        let body = case.upstream.body.clone();
        let length = body.trim_ascii_end().len();
        let braces = (1..length - 1).rev().filter(|at| body[*at] == b'}');
        let cut = braces.take(2).map(|at| body.slice(..=at));
        for body in BODIES.map(Bytes::from_static).into_iter().chain(cut) {
            is_malformed(target, body).await?;
        }
        Ok(())
    })
}

async fn is_malformed<S: Suited>(target: &Target<S>, body: Bytes) -> Verdict {
    let answer = Answer::new(200).with_header("content-type", "application/json");
    for heard in target.ask_both(&answer.with_body(body.clone())).await? {
        let error = heard.error().map_err(|_| format!("{} is a reply", excerpt(&body)))?;
        ensure!(error.kind() == K::Malformed, "{}: {error:?}", excerpt(&body));
    }
    Ok(())
}

fn garbage_in_a_stream_is_no_panic<S: Suited>(bench: &Bench<S>) -> Verdict {
    const GARBAGE: &[&[u8]] = &[
        b"",
        b"\n\n\n",
        b"data",
        b"data:",
        b"data:\n\n",
        b"data: {\n\n",
        b"data: [DONE",
        b"{}",
        b"data: null\n\n",
        b"data: {\"choices\":7}\n\n",
        b"data: {\"choices\":[null]}\n\n",
        b"data: \xFF\xFE\n\n",
        b"\xEF\xBB\xBF",
        b"event: x\n\n",
        b"data: {\"usage\":{\"x\":[]}}\n\n",
        b"data: {\"usage\":{\"prompt_tokens\":-1}}\n\n",
        b"data: {\"error\":null}\n\n",
        b"\r\r\r\n\n",
        b"data: {\"choices\":[{\"finish_reason\":{}}]}\n\n",
        b"data: {\"error\":[[[\n\n",
    ];
    let Some(sample) = S::STREAMED else { return Ok(()) };
    bench.run(async |target| {
        let request = crate::bench::request::<S>(sample.as_bytes())?;
        for garbage in GARBAGE {
            let answer = Answer::new(200).with_header("content-type", "text/event-stream");
            for way in [Cut::Whole, Cut::Every(1)] {
                let answer = answer.clone().with_steps(way.steps(&Bytes::from_static(garbage)));
                let heard = target.ask(&Script::always(answer), &request, Ask::default()).await?;
                ensure!(heard.error.is_some(), "{} is a whole stream", excerpt(garbage));
            }
        }
        Ok(())
    })
}

fn an_error_in_a_success_is_an_error<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        let mut count = 0;
        for case in bench.errors(true) {
            count += 1;
            for cut in [Cut::Whole, Cut::Every(64)] {
                let upstream = Script::always(crate::bench::answer(case, cut));
                let request = request_of::<S>(case)?;
                let heard = target.ask(&upstream, &request, Ask::default()).await?;
                let error = heard.error().map_err(|end| format!("{}: {end}", case.name))?;
                ensure!(error.kind() != K::Malformed, "{}: {error:?}", case.name);
                let is_own = error.body().is_empty() || error.body() == &case.upstream.body;
                ensure!(is_own, "{}: not the upstream's body", case.name);
                let has_words = error.message().is_some() || !error.body().is_empty();
                ensure!(has_words, "{}: the upstream's words are lost", case.name);
                ensure!(heard.frames.is_empty(), "{}: a reply besides", case.name);
            }
        }
        ensure!(count > 0, "no case is an error that came with a success");
        Ok(())
    })
}
