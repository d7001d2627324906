//! Rows of an import, told from pieces of a file as they come in. Memory is bounded by the longest row.

use crate::domain::contact::ContactDetails;
use crate::domain::contact_import::{ImportFormat, RowError};
use crate::wording::{Sentence, Spoken, say, shown_in_english, unreadable};
use csv_core::{ReadRecordResult, ReaderBuilder};
use serde_json::{Map, Value};

/// The longest row, in bytes.
const MAX_ROW: usize = 64 * 1024;
/// The most columns.
const MAX_COLUMNS: usize = 256;
/// What a column's name begins with when its values go into the metadata.
const METADATA: &str = "metadata.";

/// A row, or what does not fit in it.
pub(super) type Row = Result<ContactDetails, Vec<RowError>>;

/// Why the rest of a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// A row is too long.
    RowTooLong,
    /// There are too many columns.
    TooManyColumns,
    /// A column is not known.
    UnknownColumn(String),
    /// A column is there twice.
    RepeatedColumn(String),
    /// There is no column of numbers.
    NoNumbers,
}

impl Spoken for RowsError {
    fn sentence(&self) -> Sentence {
        match self {
            Self::RowTooLong => say!("import-row-too-long"),
            Self::TooManyColumns => say!("import-too-many-columns"),
            Self::UnknownColumn(column) => say!("import-unknown-column", column = column.clone()),
            Self::RepeatedColumn(column) => say!("import-repeated-column", column = column.clone()),
            Self::NoNumbers => say!("import-no-numbers"),
        }
    }
}

shown_in_english!(RowsError);

/// Tells rows from pieces of a file.
pub(super) struct Rows(Form);

enum Form {
    Lines(Vec<u8>),
    /// The first line, until it is all there.
    Head(Vec<u8>),
    Csv(Box<Csv>),
}

struct Csv {
    reader: csv_core::Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
    written: usize,
    fields: usize,
    columns: Vec<String>,
}

impl Rows {
    pub(super) fn new(format: ImportFormat) -> Self {
        Self(match format {
            ImportFormat::Ndjson => Form::Lines(Vec::new()),
            ImportFormat::Csv => Form::Head(Vec::new()),
        })
    }

    /// The rows that have ended with this piece.
    pub(super) fn feed(&mut self, piece: &[u8], rows: &mut Vec<Row>) -> Result<(), RowsError> {
        match &mut self.0 {
            Form::Lines(rest) => lines(rest, piece, rows),
            Form::Head(head) => {
                head.extend_from_slice(piece);
                if !head.contains(&b'\n') {
                    return if head.len() > MAX_ROW { Err(RowsError::RowTooLong) } else { Ok(()) };
                }
                self.begin(rows)
            }
            Form::Csv(csv) => csv.feed(piece, rows),
        }
    }

    /// The rows that have ended with the file.
    pub(super) fn finish(&mut self, rows: &mut Vec<Row>) -> Result<(), RowsError> {
        if matches!(self.0, Form::Head(_)) {
            self.begin(rows)?;
        }
        match &mut self.0 {
            Form::Lines(rest) => {
                line(rest, rows);
                rest.clear();
                Ok(())
            }
            Form::Head(_) => Ok(()),
            Form::Csv(csv) => {
                csv.feed(b"", rows)?;
                if csv.columns.is_empty() { Err(RowsError::NoNumbers) } else { Ok(()) }
            }
        }
    }

    /// The first line is there: it tells what is between the values.
    fn begin(&mut self, rows: &mut Vec<Row>) -> Result<(), RowsError> {
        let Form::Head(head) = &mut self.0 else { return Ok(()) };
        let head = std::mem::take(head);
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let delimiter = if first.contains(&b';') && !first.contains(&b',') { b';' } else { b',' };
        let mut csv = Csv {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            output: vec![0; MAX_ROW],
            ends: vec![0; MAX_COLUMNS],
            written: 0,
            fields: 0,
            columns: Vec::new(),
        };
        let outcome = if head.is_empty() { Ok(()) } else { csv.feed(&head, rows) };
        self.0 = Form::Csv(Box::new(csv));
        outcome
    }
}

fn lines(rest: &mut Vec<u8>, piece: &[u8], rows: &mut Vec<Row>) -> Result<(), RowsError> {
    let mut parts = piece.split(|byte| *byte == b'\n').peekable();
    while let Some(part) = parts.next() {
        if rest.len() + part.len() > MAX_ROW {
            return Err(RowsError::RowTooLong);
        }
        rest.extend_from_slice(part);
        if parts.peek().is_some() {
            line(rest, rows);
            rest.clear();
        }
    }
    Ok(())
}

