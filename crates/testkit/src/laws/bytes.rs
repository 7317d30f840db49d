//! Replies that are bytes: they pass as they arrive, and are over only where their upstream's are.

use bytes::Bytes;
use ferro_core::{
    BadRequest, ErrorKind, ReplyBody, Subject,
    document::{DocumentRequest, Speech},
};
use futures_util::StreamExt;

use super::{
    Law, Suited, Verdict, ensure, errors, hygiene::encoding_is_deterministic, laws, lossless,
    safety, streams,
};
use crate::{
    Answer, Script, Step,
    bench::{Ask, Bench, MAX_REPLY, Target, answer, request_of},
    cut::Cut,
};

impl Suited for Speech {
    const SAMPLE: &'static str =
        r#"{"model":"conformance-model","input":"Say hello.","voice":"alloy"}"#;
    const STREAMED: Option<&'static str> = Some(
        r#"{"model":"conformance-model","input":"Say hello.","voice":"alloy","stream_format":"sse"}"#,
    );

    fn request(body: &[u8]) -> Result<DocumentRequest<Self>, BadRequest> {
        DocumentRequest::parse(body.to_vec())
    }

    fn laws() -> Vec<Law<Self>> {
        let own = laws![
            encoding_is_deterministic,
            bytes_pass_as_they_came_however_they_arrive,
            bytes_are_handed_on_before_the_last_has_come,
            bytes_that_break_off_are_an_error,
            the_kinds_of_cases_are_there,
        ];
        let groups = [
            lossless::laws(),
            errors::of_any_reply(),
            safety::laws(),
            own,
            streams::of_any_events(),
        ];
        groups.into_iter().flatten().collect()
    }
}

fn bytes_pass_as_they_came_however_they_arrive(bench: &Bench<Speech>) -> Verdict {
    bench.run(async |target| {
        for case in bench.wholes() {
            for cut in [Cut::Whole, Cut::Every(1), Cut::Every(7), Cut::Every(64)] {
                let heard = target.play(case, cut).await?;
                ensure!(heard.error.is_none(), "{}: {:?}", case.name, heard.error);
                ensure!(heard.bytes() == case.upstream.body, "{}: other bytes", case.name);
            }
        }
        Ok(())
    })
}

fn bytes_are_handed_on_before_the_last_has_come(bench: &Bench<Speech>) -> Verdict {
    bench.run(async |target| {
        let case = bench.wholes().next().ok_or("no case is bytes")?;
        let first = case.upstream.body.slice(..10);
        let request = request_of::<Speech>(case)?;
        are_handed_on(target, &request, (answer(case, Cut::Whole), first)).await
    })
}

/// What has come of an answer is handed on while its upstream is silent about the rest; and whoever reads
/// no further has the upstream let go of.
pub(super) async fn are_handed_on<S: Suited>(
    target: &Target<S>,
    request: &S::Request,
    (answer, first): (Answer, Bytes),
) -> Verdict {
    let answer = answer.with_steps([Step::Piece(first.clone()), Step::Silence]);
    let (flow, upstream) = (answer.flow(), Script::always(answer));
    let cx = target.context(&upstream, request.model(), MAX_REPLY);
    let reply = target.serve()?.serve(&cx, request).await;
    let reply = reply.map_err(|error| format!("{error:?}"))?;
    let ReplyBody::Bytes(mut frames) = reply.body else {
        return Err(format!("it is no bytes: {:?}", reply.body));
    };
    let frame = frames.next().await.ok_or("nothing came")?.map_err(|e| format!("{e:?}"))?;
    ensure!(frame.bytes == first, "other bytes");
    drop(frames);
    ensure!(flow.is_dropped(), "the upstream is still read");
    Ok(())
}

fn bytes_that_break_off_are_an_error(bench: &Bench<Speech>) -> Verdict {
    bench.run(async |target| {
        let case = bench.wholes().next().ok_or("no case is bytes")?;
        let first = case.upstream.body.slice(..10);
        let broken = answer(case, Cut::Whole).with_steps([Step::Piece(first.clone()), Step::Break]);
        let request = request_of::<Speech>(case)?;
        let heard = target.ask(&Script::always(broken), &request, Ask::default()).await?;
        let kind = heard.error()?.kind();
        ensure!(matches!(kind, ErrorKind::Transport | ErrorKind::Interrupted), "{kind:?}");
        ensure!(heard.bytes() == first, "what had come before is lost");
        Ok(())
    })
}

fn the_kinds_of_cases_are_there(bench: &Bench<Speech>) -> Verdict {
    let is_audio = |body: &Bytes| !body.starts_with(b"{") && body.len() > 10;
    ensure!(bench.wholes().any(|case| is_audio(&case.upstream.body)), "no case is audio");
    ensure!(bench.streams().next().is_some(), "no case is a stream");
    ensure!(bench.errors(false).next().is_some(), "no case is a refusal");
    Ok(())
}
