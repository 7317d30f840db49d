//! A stream says the same however it arrives, and is over only when its vendor said so.

use bytes::Bytes;
use ferro_core::{Delta, ErrorKind, Finish, ReplyBody, Subject};
use ferro_wire::sse;
use futures_util::StreamExt;

use super::{Law, Suited, Verdict, cases, ensure, laws};
use crate::{
    Answer, Script, Step,
    bench::{Ask, Bench, MAX_REPLY, answer, request, request_of},
    cut::Cut,
    fixture::Case,
    heard::excerpt,
};

/// The laws of every surface whose streams say why they end.
pub(super) fn laws<S: Suited>() -> Vec<Law<S>> {
    let mut all = of_any_events();
    all.extend(laws![one_finish_then_at_most_one_usage_then_the_end]);
    all
}

/// The laws of every surface that has streams.
pub(super) fn of_any_events<S: Suited>() -> Vec<Law<S>> {
    laws![
        any_chunking_gives_the_same_events,
        a_truncated_stream_is_an_error,
        a_broken_connection_is_an_error,
        an_error_inside_a_stream_ends_it_after_what_came_before,
        keep_alives_and_comments_are_ignored,
        an_event_of_a_mebibyte_passes_and_one_over_the_cap_fails,
        dropping_the_reply_drops_the_upstream,
    ]
}

/// Those that hold where what is streamed is another surface's. However it is cut, that one reads it; and
/// what it says there are other bytes.
pub(super) fn over_another<S: Suited>() -> Vec<Law<S>> {
    laws![
        a_truncated_stream_is_an_error,
        a_broken_connection_is_an_error,
        keep_alives_and_comments_are_ignored,
        dropping_the_reply_drops_the_upstream,
        one_finish_then_at_most_one_usage_then_the_end,
    ]
}

fn any_chunking_gives_the_same_events<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        for case in bench.streams().chain(bench.broken_streams()) {
            let whole = target.play(case, Cut::Whole).await?.gist();
            for way in Cut::ways(&case.upstream.body, bench.share(case)) {
                let cut = target.play(case, way).await?.gist();
                ensure!(whole == cut, "{}, {way:?}: {}", case.name, whole.difference(&cut));
            }
        }
        Ok(())
    })
}

/// Where a stream can be cut short so that something that it says is missing: behind each event but
/// the last, and inside each. A vendor whose own streams end with the finish says nothing behind it.
fn truncations<S: Suited>(bench: &Bench<S>, case: &Case) -> Vec<usize> {
    let mut own = bench.streams().filter(|case| !case.is_shared);
    let ends_with_finish = own.any(|case| loud(case).last().is_some_and(|e| finishes::<S>(e.1)));
    let (mut cuts, mut ends) = (vec![0], Vec::new());
    for (start, event) in loud(case) {
        cuts.push(start + event.len() / 2);
        ends.push(start + event.len());
        if ends_with_finish && finishes::<S>(event) {
            break;
        }
    }
    ends.pop();
    let last = ends.last().copied().unwrap_or_default();
    cuts.retain(|cut| *cut < last);
    cuts.extend(ends);
    cuts
}

/// The vendor's events that say something, each with where it starts.
fn loud(case: &Case) -> Vec<(usize, &[u8])> {
    let mut at = 0;
    let mut found = Vec::new();
    for event in case.upstream.events() {
        if !is_silent(event) {
            found.push((at, event));
        }
        at += event.len();
    }
    found
}

fn is_silent(event: &[u8]) -> bool {
    sse::Event { raw: event }.is_silent()
}

/// Whether an event says why its reply ended, or, as some do behind that, what it took.
fn finishes<S: Suited>(event: &[u8]) -> bool {
    let event = S::Event::read(Bytes::copy_from_slice(event));
    event.is_ok_and(|event| event.finish(0).is_some() || event.usage().is_some())
}

