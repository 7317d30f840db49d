//! Asks a gateway, or a vendor, over HTTP.

use std::{error::Error as _, sync::Arc, time::Duration};

use ferro_core::{Inflow, Origin, Payload, ProviderError, Secret, Upstream};
use ferro_transport::{Connector, Timeouts};
use futures_util::StreamExt as _;
use http::{Request, Response};

/// The most of an answer that is read.
const MAX_ANSWER: usize = 1 << 20;

/// The way to one server.
pub(crate) struct Client {
    upstream: Arc<dyn Upstream>,
    base: String,
}

impl Client {
    /// The way to the server at `url`, which may take `patience` for each step. No redirect is
    /// followed.
    pub(crate) fn at(url: &str, patience: Duration) -> Result<Self, String> {
        let (origin, base) = Origin::split(url).map_err(|error| error.to_string())?;
        let timeouts = Timeouts {
            connect: patience,
            first_byte: patience,
            idle: patience,
            ..Timeouts::default()
        };
        Ok(Self { upstream: Connector::new().upstream(&origin, timeouts), base })
    }

    /// Asks for what is at `path`.
    pub(crate) async fn get(&self, path: &str) -> Result<Response<Inflow>, ProviderError> {
        let request = Request::get(self.path(path)).body(Payload::empty());
        self.upstream.send(request.expect("a base and a path make a path")).await
    }

    /// Asks for what is at `path`, and shows a key if there is one.
    pub(crate) async fn get_with(
        &self,
        key: Option<&Secret>,
        path: &str,
    ) -> Result<Response<Inflow>, String> {
        let mut request = Request::get(self.path(path))
            .body(Payload::empty())
            .map_err(|_| format!("`{path}` is no path that can be asked for"))?;
        if let Some(key) = key {
            let shown = key.to_header("Bearer ").ok_or("the key holds what no header may hold")?;
            request.headers_mut().insert(http::header::AUTHORIZATION, shown);
        }
        self.upstream.send(request).await.map_err(|error| reason(&error))
    }

    /// Sends a JSON document to `path`.
    #[cfg(feature = "demo")]
    pub(crate) async fn post(
        &self,
        path: &str,
        json: String,
    ) -> Result<Response<Inflow>, ProviderError> {
        let request = Request::post(self.path(path))
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(Payload::from(json.into_bytes()));
        self.upstream.send(request.expect("a base and a path make a path")).await
    }

    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

/// Why a server could not be asked, without a word about vendors: it may be a gateway.
fn reason(error: &ProviderError) -> String {
    let cause = error.message().map(str::to_owned);
    cause.or_else(|| Some(error.source()?.to_string())).unwrap_or_else(|| error.to_string())
}

/// Reads an answer to its end.
pub(crate) async fn whole(mut body: Inflow) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.map_err(|error| error.to_string())?);
        if bytes.len() > MAX_ANSWER {
            return Err(format!("the answer is longer than {MAX_ANSWER} bytes"));
        }
    }
    Ok(bytes)
}
