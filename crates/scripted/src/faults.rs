//! The answers of the models that do not answer as others do.

use std::time::Duration;

use crate::{
    Events, Reply, Script, Shape,
    answer::{self, Content},
    asked::Asked,
    book::ordinary,
    refusal,
};

const MEBIBYTE: usize = 1 << 20;

type Number = Option<usize>;

// === what is said ===

pub(crate) fn words(asked: &Asked<'_>, count: Number) -> Script {
    ordinary(asked, &Content::words(count.unwrap_or(100)))
}

pub(crate) fn refused(asked: &Asked<'_>, _: Number) -> Script {
    ordinary(asked, &Content::refused())
}

pub(crate) fn reasoning(asked: &Asked<'_>, _: Number) -> Script {
    ordinary(asked, &Content::thought(asked))
}

// === when it is said ===

pub(crate) fn late(asked: &Asked<'_>, time: Number) -> Script {
    let time = milliseconds(time, 1000);
    match asked.stream() {
        true => events(asked).first_after(time).into(),
        false => {
            let mut script = Script::new().pause(time);
            script.steps.append(&mut whole(asked).steps);
            script
        }
    }
}

pub(crate) fn slow(asked: &Asked<'_>, time: Number) -> Script {
    let time = milliseconds(time, 100);
    match asked.stream() {
        true => events(asked).first_after(time).every(time).into(),
        false => whole(asked).slowly(64, time),
    }
}

pub(crate) fn comments(asked: &Asked<'_>, time: Number) -> Script {
    events(asked).every(milliseconds(time, 1)).with_comments().into()
}

// === what breaks ===

pub(crate) fn cut(asked: &Asked<'_>, count: Number) -> Script {
    let events = answer::chunks(asked, &Content::of(asked));
    // The finish, perhaps the usage, and [DONE] are not said.
    let all = events.len() - 2 * asked.choices() - usize::from(asked.usage());
    Events::new(events).cut_after(count.unwrap_or(all)).into()
}

pub(crate) fn reset(asked: &Asked<'_>, count: Number) -> Script {
    match count {
        None | Some(0) => Script::new().reset(),
        Some(count) => events(asked).reset_after(count).into(),
    }
}

pub(crate) fn dead(_: &Asked<'_>, _: Number) -> Script {
    Script::new().close()
}

pub(crate) fn stall_head(_: &Asked<'_>, _: Number) -> Script {
    Script::new().stall()
}

pub(crate) fn stall(asked: &Asked<'_>, count: Number) -> Script {
    if asked.stream() {
        return events(asked).stall_after(count.unwrap_or(1)).into();
    }
    let body = body(asked);
    let half = body.len() / 2;
    let script: Script = Reply::json(200, body[..half].to_vec()).claiming(body.len()).into();
    script.stall()
}

pub(crate) fn empty(asked: &Asked<'_>, _: Number) -> Script {
    match asked.stream() {
        true => Events::new(Vec::<Vec<u8>>::new()).into(),
        false => Reply::json(200, "").into(),
    }
}

pub(crate) fn no_done(asked: &Asked<'_>, _: Number) -> Script {
    let mut events = answer::chunks(asked, &Content::of(asked));
    events.pop();
    Events::new(events).into()
}

pub(crate) fn short(asked: &Asked<'_>, missing: Number) -> Script {
    let body = body(asked);
    let claimed = body.len() + missing.unwrap_or(10);
    Reply::json(200, body).claiming(claimed).into()
}

pub(crate) fn long(asked: &Asked<'_>, spare: Number) -> Script {
    let body = body(asked);
    let claimed = body.len().saturating_sub(spare.unwrap_or(10));
    Reply::json(200, body).claiming(claimed).into()
}

/// The body, or the event, is a valid one: its size is all that is wrong with it.
pub(crate) fn huge(asked: &Asked<'_>, size: Number) -> Script {
    const MARK: &str = "@@";
    let size = size.unwrap_or(20);
    let content = Content::said(vec![MARK.into()]);
    let (content_type, text) = match asked.stream() {
        true => ("text/event-stream", answer::chunks(asked, &content).concat()),
        false => ("application/json", answer::whole(asked, &content)),
    };
    let text = String::from_utf8(text).expect("rendered from strings");
    // The first mark alone, so that several choices do not make it several times as large.
    let (before, after) = text.split_once(MARK).expect("the mark is what is said");
    let length = before.len() + size * MEBIBYTE + after.len();
    let head = format!(
        "HTTP/1.1 200 Scripted\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    let script = Script::new().write(format!("{head}{before}"));
    script.repeat(vec![b'x'; MEBIBYTE], size).write(after.to_owned())
}

pub(crate) fn garbage(_: &Asked<'_>, _: Number) -> Script {
    Script::new().write("\u{16}\u{3}\u{1} this is not HTTP\r\n\r\n").close()
}

pub(crate) fn bad_json(asked: &Asked<'_>, _: Number) -> Script {
    const BROKEN: &str = r#"{"id":"chatcmpl-scripted","choices":[{"index":"#;
    match asked.stream() {
        true => {
            let first = answer::chunks(asked, &Content::of(asked)).swap_remove(0);
            Events::new([first, format!("data: {BROKEN}\n\n").into()])
                .and("data: [DONE]\n\n")
                .into()
        }
        false => Reply::json(200, BROKEN).into(),
    }
}

pub(crate) fn bad_sse(_: &Asked<'_>, _: Number) -> Script {
    Events::new(["<html>not an event</html>\n\n", "\u{0}\u{1}\n: \ndatum: x\n\n"]).into()
}

// === errors that a status does not show, and those that it does ===

const OVERLOADED: &str = r#"{"error":{"message":"scripted: the engine is overloaded","type":"server_error","param":null,"code":"overloaded"}}"#;

pub(crate) fn error_in_200(asked: &Asked<'_>, _: Number) -> Script {
    match asked.stream() {
        true => Events::new([format!("data: {OVERLOADED}\n\n")]).into(),
        false => Reply::json(200, OVERLOADED).into(),
    }
}

pub(crate) fn error_in_stream(asked: &Asked<'_>, count: Number) -> Script {
    let mut events = answer::chunks(asked, &Content::of(asked));
    events.truncate(count.unwrap_or(2));
    Events::new(events).and(format!("data: {OVERLOADED}\n\n")).into()
}

pub(crate) fn error(_: &Asked<'_>, status: Number) -> Script {
    let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
    refusal(status, Shape::OpenAi).into()
}

/// `error-429-anthropic`: a status in another vendor's shape.
pub(crate) fn error_by_shape(model: &str) -> Option<Script> {
    let (status, shape) = model.strip_prefix("error-")?.split_once('-')?;
    let (_, shape) = Shape::BY_NAME.into_iter().find(|(name, _)| *name == shape)?;
    Some(refusal(status.parse().ok()?, shape).into())
}

fn events(asked: &Asked<'_>) -> Events {
    Events::new(answer::chunks(asked, &Content::of(asked)))
}

fn body(asked: &Asked<'_>) -> Vec<u8> {
    answer::whole(asked, &Content::of(asked))
}

fn whole(asked: &Asked<'_>) -> Script {
    Reply::json(200, body(asked)).into()
}

fn milliseconds(number: Number, otherwise: u64) -> Duration {
    Duration::from_millis(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(otherwise))
}
