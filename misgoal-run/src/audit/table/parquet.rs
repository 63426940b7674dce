//! Tables in Parquet: flat columns of numbers, texts and truth values, a batch of rows at a time and only the columns that are needed.

use std::fs::File;
use std::path::{Path, PathBuf};

use misgoal_decision::Given;
use parquet::basic::{Compression, ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::{Row, twice};
use crate::RunError;

/// Rows that are read at a time.
const BATCH: usize = 1024;
/// Whole numbers up to here are numbers to the last digit.
const EXACT: i64 = 1 << 53;

/// A Parquet file.
pub(in crate::audit) struct Parquet {
    pub(super) columns: Vec<String>,
    path: PathBuf,
    file: SerializedFileReader<File>,
    /// For each column, its leaf in the file and what it holds.
    leaves: Vec<Leaf>,
    kept: Vec<usize>,
    /// The row group that is read next.
    group: usize,
    /// Readers of the kept columns in the present row group, and rows left in it.
    readers: Vec<ColumnReader>,
    left: u64,
    /// The present batch: a value a row, one entry a kept column.
    batch: Vec<std::vec::IntoIter<Value>>,
    row: u64,
}

/// A value, or what is wrong with it.
type Value = Result<Given, &'static str>;

/// A column of the file.
struct Leaf {
    /// Its number among the file's primitive columns.
    number: usize,
    /// How values are read, or what the column holds instead of such values.
    holds: Result<Holds, String>,
    /// Definition level of a value that is there.
    level: i16,
}

#[derive(Clone, Copy)]
enum Holds {
    Truth,
    Signed,
    Unsigned,
    Float,
    Text,
}

impl Parquet {
    /// Reads the footer of an opened file.
    pub(super) fn open(path: &Path, file: File) -> Result<Parquet, RunError> {
        let file = SerializedFileReader::new(file).map_err(|error| wrong(path, &error))?;
        let schema = file.metadata().file_metadata().schema_descr();
        let (mut columns, mut leaves) = (Vec::new(), Vec::new());
        for (number, leaf) in schema.columns().iter().enumerate() {
            let nested = leaf.path().parts().len() > 1;
            let name = leaf.path().parts().first().cloned().unwrap_or_default();
            if nested && columns.last() == Some(&name) {
                continue;
            }
            let holds = if nested { Err("lists or structures".to_owned()) } else { holds(leaf) };
            columns.push(name);
            leaves.push(Leaf { number, holds, level: leaf.max_def_level() });
        }
        if let Some(name) = twice(&columns) {
            return Err(RunError::damaged(path, format!("two columns are called `{name}`"), "rename one of them"));
        }
        Ok(Parquet {
            columns,
            path: path.to_path_buf(),
            file,
            leaves,
            kept: Vec::new(),
            group: 0,
            readers: Vec::new(),
            left: 0,
            batch: Vec::new(),
            row: 0,
        })
    }

    /// See [`super::Table::keep`].
    pub(super) fn keep(&mut self, columns: &[usize]) -> Result<(), RunError> {
        for (column, leaf) in columns.iter().filter_map(|at| Some((self.columns.get(*at)?, self.leaves.get(*at)?))) {
            if let Err(what) = &leaf.holds {
                return Err(RunError::Request(format!(
                    "column `{column}` of `{}` holds {what}: expected numbers, texts or truth values",
                    self.path.display()
                )));
            }
        }
        if let Some(codec) = self.unread_codec(columns) {
            return Err(RunError::Request(format!(
                "`{}` is compressed with {codec}: write it with Snappy or Zstandard, or uncompressed",
                self.path.display()
            )));
        }
        self.kept = columns.to_vec();
        self.kept.sort_unstable();
        self.kept.dedup();
        Ok(())
    }

    /// A compression of these columns that this build cannot undo.
    fn unread_codec(&self, columns: &[usize]) -> Option<&'static str> {
        let groups = self.file.metadata().row_groups();
        let leaves = columns.iter().filter_map(|at| self.leaves.get(*at));
        let chunks = leaves.flat_map(|leaf| groups.iter().filter_map(|group| group.columns().get(leaf.number)));
        chunks.map(|chunk| chunk.compression()).find_map(|codec| match codec {
            Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) => None,
            Compression::GZIP(_) => Some("GZIP"),
            Compression::LZO => Some("LZO"),
            Compression::BROTLI(_) => Some("Brotli"),
            Compression::LZ4 | Compression::LZ4_RAW => Some("LZ4"),
        })
    }

    /// See [`super::Table::next`].
    pub(super) fn next(&mut self) -> Result<Option<Row>, RunError> {
        if self.batch.iter().all(|column| column.len() == 0) && !self.fill()? {
            return Ok(None);
        }
        self.row += 1;
        let mut values = vec![Given::Text(String::new()); self.columns.len()];
        let mut broken = None;
        for (at, column) in self.kept.iter().zip(&mut self.batch) {
            match (column.next(), values.get_mut(*at)) {
                (Some(Ok(given)), Some(to)) => *to = given,
                (Some(Err(why)), _) => broken = broken.or(self.columns.get(*at).map(|name| format!("`{name}` {why}"))),
                _ => return Err(self.damaged(&ParquetError::General("columns of different lengths".to_owned()))),
            }
        }
        Ok(Some(Row { line: self.row, values: broken.map_or(Ok(values), Err) }))
    }

    /// Reads the next batch; false after the last.
    fn fill(&mut self) -> Result<bool, RunError> {
        while self.left == 0 {
            if self.group >= self.file.num_row_groups() {
                return Ok(false);
            }
            let group = self.file.get_row_group(self.group).map_err(|error| self.damaged(&error))?;
            self.left = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
            let of = |at: &usize| self.leaves.get(*at).map(|leaf| group.get_column_reader(leaf.number));
            let readers: Result<Vec<ColumnReader>, ParquetError> = self.kept.iter().filter_map(of).collect();
            self.readers = readers.map_err(|error| self.damaged(&error))?;
            self.group += 1;
        }
        let rows = usize::try_from(self.left).map_or(BATCH, |left| left.min(BATCH));
        let mut batch = Vec::with_capacity(self.kept.len());
        for (at, reader) in self.kept.iter().zip(&mut self.readers) {
            let Some(leaf) = self.leaves.get(*at) else { continue };
            match leaf.read(reader, rows) {
                Ok(values) if values.len() == rows => batch.push(values.into_iter()),
                Ok(values) => {
                    let name = self.columns.get(*at).map_or("", String::as_str);
                    let why = format!("{} values of `{name}` where {rows} belong", values.len());
                    return Err(wrong(&self.path, &ParquetError::General(why)));
                }
                Err(error) => return Err(wrong(&self.path, &error)),
            }
        }
        self.batch = batch;
        self.left -= rows as u64;
        Ok(true)
    }

    fn damaged(&self, error: &ParquetError) -> RunError {
        wrong(&self.path, error)
    }
}

