//! Tables in CSV.

use std::fs::File;
use std::path::{Path, PathBuf};

use misgoal_decision::Given;

use super::{Row, twice};
use crate::RunError;

/// A line of column names, then a line a case.
pub(in crate::audit) struct Csv {
    pub(super) columns: Vec<String>,
    path: PathBuf,
    kept: Vec<bool>,
    reader: csv::Reader<File>,
    record: csv::StringRecord,
}

impl Csv {
    /// Reads the header of an opened file.
    pub(super) fn open(path: &Path, file: File) -> Result<Csv, RunError> {
        if path.extension().is_some_and(|ending| ending == "parquet") {
            let why = "it is named like a Parquet file and does not begin like one";
            return Err(RunError::damaged(path, why, "write it again, or name it `.csv` if it is one"));
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let header = reader.headers().map_err(|error| wrong(path, &error.to_string()))?;
        let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        if let Some(name) = twice(&columns) {
            return Err(wrong(path, &format!("two columns are called `{name}`")));
        }
        let kept = vec![true; columns.len()];
        Ok(Csv { columns, path: path.to_path_buf(), kept, reader, record: csv::StringRecord::new() })
    }

    /// Says which columns are read.
    pub(super) fn keep(&mut self, columns: &[usize]) {
        self.kept.iter_mut().enumerate().for_each(|(at, kept)| *kept = columns.contains(&at));
    }

    /// See [`super::Table::next`].
    pub(super) fn next(&mut self) -> Result<Option<Row>, RunError> {
        let line = self.reader.position().line();
        match self.reader.read_record(&mut self.record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                // Where a row begins is known only now: empty lines before it were skipped.
                let line = self.record.position().map_or(line, csv::Position::line);
                let (found, wanted) = (self.record.len(), self.columns.len());
                let value =
                    |(text, kept): (&str, &bool)| Given::Text(if *kept { text.to_owned() } else { String::new() });
                let values = if found == wanted {
                    Ok(self.record.iter().zip(&self.kept).map(value).collect())
                } else {
                    Err(format!("{found} values in a table of {wanted} columns"))
                };
                Ok(Some(Row { line, values }))
            }
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                Ok(Some(Row { line, values: Err("not UTF-8".to_owned()) }))
            }
            Err(error) => Err(wrong(&self.path, &error.to_string())),
        }
    }
}

fn wrong(path: &Path, why: &str) -> RunError {
    let advice = "a table is a Parquet file, or a CSV file: a line of column names, then a line a case";
    RunError::damaged(path, why, advice)
}
