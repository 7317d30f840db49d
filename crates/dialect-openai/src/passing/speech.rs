//! Text made into speech: bytes as they come, or events with the same in them.

use ferro_core::{
    Comes, Decoder,
    document::{DocumentRequest, Speech},
};

use super::Passed;
use crate::{
    Vendor,
    media::{MediaDecoder, Shape},
};

impl Passed for Speech {
    const PATH: &'static str = "/audio/speech";

    fn decoder(vendor: &Vendor, _: &DocumentRequest<Self>) -> Box<dyn Decoder<Self>> {
        let shape = Shape { result: "audio", last: ".done", other: Comes::Bytes };
        Box::new(MediaDecoder::new(vendor, shape))
    }
}
