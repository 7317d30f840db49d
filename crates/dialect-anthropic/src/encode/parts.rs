//! Parts of a message: texts, images and documents.

use std::borrow::Cow;

use ferro_core::{
    DataUrl, Media, ProviderError,
    chat::{File, Link, Part},
    media::sniff,
};
use serde_json::value::RawValue;

use super::{
    block::{Block, Kind, Medium, Source},
    place::Place,
};
use crate::{Profile, notes::Notes};

/// The beta feature behind files that were uploaded.
const FILES: &str = "files-api-2025-04-14";
/// Pictures that the vendor takes.
const IMAGES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];
const PDF: &str = "application/pdf";
/// Blocks in the vendor's own words, which clients may write among the parts.
const OWN: &[&str] = &[
    "image",
    "document",
    "search_result",
    "tool_reference",
    "tool_use",
    "tool_result",
    "server_tool_use",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "mcp_tool_use",
    "mcp_tool_result",
    "container_upload",
    "browser_state",
];

/// What reading a part takes.
#[derive(Debug)]
pub(super) struct Parts<'a, 'n> {
    pub(super) profile: &'a Profile,
    pub(super) media: &'a Media,
    pub(super) notes: &'n mut Notes,
}

impl<'a> Parts<'a, '_> {
    /// A part that is a text, or a block in the vendor's own words; `None` for any other.
    pub(super) fn plain(&mut self, place: Place, part: &'a Part<'a>) -> Option<Block<'a>> {
        let kind = match part.kind() {
            "text" => {
                let citations = extra(part, "citations");
                self.note_rest(place, part, &["citations"]);
                Kind::Text { text: Cow::Borrowed(part.text.as_deref()?), citations }
            }
            "refusal" => {
                Kind::Text { text: Cow::Borrowed(part.refusal.as_deref()?), citations: None }
            }
            named if OWN.contains(&named) => {
                if named == "container_upload" || names_file(part) {
                    self.notes.beta(FILES);
                }
                Kind::Own { named, members: &part.rest }
            }
            _ => return None,
        };
        Some(Block::new(kind).cached(part.cache_control))
    }

    /// A part of any kind.
    pub(super) fn read(
        &mut self,
        place: Place,
        part: &'a Part<'a>,
    ) -> Result<Block<'a>, ProviderError> {
        if let Some(block) = self.plain(place, part) {
            return Ok(block);
        }
        let (mut medium, known) = match (part.kind(), &part.image_url, &part.file) {
            ("image_url", Some(link), _) => (self.image(place, link)?, &["transformations"][..]),
            ("file", _, Some(file)) => {
                (self.file(place, file)?, &["title", "context", "citations"][..])
            }
            ("text" | "refusal" | "image_url" | "file", ..) => {
                return Err(place.invalid(part.kind(), "it is missing"));
            }
            (other, ..) => {
                let why = "this vendor takes text, images and documents, and no such part";
                return Err(place.unsupported(if other.is_empty() { "type" } else { other }, why));
            }
        };
        self.note_rest(place, part, known);
        for name in known {
            medium.extra.extend(extra(part, name).map(|value| (*name, value)));
        }
        if medium.extra.iter().any(|(name, _)| *name == "title") {
            medium.title = None;
        }
        Ok(Block::new(Kind::Media(medium)).cached(part.cache_control))
    }

    fn image(&mut self, place: Place, link: &'a Link<'a>) -> Result<Medium<'a>, ProviderError> {
        const FIELD: &str = "image_url.url";
        let url = link.url.as_deref().ok_or_else(|| place.invalid(FIELD, "it is missing"))?;
        if link.detail.as_deref().is_some_and(|detail| detail != "auto") {
            self.notes.unsaid(place.member("image_url.detail"));
        }
        for (name, _) in &link.rest {
            self.notes.unsaid(place.member(format_args!("image_url.{name}")));
        }
        let mut is_image = true;
        let source = if let Some(held) = DataUrl::parse(url) {
            let media_type = checked(place, FIELD, held.sniffed().into())?;
            is_image = media_type != PDF;
            Source::Base64 { media_type, data: held.base64() }
        } else if url.starts_with("file_") {
            self.uploaded(place, FIELD, url)?
        } else if !is_web(url) {
            let why = "it is neither an http(s) URL, nor a data URL, nor an uploaded file's name";
            return Err(place.invalid(FIELD, why));
        } else if self.profile.takes_urls {
            Source::Url(url)
        } else {
            let source = self.fetched(place, FIELD, url)?;
            is_image = self::is_image(&source);
            source
        };
        Ok(Medium { is_image, source, title: None, extra: Vec::new() })
    }

    fn file(&mut self, place: Place, file: &'a File<'a>) -> Result<Medium<'a>, ProviderError> {
        const FIELD: &str = "file.file_data";
        for (name, _) in &file.rest {
            self.notes.unsaid(place.member(format_args!("file.{name}")));
        }
        let title = file.filename.as_deref().filter(|name| !name.is_empty());
        let format = file.format.as_deref().unwrap_or_default();
        let (is_image, source) = match (file.file_id.as_deref(), file.file_data.as_deref()) {
            (Some(id), _) => {
                let source = self.uploaded(place, "file.file_id", id)?;
                (format.starts_with("image/"), source)
            }
            (None, None) => return Err(place.invalid(FIELD, "it is missing")),
            (None, Some(url)) if is_web(url) && self.profile.takes_urls => {
                (format.starts_with("image/"), Source::Url(url))
            }
            (None, Some(url)) if is_web(url) => {
                let source = self.fetched(place, FIELD, url)?;
                (is_image(&source), source)
            }
            (None, Some(data)) => {
                let source = held(place, FIELD, data, format)?;
                (is_image(&source), source)
            }
        };
        Ok(Medium { is_image, source, title, extra: Vec::new() })
    }

    fn uploaded(
        &mut self,
        place: Place,
        field: &str,
        id: &'a str,
    ) -> Result<Source<'a>, ProviderError> {
        if !self.profile.keeps_files {
            return Err(place.unsupported(field, "this host keeps no files"));
        }
        self.notes.beta(FILES);
        Ok(Source::File(id))
    }

    /// What was fetched because the host does not fetch it itself.
    fn fetched(&self, place: Place, field: &str, url: &str) -> Result<Source<'a>, ProviderError> {
        let fetched = self.media.at(url).ok_or_else(|| {
            place.unsupported(field, "this host needs the bytes, and they were not fetched")
        })?;
        if is_text(&fetched.media_type) {
            return text(place, field, Some(fetched.bytes.to_vec()));
        }
        let media_type = fetched.media_type.to_string();
        Ok(Source::Base64 {
            media_type: checked(place, field, media_type.into())?,
            data: fetched.base64().into(),
        })
    }

    fn note_rest(&mut self, place: Place, part: &Part<'_>, known: &[&str]) {
        for (name, value) in &part.rest {
            if !known.contains(&&**name) && value.get() != "null" {
                self.notes.unsaid(place.member(name));
            }
        }
    }
}

