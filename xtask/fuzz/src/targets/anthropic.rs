//! Anthropic's wire, as its own host and the clouds that serve Claude speak it.

use bytes::Bytes;
use ferro_core::{
    Call, Credential, Decoder, Host, Need, Payload, ProviderError, Unsaid, Wire,
    chat::{Chat, ChatRequest},
};
use ferro_dialect_anthropic::{Messages, Profile, refuse};
use http::{Request, response::Parts};

use crate::{Seeds, Target, chat};

pub(crate) static TARGETS: &[Target] = &[
    Target {
        name: "anthropic-request",
        run: |bytes| each(4, |host, model| chat::request(host, model, bytes)),
        seeds: &[Seeds::Files("providers/anthropic", "request.json")],
    },
    Target {
        name: "anthropic-whole",
        run: |bytes| each(2, |host, model| chat::whole(host, model, bytes)),
        seeds: &[Seeds::Bodies("providers/anthropic", "application/json")],
    },
    Target {
        name: "anthropic-stream",
        run: |bytes| each(2, |host, model| chat::written_stream(host, model, bytes)),
        seeds: &[Seeds::Bodies("providers/anthropic", "text/event-stream")],
    },
];

/// The first hosts, each by a model of another generation: they think, sample and hold to schemas in
/// different ways. Replies of the first two differ: one is held to a schema, the other by a tool.
fn each(count: usize, law: impl Fn(&dyn Wire<Chat>, &str)) {
    let latest = Profile::anthropic().with_version("2026-10-21");
    let beta = Profile::bedrock().with_betas(vec!["some-beta-2026-01-01".to_owned()]);
    let hosts = [
        (Profile::anthropic(), "claude-opus-4-6"),
        (Profile::vertex(), "claude-3-7-sonnet@20250219"),
        (beta, "us.anthropic.claude-opus-5-v1:0"),
        (latest, "of-another-maker"),
    ];
    for (profile, model) in hosts.into_iter().take(count) {
        law(&Here(Messages::new(profile)), model);
    }
}

/// A host of the wire, without a place.
struct Here(Messages);

impl Host for Here {
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

impl Wire<Chat> for Here {
    fn encode(
        &self,
        call: &Call<'_>,
        request: &ChatRequest,
    ) -> Result<(Request<Payload>, Box<dyn Decoder<Chat>>), ProviderError> {
        let encoded = self.0.encode(call, request)?;
        Ok((Request::new(Payload::from(encoded.body)), Box::new(encoded.decoder)))
    }

    fn needs(&self, _: &Call<'_>, request: &ChatRequest) -> Vec<Need> {
        self.0.needs(request)
    }

    fn unsaid(&self, call: &Call<'_>, request: &ChatRequest) -> Vec<Unsaid> {
        self.0.unsaid(call, request)
    }
}
