//! Columns for people: a header, a line of dashes, rows, three spaces between.

use std::fmt::Write as _;

/// Lines up `rows` under `header`. Nothing stands behind the last cell of a line.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let dashes = header.map(|cell| "-".repeat(cell.chars().count()));
    let header = header.map(str::to_owned);
    let mut text = String::new();
    for row in [&header, &dashes].into_iter().chain(rows) {
        let mut line = String::new();
        for (width, cell) in widths.into_iter().zip(row) {
            write!(line, "{cell:width$}   ").expect("writing to a string does not fail");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_one_another() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        let text = table(["KIND", "IS"], &[row("größer", "1"), row("x", "")]);
        assert_eq!(text, "KIND     IS\n----     --\ngrößer   1\nx\n");
    }
}