fn line(line: &[u8], rows: &mut Vec<Row>) {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return;
    }
    rows.push(match serde_json::from_slice::<ContactDetails>(line) {
        Ok(details) => checked(details),
        Err(error) if error.is_data() => Err(vec![whole(unreadable(&error.to_string()))]),
        Err(error) => Err(vec![whole(say!("give-json-line", reason = reason(&error)))]),
    });
}

/// The reason without the place, which is one within the line.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

fn whole(sentence: Sentence) -> RowError {
    RowError::new(0, "#", sentence)
}

fn checked(details: ContactDetails) -> Row {
    let unfit = details.unfit();
    if unfit.is_empty() {
        return Ok(details);
    }
    let error = |field: crate::domain::unfit::Unfit| RowError::new(0, field.pointer, field.detail);
    Err(unfit.into_iter().map(error).collect())
}

impl Csv {
    fn feed(&mut self, mut piece: &[u8], rows: &mut Vec<Row>) -> Result<(), RowsError> {
        let at_end = piece.is_empty();
        loop {
            let (output, ends) = (&mut self.output[self.written..], &mut self.ends[self.fields..]);
            let (result, read, written, fields) = self.reader.read_record(piece, output, ends);
            piece = &piece[read..];
            self.written += written;
            self.fields += fields;
            match result {
                ReadRecordResult::InputEmpty if !at_end => return Ok(()),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => return Err(RowsError::RowTooLong),
                ReadRecordResult::OutputEndsFull => return Err(RowsError::TooManyColumns),
                ReadRecordResult::Record => {
                    self.record(rows)?;
                    (self.written, self.fields) = (0, 0);
                }
                ReadRecordResult::End => return Ok(()),
            }
        }
    }

    fn record(&mut self, rows: &mut Vec<Row>) -> Result<(), RowsError> {
        let mut begin = 0;
        let values: Result<Vec<&str>, _> = self.ends[..self.fields]
            .iter()
            .map(|end| {
                let value = &self.output[begin..*end];
                begin = *end;
                std::str::from_utf8(value).map(str::trim)
            })
            .collect();
        if self.columns.is_empty() {
            let names = values.unwrap_or_default();
            self.columns = columns(&names)?;
            return Ok(());
        }
        rows.push(match values {
            Err(_) => Err(vec![whole(say!("give-utf-8"))]),
            Ok(values) if values.iter().all(|value| value.is_empty()) => return Ok(()),
            Ok(values) if values.len() != self.columns.len() => {
                Err(vec![whole(say!("give-values", count = self.columns.len()))])
            }
            Ok(values) => checked(details(&self.columns, &values)),
        });
        Ok(())
    }
}

fn columns(names: &[&str]) -> Result<Vec<String>, RowsError> {
    let names: Vec<String> =
        names.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
    for (position, name) in names.iter().enumerate() {
        let is_known = ["number", "name", "external_id", "language", "time_zone"].contains(&name.as_str())
            || name.strip_prefix(METADATA).is_some_and(|key| !key.is_empty());
        if !is_known {
            return Err(RowsError::UnknownColumn(shown(name)));
        }
        if names[..position].contains(name) {
            return Err(RowsError::RepeatedColumn(shown(name)));
        }
    }
    if names.iter().any(|name| name == "number") { Ok(names) } else { Err(RowsError::NoNumbers) }
}

