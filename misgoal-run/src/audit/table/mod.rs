//! Tables of cases: named columns, a row a case. Read once from beginning to end; memory does not grow with the table.
#![expect(clippy::disallowed_methods, reason = "this crate owns files")]

mod csv;
#[cfg(feature = "parquet")]
mod parquet;

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use misgoal_decision::Given;

use crate::RunError;

/// What a Parquet file begins with.
const PARQUET: [u8; 4] = *b"PAR1";
/// What one begins with whose footer is encrypted.
const ENCRYPTED: [u8; 4] = *b"PARE";

/// A row of a table.
pub(super) struct Row {
    /// Where it begins: a line of a CSV file, or the number of a Parquet file's row, counted from 1.
    pub(super) line: u64,
    /// A value a column, or what is wrong with the row. Columns that are not [kept](Table::keep) may be empty.
    pub(super) values: Result<Vec<Given>, String>,
}

/// A table that is read from its beginning to its end once.
pub(super) enum Table {
    /// A line of column names, then a line a case.
    Csv(csv::Csv),
    /// A Parquet file.
    #[cfg(feature = "parquet")]
    Parquet(parquet::Parquet),
}

impl Table {
    /// Opens a table; whether it is CSV or Parquet is read from its first bytes and not from its name.
    ///
    /// # Errors
    /// There is no such file, it is a Parquet file that this build does not read, or its columns cannot be read.
    pub(super) fn open(path: &Path) -> Result<Table, RunError> {
        let mut file = File::open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => RunError::Request(format!("there is no table `{}`", path.display())),
            _ => RunError::io("open", path)(error),
        })?;
        let mut magic = [0; 4];
        let mut begin = Vec::new();
        file.by_ref().take(4).read_to_end(&mut begin).map_err(RunError::io("read", path))?;
        magic.iter_mut().zip(&begin).for_each(|(to, byte)| *to = *byte);
        file.rewind().map_err(RunError::io("read", path))?;
        match magic {
            PARQUET => Table::parquet(path, file),
            ENCRYPTED => Err(RunError::Request(format!(
                "`{}` is an encrypted Parquet file: write it without encryption, or as CSV",
                path.display()
            ))),
            _ => Ok(Table::Csv(csv::Csv::open(path, file)?)),
        }
    }

    #[cfg(feature = "parquet")]
    fn parquet(path: &Path, file: File) -> Result<Table, RunError> {
        Ok(Table::Parquet(parquet::Parquet::open(path, file)?))
    }

    #[cfg(not(feature = "parquet"))]
    fn parquet(path: &Path, _: File) -> Result<Table, RunError> {
        Err(RunError::Request(format!(
            "`{}` is a Parquet file, which this build of misgoal does not read: build it with `--features parquet`, or write the table as CSV",
            path.display()
        )))
    }

    /// Names of the columns.
    pub(super) fn columns(&self) -> &[String] {
        match self {
            Table::Csv(table) => &table.columns,
            #[cfg(feature = "parquet")]
            Table::Parquet(table) => &table.columns,
        }
    }

    /// What the number of a row counts.
    pub(super) fn numbered(&self) -> &'static str {
        match self {
            Table::Csv(_) => "line",
            #[cfg(feature = "parquet")]
            Table::Parquet(_) => "row",
        }
    }

    /// Says which columns are read; the others may come out empty.
    ///
    /// # Errors
    /// One of them holds something that is no number, text or truth value.
    #[cfg_attr(
        not(feature = "parquet"),
        expect(clippy::unnecessary_wraps, reason = "a CSV file has columns of text alone")
    )]
    pub(super) fn keep(&mut self, columns: &[usize]) -> Result<(), RunError> {
        match self {
            Table::Csv(table) => {
                table.keep(columns);
                Ok(())
            }
            #[cfg(feature = "parquet")]
            Table::Parquet(table) => table.keep(columns),
        }
    }

    /// The next row; none after the last.
    ///
    /// # Errors
    /// The file cannot be read. A row that is wrong in itself is a row, with what is wrong with it.
    pub(super) fn next(&mut self) -> Result<Option<Row>, RunError> {
        match self {
            Table::Csv(table) => table.next(),
            #[cfg(feature = "parquet")]
            Table::Parquet(table) => table.next(),
        }
    }
}

/// The name that two columns have.
fn twice(columns: &[String]) -> Option<&String> {
    columns
        .iter()
        .enumerate()
        .find(|(at, name)| columns.iter().take(*at).any(|other| other == *name))
        .map(|(_, name)| name)
}
