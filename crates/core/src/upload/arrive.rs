//! A form as it arrives: scanned, and taken in to its end or passed on from where there is no room.

use std::{
    collections::BTreeMap,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use ferro_wire::multipart::{Boundary, FormError, Scanner};
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderValue, header};

use super::Upload;
use crate::{
    BadRequest, Body, BodyError, Inbound, Limits, excerpt,
    held::{Held, Store},
};

impl Inbound {
    /// Reads the whole body as a form. A large one goes to a file; where there is no room for that,
    /// what is behind stays to be passed on, and may hold no field of `early` any more.
    pub(super) async fn form(
        &mut self,
        limits: &Limits,
        early: &'static [&'static str],
    ) -> Result<Upload, BadRequest> {
        let content_type = self.headers.get(header::CONTENT_TYPE).cloned();
        let content_type = content_type.unwrap_or(HeaderValue::from_static(""));
        let named = content_type.to_str().unwrap_or_default();
        let boundary = Boundary::of(named)
            .map_err(|error| BadRequest::new(format!("{error}, not `{}`", excerpt(named))))?;
        let mut scanner = Scanner::new(boundary);
        let (limit, announced) = (limits.upload(), self.announced());
        if announced.is_some_and(|length| length > limit) {
            return Err(self.refuse_rest(limit, "max_upload_bytes").await);
        }
        let mut store = Store::new(limits.spool.as_ref(), announced);
        let mut taken = 0;
        while let Some(piece) = self.body.next().await {
            let piece = piece?;
            taken += piece.len() as u64;
            if taken > limit {
                return Err(self.refuse_rest(limit, "max_upload_bytes").await);
            }
            scanner.push(&piece)?;
            if store.push(piece).await.is_err() {
                let (boundary, parts) = (scanner.boundary().clone(), scanner.parts().to_vec());
                let body = mem::replace(&mut self.body, stream::empty().boxed());
                let seen = parts.len();
                let rest = Rest { body, scanner, seen, left: limit - taken, early, is_over: false };
                let held = Held::passed_on(store.segments(), Box::pin(rest), announced);
                return Ok(Upload { content_type, boundary, parts, held, edits: BTreeMap::new() });
            }
        }
        let (boundary, parts) = (scanner.boundary().clone(), scanner.end()?.to_vec());
        let held = Held::new(store.finish().await);
        Ok(Upload { content_type, boundary, parts, held, edits: BTreeMap::new() })
    }
}

impl From<FormError> for BadRequest {
    fn from(error: FormError) -> Self {
        Self::new(error.to_string())
    }
}

/// What is behind, on its way through: it breaks off where the form turns out to be none, to be too
/// long, or to say what had to be said before.
struct Rest {
    body: Body,
    scanner: Scanner,
    /// How many parts were known before, or are known to be harmless.
    seen: usize,
    /// How many bytes may still come.
    left: u64,
    early: &'static [&'static str],
    is_over: bool,
}

impl Rest {
    fn inspect(&mut self, piece: &[u8]) -> Result<(), String> {
        self.left = self.left.checked_sub(piece.len() as u64).ok_or("the form is too large")?;
        self.scanner.push(piece).map_err(|error| error.to_string())?;
        let new = &self.scanner.parts()[self.seen..];
        self.seen += new.len();
        match new.iter().find(|part| self.early.contains(&part.name.as_str())) {
            Some(late) => Err(format!(
                "{} is to stand before the file: the form is too large to be held here \
                 (spool_dir), and is passed on as it arrives",
                late.name
            )),
            None => Ok(()),
        }
    }
}

impl Stream for Rest {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.is_over {
            return Poll::Ready(None);
        }
        let item = match ready!(this.body.as_mut().poll_next(cx)) {
            Some(Ok(piece)) => {
                Some(this.inspect(&piece).map(|()| piece).map_err(BodyError::Refused))
            }
            Some(Err(error)) => Some(Err(error)),
            None => {
                let end = this.scanner.end().map_err(|error| BodyError::Refused(error.to_string()));
                end.err().map(Err)
            }
        };
        this.is_over = !matches!(item, Some(Ok(_)));
        Poll::Ready(item)
    }
}
