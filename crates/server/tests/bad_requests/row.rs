//! A row of the tables, and what holds of each.

use serde_json::Value;

use crate::gateway::{Answer, MOST, Setup, start};

/// A dialect in which errors are told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Told {
    OpenAi,
    Anthropic,
}

/// A request that cannot be understood.
pub(crate) struct Row {
    /// What is wrong, for whoever reads a failure.
    pub(crate) what: String,
    pub(crate) line: String,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
    pub(crate) status: u16,
    /// The field that is named.
    pub(crate) param: Option<&'static str>,
    /// What the message says: the value, and what would be right.
    pub(crate) says: Vec<&'static str>,
}

pub(crate) const JSON: &str = "content-type: application/json\r\n";

impl Row {
    /// A document that is refused with a 400.
    pub(crate) fn document(path: &str, body: &str) -> Self {
        Self {
            what: body.chars().take(120).collect(),
            line: format!("POST {path}"),
            headers: JSON.to_owned(),
            body: body.as_bytes().to_vec(),
            status: 400,
            param: None,
            says: Vec::new(),
        }
    }

    pub(crate) fn naming(self, param: &'static str) -> Self {
        Self { param: Some(param), ..self }
    }

    pub(crate) fn saying(self, says: &[&'static str]) -> Self {
        Self { says: says.to_vec(), ..self }
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// Asks for everything, and says of everything what is not as it should be.
pub(crate) async fn check(told: Told, rows: Vec<Row>) {
    let setup: Setup = start().await;
    let mut wrong = Vec::new();
    for row in &rows {
        let answer = setup.ask(&row.line, &row.headers, &row.body).await;
        let asked = setup.asked();
        if let Err(why) = row.holds(told, &answer, &asked) {
            wrong.push(format!("{} {}: {why}: {}", row.line, row.what, answer.body));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

impl Row {
    fn holds(&self, told: Told, answer: &Answer, asked: &[String]) -> Result<(), String> {
        if answer.status != self.status {
            return Err(format!("{} and not {}", answer.status, self.status));
        }
        if !asked.is_empty() {
            return Err(format!("the upstream was asked: {asked:?}"));
        }
        if !answer.head.contains("content-type: application/json") {
            return Err("it is not told in JSON".to_owned());
        }
        let error = &answer.body["error"];
        let message = error["message"].as_str().ok_or("it has no message")?;
        // One of the dialects has a place for the field; in the other the message names it.
        let named = self.param.as_ref().filter(|_| told == Told::Anthropic);
        let is_unsaid = |words: &&&str| !message.contains(**words);
        if let Some(words) = self.says.iter().chain(named).find(is_unsaid) {
            return Err(format!("the message does not say `{words}`"));
        }
        match told {
            Told::OpenAi => {
                let is_its_shape = ["message", "type", "param", "code"]
                    .iter()
                    .all(|member| error.get(member).is_some());
                let param = self.param.map_or(Value::Null, Value::from);
                if !is_its_shape || error["type"] != "invalid_request_error" {
                    return Err("it is not in the dialect's shape".to_owned());
                }
                if error["param"] != param {
                    return Err(format!("it names {}, and not {param}", error["param"]));
                }
            }
            Told::Anthropic => {
                let kind = match self.status {
                    404 => "not_found_error",
                    413 => "request_too_large",
                    _ => "invalid_request_error",
                };
                if answer.body["type"] != "error" || error["type"] != kind {
                    return Err(format!("it is no {kind}"));
                }
            }
        }
        Ok(())
    }
}

/// What is wrong in the same way on every route that takes a document. `body` is one that is right, of
/// the model `model`.
pub(crate) fn of_any_document(path: &str, model: &str, body: &str) -> Vec<Row> {
    let said = format!("\"model\":\"{model}\"");
    assert!(body.contains(&said), "{body}");
    let with = |other: &str| Row::document(path, &body.replace(&said, other));
    let mut rows = vec![
        Row::document(path, "").saying(&["not valid JSON", "at byte 0"]),
        Row::document(path, "[]").saying(&["expected an object", "at byte 0"]),
        Row::document(path, "{\"model\" \"x\"}").saying(&["expected `:`", "at byte 9"]),
        Row::document(path, &body[..body.len() - 1]).saying(&["unexpected end", "at byte"]),
        Row::document(path, &format!("{body}x")).saying(&["at byte"]),
        with("\"model\":\"a\",\"model\":\"b\"").saying(&["duplicate field `model`", "at byte"]),
        with("\"model\":\"nobodys\"").with_status(404).naming("model").saying(&["`nobodys`"]),
        with("\"model\":7").naming("model").saying(&["a string, not 7"]),
        Row::document(path, &format!("{}{}", body, " ".repeat(MOST)))
            .with_status(413)
            .saying(&["4096 bytes", "max_request_bytes"]),
    ];
    // A form, where a document should be.
    let form = "--x\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n--x--\r\n";
    rows.push(Row {
        headers: "content-type: multipart/form-data; boundary=x\r\n".to_owned(),
        ..Row::document(path, form).saying(&["not valid JSON"])
    });
    rows.push(Row { line: format!("GET {path}"), ..Row::document(path, "").with_status(405) });
    rows.push(Row { line: format!("DELETE {path}"), ..Row::document(path, "").with_status(405) });
    rows
}

/// What is wrong where a request must name a model.
pub(crate) fn without_a_model(path: &str, model: &str, body: &str) -> Vec<Row> {
    let said = format!("\"model\":\"{model}\"");
    let with = |other: &str| Row::document(path, &body.replace(&said, other)).naming("model");
    let long = format!("\"model\":\"{}\"", "m".repeat(2049));
    vec![
        with("\"modle\":\"m\"").saying(&["model is required"]),
        with("\"model\":\"\"").saying(&["model is required"]),
        with("\"model\":null").saying(&["model is required"]),
        with(&long).saying(&["longer than 2048 bytes"]),
    ]
}
