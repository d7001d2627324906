//! JSON and YAML for programs, and tables for people.

use std::io::Write;

use clap::ValueEnum;
use serde::Serialize;

use crate::failure::Failure;

/// A form for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// JSON
    Json,
    /// YAML
    Yaml,
}

impl Format {
    /// Writes one value.
    pub fn write(self, value: &impl Serialize, out: &mut impl Write) -> Result<(), Failure> {
        match self {
            Self::Json => {
                let text =
                    serde_json::to_string_pretty(value).map_err(|error| Failure::Form(error.to_string()))?;
                writeln!(out, "{text}")?;
            }
            Self::Yaml => write!(out, "{}", yaml(value)?)?,
        }
        Ok(())
    }

    /// Writes one of several values that follow each other: a line of JSON, or a document of YAML.
    pub fn write_one_of_many(self, value: &impl Serialize, out: &mut impl Write) -> Result<(), Failure> {
        match self {
            Self::Json => {
                let text = serde_json::to_string(value).map_err(|error| Failure::Form(error.to_string()))?;
                writeln!(out, "{text}")?;
            }
            Self::Yaml => write!(out, "---\n{}", yaml(value)?)?,
        }
        Ok(())
    }
}

fn yaml(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_saphyr::to_string(value).map_err(|error| Failure::Form(error.to_string()))?;
    Ok(if text.ends_with('\n') { text } else { text + "\n" })
}

/// Writes rows in columns, as kubectl does: three spaces between them, and none at the end of a line.
pub fn table<const N: usize>(
    indent: &str,
    heads: [&str; N],
    rows: &[[String; N]],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
    });
    let heads: [String; N] = heads.map(ToOwned::to_owned);
    for row in std::iter::once(&heads).chain(rows) {
        let mut line = indent.to_owned();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            let pad = width - cell.chars().count() + 3;
            line.extend(std::iter::repeat_n(' ', pad));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut out = Vec::new();
        let rows = [["comms".to_owned(), "čtyři".to_owned()], ["a".to_owned(), "b".to_owned()]];
        table("  ", ["NAME", "STATE"], &rows, &mut out).expect("written");
        let expected = "  NAME    STATE\n  comms   čtyři\n  a       b\n";
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }
}
