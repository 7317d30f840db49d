//! Whatever else is asked of a vendor that speaks this wire: passed on below its root, with its
//! credential in the place of the client's.

use bytes::Bytes;
use ferro_core::{
    Call, Decoder, Payload, ProviderError, Usage, Wire,
    forward::{Forward, ForwardDecoder, ForwardRequest, VendorWords},
};
use http::Request;

use crate::{
    Usages,
    passing::Passing,
    refusal::{self, Codes},
    usage,
};

impl Wire<Forward> for Passing {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ForwardRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Forward>>), ProviderError> {
        let model = self.vendor.bare(call.model);
        let outbound = request.outbound(&self.root, model, self.headers.clone())?;
        let words = Words { codes: self.vendor.codes, convention: self.vendor.profile.usage };
        Ok((outbound, Box::new(ForwardDecoder::new(request, words))))
    }
}

/// The wire's words in a reply that is passed on.
#[derive(Debug)]
struct Words {
    codes: Codes,
    convention: Usages,
}

impl VendorWords for Words {
    fn error(&self, body: Bytes) -> ProviderError {
        refusal::in_band(body, self.codes)
    }

    fn usage(&self, said: &[u8]) -> Option<Usage> {
        usage::read(said, self.convention)
    }
}
