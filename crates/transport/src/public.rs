//! The way to any public host, over reqwest: proxies, and redirects that are answers.

use std::{io, net::SocketAddr, sync::OnceLock};

use async_trait::async_trait;
use ferro_core::{ErrorKind, Inflow, Payload, ProviderError, Transport};
use futures_util::{StreamExt, TryStreamExt};
use http::{Request, Response};
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};

use crate::{Connector, Timeouts, egress};

/// Any public host.
pub(crate) struct Public {
    connector: Connector,
    timeouts: Timeouts,
    client: OnceLock<Client>,
}

impl Public {
    pub(crate) fn new(connector: Connector, timeouts: Timeouts) -> Self {
        Self { connector, timeouts, client: OnceLock::new() }
    }

    fn client(&self) -> Result<&Client, ProviderError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let tls = (*self.connector.tls()?).clone();
        let client = Client::builder()
            .use_preconfigured_tls(tls)
            .redirect(Policy::none())
            .connect_timeout(self.timeouts.connect)
            .read_timeout(self.timeouts.idle)
            .dns_resolver(PublicOnly)
            .build()
            .map_err(failed)?;
        Ok(self.client.get_or_init(|| client))
    }
}

#[async_trait]
impl Transport for Public {
    async fn send(&self, request: Request<Payload>) -> Result<Response<Inflow>, ProviderError> {
        // A host that is an address already is never resolved, so it is checked here.
        let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.parse().is_ok_and(|address| !egress::is_public(address)) {
            let message = format!("{host} is not a public address");
            return Err(ProviderError::new(ErrorKind::Transport).with_message(message));
        }
        let (head, Payload::Rope(body)) = request.into_parts() else {
            let message = "a body that is sent once goes to a target, not to a public host";
            return Err(ProviderError::new(ErrorKind::Unsupported).with_message(message));
        };
        let answer = self
            .client()?
            .request(head.method, head.uri.to_string())
            .headers(head.headers)
            .body(reqwest::Body::wrap(body))
            .send()
            .await
            .map_err(failed)?;
        let mut response = Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response.map(|()| -> Inflow { answer.bytes_stream().map_err(failed).boxed() }))
    }
}

fn failed(error: reqwest::Error) -> ProviderError {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
    ProviderError::new(kind).with_source(error.without_url()) // a URL may carry a key
}

/// Resolves names to their public addresses.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> =
                found.filter(|address| egress::is_public(address.ip())).collect();
            if public.is_empty() {
                let message = format!("{} has no public address", name.as_str());
                return Err(io::Error::other(message).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
