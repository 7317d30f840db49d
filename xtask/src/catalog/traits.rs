//! What a model is, as far as a source tells or its name does: what it serves, takes, gives and can do.

use super::{
    facts::Rates,
    format::{
        meter::Meter,
        names::{CAPABILITIES, List, MODALITIES, SURFACES},
        row::{Row, Stage},
    },
    json::Json,
};

/// Reads what an entry of `portkey-general` says.
pub(crate) fn read(entry: &Json, row: &mut Row) {
    let kind = entry.get("type");
    let primary = kind.and_then(|kind| kind.text().or(kind.get("primary")?.text()));
    let supported: Vec<_> =
        kind.and_then(|kind| kind.get("supported")).into_iter().flat_map(Json::texts).collect();
    let surface = match primary.unwrap_or_default() {
        "chat" => "chat",
        "responses" => "responses",
        "text" => "completions",
        "embedding" => "embeddings",
        "image" | "image_generation" => "images",
        "rerank" => "rerank",
        "moderation" => "moderations",
        "video" => "video",
        "ocr" => "ocr",
        _ => "",
    };
    say(&mut row.surfaces, SURFACES, surface);
    supported
        .iter()
        .filter(|word| ["messages", "responses", "chat"].contains(word))
        .for_each(|word| say(&mut row.surfaces, SURFACES, word));
    for word in supported {
        match word {
            "tools" => say(&mut row.capabilities, CAPABILITIES, "tools"),
            "image" | "vision" => {
                say(&mut row.capabilities, CAPABILITIES, "vision");
                say(&mut row.takes, MODALITIES, "image");
            }
            "pdf" | "doc" => say(&mut row.takes, MODALITIES, "file"),
            "audio" | "video" => say(&mut row.takes, MODALITIES, word),
            "image_generation" => say(&mut row.gives, MODALITIES, "image"),
            "cache_control" => say(&mut row.capabilities, CAPABILITIES, "prompt_caching"),
            _ => {}
        }
    }
    if entry.at(&["features", "tools"]).is_some() {
        say(&mut row.capabilities, CAPABILITIES, "tools");
    }
    entry.get("params").map(Json::items).into_iter().flatten().for_each(|p| parameter(p, row));
}

fn parameter(parameter: &Json, row: &mut Row) {
    match parameter.get("key").and_then(Json::text).unwrap_or_default() {
        "max_tokens" | "max_completion_tokens" => {
            let most = parameter.get("maxValue").and_then(Json::number);
            let most = most.and_then(|most| most.parse::<u32>().ok());
            row.max_output_tokens = row.max_output_tokens.max(most.unwrap_or_default());
        }
        "thinking" | "reasoning" | "reasoning_effort" => {
            say(&mut row.capabilities, CAPABILITIES, "reasoning");
        }
        "parallel_tool_calls" => say(&mut row.capabilities, CAPABILITIES, "parallel_tools"),
        "response_format" => {
            let options = parameter.get("options").map(Json::items).unwrap_or_default();
            for option in options.iter().filter_map(|option| option.get("value")?.text()) {
                match option {
                    "json_object" => say(&mut row.capabilities, CAPABILITIES, "json_mode"),
                    "json_schema" => say(&mut row.capabilities, CAPABILITIES, "structured_output"),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Words in an id, and what such a model serves, where no source tells.
const BY_NAME: [(&str, &str); 25] = [
    ("embed", "embeddings"),
    ("bge-", "embeddings"),
    ("voyage-", "embeddings"),
    ("rerank", "rerank"),
    ("moderation", "moderations"),
    ("whisper", "transcription"),
    ("transcri", "transcription"),
    ("nova-2", "transcription"),
    ("nova-3", "transcription"),
    ("tts", "speech"),
    ("speech", "speech"),
    ("sora", "video"),
    ("veo-", "video"),
    ("seedance", "video"),
    ("dall-e", "images"),
    ("gpt-image", "images"),
    ("imagen", "images"),
    ("flux", "images"),
    ("stable-", "images"),
    ("sd3", "images"),
    ("seedream", "images"),
    ("image-", "images"),
    ("ocr", "ocr"),
    ("babbage", "completions"),
    ("davinci", "completions"),
];

/// Says what follows from the name and the prices, where no source said it.
pub(crate) fn complete(row: &mut Row, prices: &Rates) {
    let id = row.id.to_ascii_lowercase();
    let charges = |meter: Meter| prices.keys().any(|key| key.meter == meter);
    if row.surfaces == 0 {
        let by_name = BY_NAME.iter().find(|(part, _)| id.contains(part)).map(|(_, s)| *s);
        let by_price = [
            (Meter::AudioTime, "transcription"),
            (Meter::Characters, "speech"),
            (Meter::VideoTime, "video"),
        ];
        let by_price = by_price.into_iter().find(|(meter, _)| charges(*meter)).map(|(_, s)| s);
        let paints = charges(Meter::Images) && !charges(Meter::Output);
        let by_price = by_price.or(paints.then_some("images"));
        say(&mut row.surfaces, SURFACES, by_price.or(by_name).unwrap_or("chat"));
    }
    modalities(row, charges);
    for (meter, can) in [
        (Meter::CacheRead, "prompt_caching"),
        (Meter::Reasoning, "reasoning"),
        (Meter::AudioInput, "audio_input"),
        (Meter::AudioOutput, "audio_output"),
    ] {
        if charges(meter) {
            say(&mut row.capabilities, CAPABILITIES, can);
        }
    }
    let parts: Vec<_> = id.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let is_preview = ["preview", "beta", "exp", "experimental", "alpha"];
    if row.lifecycle.stage == Stage::Ga && parts.iter().any(|part| is_preview.contains(part)) {
        row.lifecycle.stage = Stage::Preview;
    }
}

fn modalities(row: &mut Row, charges: impl Fn(Meter) -> bool) {
    let serves = |surface: &str| SURFACES.bit(surface).is_some_and(|bit| row.surfaces & bit != 0);
    let (takes, gives): (&[&str], &[&str]) = if serves("images") {
        (&["text"], &["image"])
    } else if serves("embeddings") || serves("rerank") || serves("moderations") {
        (&["text"], &[])
    } else if serves("transcription") {
        (&["audio"], &["text"])
    } else if serves("speech") {
        (&["text"], &["audio"])
    } else if serves("video") {
        (&["text"], &["video"])
    } else if serves("ocr") {
        (&["file", "image"], &["text"])
    } else {
        (&["text"], &["text"])
    };
    takes.iter().for_each(|word| say(&mut row.takes, MODALITIES, word));
    gives.iter().for_each(|word| say(&mut row.gives, MODALITIES, word));
    for (meter, word) in [(Meter::AudioInput, "audio"), (Meter::ImageInput, "image")] {
        if charges(meter) {
            say(&mut row.takes, MODALITIES, word);
        }
    }
    for (meter, word) in [(Meter::AudioOutput, "audio"), (Meter::ImageOutput, "image")] {
        if charges(meter) {
            say(&mut row.gives, MODALITIES, word);
        }
    }
}

fn say(set: &mut u16, list: List, word: &str) {
    *set |= list.bit(word).unwrap_or_default();
}
