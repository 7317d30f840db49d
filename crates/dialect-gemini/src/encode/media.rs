//! Pictures, sounds, films and documents: their bytes, or where the vendor finds them itself.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ferro_core::{
    DataUrl, Need, ProviderError,
    chat::{Content, Message, Part},
    media::sniff,
};

use super::{Context, contents::place, invalid, unsupported};
use crate::json::Json;

/// Where uploads of the Gemini API are.
const FILES: &str = "https://generativelanguage.googleapis.com/v1beta/files/";

/// Something that is not text.
pub(super) enum Medium<'a> {
    /// It is here: its type, and its bytes in base64.
    Inline(Cow<'a, str>, Cow<'a, str>),
    /// The vendor finds it there; its type, where that has to be said.
    At(Cow<'a, str>, Option<Cow<'a, str>>),
}

impl Medium<'_> {
    pub(super) fn write(&self, json: &mut Json) {
        self.write_sealed(json, None, false);
    }

    /// The same, made by the model: with its seal, and as a part of its thoughts where it was one.
    pub(super) fn write_sealed(&self, json: &mut Json, seal: Option<&str>, is_thought: bool) {
        json.open(b'{');
        match self {
            Self::Inline(media_type, data) => {
                json.key("inlineData");
                json.open(b'{');
                json.member("mimeType", media_type);
                json.member("data", data);
            }
            Self::At(uri, media_type) => {
                json.key("fileData");
                json.open(b'{');
                if let Some(media_type) = media_type {
                    json.member("mimeType", media_type);
                }
                json.member("fileUri", uri);
            }
        }
        json.close(b'}');
        if is_thought {
            json.raw_member("thought", "true");
        }
        if let Some(seal) = seal {
            json.member("thoughtSignature", seal);
        }
        json.close(b'}');
    }
}

/// Reads the part at `place`.
pub(super) fn read<'a>(
    cx: &Context<'a>,
    part: &'a Part<'_>,
    place: &str,
) -> Result<Medium<'a>, ProviderError> {
    let linked = Linked::of(part).map_err(|kind| {
        unsupported(&format!("{place}: this vendor takes no part of type `{kind}`"))
    })?;
    match linked {
        Linked::Sound { data, format } => sound(data, format, place),
        Linked::Upload { id, format } => upload(cx, id, format, place),
        Linked::Url { url, format } => at_url(cx, url, format, place),
    }
}

/// What has to be fetched.
pub(super) fn needs(cx: &Context<'_>, messages: &[Message<'_>]) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let parts = message.content.iter().flat_map(Content::parts).enumerate();
        for (index, part) in parts {
            let Ok(Linked::Url { url, .. }) = Linked::of(part) else { continue };
            let is_new = needs.iter().all(|need| *need.url != *url);
            if is_new && is_web(url) && !finds_itself(cx, url) {
                needs.push(Need::new(url, format!("{}.{}", place(at, index), part.kind())));
            }
        }
    }
    needs
}

/// Where a part says that its medium is.
enum Linked<'a> {
    Url { url: &'a str, format: Option<&'a str> },
    Upload { id: &'a str, format: Option<&'a str> },
    Sound { data: &'a str, format: &'a str },
}

impl<'a> Linked<'a> {
    /// `Err` is the type of a part that is something else, or lacks what its type promises.
    fn of(part: &'a Part<'_>) -> Result<Self, String> {
        let link = match part.kind() {
            "image_url" => part.image_url.as_ref(),
            "video_url" => part.video_url.as_ref(),
            _ => None,
        };
        if let Some(url) = link.and_then(|link| link.url.as_deref()) {
            let named = |(name, _): &&(ferro_core::chat::Text<'_>, _)| &**name == "format";
            let format = link.and_then(|link| link.rest.iter().find(named));
            let format =
                format.and_then(|(_, json)| json.get().strip_prefix('"')?.strip_suffix('"'));
            return Ok(Self::Url { url, format });
        }
        let found = match part.kind() {
            "input_audio" => part.input_audio.as_ref().and_then(|audio| {
                let format = audio.format.as_deref().unwrap_or("wav");
                Some(Self::Sound { data: audio.data.as_deref()?, format })
            }),
            "file" => part.file.as_ref().and_then(|file| {
                let format = file.format.as_deref().or_else(|| of_name(file.filename.as_deref()?));
                match (file.file_data.as_deref(), file.file_id.as_deref()) {
                    (Some(url), _) => Some(Self::Url { url, format }),
                    (None, id) => Some(Self::Upload { id: id?, format }),
                }
            }),
            _ => None,
        };
        found.ok_or_else(|| part.kind().to_owned())
    }
}

fn sound<'a>(data: &'a str, format: &str, place: &str) -> Result<Medium<'a>, ProviderError> {
    if format.is_empty() || !format.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let told = format!("{place}.input_audio.format is `{format}`, and no format of a sound");
        return Err(invalid(&told));
    }
    Ok(Medium::Inline(format!("audio/{format}").into(), data.into()))
}

