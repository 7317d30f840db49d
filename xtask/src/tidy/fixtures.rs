//! Every fixture says where it comes from, and none comes from what it is to try.

use crate::{
    finding::Finding,
    fixtures::{self, Fixture, SOURCES},
    tree::Tree,
};

/// Words of a source that is ourselves.
const OURS: [&str; 5] = ["ferro", "our own", "our encoder", "ourselves", "the gateway's own"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let all = fixtures::all(tree);
    all.iter().filter_map(|fixture| Some(finding(fixture, judge(fixture)?))).collect()
}

fn finding(fixture: &Fixture<'_>, message: String) -> Finding {
    Finding::new(&format!("{}/source", fixture.folder), 1, message)
}

fn judge(fixture: &Fixture<'_>) -> Option<String> {
    let Some(source) = fixture.source else {
        return Some(format!("is not there: where does the fixture come from ({})?", known()));
    };
    if !SOURCES.contains(&fixture.origin()) {
        return Some(format!(
            "`{}` is not where a fixture comes from: {}",
            fixture.origin(),
            known()
        ));
    }
    let lower = source.to_lowercase();
    let ours = OURS.iter().find(|words| lower.contains(*words))?;
    Some(format!("`{ours}`: what our own code wrote says nothing about a vendor"))
}

fn known() -> String {
    SOURCES.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixture_says_where_it_comes_from_and_that_is_not_us() {
        let at = |case: &str, file: &str| format!("providers/acme/tests/fixtures/{case}/{file}");
        let files = [
            (at("acme/chat/good", "source"), "constructed: a word\nferro"),
            (at("acme/chat/good", "upstream.http"), ""),
            (at("_set/chat/sdk", "source"), "sdk acme 1.2.3 acme.Chunk"),
            (at("acme/chat/none", "upstream.http"), ""),
            (at("acme/chat", "impossible.txt"), "a reply without usage: it always counts"),
            (at("acme/chat/odd", "source"), "somewhere"),
            (at("acme/chat/ours", "source"), "constructed: written by our own encoder"),
        ];
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let found = check(&Tree::of(&files));
        let paths: Vec<_> = found.iter().map(|finding| finding.path.as_str()).collect();
        let wrong = ["acme/chat/none", "acme/chat/odd", "acme/chat/ours"];
        assert_eq!(paths, wrong.map(|case| at(case, "source")), "{found:#?}");
    }
}
