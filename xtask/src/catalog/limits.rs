//! How much models write at most, as vendors' pages have it where a collection has something else:
//! `crates/catalog/data/limits.tsv`, kept by hand. Clients are shown it, and ask for as much.

use super::{Made, facts::Disagreement};

/// Says it in the rows that it is about; what a collection said otherwise is listed.
pub(super) fn read(text: &str, made: &mut Made) -> Result<(), String> {
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let wrong = |what: &str| format!("limits.tsv: `{line}` {what}");
        let columns: Vec<_> = line.split('\t').collect();
        let &[kind, id, output, page] = columns.as_slice() else {
            return Err(wrong("has not four columns"));
        };
        let output: u32 = output.parse().map_err(|_| wrong("has no number of tokens"))?;
        let key = format!("limits/{kind}");
        let mut found = Vec::new();
        for row in made.meant(kind, id).map_err(wrong)? {
            let said = row.max_output_tokens;
            if said == output {
                continue;
            }
            if said > 0 {
                found.push(Disagreement {
                    kind: kind.to_owned(),
                    id: row.id.clone(),
                    key: "max_output".to_owned(),
                    one: said.to_string(),
                    other: output.to_string(),
                    taken: output.to_string(),
                    why: "the vendor's page has another: the page",
                });
            }
            row.max_output_tokens = output;
            if !row.sources.contains(&key) {
                row.sources.push(key.clone());
            }
        }
        made.disagreements.extend(found);
        made.sources.insert(key, page.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::format::row::Row;

    fn made() -> Made {
        let rows = [("a-1", 8), ("eu.a-1-v1", 8), ("a-2", 0)].map(|(id, max_output_tokens)| {
            let mut row = Row::new(id);
            row.max_output_tokens = max_output_tokens;
            row
        });
        let mut made = Made::default();
        made.rows.insert("kind".to_owned(), rows.into());
        made
    }

    #[test]
    fn a_limit_is_said_of_every_row_that_is_meant_and_what_was_said_otherwise_is_listed() {
        for (id, limits) in
            [("a-1", [4, 8, 0]), ("a-*", [4, 8, 4]), ("*a-1*", [4, 4, 0]), ("*-v1", [8, 4, 0])]
        {
            let mut made = made();
            read(&format!("# id\nkind\t{id}\t4\thttps://page.example"), &mut made).unwrap();
            let said: Vec<_> = made.rows["kind"].iter().map(|row| row.max_output_tokens).collect();
            assert_eq!(said, limits, "{id}");
            let listed =
                limits.iter().zip([8, 8, 0]).filter(|(now, before)| *now != before && *before > 0);
            assert_eq!(made.disagreements.len(), listed.count(), "{id}");
        }
    }

    #[test]
    fn a_line_that_says_nothing_of_anybody_is_refused() {
        for (line, why) in [
            ("kind\ta-1\t4", "has not four columns"),
            ("kind\ta-1\tmany\thttps://page.example", "has no number of tokens"),
            ("other\ta-1\t4\thttps://page.example", "is of no kind"),
            ("kind\tb\t4\thttps://page.example", "is about no model that is known"),
        ] {
            assert!(read(line, &mut made()).unwrap_err().ends_with(why), "{line}");
        }
    }
}
