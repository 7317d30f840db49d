//! Gemini's wire, as AI Studio and Vertex speak it.

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Host, Need, Payload, ProviderError, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use ferro_dialect_gemini::{Profile, refuse};
use http::{Request, response::Parts};

use crate::{Seeds, Target, chat};

pub(crate) static TARGETS: &[Target] = &[
    Target {
        name: "gemini-request",
        run: |bytes| each(3, |place, model| chat::request(place, model, bytes)),
        seeds: &[Seeds::Files("providers/google", "request.json")],
    },
    Target {
        name: "gemini-whole",
        run: |bytes| each(1, |place, model| chat::whole(place, model, bytes)),
        seeds: &[Seeds::Bodies("providers/google", "application/json")],
    },
    Target {
        name: "gemini-stream",
        run: |bytes| each(1, |place, model| chat::written_stream(place, model, bytes)),
        seeds: &[Seeds::Bodies("providers/google", "text/event-stream")],
    },
];

/// The first places, by models of other generations: they think and take schemas in different ways. What
/// they answer does not differ.
fn each(count: usize, law: impl Fn(&dyn Wire<Chat>, &str)) {
    let places = [
        (Profile::AI_STUDIO, "gemini-2.0-flash"),
        (Profile::AI_STUDIO, "gemini-3-pro-preview"),
        (Profile::VERTEX, "gemini-2.5-pro"),
    ];
    for (profile, model) in places.into_iter().take(count) {
        law(&Place(profile), model);
    }
}

/// A place that speaks the wire, without its path.
struct Place(Profile);

impl Host for Place {
    fn authorize(
        &self,
        _: &Call<'_>,
        _: &mut Request<Payload>,
        _: &Credential,
    ) -> Result<(), ProviderError> {
        Ok(())
    }

    fn refuse(&self, head: &Parts, body: Bytes) -> ProviderError {
        refuse(head, body)
    }
}

impl Wire<Chat> for Place {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let (body, decoder) = self.0.encode(call, request)?;
        Ok((Request::new(Payload::from(body)), decoder))
    }

    fn needs(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        self.0.needs(call, request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.0.unsaid(call, request)
    }
}
