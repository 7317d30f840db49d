//! Pictures, films, sounds and documents: their bytes, or where in S3 they are.

use std::borrow::Cow;

use ferro_core::{
    Call, DataUrl, Need, ProviderError,
    chat::{Audio, File, Link},
};

use super::{
    Notes,
    blocks::{Block, Document, Medium, Place},
    unsupported,
};

type Formats = &'static [(&'static str, &'static str)];

/// Media types, and ends of names, with Converse's word for them.
const IMAGES: Formats = &[
    ("image/png", "png"),
    ("image/jpeg", "jpeg"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("png", "png"),
    ("jpg", "jpeg"),
    ("jpeg", "jpeg"),
    ("gif", "gif"),
    ("webp", "webp"),
];
const VIDEOS: Formats = &[
    ("video/mp4", "mp4"),
    ("video/webm", "webm"),
    ("video/quicktime", "mov"),
    ("video/x-matroska", "mkv"),
    ("video/x-flv", "flv"),
    ("video/mpeg", "mpeg"),
    ("video/x-ms-wmv", "wmv"),
    ("video/3gpp", "three_gp"),
    ("mp4", "mp4"),
    ("webm", "webm"),
    ("mov", "mov"),
    ("mkv", "mkv"),
    ("flv", "flv"),
    ("mpeg", "mpeg"),
    ("mpg", "mpg"),
    ("wmv", "wmv"),
    ("3gp", "three_gp"),
];
const SOUNDS: Formats = &[
    ("mp3", "mp3"),
    ("wav", "wav"),
    ("flac", "flac"),
    ("aac", "aac"),
    ("opus", "opus"),
    ("ogg", "ogg"),
    ("m4a", "m4a"),
    ("mp4", "mp4"),
    ("webm", "webm"),
    ("pcm16", "pcm"),
    ("pcm", "pcm"),
];
const DOCUMENTS: Formats = &[
    ("application/pdf", "pdf"),
    ("text/csv", "csv"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("text/html", "html"),
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("pdf", "pdf"),
    ("csv", "csv"),
    ("doc", "doc"),
    ("docx", "docx"),
    ("xls", "xls"),
    ("xlsx", "xlsx"),
    ("html", "html"),
    ("txt", "txt"),
    ("md", "md"),
];

/// Finds media for one request.
#[derive(Debug)]
pub(super) struct Finder<'a> {
    call: &'a Call<'a>,
    /// Names of documents so far: no two may be alike.
    names: Vec<String>,
}

/// What was found: where it is, and what it is by its own word.
struct Found<'a> {
    place: Place<'a>,
    kind: Cow<'a, str>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(call: &'a Call<'a>) -> Self {
        Self { call, names: Vec::new() }
    }

    /// A picture.
    pub(super) fn image<'b>(
        &self,
        link: Option<&'b Link<'_>>,
        field: &str,
        notes: &mut Notes,
    ) -> Result<Block<'b>, ProviderError>
    where
        'a: 'b,
    {
        self.link(link, &format!("{field}.image_url"), IMAGES, notes).map(Block::Image)
    }

    /// A film.
    pub(super) fn video<'b>(
        &self,
        link: Option<&'b Link<'_>>,
        field: &str,
        notes: &mut Notes,
    ) -> Result<Block<'b>, ProviderError>
    where
        'a: 'b,
    {
        self.link(link, &format!("{field}.video_url"), VIDEOS, notes).map(Block::Video)
    }

    fn link<'b>(
        &self,
        link: Option<&'b Link<'_>>,
        field: &str,
        formats: Formats,
        notes: &mut Notes,
    ) -> Result<Medium<'b>, ProviderError>
    where
        'a: 'b,
    {
        let url = link.and_then(|link| link.url.as_deref()).unwrap_or_default();
        if link.and_then(|l| l.detail.as_deref()).is_some_and(|detail| detail != "auto") {
            notes.unsaid(format!("{field}.detail"));
        }
        notes.rest(|| field.to_owned(), link.map_or(&[], |link| &link.rest));
        let found = self.find(url, &format!("{field}.url"), notes)?;
        let format = format_of(&found.kind, formats, notes);
        let format = format.ok_or_else(|| not_taken(field, &found.kind, formats))?;
        Ok(Medium { format, source: found.place })
    }

    fn find<'b>(
        &self,
        url: &'b str,
        field: &str,
        notes: &mut Notes,
    ) -> Result<Found<'b>, ProviderError>
    where
        'a: 'b,
    {
        if let Some(data) = DataUrl::parse(url) {
            return Ok(Found { place: Place::Bytes(data.base64()), kind: data.sniffed().into() });
        }
        if url.starts_with("s3://") {
            let place = Place::S3Location { uri: url };
            return Ok(Found { place, kind: extension(url).into() });
        }
        if !url.starts_with("http://") && !url.starts_with("https://") {
            let shown: String = url.chars().take(60).collect();
            let why = format!("`{shown}` is neither a `data:`, an `http(s):` nor an `s3:` URL");
            return Err(unsupported(field, &why));
        }
        notes.needs.push(Need::new(url, field));
        match self.call.media.at(url) {
            Some(fetched) => {
                let place = Place::Bytes(fetched.base64().into());
                Ok(Found { place, kind: fetched.media_type.to_string().into() })
            }
            None if notes.is_rehearsal => {
                Ok(Found { place: Place::Bytes("".into()), kind: "".into() })
            }
            None => Err(unsupported(
                field,
                "Bedrock takes media by their bytes, and it was not fetched",
            )),
        }
    }

    /// A sound.
    pub(super) fn sound<'b>(
        audio: Option<&'b Audio<'_>>,
        field: &str,
        notes: &mut Notes,
    ) -> Result<Block<'b>, ProviderError> {
        let field = format!("{field}.input_audio");
        let named = audio.and_then(|audio| audio.format.as_deref()).unwrap_or_default();
        let format = format_of(named, SOUNDS, notes);
        let format = format.ok_or_else(|| not_taken(&field, named, SOUNDS))?;
        notes.rest(|| field.clone(), audio.map_or(&[], |audio| &audio.rest));
        let data = audio.and_then(|audio| audio.data.as_deref()).unwrap_or_default();
        Ok(Block::Audio(Medium { format, source: Place::Bytes(data.into()) }))
    }

    /// A document.
    pub(super) fn document<'b>(
        &mut self,
        file: Option<&'b File<'_>>,
        field: &str,
        notes: &mut Notes,
    ) -> Result<Block<'b>, ProviderError>
    where
        'a: 'b,
    {
        let field = format!("{field}.file");
        let Some(data) = file.and_then(|file| file.file_data.as_deref()) else {
            let why =
                "Bedrock takes documents by their bytes in `file_data`, and keeps none by name";
            return Err(unsupported(&field, why));
        };
        let filename = file.and_then(|file| file.filename.as_deref()).unwrap_or_default();
        let said = file.and_then(|file| file.format.as_deref()).unwrap_or_default();
        notes.rest(|| field.clone(), file.map_or(&[], |file| &file.rest));
        let found = self.find(data, &format!("{field}.file_data"), notes)?;
        let kinds = [&*found.kind, said, extension(filename)];
        let known = |kind: &&str| DOCUMENTS.iter().any(|(name, _)| name == kind);
        let kind = kinds.into_iter().find(known).unwrap_or(&found.kind);
        let format = format_of(kind, DOCUMENTS, notes);
        let format = format.ok_or_else(|| not_taken(&field, kind, DOCUMENTS))?;
        Ok(Block::Document(Document { format, name: self.name(filename), source: found.place }))
    }

    /// A name that Bedrock takes for a document, and that no other has.
    fn name(&mut self, filename: &str) -> String {
        const LONGEST: usize = 180;
        let stem = filename.rsplit_once('.').map_or(filename, |(stem, _)| stem);
        let takes = |c: char| c.is_ascii_alphanumeric() || "-()[]".contains(c);
        let words: String = stem.chars().map(|c| if takes(c) { c } else { ' ' }).collect();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let own = words.get(..LONGEST).unwrap_or(&words).trim();
        let own = if own.is_empty() { "document" } else { own };
        let numbered = (2..).map(|number: usize| format!("{own} ({number})"));
        let free = |name: &String| !self.names.contains(name);
        let name = std::iter::once(own.to_owned()).chain(numbered).find(free);
        let name = name.expect("numbers do not end");
        self.names.push(name.clone());
        name
    }
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, end)| end)
}

fn format_of(kind: &str, formats: Formats, notes: &Notes) -> Option<&'static str> {
    let kind = kind.to_ascii_lowercase();
    let found = formats.iter().find(|(name, _)| *name == kind).map(|(_, format)| *format);
    // What is not here yet may be anything.
    found.or_else(|| (notes.is_rehearsal && kind.is_empty()).then_some(formats[0].1))
}

fn not_taken(field: &str, kind: &str, formats: Formats) -> ProviderError {
    let mut names: Vec<_> = formats.iter().map(|(_, format)| *format).collect();
    names.sort_unstable();
    names.dedup();
    let kind = if kind.is_empty() { "nothing that is known" } else { kind };
    unsupported(field, &format!("it is {kind}; Bedrock takes {}", names.join(", ")))
}
