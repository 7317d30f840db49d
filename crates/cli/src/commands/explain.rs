//! `explain`: why a request went where it went, as the gateway that served it tells it.

use std::time::Duration;

use ferro_core::Secret;
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    Exit, Surroundings,
    arguments::Explain,
    client::{Client, whole},
    configuration::shown_address,
    exit::Failure,
    output::is_written,
    plain::plain,
    port,
    session::{GOOD, Session},
};

/// How long a gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) async fn run(session: &mut Session<'_>, typed: &Explain) -> Result<Exit, Failure> {
    let explanation = ask(session.around, typed).await.map_err(Failure::Refused)?;
    let format = session.format();
    if is_written(&mut *session.around.out, format, &explanation)? {
        return Ok(Exit::Success);
    }
    let heading = session.painted(GOOD, &text(&explanation["request_id"]));
    session.say(heading)?;
    for sentence in sentences(&explanation["summary"]) {
        session.say(sentence)?;
    }
    let why: Vec<_> = sentences(&explanation["decision"]).collect();
    section(session, "Why", [why, told(&explanation["targets"])].concat())?;
    let calls = told(&explanation["calls"]).into_iter().enumerate();
    let calls = calls.map(|(index, call)| format!("{}. {call}", index + 1));
    section(session, "Calls", calls.collect())?;
    Ok(Exit::Success)
}

/// Asks the gateway that was typed, or that the environment names, or that would stand here.
async fn ask(around: &Surroundings, typed: &Explain) -> Result<Value, String> {
    let named = typed.gateway_url.clone().or_else(|| around.var("FERROGW_URL"));
    let url = match named {
        Some(url) => url,
        None => format!("http://127.0.0.1:{}", port::asked(around)?),
    };
    let key = around.var("FERROGW_API_KEY").or_else(|| around.var("MASTER_KEY"));
    let key = key.map(Secret::new);
    if key.as_ref().is_some_and(|key| key.to_header("Bearer ").is_none()) {
        let help = "set FERROGW_API_KEY, or MASTER_KEY, to what the gateway has";
        return Err(format!("the key holds what no header may hold; {help}"));
    }
    let path = format!("/admin/explain/{}", utf8_percent_encode(&typed.id, NON_ALPHANUMERIC));
    let client = Client::at(&url, PATIENCE)?;
    let url = shown_address(&url);
    let asking = async {
        let asked = client.get_with(key.as_ref(), &path).await;
        let named = "--gateway-url or FERROGW_URL names another gateway";
        let (head, body) = asked.map_err(|error| format!("{error}; {named}"))?.into_parts();
        let answer: Value = serde_json::from_slice(&whole(body).await?).unwrap_or_default();
        judged(&url, head.status, answer)
    };
    timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| Err(format!("{url}: no answer within {PATIENCE:?}")))
}

fn judged(url: &str, status: StatusCode, answer: Value) -> Result<Value, String> {
    let code = status.as_u16();
    let message = answer["error"]["message"].as_str().map(plain);
    match (status, message) {
        (StatusCode::OK, _) if answer["summary"].is_array() => Ok(answer),
        (StatusCode::UNAUTHORIZED, Some(message)) => Err(format!(
            "{url}: {message}; set FERROGW_API_KEY, or MASTER_KEY as the gateway has it"
        )),
        (_, Some(message)) => Err(format!("{url} answers {code}: {message}")),
        (_, None) => Err(format!("{url} answers {code}, and not as a gateway does")),
    }
}

fn section(session: &mut Session<'_>, title: &str, lines: Vec<String>) -> Result<(), Failure> {
    if lines.is_empty() {
        return Ok(());
    }
    session.say(format_args!("\n{title}"))?;
    for line in lines {
        session.say(format_args!("  {line}"))?;
    }
    Ok(())
}

fn sentences(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().map(text)
}

/// Sentences about targets, each behind its target's name.
fn told(list: &Value) -> Vec<String> {
    let each = list.as_array().into_iter().flatten();
    each.map(|told| format!("{}: {}", text(&told["target"]), text(&told["says"]))).collect()
}

/// A text for whoever sits at a terminal: clients and vendors have put some of its words together.
fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or_default())
}
