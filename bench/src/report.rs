//! Figures in `bench/README.md`, between marks.

use anyhow::{Context, Result};
use std::fs;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Puts `text` in place of what the part's marks enclose.
pub(crate) fn write(part: &str, text: &str) -> Result<()> {
    let readme = fs::read_to_string(README).with_context(|| format!("{README} cannot be read"))?;
    fs::write(README, replaced(&readme, part, text)?).with_context(|| format!("{README} cannot be written"))
}

fn replaced(readme: &str, part: &str, text: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {part}: begin -->\n"), format!("<!-- {part}: end -->\n"));
    let marks = || format!("the README lacks the marks of `{part}`: restore them");
    let (before, rest) = readme.split_once(&begin).with_context(marks)?;
    let (_, after) = rest.split_once(&end).with_context(marks)?;
    Ok(format!("{before}{begin}\n{}\n\n{end}{after}", text.trim()))
}

/// A table in Markdown; the first row is its head.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        text.push_str(&line(row));
        if number == 0 {
            text.push_str(&line(&vec!["---".to_owned(); row.len()]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_take_the_place_of_older_ones_and_nothing_else_changes() {
        let readme = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->\n";
        assert_eq!(
            replaced(readme, "x", "new\n").unwrap(),
            "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->\n"
        );
        assert!(replaced(readme, "z", "new").is_err());
    }

    #[test]
    fn the_first_row_is_the_head() {
        let rows = [["a", "b"], ["1", "2"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "| a | b |\n| --- | --- |\n| 1 | 2 |\n");
    }
}