fn a_truncated_stream_is_an_error<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        for case in bench.streams() {
            let (body, request) = (&case.upstream.body, request_of::<S>(case)?);
            let all = target.play(case, Cut::Whole).await?.bytes();
            for cut in truncations(bench, case) {
                let short = answer(case, Cut::Whole).with_body(body.slice(..cut));
                let heard = target.ask(&Script::always(short), &request, Ask::default()).await?;
                let so_far = excerpt(&body[cut.saturating_sub(60)..cut]);
                let name = &case.name;
                let error = heard.error().map_err(|_| format!("{name}: done behind {so_far}"))?;
                // JSON in which nothing has been said yet may be no stream at all.
                let may_be_none = case.upstream.is_json() && heard.bytes().is_empty();
                let is_known = error.kind() == ErrorKind::Interrupted
                    || may_be_none && error.kind() == ErrorKind::Malformed;
                ensure!(is_known, "{name}, behind {so_far}: {error:?} is not `interrupted`");
                ensure!(
                    all.starts_with(&heard.bytes()),
                    "{name}, behind {so_far}: what came before the end is not what was sent"
                );
            }
        }
        Ok(())
    })
}

fn a_broken_connection_is_an_error<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        for case in bench.streams() {
            let (body, request) = (&case.upstream.body, request_of::<S>(case)?);
            for cut in truncations(bench, case) {
                let broken = answer(case, Cut::Whole)
                    .with_steps([Step::Piece(body.slice(..cut)), Step::Break]);
                let heard = target.ask(&Script::always(broken), &request, Ask::default()).await?;
                let error =
                    heard.error().map_err(|end| format!("{}, at {cut}: {end}", case.name))?;
                ensure!(
                    matches!(error.kind(), ErrorKind::Transport | ErrorKind::Interrupted),
                    "{}, at {cut}: {error:?}",
                    case.name
                );
            }
        }
        Ok(())
    })
}

fn an_error_inside_a_stream_ends_it_after_what_came_before<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        let mut count = 0;
        for case in bench.broken_streams() {
            count += 1;
            let once = target.play(case, Cut::Whole).await?;
            let error = once.error()?;
            for way in [Cut::Whole, Cut::Every(1), Cut::Every(64)] {
                let heard = target.play(case, way).await?;
                heard.error().map_err(|end| format!("{}: {end}", case.name))?;
                ensure!(!heard.goes_on, "{}, {way:?}: it goes on after the error", case.name);
                ensure!(heard.gist() == once.gist(), "{}, {way:?}: it is another", case.name);
            }
            let words = error.message().unwrap_or_default();
            ensure!(
                !once.bytes().windows(words.len().max(1)).any(|w| w == words.as_bytes()),
                "{}: the error is among the events too",
                case.name
            );
            let (body, sent) = (error.body(), &case.upstream.body);
            let is_own = body.is_empty() || sent.windows(body.len()).any(|w| w == body);
            ensure!(is_own, "{}: not the upstream's body: {}", case.name, excerpt(body));
            let has_words = !words.is_empty() || !body.is_empty();
            ensure!(has_words, "{}: the upstream's words are lost", case.name);
        }
        let has_none = bench.impossible.iter().any(|impossible| impossible == "stream");
        ensure!(count > 0 || has_none, "no case is a stream with an error in it");
        Ok(())
    })
}

fn one_finish_then_at_most_one_usage_then_the_end<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        for case in bench.streams() {
            let heard = target.play(case, Cut::Every(64)).await?;
            in_order::<S>(&heard.bytes()).map_err(|why| format!("{}: {why}", case.name))?;
        }
        Ok(())
    })
}

/// Choices of one reply that are looked at.
const CHOICES: u32 = 4;

pub(super) fn in_order<S: Suited>(mut bytes: &[u8]) -> Verdict {
    let mut finishes = [None::<Finish>; CHOICES as usize];
    let mut usages = 0;
    while S::FRAMING.first(bytes) > 0 {
        let (event, rest) = bytes.split_at(S::FRAMING.first(bytes));
        bytes = rest;
        let shown = excerpt(event);
        let event = S::Event::read(Bytes::copy_from_slice(event)).map_err(|e| e.to_string())?;
        let mut late = None;
        event.texts(&mut |choice, text| {
            let is_over = finishes.get(choice as usize).is_some_and(Option::is_some);
            late = late.or((is_over && !text.is_empty()).then_some(choice));
        });
        ensure!(late.is_none(), "choice {late:?} speaks after its finish: {shown}");
        let is_over = finishes.iter().any(Option::is_some);
        usages += usize::from(is_over && event.usage().is_some());
        for choice in 0..CHOICES {
            if let Some(finish) = event.finish(choice) {
                let before = finishes[choice as usize].replace(finish);
                ensure!(before.is_none(), "choice {choice} ends twice: {shown}");
            }
        }
    }
    ensure!(bytes.is_empty(), "the last event has no end: {}", excerpt(bytes));
    ensure!(usages <= 1, "{usages} events behind the finish report usage");
    ensure!(finishes[0].is_some(), "no event says why it ends");
    Ok(())
}