/// Whether it lies at an address of the web.
pub(super) fn is_web(url: &str) -> bool {
    let begins =
        |scheme: &str| url.get(..scheme.len()).is_some_and(|at| at.eq_ignore_ascii_case(scheme));
    begins("https://") || begins("http://")
}

/// A document that the request holds: as a data URL, or as its base64 alone.
fn held<'a>(
    place: Place,
    field: &str,
    data: &'a str,
    format: &'a str,
) -> Result<Source<'a>, ProviderError> {
    let Some(url) = DataUrl::parse(data) else {
        let begins = data.get(..data.len().min(64) / 4 * 4).unwrap_or_default();
        let begins = format!("data:;base64,{begins}");
        let bytes = DataUrl::parse(&begins).and_then(|url| url.bytes());
        let media_type = bytes.as_deref().and_then(sniff).unwrap_or(format);
        let media_type = checked(place, field, media_type.into())?;
        return Ok(Source::Base64 { media_type, data: data.into() });
    };
    let media_type = url.sniffed();
    if is_text(media_type) {
        return text(place, field, url.bytes());
    }
    let media_type = checked(place, field, media_type.into())?;
    Ok(Source::Base64 { media_type, data: url.base64() })
}

fn text<'a>(
    place: Place,
    field: &str,
    bytes: Option<Vec<u8>>,
) -> Result<Source<'a>, ProviderError> {
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Source::Text).ok_or_else(|| place.invalid(field, "its text is not UTF-8"))
}

fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || matches!(media_type, "application/json" | "application/xml" | "application/yaml")
}

fn is_image(source: &Source<'_>) -> bool {
    matches!(source, Source::Base64 { media_type, .. } if media_type.starts_with("image/"))
}

fn checked<'a>(
    place: Place,
    field: &str,
    media_type: Cow<'a, str>,
) -> Result<Cow<'a, str>, ProviderError> {
    if media_type == PDF || IMAGES.contains(&&*media_type) {
        return Ok(media_type);
    }
    let is = if media_type.is_empty() { "of no known type" } else { &media_type };
    let takes = IMAGES.join(", ");
    Err(place
        .unsupported(field, format_args!("it is {is}; this vendor takes {takes}, {PDF} and text")))
}

fn extra<'a>(part: &'a Part<'a>, name: &str) -> Option<&'a RawValue> {
    let found = part.rest.iter().find(|(member, _)| &**member == name);
    found.map(|(_, value)| *value).filter(|value| value.get() != "null")
}

/// Whether a block in the vendor's own words names a file that was uploaded.
fn names_file(part: &Part<'_>) -> bool {
    extra(part, "source").is_some_and(|source| source.get().contains("\"file_id\""))
}
