//! The models that the vendor has.

use serde::Serialize;

use crate::{Reply, Shape, book, refusal};

#[derive(Serialize)]
struct Model<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

impl<'a> Model<'a> {
    fn new(id: &'a str) -> Self {
        Self { id, object: "model", created: 1, owned_by: "scripted" }
    }
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Model<'a>>,
}

/// All of them.
pub(crate) fn list() -> Reply {
    let names = book::model_names().map(|(name, _)| Model::new(name));
    let data = std::iter::once(Model::new("scripted")).chain(names).collect();
    let list = List { object: "list", data };
    Reply::json(200, serde_json::to_vec(&list).expect("names and numbers are JSON"))
}

/// One of them.
pub(crate) fn one(id: &str) -> Reply {
    if id != "scripted" && !book::model_names().any(|(name, _)| name == id) {
        return refusal(404, Shape::OpenAi);
    }
    Reply::json(200, serde_json::to_vec(&Model::new(id)).expect("names and numbers are JSON"))
}