fn keep_alives_and_comments_are_ignored<S: Suited>(bench: &Bench<S>) -> Verdict {
    const SILENT: [&str; 5] = [": keep-alive\n\n", ":\n\n", "\n\n", ": one\n: two\n\n", "\r\n\r\n"];
    bench.run(async |target| {
        for case in bench.streams().filter(|case| case.upstream.is_stream()) {
            let quiet = target.play(case, Cut::Whole).await?;
            let request = request_of::<S>(case)?;
            let mut body = SILENT.concat().into_bytes();
            for (event, silent) in case.upstream.events().zip(SILENT.iter().cycle()) {
                body.extend_from_slice(event);
                let is_whole = sse::FRAMING.first(event) > 0;
                body.extend_from_slice(if is_whole { silent.as_bytes() } else { b"" });
            }
            let noisy = answer(case, Cut::Whole).with_steps(Cut::Every(64).steps(&body.into()));
            let noisy = target.ask(&Script::always(noisy), &request, Ask::default()).await?;
            let (quiet, noisy) = (quiet.gist(), noisy.gist());
            ensure!(quiet == noisy, "{}: {}", case.name, quiet.difference(&noisy));
        }
        Ok(())
    })
}

fn an_event_of_a_mebibyte_passes_and_one_over_the_cap_fails<S: Suited>(
    bench: &Bench<S>,
) -> Verdict {
    const CAP: usize = 64 << 10;
    if bench.impossible.iter().any(|impossible| impossible == "stream") {
        return Ok(());
    }
    let case = bench.all_streams().find(|case| case.is_large());
    let case = case.ok_or("no case has an event of a mebibyte (`@@MEBIBYTE@@`)")?;
    bench.run(async |target| {
        cases::compare(case, &target.play(case, Cut::Every(256 << 10)).await?)?;
        let answer = answer(case, Cut::Every(16 << 10));
        let flow = answer.flow();
        let ask = Ask { max_reply: CAP, ..Ask::default() };
        let heard = target.ask(&Script::always(answer), &request_of::<S>(case)?, ask).await?;
        let error = heard.error().map_err(|end| format!("over the cap: {end}"))?;
        ensure!(error.kind() == ErrorKind::Malformed, "over the cap: {error:?}");
        ensure!(flow.taken() < 4 * CAP, "{} bytes were read for {CAP}", flow.taken());
        Ok(())
    })
}

fn dropping_the_reply_drops_the_upstream<S: Suited>(bench: &Bench<S>) -> Verdict {
    bench.run(async |target| {
        for case in bench.streams() {
            let first = case.upstream.events().find(|event| !is_silent(event)).ok_or("no event")?;
            let first = Bytes::copy_from_slice(first);
            let answer = answer(case, Cut::Whole).with_steps([Step::Piece(first), Step::Silence]);
            let flow = answer.flow();
            let upstream = Script::always(answer);
            let request = request_of::<S>(case)?;
            let cx = target.context(&upstream, request.model(), MAX_REPLY);
            let reply = target.serve()?.serve(&cx, &request).await;
            let reply = reply.map_err(|error| format!("{}: {error:?}", case.name))?;
            let ReplyBody::Stream(mut frames) = reply.body else { continue };
            let frame = frames.next().await;
            ensure!(matches!(frame, Some(Ok(_))), "{}: the first event waits", case.name);
            ensure!(!flow.is_dropped(), "{}: dropped before its time", case.name);
            drop(frames);
            ensure!(flow.is_dropped(), "{}: the upstream is still read", case.name);
        }
        // One who leaves while a reply in one piece is still arriving.
        let silent = Answer::new(200).with_header("content-type", "application/json");
        let silent = silent.with_steps([Step::Piece(Bytes::from_static(b"{")), Step::Silence]);
        let flow = silent.flow();
        let upstream = Script::always(silent);
        let request = request::<S>(S::SAMPLE.as_bytes())?;
        let cx = target.context(&upstream, request.model(), MAX_REPLY);
        let serve = target.serve()?;
        let call = serve.serve(&cx, &request);
        let waited = tokio::time::timeout(std::time::Duration::from_secs(1), call).await;
        ensure!(waited.is_err(), "half a reply is an answer");
        ensure!(flow.is_dropped(), "who left is still waited for");
        Ok(())
    })
}
