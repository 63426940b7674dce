//! Tables of cases: a header of column names, then a row a case.
#![expect(clippy::disallowed_methods, reason = "this crate owns files")]

use std::fs::File;
use std::path::Path;

use misgoal_decision::Given;

use crate::RunError;

/// A row of a table.
pub(super) struct Row {
    /// Where it begins: a line of the file, counted from 1.
    pub(super) line: u64,
    /// A value a column, or what is wrong with the row.
    pub(super) values: Result<Vec<Given>, String>,
}

/// A table that is read from its beginning to its end once.
pub(super) struct Table {
    /// Names of the columns.
    pub(super) columns: Vec<String>,
    reader: csv::Reader<File>,
    record: csv::StringRecord,
}

impl Table {
    /// Opens a CSV file and reads its header.
    pub(super) fn open(path: &Path) -> Result<Table, RunError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => RunError::Request(format!("there is no table `{}`", path.display())),
            _ => RunError::io("open", path)(error),
        })?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let header = reader.headers().map_err(|error| wrong(path, &error.to_string()))?;
        let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        if let Some(twice) = columns.iter().enumerate().find(|(at, name)| columns.iter().take(*at).any(|n| n == *name))
        {
            return Err(wrong(path, &format!("two columns are called `{}`", twice.1)));
        }
        Ok(Table { columns, reader, record: csv::StringRecord::new() })
    }

    /// The next row; none after the last.
    ///
    /// # Errors
    /// The file cannot be read. A row that is wrong in itself is a row, with what is wrong with it.
    pub(super) fn next(&mut self, path: &Path) -> Result<Option<Row>, RunError> {
        let line = self.reader.position().line();
        match self.reader.read_record(&mut self.record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                // Where a row begins is known only now: empty lines before it were skipped.
                let line = self.record.position().map_or(line, csv::Position::line);
                let (found, wanted) = (self.record.len(), self.columns.len());
                let values = if found == wanted {
                    Ok(self.record.iter().map(|text| Given::Text(text.to_owned())).collect())
                } else {
                    Err(format!("{found} values in a table of {wanted} columns"))
                };
                Ok(Some(Row { line, values }))
            }
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                Ok(Some(Row { line, values: Err("not UTF-8".to_owned()) }))
            }
            Err(error) => Err(wrong(path, &error.to_string())),
        }
    }
}

fn wrong(path: &Path, why: &str) -> RunError {
    RunError::damaged(path, why, "a table is a CSV file: a line of column names, then a line a case")
}
