//! The surfaces whose requests are forms: which of the shared laws they obey, and their own.

use ferro_core::{
    BadRequest, Surface, Upload,
    upload::{Fields, ImageEdits, ImageVariations, Transcriptions, Translations, UploadRequest},
};
use ferro_wire::{JsonDoc, multipart::Boundary};
use http::HeaderValue;

use super::{
    Law, Suited, Verdict, ensure, errors, hygiene::encoding_is_deterministic, laws,
    lossless::sent_for, safety, streams,
};
use crate::{
    bench::{Ask, Bench, request},
    heard::excerpt,
};

/// Understands a form by its first line, which is its boundary, or a document.
fn read<K: Fields>(body: &[u8]) -> Result<UploadRequest<K>, BadRequest> {
    if body.starts_with(b"{") {
        return UploadRequest::document(JsonDoc::parse(body.to_vec())?);
    }
    let line = body.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let boundary = String::from_utf8_lossy(line.strip_prefix(b"--").unwrap_or_default());
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let content_type = HeaderValue::from_str(&content_type)
        .map_err(|_| BadRequest::new("its boundary is none"))?;
    UploadRequest::form(Upload::parse(content_type, body.to_vec())?)
}

/// A form as openai-node writes it, the file first: its parts, and what is behind the last.
macro_rules! form {
    (file $file:literal $(, $name:literal is $value:literal)* $(,)?) => {
        concat!(
            "--conformance-boundary\r\ncontent-disposition: form-data; name=\"", $file,
            "\"; filename=\"a b.bin\"\r\ncontent-type: application/octet-stream\r\n\r\n",
            "RIFF\r\n\0--\r\n--conformance",
            $("\r\n--conformance-boundary\r\ncontent-disposition: form-data; name=\"", $name,
            "\"\r\n\r\n", $value,)*
            "\r\n--conformance-boundary--\r\n",
        )
    };
}

/// Makes laws for a surface.
macro_rules! suited {
    ($($name:ident $sample:expr, streamed $streamed:expr, $groups:expr);* $(;)?) => {
        $(impl Suited for $name {
            const SAMPLE: &'static str = $sample;
            const STREAMED: Option<&'static str> = $streamed;

            fn request(body: &[u8]) -> Result<UploadRequest<Self>, BadRequest> {
                read(body)
            }

            fn laws() -> Vec<Law<Self>> {
                let own = of_uploads();
                [own, $groups].into_iter().flatten().collect()
            }
        })*
    };
}

suited! {
    Transcriptions
        form!(file "file", "model" is "conformance-model", "prompt" is "", "x" is "\u{e9}"),
        streamed Some(form!(file "file", "model" is "conformance-model", "stream" is "true")),
        streams::of_any_events();
    Translations form!(file "file", "model" is "conformance-model"), streamed None, Vec::new();
    ImageEdits
        form!(file "image", "model" is "conformance-model", "prompt" is "A hello."),
        streamed Some(form!(
            file "image", "model" is "conformance-model", "prompt" is "A hello.",
            "stream" is "true",
        )),
        streams::of_any_events();
    ImageVariations form!(file "image", "model" is "conformance-model"), streamed None, Vec::new();
}

/// The laws of every surface whose requests are forms.
fn of_uploads<K>() -> Vec<Law<K>>
where
    K: Fields + Suited + Surface<Request = UploadRequest<K>>,
{
    let own = laws![
        encoding_is_deterministic,
        a_form_reaches_the_wire_byte_for_byte_but_for_the_model,
        the_kinds_of_cases_are_there,
    ];
    [errors::laws(), safety::laws(), own].into_iter().flatten().collect()
}

fn a_form_reaches_the_wire_byte_for_byte_but_for_the_model<K>(bench: &Bench<K>) -> Verdict
where
    K: Fields + Suited + Surface<Request = UploadRequest<K>>,
{
    bench.run(async |target| {
        for sample in [Some(K::SAMPLE), K::STREAMED].into_iter().flatten() {
            for model in ["conformance-model", "m", "a-longer-name-of-a-model.2"] {
                let ask = Ask { model: Some(model), ..Ask::default() };
                let request = request::<K>(sample.as_bytes())?;
                let sent = sent_for(target, &request, ask).await?.ok_or("nothing was sent")?;
                let expected = sample.replace("conformance-model", model);
                let got = excerpt(&sent.body);
                ensure!(sent.body == expected.as_bytes(), "as `{model}`: {got}");
                let named = sent.headers.get(http::header::CONTENT_TYPE);
                let named = named.and_then(|value| value.to_str().ok()).unwrap_or_default();
                let boundary = Boundary::of(named).map_err(|error| format!("{named}: {error}"))?;
                ensure!(boundary.is_in(&sent.body), "another boundary: {named}");
            }
        }
        Ok(())
    })
}

fn the_kinds_of_cases_are_there<K: Fields + Suited>(bench: &Bench<K>) -> Verdict {
    ensure!(bench.wholes().next().is_some(), "no case is a reply in one piece");
    ensure!(bench.errors(false).next().is_some(), "no case is a refusal");
    ensure!(K::STREAMED.is_none() || bench.streams().next().is_some(), "no case is a stream");
    Ok(())
}
