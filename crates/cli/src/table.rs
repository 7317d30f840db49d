//! Columns for people: a header, a line of dashes, rows, three spaces between. A cell may have several
//! lines.

use std::fmt::Write as _;

/// Lines up `rows` under `header`. Nothing stands behind the last cell of a line.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            let widest = cell.lines().map(|line| line.chars().count()).max();
            *width = (*width).max(widest.unwrap_or_default());
        }
    }
    let dashes = header.map(|cell| "-".repeat(cell.chars().count()));
    let header = header.map(str::to_owned);
    let mut text = String::new();
    for row in [&header, &dashes].into_iter().chain(rows) {
        let height = row.iter().map(|cell| cell.lines().count()).max().unwrap_or_default();
        for index in 0..height {
            let mut line = String::new();
            for (width, cell) in widths.into_iter().zip(row) {
                let cell = cell.lines().nth(index).unwrap_or_default();
                write!(line, "{cell:width$}   ").expect("writing to a string does not fail");
            }
            text += line.trim_end();
            text.push('\n');
        }
    }
    text
}

/// Words in lines of at most `width` characters, unless one alone is wider.
pub(crate) fn folded<'a>(words: impl IntoIterator<Item = &'a str>, width: usize) -> String {
    let (mut text, mut room) = (String::new(), width);
    for word in words {
        let length = word.chars().count();
        if text.is_empty() {
            room = room.saturating_sub(length);
        } else if length < room {
            text.push(' ');
            room -= length + 1;
        } else {
            text.push('\n');
            room = width.saturating_sub(length);
        }
        text += word;
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

    #[test]
    fn a_cell_of_several_lines_stands_in_its_column() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        let text = table(["A", "B"], &[row("1", "two\n2"), row("longer", "3")]);
        assert_eq!(text, "A        B\n-        -\n1        two\n         2\nlonger   3\n");
    }

    #[test]
    fn words_are_put_in_lines_and_none_is_cut() {
        assert_eq!(folded(["ab", "cd", "ef"], 5), "ab cd\nef");
        assert_eq!(folded(["abcdef", "g"], 3), "abcdef\ng");
        assert_eq!(folded([], 3), "");
    }
}
