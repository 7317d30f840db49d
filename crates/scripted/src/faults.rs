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

/// The numbers in a model's name.
type Numbers<'a> = &'a [usize];

// === what is said ===

pub(crate) fn words(asked: &Asked<'_>, count: Numbers<'_>) -> Script {
    ordinary(asked, &Content::words(nth(count, 0, 100)))
}

pub(crate) fn refused(asked: &Asked<'_>, _: Numbers<'_>) -> Script {
    ordinary(asked, &Content::refused())
}

pub(crate) fn reasoning(asked: &Asked<'_>, _: Numbers<'_>) -> Script {
    ordinary(asked, &Content::thought(asked))
}

// === when it is said ===

pub(crate) fn late(asked: &Asked<'_>, time: Numbers<'_>) -> Script {
    let time = milliseconds(time, 0, 1000);
    if asked.stream() {
        events(asked).first_after(time).into()
    } else {
        let mut script = Script::new().pause(time);
        script.steps.append(&mut whole(asked).steps);
        script
    }
}

pub(crate) fn slow(asked: &Asked<'_>, time: Numbers<'_>) -> Script {
    let time = milliseconds(time, 0, 100);
    match asked.stream() {
        true => events(asked).first_after(time).every(time).into(),
        false => whole(asked).slowly(64, time),
    }
}

pub(crate) fn paced(asked: &Asked<'_>, numbers: Numbers<'_>) -> Script {
    let content = Content::words(nth(numbers, 3, 100));
    if !asked.stream() {
        return ordinary(asked, &content);
    }
    Events::new(answer::chunks(asked, &content))
        .first_after(milliseconds(numbers, 0, 20))
        .every(milliseconds(numbers, 1, 5))
        .per_write(nth(numbers, 2, 1))
        .into()
}

pub(crate) fn comments(asked: &Asked<'_>, time: Numbers<'_>) -> Script {
    if !asked.stream() {
        return whole(asked);
    }
    events(asked).every(milliseconds(time, 0, 1)).with_comments().into()
}

// === what breaks ===

pub(crate) fn cut(asked: &Asked<'_>, count: Numbers<'_>) -> Script {
    if !asked.stream() {
        return half(asked);
    }
    let events = answer::chunks(asked, &Content::of(asked));
    // The finish, perhaps the usage, and [DONE] are not said.
    let unsaid = asked.choices() + usize::from(asked.usage()) + 1;
    let count = nth(count, 0, events.len() - unsaid);
    Events::new(events).cut_after(count).into()
}

pub(crate) fn reset(asked: &Asked<'_>, count: Numbers<'_>) -> Script {
    match nth(count, 0, 0) {
        0 => Script::new().reset(),
        _ if !asked.stream() => half(asked).reset(),
        count => events(asked).reset_after(count).into(),
    }
}

pub(crate) fn dead(_: &Asked<'_>, _: Numbers<'_>) -> Script {
    Script::new().close()
}

pub(crate) fn stall_head(_: &Asked<'_>, _: Numbers<'_>) -> Script {
    Script::new().stall()
}

pub(crate) fn stall(asked: &Asked<'_>, count: Numbers<'_>) -> Script {
    match asked.stream() {
        true => events(asked).stall_after(nth(count, 0, 1)).into(),
        false => half(asked).stall(),
    }
}

pub(crate) fn empty(asked: &Asked<'_>, _: Numbers<'_>) -> Script {
    match asked.stream() {
        true => Events::new(Vec::<Vec<u8>>::new()).into(),
        false => Reply::json(200, "").into(),
    }
}

pub(crate) fn no_done(asked: &Asked<'_>, _: Numbers<'_>) -> Script {
    if !asked.stream() {
        return whole(asked);
    }
    let mut events = answer::chunks(asked, &Content::of(asked));
    events.pop();
    Events::new(events).into()
}

pub(crate) fn short(asked: &Asked<'_>, missing: Numbers<'_>) -> Script {
    let body = body(asked);
    let claimed = body.len() + nth(missing, 0, 10);
    Reply::json(200, body).claiming(claimed).into()
}

pub(crate) fn long(asked: &Asked<'_>, spare: Numbers<'_>) -> Script {
    let body = body(asked);
    let claimed = body.len().saturating_sub(nth(spare, 0, 10));
    Reply::json(200, body).claiming(claimed).into()
}

/// The body, or the event, is a valid one: its size is all that is wrong with it.
pub(crate) fn huge(asked: &Asked<'_>, size: Numbers<'_>) -> Script {
    const MARK: &str = "@@";
    let size = nth(size, 0, 20);
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

pub(crate) fn garbage(_: &Asked<'_>, _: Numbers<'_>) -> Script {
    Script::new().write("\u{16}\u{3}\u{1} this is not HTTP\r\n\r\n").close()
}

pub(crate) fn bad_json(asked: &Asked<'_>, _: Numbers<'_>) -> Script {
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

pub(crate) fn bad_sse(_: &Asked<'_>, _: Numbers<'_>) -> Script {
    Events::new(["<html>not an event</html>\n\n", "\u{0}\u{1}\n: \ndatum: x\n\n"]).into()
}

// === errors that a status does not show, and those that it does ===

const OVERLOADED: &str = r#"{"error":{"message":"scripted: the engine is overloaded","type":"server_error","param":null,"code":"overloaded"}}"#;

pub(crate) fn error_in_200(asked: &Asked<'_>, _: Numbers<'_>) -> Script {
    match asked.stream() {
        true => Events::new([format!("data: {OVERLOADED}\n\n")]).into(),
        false => Reply::json(200, OVERLOADED).into(),
    }
}

pub(crate) fn error_in_stream(asked: &Asked<'_>, count: Numbers<'_>) -> Script {
    if !asked.stream() {
        return error_in_200(asked, count);
    }
    let mut events = answer::chunks(asked, &Content::of(asked));
    events.truncate(nth(count, 0, 2));
    Events::new(events).and(format!("data: {OVERLOADED}\n\n")).into()
}

pub(crate) fn error(_: &Asked<'_>, status: Numbers<'_>) -> Script {
    let status = u16::try_from(nth(status, 0, 500)).unwrap_or(500);
    refusal(status, Shape::OpenAi).into()
}

/// `error-429`: a status, for whatever is asked of the model.
pub(crate) fn error_by_model(model: &str) -> Option<Script> {
    Some(refusal(model.strip_prefix("error-")?.parse().ok()?, Shape::OpenAi).into())
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

/// Half a body, and then the connection closes.
fn half(asked: &Asked<'_>) -> Script {
    let body = body(asked);
    let half = body[..body.len() / 2].to_vec();
    Reply::json(200, half).claiming(body.len()).into()
}

fn whole(asked: &Asked<'_>) -> Script {
    Reply::json(200, body(asked)).into()
}

fn nth(numbers: Numbers<'_>, index: usize, otherwise: usize) -> usize {
    numbers.get(index).copied().unwrap_or(otherwise)
}

fn milliseconds(numbers: Numbers<'_>, index: usize, otherwise: usize) -> Duration {
    Duration::from_millis(u64::try_from(nth(numbers, index, otherwise)).unwrap_or(u64::MAX))
}
