//! A vendor's list of its models.

use async_trait::async_trait;
use ferro_core::{CallContext, Discover, DiscoveredModel, ErrorKind, ProviderError, drive};
use serde::Deserialize;
use serde_json::Value;

use crate::provider::Compatible;

#[async_trait]
impl Discover for Compatible {
    async fn models(&self, cx: &CallContext<'_>) -> Result<Vec<DiscoveredModel>, ProviderError> {
        let listing = self.listing.clone().ok_or_else(|| malformed("no list is kept here"))?;
        let body = drive::get(self, cx, listing, &self.headers).await?;
        read(&body)
    }
}

#[derive(Deserialize)]
struct Listing {
    data: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    id: Value,
    /// Not a number everywhere.
    #[serde(default)]
    created: Value,
    // How many tokens its context holds, in the words of several vendors.
    #[serde(default)]
    context_length: Value,
    #[serde(default)]
    context_window: Value,
    #[serde(default)]
    max_context_length: Value,
    #[serde(default)]
    max_model_len: Value,
}

impl Listed {
    fn context_window(&self) -> Option<u64> {
        let said = [
            &self.context_length,
            &self.context_window,
            &self.max_context_length,
            &self.max_model_len,
        ];
        said.into_iter().find_map(count)
    }
}

/// A number that says something; vendors also say none, zero and words.
fn count(value: &Value) -> Option<u64> {
    value.as_u64().filter(|count| *count > 0)
}

/// Most wrap the list in an object; some send it bare.
fn read(body: &[u8]) -> Result<Vec<DiscoveredModel>, ProviderError> {
    let listed = serde_json::from_slice::<Listing>(body)
        .map(|listing| listing.data)
        .or_else(|_| serde_json::from_slice::<Vec<Listed>>(body))
        .map_err(|error| malformed("the list of models is not one").with_source(error))?;
    // An entry without a name is no model, and no reason to do without the others.
    let model = |listed: Listed| {
        let id = listed.id.as_str().filter(|id| !id.is_empty())?;
        let model = DiscoveredModel::new(id).with_created(count(&listed.created));
        Some(model.with_context_window(listed.context_window()))
    };
    Ok(listed.into_iter().filter_map(model).collect())
}

fn malformed(message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Malformed).with_message(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_be_wrapped_or_bare() {
        let models = br#"[{"id":"a","object":"model","created":7,"context_length":9},{"id":"b","created":null},{"name":"x"},{"id":""},{"id":5},{"id":"c","created":"2026"}]"#;
        let wrapped = [&b"{\"object\":\"list\",\"data\":"[..], models, b"}"].concat();
        for body in [&models[..], &wrapped] {
            let models = read(body).unwrap();
            let first = DiscoveredModel::new("a").with_created(Some(7));
            assert_eq!(models[0], first.with_context_window(Some(9)));
            assert_eq!(models[1..], [DiscoveredModel::new("b"), DiscoveredModel::new("c")]);
        }
        assert_eq!(read(b"{}").unwrap_err().kind(), ErrorKind::Malformed);
    }

    #[test]
    fn the_context_window_is_kept_whatever_it_is_called() {
        for (members, said) in [
            (r#""context_length":131072"#, Some(131_072)),
            (r#""context_window":131072,"max_context_length":null"#, Some(131_072)),
            (r#""context_window":null,"max_context_length":131072"#, Some(131_072)),
            (r#""max_model_len":131072"#, Some(131_072)),
            (r#""context_length":0,"context_window":"131072""#, None),
            (r#""context_length":-1"#, None),
        ] {
            let models = read(format!(r#"[{{"id":"a",{members}}}]"#).as_bytes()).unwrap();
            let expected = DiscoveredModel::new("a").with_context_window(said);
            assert_eq!(models, [expected], "{members}");
        }
    }
}
