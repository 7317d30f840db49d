//! A gateway with a target for each surface, and a client of it.

use ferro_gateway::{Doors, Registry};
use ferro_scripted::{Received, Reply, Upstream};
use serde_json::Value;

use crate::listening::{Listening, configured};

/// The most that a body may have, and one with files in it.
pub(crate) const MOST: usize = 4096;
pub(crate) const MOST_WITH_FILES: usize = 8192;

pub(crate) struct Setup {
    upstream: Upstream,
    gateway: Listening,
}

/// What a client reads.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

pub(crate) async fn start() -> Setup {
    let answer = |_: &Received| Reply::json(200, r#"{"nobody":"was to be asked"}"#).into();
    let upstream = Upstream::builder().answers(answer).start().await.unwrap();
    let target = |name: &str, kind: &str| {
        let url = upstream.base_url();
        format!(
            "- {{virtual_key: {name}, provider: {kind}, base_url: '{url}', api_key: sk-{name}}}\n"
        )
    };
    let text = format!(
        "strategy: {{mode: fallback}}\nmax_request_bytes: {MOST}\n\
         max_upload_bytes: {MOST_WITH_FILES}\ntargets:\n{}{}{}",
        target("speaks", "openai"),
        target("writes", "anthropic"),
        target("ranks", "voyage"),
    );
    let registry = Registry::new()
        .providers(ferro_provider_openai::PROVIDERS)
        .providers(ferro_provider_anthropic::PROVIDERS)
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS)
        .ingress(&ferro_dialect_anthropic::INGRESS);
    let gateway = Listening::start(configured(&text, registry).doors(Doors::open())).await;
    Setup { upstream, gateway }
}

impl Setup {
    /// Asks, and reads the answer, which is JSON.
    pub(crate) async fn ask(&self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let answer = self.gateway.ask(line, headers, body).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
        Answer { status: head[9..12].parse().unwrap(), head: head.to_ascii_lowercase(), body }
    }

    /// What the upstream was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        let requests = self.upstream.take_requests().into_iter();
        requests.map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}
