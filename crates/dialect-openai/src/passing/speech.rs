//! Text made into speech: sound as it comes, or events that hold it.

use ferro_core::{
    Comes, Decoder,
    document::{DocumentRequest, Speech},
};

use super::Passed;
use crate::{
    Vendor,
    media::{MediaDecoder, Shape, Takes},
};

impl Passed for Speech {
    const PATH: &'static str = "/audio/speech";

    fn decoder(vendor: &Vendor, request: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        let (result, last, other) = ("audio", ".done", Comes::Bytes);
        let shape = Shape { result, last, other, takes: Takes::Tokens };
        let text: Option<String> = request.doc().get("input").ok().flatten();
        let characters = text.map_or(0, |text| text.chars().count() as u64);
        Box::new(MediaDecoder::new(vendor, shape).speaking(characters))
    }
}
