//! The catalogue of models, read again and again from where the operator keeps a newer one.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};

use ferro_catalog::{MAX_FILE, Refreshed};
use ferro_core::{Payload, Transport};
use ferro_transport::Timeouts;
use futures_util::StreamExt;
use http::{StatusCode, Uri, header};
use tokio::time::{sleep, timeout};

use crate::{Gateway, gateway::Inner};

/// How often a redirection is followed.
const MOST_HOPS: usize = 5;

/// Where a catalogue is read, and how often.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CatalogSource {
    place: Place,
    /// How long one reading may take.
    pub patience: Duration,
    /// How long to wait between two.
    pub every: Duration,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Place {
    File(PathBuf),
    Url(Uri),
}

impl CatalogSource {
    /// An address that begins with `http://` or `https://`, or a file, with or without `file://` before
    /// it: for ten seconds at most, every day.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_url = text.starts_with("http://") || text.starts_with("https://");
        let place = match text.strip_prefix("file://").unwrap_or(text) {
            "" => return Err("it is empty".to_owned()),
            _ if is_url => {
                let uri: Uri = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
                Place::Url(uri)
            }
            other if other.contains("://") => {
                return Err(format!("`{text}` is neither an address over HTTP nor a file"));
            }
            path => Place::File(PathBuf::from(path)),
        };
        Ok(Self {
            place,
            patience: Duration::from_secs(10),
            every: Duration::from_secs(24 * 60 * 60),
        })
    }

    /// The same, with this time for one reading.
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }
}

impl Gateway {
    /// Reads the catalogue from there now, and then again and again until
    /// [`shutdown`](Self::shutdown). One that cannot be had, or is bad, leaves what was known before:
    /// that is logged, and counted. Needs a tokio runtime.
    pub fn keep_catalog(&self, source: CatalogSource) {
        let keeping = keep(Arc::downgrade(&self.inner), source);
        let token = self.inner.stop.child_token();
        self.inner.tasks.spawn(token.run_until_cancelled_owned(keeping));
    }

    /// Reads the catalogue from there, once. Requests that come from then on see it.
    ///
    /// # Errors
    /// When it cannot be had or is bad, and everything stays as it was.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves everything as it was.
    pub async fn refresh_catalog(&self, source: &CatalogSource) -> Result<Refreshed, String> {
        let recipe = &self.inner.recipe;
        let late = |_| format!("it did not come within {:?}", source.patience);
        let read = async {
            match &source.place {
                Place::File(path) => read_file(path).await,
                Place::Url(uri) => {
                    let transport = recipe.connector.operators_transport(Timeouts::default());
                    fetched(&*transport, uri.clone()).await
                }
            }
        };
        let file = timeout(source.patience, read).await.map_err(late).flatten();
        let refreshed = file.and_then(|file| recipe.catalog.refresh(&file));
        recipe.metrics.catalog_load(refreshed.is_ok());
        if refreshed.is_ok() {
            self.engine().models_changed();
        }
        refreshed
    }
}

async fn keep(gateway: Weak<Inner>, source: CatalogSource) {
    loop {
        let Some(inner) = gateway.upgrade() else { return };
        match (Gateway { inner }).refresh_catalog(&source).await {
            Ok(Refreshed { models, skipped }) => {
                let skipped_count = skipped.len();
                tracing::info!(models, skipped = skipped_count, "the catalogue of models was read");
            }
            Err(error) => {
                tracing::warn!(%error, "the catalogue of models cannot be read; the last one stays");
            }
        }
        sleep(source.every).await;
    }
}

async fn read_file(path: &PathBuf) -> Result<Vec<u8>, String> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    let length = tokio::fs::metadata(path).await.map_err(told)?.len();
    if length > MAX_FILE as u64 {
        return Err(format!("{}: {length} bytes, more than {MAX_FILE}", path.display()));
    }
    tokio::fs::read(path).await.map_err(told)
}

/// A catalogue is public, so nothing is shown to whoever has it, and a redirection may be followed.
async fn fetched(transport: &dyn Transport, mut uri: Uri) -> Result<Vec<u8>, String> {
    for _ in 0..MOST_HOPS {
        let request = http::Request::get(&uri).body(Payload::empty());
        let request = request.map_err(|error| error.to_string())?;
        let response = transport.send(request).await.map_err(|error| error.to_string())?;
        let (head, mut body) = response.into_parts();
        if head.status.is_redirection() {
            let to = head.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
            let to = to.ok_or_else(|| format!("{} leads nowhere", head.status))?;
            uri = led(&uri, to)?;
            continue;
        }
        if head.status != StatusCode::OK {
            return Err(format!("it was answered with {}", head.status));
        }
        let mut file = Vec::new();
        while let Some(piece) = body.next().await {
            file.extend_from_slice(&piece.map_err(|error| error.to_string())?);
            if file.len() > MAX_FILE {
                return Err(format!("it is longer than {MAX_FILE} bytes"));
            }
        }
        return Ok(file);
    }
    Err(format!("it redirects more than {MOST_HOPS} times"))
}

/// Where a redirection leads: never from TLS to plain text.
fn led(from: &Uri, to: &str) -> Result<Uri, String> {
    let uri: Uri = to.parse().map_err(|error| format!("a redirection to `{to}`: {error}"))?;
    let mut parts = uri.into_parts();
    if parts.authority.is_none() {
        parts.authority = from.authority().cloned();
        parts.scheme = from.scheme().cloned();
    }
    let uri = Uri::from_parts(parts).map_err(|error| format!("`{to}`: {error}"))?;
    if from.scheme_str() == Some("https") && uri.scheme_str() != Some("https") {
        return Err(format!("it redirects to `{to}`, which is not encrypted"));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_or_a_file() {
        let place = |text: &str| CatalogSource::parse(text).map(|source| source.place);
        let file = Ok(Place::File("/etc/models.json".into()));
        assert_eq!(
            (place("/etc/models.json"), place("file:///etc/models.json")),
            (file.clone(), file)
        );
        assert!(matches!(place("https://a.example/c.json"), Ok(Place::Url(_))));
        for bad in ["", "file://", "ftp://a.example", "http://"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_redirection_never_leaves_encryption() {
        let from: Uri = "https://a.example/x".parse().unwrap();
        assert_eq!(led(&from, "/y").unwrap(), "https://a.example/y");
        assert_eq!(led(&from, "https://b.example/y").unwrap(), "https://b.example/y");
        assert!(led(&from, "http://a.example/y").is_err());
    }
}
