//! The surfaces whose requests are forms, at a vendor that speaks this wire: passed on byte for byte but
//! for the model's name.

use ferro_core::{
    Call, Comes, Decoder, ErrorKind, Payload, ProviderError, Surface, SurfaceKind, Wire,
    document::DocumentReply,
    upload::{Fields, ImageEdits, ImageVariations, Transcriptions, Translations, UploadRequest},
};
use http::{Method, Request, header};

use crate::{
    drawn::Drawn,
    media::{MediaDecoder, Shape, Takes},
    passing::Passing,
};

/// A surface of this wire whose requests are forms.
pub(crate) trait Uploaded:
    Fields
    + Surface<Request = UploadRequest<Self>, Whole = DocumentReply<Self>>
    + ferro_core::document::Says
{
    /// Where below the root the wire has it.
    const PATH: &'static str;
    /// How it answers.
    const SHAPE: Shape;
}

/// A transcript has many forms, of which two are JSON.
const HEARD: Shape =
    Shape { result: "text", last: ".done", other: Comes::Whole, takes: Takes::Time };
/// Pictures come in JSON, or in events.
const DRAWN: Shape =
    Shape { result: "data", last: ".completed", other: Comes::Whole, takes: Takes::Pictures };

/// Makes the surfaces. Their wires are written out, because that of the documents is written for
/// whatever is one.
macro_rules! uploaded {
    ($($name:ident at $path:literal answers $shape:expr),* $(,)?) => {
        $(
            impl Uploaded for $name {
                const PATH: &'static str = $path;
                const SHAPE: Shape = $shape;
            }

            impl Wire<$name> for Passing {
                fn encode(
                    &self,
                    call: &Call<'_>,
                    request: &UploadRequest<$name>,
                ) -> Result<(Request<Payload>, Box<dyn Decoder<$name>>), ProviderError> {
                    encode(self, call, request)
                }
            }
        )*

        /// Where below the root the wire has a surface; `None` where it is not one of these.
        pub(crate) fn usual(surface: SurfaceKind) -> Option<&'static str> {
            match surface {
                $(SurfaceKind::$name => Some($name::PATH),)*
                _ => None,
            }
        }
    };
}

uploaded! {
    Transcriptions at "/audio/transcriptions" answers HEARD,
    Translations at "/audio/translations" answers HEARD,
    ImageEdits at "/images/edits" answers DRAWN,
    ImageVariations at "/images/variations" answers DRAWN,
}

#[expect(clippy::type_complexity, reason = "a pair of what is sent and who reads the answer")]
fn encode<K: Uploaded>(
    passing: &Passing,
    call: &Call<'_>,
    request: &UploadRequest<K>,
) -> Result<(Request<Payload>, Box<dyn Decoder<K>>), ProviderError> {
    let kind = <K as Fields>::KIND;
    let place = passing.place(kind).ok_or_else(|| {
        let message = format!("`{}` has no {}", passing.vendor.kind, kind.as_str());
        ProviderError::new(ErrorKind::Unsupported).with_message(message)
    })?;
    let said = request.outgoing(passing.vendor.bare(call.model));
    let mut outbound = Request::new(said.payload);
    *outbound.method_mut() = Method::POST;
    *outbound.uri_mut() = place.clone();
    let headers = outbound.headers_mut();
    headers.clone_from(&passing.headers);
    headers.insert(header::CONTENT_TYPE, said.content_type);
    if let (None, Some(length)) = (outbound.body().length(), said.length) {
        outbound.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    let format = request.text("response_format");
    let is_plain = matches!(format.as_deref(), Some("text" | "srt" | "vtt"));
    let drawn = Drawn::asked(request.text("quality"), request.text("size"));
    let decoder = MediaDecoder::new(&passing.vendor, K::SHAPE).plain(is_plain).drawing(drawn);
    Ok((outbound, Box::new(decoder)))
}