fn upload<'a>(
    cx: &Context<'_>,
    id: &'a str,
    format: Option<&'a str>,
    place: &str,
) -> Result<Medium<'a>, ProviderError> {
    if id.contains("://") {
        return at_own_url(id, format, place);
    }
    let name = id.strip_prefix("files/").filter(|_| cx.profile.keeps_files);
    let Some(name) = name else {
        return Err(unsupported(&format!(
            "{place}.file.file_id is `{id}`, which is no file of this vendor's (`files/…`, `gs://…`)"
        )));
    };
    Ok(Medium::At(format!("{FILES}{name}").into(), format.map(Cow::Borrowed)))
}

fn at_url<'a>(
    cx: &Context<'a>,
    url: &'a str,
    format: Option<&'a str>,
    place: &str,
) -> Result<Medium<'a>, ProviderError> {
    if let Some(held) = DataUrl::parse(url) {
        let data = held.base64();
        return match held.sniffed() {
            "application/octet-stream" => {
                Ok(Medium::Inline(format.unwrap_or("application/octet-stream").into(), data))
            }
            media_type => Ok(Medium::Inline(media_type.into(), data)),
        };
    }
    if finds_itself(cx, url) {
        return at_own_url(url, format, place);
    }
    if is_web(url) {
        let fetched = cx.call.media.at(url).ok_or_else(|| {
            unsupported(&format!("{place}: `{url}` was not fetched, and this vendor takes bytes"))
        })?;
        let media_type = fetched.media_type.to_string();
        return Ok(Medium::Inline(media_type.into(), fetched.base64().into()));
    }
    // Some send the bytes alone.
    let bytes = BASE64_STANDARD.decode(url).ok();
    let known = bytes.and_then(|bytes| sniff(&bytes)).or(format);
    let media_type = known.ok_or_else(|| {
        invalid(&format!("{place}: neither a `data:` URL nor an `http`, `https` or `gs` URL"))
    })?;
    Ok(Medium::Inline(media_type.into(), url.into()))
}

/// Something that the vendor finds itself: what is in a bucket has to be told by its type.
fn at_own_url<'a>(
    url: &'a str,
    format: Option<&'a str>,
    place: &str,
) -> Result<Medium<'a>, ProviderError> {
    let known = format.or_else(|| of_name(url));
    if known.is_none() && url.starts_with("gs://") {
        return Err(invalid(&format!(
            "{place}: the type of `{url}` cannot be told by its name; say it as `format`"
        )));
    }
    let is_film = is_youtube(url);
    let media_type = known.or(is_film.then_some("video/mp4"));
    Ok(Medium::At(url.into(), media_type.map(Cow::Borrowed)))
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn is_youtube(url: &str) -> bool {
    const PLACES: [&str; 4] = [
        "https://www.youtube.com/",
        "https://youtube.com/",
        "https://m.youtube.com/",
        "https://youtu.be/",
    ];
    PLACES.iter().any(|place| url.starts_with(place))
}

/// Whether the vendor finds by itself what is at a URL.
fn finds_itself(cx: &Context<'_>, url: &str) -> bool {
    url.starts_with("gs://")
        || is_youtube(url)
        || cx.profile.keeps_files && url.starts_with("https://generativelanguage.googleapis.com/")
}

/// What a name says of its file.
fn of_name(name: &str) -> Option<&'static str> {
    let end = name.rsplit(['.']).next()?.to_ascii_lowercase();
    Some(match &*end {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        "txt" | "md" => "text/plain",
        "csv" => "text/csv",
        "html" => "text/html",
        "json" => "application/json",
        "wav" => "audio/wav",
        "mp3" => "audio/mp3",
        "flac" => "audio/flac",
        "ogg" => "audio/ogg",
        "m4a" => "audio/m4a",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "mpeg" | "mpg" => "video/mpeg",
        _ => return None,
    })
}
