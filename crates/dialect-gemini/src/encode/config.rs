//! How the answer is made: `generationConfig`.

use std::borrow::Cow;

use ferro_core::{
    ProviderError,
    chat::{ResponseFormat, Source},
};

use super::{
    Context,
    fields::{CONFIG, Fields, says_something},
    thinking, unsupported,
};
use crate::{
    json::{Json, Members, items, text},
    schema,
};

/// Writes it, if there is anything to say.
pub(super) fn write(
    cx: &Context<'_>,
    json: &mut Json,
    fields: &Fields<'_>,
    source: &Source<'_>,
) -> Result<(), ProviderError> {
    let mut config = Json::default();
    config.open(b'{');
    let mut written: Vec<&str> = Vec::new();
    for (name, own) in CONFIG {
        let is_taken = cx.profile.takes(own) && !written.contains(own);
        if let Some(value) = fields.get(name).filter(|_| is_taken) {
            config.raw_member(own, &value);
            written.push(own);
        }
    }
    let limit = fields.get("max_completion_tokens").or_else(|| fields.get("max_tokens"));
    if let Some(limit) = limit {
        config.raw_member("maxOutputTokens", &limit);
    }
    if let Some(stop) = fields.get("stop") {
        let listed = if stop.starts_with('"') { format!("[{stop}]").into() } else { stop };
        config.raw_member("stopSequences", &listed);
    }
    modalities(&mut config, fields, &written);
    if let Some(voice) = voice(fields).filter(|_| !written.contains(&"speechConfig")) {
        config.raw_member("speechConfig", &voice);
    }
    thinking::Told::of(cx.generation, fields).write(&mut config);
    format(cx, &mut config, source)?;
    config.close(b'}');
    if config.0.len() > "{}".len() {
        json.key("generationConfig");
        json.0.append(&mut config.0);
    }
    Ok(())
}

/// `modalities` of the chat wire, where the client has not said this wire's own.
fn modalities(config: &mut Json, fields: &Fields<'_>, written: &[&str]) {
    let said = fields.get("modalities").filter(|_| !written.contains(&"responseModalities"));
    let Some(said) = said else { return };
    config.key("responseModalities");
    config.open(b'[');
    for modality in items(&said).into_iter().filter_map(|item| text(item.get())) {
        config.text(&modality.to_ascii_uppercase());
    }
    config.close(b']');
}

/// The voice that the chat wire's `audio` names.
pub(super) fn voice(fields: &Fields<'_>) -> Option<String> {
    let audio = fields.get("audio")?;
    let members = Members::of(&audio)?;
    let voice = members.get("voice").filter(|voice| voice.starts_with('"'))?;
    Some(format!(r#"{{"voiceConfig":{{"prebuiltVoiceConfig":{{"voiceName":{voice}}}}}}}"#))
}

/// What `audio` and `response_format` say that nothing is made of.
pub(super) fn strange(fields: &Fields<'_>, list: &mut Vec<String>) {
    /// As the model speaks.
    const SPOKEN: &str = "\"pcm16\"";
    if let Some(format) = fields.own("response_format") {
        beside("response_format", (&format, &["type", "json_schema"]), list);
        let schema = Members::of(&format).and_then(|format| format.get("json_schema"));
        // That a schema is followed is what it is for.
        let known = &["name", "schema", "strict"];
        beside("response_format.json_schema", (schema.unwrap_or_default(), known), list);
    }
    if let Some(audio) = fields.own("audio").filter(|_| voice(fields).is_some()) {
        let format = Members::of(&audio).and_then(|audio| audio.get("format"));
        let is_spoken = format.is_none_or(|format| format == SPOKEN);
        let known: &[&str] = if is_spoken { &["voice", "format"] } else { &["voice"] };
        beside("audio", (&audio, known), list);
    }
}

/// Lists the members of an object that are none of the known ones.
fn beside(place: &str, (json, known): (&str, &[&str]), list: &mut Vec<String>) {
    let members = Members::of(json).unwrap_or_default();
    let strange =
        members.iter().filter(|(name, value)| !known.contains(name) && says_something(value.get()));
    list.extend(strange.map(|(name, _)| format!("{place}.{name}")));
}

/// The form of the answer.
fn format(cx: &Context<'_>, config: &mut Json, source: &Source<'_>) -> Result<(), ProviderError> {
    let format = source.response_format()?;
    match &format {
        ResponseFormat::Text => return Ok(()),
        ResponseFormat::Other(said) => {
            return Err(unsupported(&format!("response_format: this vendor knows no {said}")));
        }
        _ => config.member("responseMimeType", "application/json"),
    }
    let ResponseFormat::JsonSchema(wanted) = &format else { return Ok(()) };
    if let Some(wanted) = wanted.schema {
        let (name, said) = if cx.generation.takes_json_schema() {
            ("responseJsonSchema", schema::standing_alone(wanted.get()))
        } else {
            ("responseSchema", Cow::Owned(schema::normalised(wanted.get())))
        };
        config.raw_member(name, &said);
    }
    Ok(())
}
