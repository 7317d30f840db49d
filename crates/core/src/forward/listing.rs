//! Lists of what an upstream keeps: many share an account there, and each of them is shown what is his.

use async_trait::async_trait;
use bytes::Bytes;
use ferro_wire::JsonDoc;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{Forward, ForwardRequest};
use crate::{
    Belongings, Call, CallContext, ErrorKind, Kept, ProviderError, Reply, ReplyBody, Serve, Thing,
    Unsaid, Whole,
    chat::{Members, Text},
    document::DocumentReply,
};

/// As many pages are asked for at most in order to show one. A list that goes on behind that says so, and
/// whoever asks for more goes on from what he was shown last.
const MOST_PAGES: usize = 20;
/// As much is asked for at once behind the first page: no vendor's lists give less.
const LARGE_PAGE: usize = 100;

/// A provider whose lists show each caller what is his.
pub(super) struct Listing<'a>(pub(super) &'a dyn Serve<Forward>);

#[async_trait]
impl Serve<Forward> for Listing<'_> {
    async fn serve(
        &self,
        cx: &CallContext<'_>,
        request: &ForwardRequest,
    ) -> Result<Reply<Forward>, ProviderError> {
        let reply = self.0.serve(cx, request).await?;
        match (request.lists(), cx.belongings) {
            (Some(kind), Some(all)) => self.listed(cx, request, Own { kind, all }, reply).await,
            _ => Ok(reply),
        }
    }

    fn unsaid(&self, call: &Call<'_>, request: &ForwardRequest) -> Vec<Unsaid> {
        self.0.unsaid(call, request)
    }
}

impl Listing<'_> {
    /// Shows of a list what is the caller's, and asks for further pages until one is full or the list is
    /// over. A page that is all the caller's passes as it came.
    async fn listed(
        &self,
        cx: &CallContext<'_>,
        request: &ForwardRequest,
        own: Own<'_>,
        Reply { head, body }: Reply<Forward>,
    ) -> Result<Reply<Forward>, ProviderError> {
        let first = document(body)?;
        let body = first.body().to_bytes();
        let page = match Page::read(&body, own.kind) {
            Ok(page) if !own.are_all(&page.data) => page,
            Err(error) if !own.all.are_open() => return Err(error),
            _ => return Ok(Reply { head, body: ReplyBody::Whole(first) }),
        };
        let shown = self.shown(cx, request, own, page).await?;
        let whole = DocumentReply::new(shown.written(body)?, None);
        let whole = whole.with_content_type(first.content_type());
        Ok(Reply { head, body: ReplyBody::Whole(whole) })
    }

    /// The page that the caller is shown. That there is more is known when one more was found.
    async fn shown(
        &self,
        cx: &CallContext<'_>,
        request: &ForwardRequest,
        own: Own<'_>,
        mut page: Page,
    ) -> Result<Page, ProviderError> {
        let most = request.parameter("limit").and_then(|limit| limit.parse().ok());
        let most = most.unwrap_or(page.data.len()).max(1);
        let [_, before] = own.kind.cursors();
        let (mut shown, mut pages) =
            (Page { data: Vec::new(), has_more: false, next_page: None }, 1);
        loop {
            let last = page.data.last().and_then(|item| Some(id(item)?.0.into_owned()));
            shown.data.extend(page.data.into_iter().filter(|item| own.is_one(item)));
            (shown.has_more, shown.next_page) = (page.has_more, page.next_page);
            let is_full = shown.data.len() > most || pages == MOST_PAGES;
            // What comes before something is not looked for behind it, nor what has a place of its own.
            let is_elsewhere = page.next_page.is_some() || request.parameter(before).is_some();
            let is_over = is_full || !page.has_more || is_elsewhere;
            let Some(last) = last.filter(|_| !is_over) else { break };
            let next = self.0.serve(cx, &request.page(&last, LARGE_PAGE)).await?;
            page = Page::read(&document(next.body)?.body().to_bytes(), own.kind)?;
            pages += 1;
        }
        shown.has_more |= shown.data.len() > most;
        shown.data.truncate(most);
        Ok(shown)
    }
}

/// What of a kind is the caller's.
#[derive(Clone, Copy)]
struct Own<'a> {
    kind: Kept,
    all: Belongings<'a>,
}

impl Own<'_> {
    fn is_one(&self, item: &RawValue) -> bool {
        let thing = id(item).and_then(|id| Thing::new(self.kind, &id));
        thing.is_some_and(|thing| self.all.have(&thing))
    }

    fn are_all(&self, items: &[Box<RawValue>]) -> bool {
        items.iter().all(|item| self.is_one(item))
    }
}

/// What is read of a list.
#[derive(Deserialize)]
struct Page {
    data: Vec<Box<RawValue>>,
    #[serde(default)]
    has_more: bool,
    /// Where the next page is, at those who tell: it is not told by the last entry then.
    #[serde(default)]
    next_page: Option<IgnoredAny>,
}

impl Page {
    /// Reads a list. What is none cannot be shown in part.
    fn read(body: &[u8], kind: Kept) -> Result<Self, ProviderError> {
        serde_json::from_slice(body).map_err(|source| {
            let message = format!(
                "the upstream's answer is no list in which a {} could be found",
                kind.as_str()
            );
            ProviderError::new(ErrorKind::Malformed).with_message(message).with_source(source)
        })
    }

    /// The list that `body` was, with these entries.
    fn written(self, body: Bytes) -> Result<ferro_wire::Rope, ProviderError> {
        let mut doc = JsonDoc::parse(body).map_err(|source| {
            let message = "the upstream's list is not the JSON object that it should be";
            ProviderError::new(ErrorKind::Malformed).with_message(message).with_source(source)
        })?;
        doc.set("data", &self.data);
        if self.next_page.is_some() {
            return Ok(doc.to_rope());
        }
        doc.set("first_id", &self.data.first().and_then(|item| id(item)));
        doc.set("last_id", &self.data.last().and_then(|item| id(item)));
        doc.set("has_more", &self.has_more);
        Ok(doc.to_rope())
    }
}

/// How an entry is called.
fn id(item: &RawValue) -> Option<Text<'_>> {
    serde_json::from_str(Members::of(item.get())?.get("id")?).ok()
}

/// A reply in one piece, as every list is.
fn document(body: ReplyBody<Forward>) -> Result<DocumentReply<Forward>, ProviderError> {
    if let ReplyBody::Whole(whole) = body {
        return Ok(whole);
    }
    let message = "the upstream answered a request for a list with something else than JSON";
    Err(ProviderError::new(ErrorKind::Malformed).with_message(message))
}
