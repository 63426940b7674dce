//! JSON lines: files that grow by a line at a time, whose last line a kill may cut.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::files;
use crate::RunError;

/// What a file of JSON lines holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lines<T> {
    /// The rows, each with the byte after its line.
    pub(crate) rows: Vec<(T, usize)>,
    /// The first line that is no row, counted from 1, and what is wrong with it. Nothing after it is read.
    pub(crate) bad: Option<(usize, String)>,
    /// Whether the bad line is the last: a write that a kill cut short, no damage.
    pub(crate) cut: bool,
}

impl<T: DeserializeOwned> Lines<T> {
    /// Reads lines up to the first that is no row.
    pub(crate) fn parse(bytes: &[u8]) -> Lines<T> {
        let mut rows = Vec::new();
        let mut end = 0;
        for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            end += line.len();
            let why = match line.strip_suffix(b"\n") {
                None => "it ends before its newline".to_owned(),
                Some(text) => match serde_json::from_slice(text) {
                    Ok(row) => {
                        rows.push((row, end));
                        continue;
                    }
                    Err(error) => error.to_string(),
                },
            };
            return Lines { rows, bad: Some((number + 1, why)), cut: end == bytes.len() };
        }
        Lines { rows, bad: None, cut: false }
    }

    /// The rows of a whole file, without a last line that was cut short.
    ///
    /// # Errors
    /// Names the line where a line before the last is damaged. No file is an empty one.
    pub(crate) fn read(path: &Path, advice: &str) -> Result<Vec<T>, RunError> {
        let lines = Lines::parse(&files::read_if_there(path)?.unwrap_or_default());
        match lines.bad {
            Some((number, why)) if !lines.cut => Err(RunError::damaged(path, format!("line {number}: {why}"), advice)),
            _ => Ok(lines.rows.into_iter().map(|(row, _)| row).collect()),
        }
    }
}

/// Appends rows to a file.
#[derive(Debug)]
pub(crate) struct Appender {
    path: PathBuf,
    file: File,
}

impl Appender {
    /// Opens a file to continue after the last row for which `keep` holds; everything from the first row on for which it does not,
    /// or from the first damaged line on, is cut off. Tells how many rows are kept.
    pub(crate) fn resume<T: DeserializeOwned>(
        path: &Path,
        keep: impl Fn(&T) -> bool,
    ) -> Result<(Appender, usize), RunError> {
        let lines = Lines::parse(&files::read_if_there(path)?.unwrap_or_default());
        let kept = lines.rows.iter().take_while(|(row, _)| keep(row)).count();
        let length = lines.rows.iter().take(kept).last().map_or(0, |(_, end)| *end);
        let fail = || RunError::io("write", path);
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(path).map_err(fail())?;
        file.set_len(length as u64).map_err(fail())?;
        drop(file);
        let file = OpenOptions::new().append(true).open(path).map_err(fail())?;
        Ok((Appender { path: path.to_path_buf(), file }, kept))
    }

    /// Appends a row in one write, so that a kill cuts at most the last line.
    pub(crate) fn push(&mut self, row: &impl Serialize) -> Result<(), RunError> {
        let mut line = serde_json::to_vec(row).map_err(|error| files::not_json(&self.path, &error))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(RunError::io("write", &self.path))
    }
}

/// All rows as one file's bytes.
pub(crate) fn to_bytes<T: Serialize>(path: &Path, rows: &[T]) -> Result<Vec<u8>, RunError> {
    let mut bytes = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut bytes, row).map_err(|error| files::not_json(path, &error))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Appender, Lines};

    fn check(bytes: &[u8], rows: &[u32], bad: Option<usize>, cut: bool) {
        let lines: Lines<u32> = Lines::parse(bytes);
        assert_eq!(lines.rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), rows);
        assert_eq!((lines.bad.map(|(number, _)| number), lines.cut), (bad, cut));
    }

    #[test]
    fn only_a_cut_last_line_is_forgiven() {
        check(b"", &[], None, false);
        check(b"1\n22\n", &[1, 22], None, false);
        check(b"1\n22", &[1], Some(2), true);
        check(b"1\n\0\0\0\n", &[1], Some(2), true);
        check(b"1\nx\n3\n", &[1], Some(2), false);
        check(b"\n", &[], Some(1), true);
    }

    #[test]
    fn resuming_cuts_what_came_after() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.jsonl");
        let (mut rows, kept) = Appender::resume::<u32>(&path, |_| true).unwrap();
        assert_eq!(kept, 0);
        for row in [1, 2, 3] {
            rows.push(&row).unwrap();
        }
        let (mut rows, kept) = Appender::resume::<u32>(&path, |row| *row < 3).unwrap();
        assert_eq!(kept, 2);
        rows.push(&4).unwrap();
        assert_eq!(Lines::<u32>::read(&path, "").unwrap(), [1, 2, 4]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let lines: Lines<u32> = Lines::parse(&bytes);
            prop_assert!(lines.rows.iter().all(|(_, end)| *end <= bytes.len()));
        }
    }
}