impl Leaf {
    /// The next values.
    fn read(&self, reader: &mut ColumnReader, rows: usize) -> Result<Vec<Value>, ParquetError> {
        let holds = self.holds.as_ref().copied().unwrap_or(Holds::Text);
        let signed = |whole: i64| {
            // A number that a float would round stays the text that it is: numbers of cases are compared, not computed with.
            if (-EXACT..=EXACT).contains(&whole) { Given::Number(whole as f64) } else { Given::Text(whole.to_string()) }
        };
        let unsigned = |whole: u64| i64::try_from(whole).map_or_else(|_| Given::Text(whole.to_string()), signed);
        match reader {
            ColumnReader::BoolColumnReader(reader) => self.values(reader, rows, |truth| Ok(Given::Truth(*truth))),
            ColumnReader::Int32ColumnReader(reader) => self.values(reader, rows, |whole| {
                Ok(if matches!(holds, Holds::Unsigned) {
                    unsigned(u64::from(*whole as u32))
                } else {
                    signed(i64::from(*whole))
                })
            }),
            ColumnReader::Int64ColumnReader(reader) => self.values(reader, rows, |whole| {
                Ok(if matches!(holds, Holds::Unsigned) { unsigned(*whole as u64) } else { signed(*whole) })
            }),
            // The shortest decimal that is this number, as a CSV file would have it: 0.1 and not 0.10000000149.
            ColumnReader::FloatColumnReader(reader) => {
                self.values(reader, rows, |x| Ok(Given::Number(x.to_string().parse().unwrap_or(f64::from(*x)))))
            }
            ColumnReader::DoubleColumnReader(reader) => self.values(reader, rows, |x| Ok(Given::Number(*x))),
            ColumnReader::ByteArrayColumnReader(reader) => self.values(reader, rows, |bytes| {
                bytes.as_utf8().map(|text| Given::Text(text.to_owned())).map_err(|_| "is not UTF-8")
            }),
            ColumnReader::Int96ColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                Err(ParquetError::General("a column of an unexpected type".to_owned()))
            }
        }
    }

    fn values<T: DataType>(
        &self,
        reader: &mut ColumnReaderImpl<T>,
        rows: usize,
        value: impl Fn(&T::T) -> Value,
    ) -> Result<Vec<Value>, ParquetError> {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let (records, ..) = reader.read_records(rows, Some(&mut levels), None, &mut values)?;
        let mut there = values.iter();
        let missing = Err("has no value");
        if self.level == 0 {
            return Ok(there.map(value).collect());
        }
        Ok(levels
            .iter()
            .take(records)
            .map(
                |level| {
                    if *level == self.level { there.next().map_or(missing.clone(), &value) } else { missing.clone() }
                },
            )
            .collect())
    }
}

/// What a primitive column holds.
fn holds(leaf: &ColumnDescriptor) -> Result<Holds, String> {
    let what = match (leaf.logical_type_ref(), leaf.converted_type()) {
        (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => "decimal numbers",
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => "dates",
        (Some(LogicalType::Time(_)), _) | (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => "times",
        (Some(LogicalType::Timestamp(_)), _)
        | (_, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS) => "times",
        (_, ConvertedType::INTERVAL) => "spans of time",
        (Some(LogicalType::Float16), _) => "16-bit floating point numbers",
        (Some(LogicalType::Integer(whole)), _) if !whole.is_signed => return Ok(Holds::Unsigned),
        (_, ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64) => {
            return Ok(Holds::Unsigned);
        }
        (logical, converted) => match leaf.physical_type() {
            Type::BOOLEAN => return Ok(Holds::Truth),
            // A column of nothing but nulls has this type: each of them is named when it is read.
            Type::INT32 | Type::INT64 => return Ok(Holds::Signed),
            Type::FLOAT | Type::DOUBLE => return Ok(Holds::Float),
            Type::BYTE_ARRAY
                if matches!(logical, Some(LogicalType::String | LogicalType::Enum))
                    || matches!(converted, ConvertedType::UTF8 | ConvertedType::ENUM) =>
            {
                return Ok(Holds::Text);
            }
            Type::INT96 => "times",
            Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY => "bytes",
        },
    };
    Err(what.to_owned())
}

fn wrong(path: &Path, error: &ParquetError) -> RunError {
    let advice = "write it again (uncompressed, Snappy or Zstandard; pages not encrypted), or as CSV";
    RunError::damaged(path, error.to_string(), advice)
}
