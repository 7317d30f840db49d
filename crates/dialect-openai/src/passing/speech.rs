//! Text made into speech: sound as it comes, or events that hold it.

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
