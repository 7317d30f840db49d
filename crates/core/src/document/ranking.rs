//! Rankings for vendors that differ from the wire: the documents of a request as texts, and replies that
//! show them again, or are made of scores.

use bytes::Bytes;
use ferro_wire::{JsonDoc, Rope, append_member, offset_of, splice, write_string};
use serde_json::value::RawValue;

use super::{DocumentReply, Rerank};
use crate::{
    ErrorKind, ProviderError, Usage,
    chat::walk::{items, members, text},
};

/// The documents of a request, for a vendor that ranks texts: each is one, or has one as its `text`.
///
/// # Errors
///
/// Of kind `Unsupported`, and names the field, where one is something else.
pub fn documents(doc: &JsonDoc) -> Result<Vec<String>, ProviderError> {
    let said = doc.text("documents").unwrap_or_default();
    let list = serde_json::from_slice::<Vec<&RawValue>>(&said).unwrap_or_default();
    let one = |document: &&RawValue| {
        let own = || {
            let mut named = members(document.get()).filter(|(name, _)| name == "text");
            text(named.next()?.1.get())
        };
        Some(text(document.get()).or_else(own)?.into_owned())
    };
    let texts = list.iter().map(one).collect::<Option<Vec<_>>>();
    texts.filter(|texts| !texts.is_empty()).ok_or_else(|| {
        let message = "documents: this vendor ranks texts, and nothing else";
        ProviderError::new(ErrorKind::Unsupported).with_message(message).with_field("documents")
    })
}

/// Whether the documents are to be shown again.
pub fn wants_documents(doc: &JsonDoc) -> bool {
    doc.get("return_documents").ok().flatten().unwrap_or_default()
}

/// A reply whose results show the documents that they are about, where they do not yet.
pub fn with_documents(body: &Bytes, documents: &[String]) -> Bytes {
    let json = String::from_utf8_lossy(body);
    let results = members(&json).filter(|(name, _)| name == "results");
    let results = results.flat_map(|(_, results)| items(results));
    let shown = results.filter_map(|result| {
        let range = offset_of(json.as_bytes(), result.get().as_bytes());
        Some((range, with_document(result.get(), documents)?))
    });
    let shown = shown.collect();
    splice(json.as_bytes(), shown)
}

fn with_document(result: &str, documents: &[String]) -> Option<Bytes> {
    let member = |wanted: &str| members(result).find(|(name, _)| name == wanted);
    if member("document").is_some_and(|(_, shown)| shown.get() != "null") {
        return None;
    }
    let index: usize = member("index")?.1.get().parse().ok()?;
    let mut document = br#"{"text":"#.to_vec();
    write_string(&mut document, documents.get(index)?);
    document.push(b'}');
    let result = Rope::from(Bytes::copy_from_slice(result.as_bytes()));
    Some(append_member(&result, "document", &document)?.to_bytes())
}

/// A reply made of scores, one for each document or as many as the vendor gives, each with the place of
/// its document: the best first, and no more than were asked for.
pub fn reply(
    doc: &JsonDoc,
    mut scores: Vec<(usize, f64)>,
    usage: Option<Usage>,
) -> DocumentReply<Rerank> {
    scores.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    scores.truncate(doc.get("top_n").ok().flatten().unwrap_or(usize::MAX));
    let documents = wants_documents(doc).then(|| documents(doc).ok()).flatten();
    let mut body = br#"{"results":["#.to_vec();
    for (place, (index, score)) in scores.into_iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let score = serde_json::Number::from_f64(score).unwrap_or_else(|| 0.into());
        let result = format!(r#"{comma}{{"index":{index},"relevance_score":{score}}}"#);
        body.extend_from_slice(result.as_bytes());
    }
    body.push(b']');
    if let Some(model) = doc.text("model") {
        body.extend_from_slice(br#","model":"#);
        body.extend_from_slice(&model);
    }
    body.push(b'}');
    let body = Bytes::from(body);
    DocumentReply::new(
        documents.map_or(body.clone(), |documents| with_documents(&body, &documents)),
        usage,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Whole;

    fn doc(documents: &str, more: &str) -> JsonDoc {
        let body = format!(r#"{{"model":"m","query":"q","documents":{documents}{more}}}"#);
        JsonDoc::parse(body.into_bytes()).unwrap()
    }

    #[test]
    fn a_document_is_a_text_or_has_one() {
        let said = documents(&doc(r#"["a\n",{"id":7,"text":"b"}]"#, "")).unwrap();
        assert_eq!(said, ["a\n", "b"]);
        for odd in [r#"[{"title":"a"}]"#, "[7]", r#""a""#, r#"["a",null]"#] {
            let error = documents(&doc(odd, "")).unwrap_err();
            let said = (error.kind(), error.field());
            assert_eq!(said, (ErrorKind::Unsupported, Some("documents")), "{odd}");
        }
    }

    #[test]
    fn results_show_their_documents_where_they_do_not_yet() {
        let texts = ["a\"".to_owned(), "b".to_owned()];
        let body = r#"{"id":"1", "results":[{"index":1,"x":1e2},{"index":0,"document":{"text":"own"}},{"index":7}]}"#;
        let shown = with_documents(&Bytes::from(body), &texts);
        let expected = body.replace("1e2}", r#"1e2,"document":{"text":"b"}}"#);
        assert_eq!(shown, expected);
    }

    #[test]
    fn scores_are_a_ranking_of_as_many_as_were_asked_for() {
        let doc = doc(r#"["a","b","c"]"#, r#","top_n":2,"return_documents":true"#);
        let ranked = reply(&doc, vec![(0, 0.25), (1, -3.5), (2, 0.5)], None);
        let expected = r#"{"results":[{"index":2,"relevance_score":0.5,"document":{"text":"c"}},{"index":0,"relevance_score":0.25,"document":{"text":"a"}}],"model":"m"}"#;
        assert_eq!(ranked.into_body().to_bytes(), expected);
    }
}