/// A column's name as it can be told and kept.
fn shown(name: &str) -> String {
    name.chars().take(64).map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

fn details(columns: &[String], values: &[&str]) -> ContactDetails {
    let mut details = ContactDetails {
        number: String::new(),
        name: None,
        external_id: None,
        language: None,
        time_zone: None,
        metadata: Map::new(),
    };
    for (column, value) in columns.iter().zip(values).filter(|(_, value)| !value.is_empty()) {
        let value = (*value).to_owned();
        match column.as_str() {
            "number" => details.number = value,
            "name" => details.name = Some(value),
            "external_id" => details.external_id = Some(value),
            "language" => details.language = Some(value),
            "time_zone" => details.time_zone = Some(value),
            other => {
                let key = other.strip_prefix(METADATA).unwrap_or(other);
                details.metadata.insert(key.to_owned(), Value::String(value));
            }
        }
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rows of a text that comes in pieces of this many bytes.
    fn read(format: ImportFormat, text: &[u8], size: usize) -> Result<Vec<Row>, RowsError> {
        let (mut rows, mut found) = (Rows::new(format), Vec::new());
        for piece in text.chunks(size) {
            rows.feed(piece, &mut found)?;
        }
        rows.finish(&mut found)?;
        Ok(found)
    }

    /// Numbers of the rows that fit, and what the others lack.
    fn outline(rows: &[Row]) -> Vec<String> {
        rows.iter()
            .map(|row| match row {
                Ok(details) => details.number.clone(),
                Err(errors) => errors[0].pointer.clone(),
            })
            .collect()
    }

    #[test]
    fn values_between_commas_or_semicolons_are_read_however_they_are_cut() {
        let text = "\u{feff}number,name,metadata.city\r\n+420601123456,\"Nováková, \"\"Jana\"\"\",Plzeň\r\n\r\n\
                    601,,\n+420601123457,,\"two\nlines\"\n+420601123458,x";
        for text in [text.to_owned(), text.replace(',', ";").replace("Nováková;", "Nováková,")] {
            for size in [1, 2, 7, text.len()] {
                let rows = read(ImportFormat::Csv, text.as_bytes(), size).unwrap();
                assert_eq!(
                    outline(&rows),
                    ["+420601123456", "#/number", "+420601123457", "#"],
                    "pieces of {size}: {rows:?}"
                );
                let first = rows[0].as_ref().unwrap();
                assert_eq!(first.name.as_deref(), Some("Nováková, \"Jana\""));
                assert_eq!(first.metadata["city"], "Plzeň");
            }
        }
    }

    #[test]
    fn lines_of_json_are_read_and_the_others_say_what_is_wrong() {
        let text = "{\"number\":\"+420601123456\",\"metadata\":{\"a\":[1]}}\r\n\n  \n{\"number\":\"+420601123457\",\"phone\":1}\n\
                    {\"name\":\"x\"}\n[\n\u{fffd}\n{\"number\":\"+420601123458\"}";
        for size in [1, 3, text.len()] {
            let rows = read(ImportFormat::Ndjson, text.as_bytes(), size).unwrap();
            assert_eq!(outline(&rows), ["+420601123456", "#", "#", "#", "#", "+420601123458"], "{size}");
            let Err(errors) = &rows[1] else { panic!("expected an error") };
            assert!(errors[0].detail.starts_with("There is no field `phone` here"), "{errors:?}");
        }
    }

    #[test]
    fn files_that_cannot_be_read_are_refused_with_the_reason() {
        let csv = |text: &str| read(ImportFormat::Csv, text.as_bytes(), 100).unwrap_err();
        assert_eq!(csv("number,phone\n"), RowsError::UnknownColumn("phone".into()));
        assert_eq!(csv("number,a\0b\n"), RowsError::UnknownColumn("a\u{fffd}b".into()));
        assert_eq!(csv("number,number\n"), RowsError::RepeatedColumn("number".into()));
        assert_eq!(csv("name\nx\n"), RowsError::NoNumbers);
        assert_eq!(csv(""), RowsError::NoNumbers);
        assert_eq!(csv(&format!("number,name\n1,{}\n", "x".repeat(MAX_ROW))), RowsError::RowTooLong);
        assert_eq!(csv(&format!("number{}", ",".repeat(MAX_COLUMNS))), RowsError::TooManyColumns);
        assert_eq!(csv(&"x".repeat(MAX_ROW + 200)), RowsError::RowTooLong);
        let long = read(ImportFormat::Ndjson, "x".repeat(MAX_ROW + 1).as_bytes(), 1000);
        assert_eq!(long.unwrap_err(), RowsError::RowTooLong);
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_are_read_alike(
            text in prop::collection::vec(prop::sample::select(b"+420601123456,;\"\n\r{}:x\xff".to_vec()), 0..200),
            size in 1usize..20,
        ) {
            for format in [ImportFormat::Csv, ImportFormat::Ndjson] {
                let text = [b"number,name\n".as_slice(), &text].concat();
                let whole = read(format, &text, text.len()).map(|rows| outline(&rows));
                prop_assert_eq!(read(format, &text, size).map(|rows| outline(&rows)), whole);
            }
        }
    }
}
