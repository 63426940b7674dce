//! What the formats share: records with their line, fields with errors that say what was expected.

use serde_json::Value;
use serde_json::value::RawValue;

use super::TraceError;

/// A JSON value of the file and the line on which it begins.
pub struct Record {
    pub line: usize,
    pub value: Value,
}

/// One record for each line that is not blank.
pub fn lines(bytes: &[u8]) -> Result<Vec<Record>, TraceError> {
    let numbered = bytes.split(|&byte| byte == b'\n').enumerate();
    let filled = numbered.filter(|(_, line)| !line.trim_ascii().is_empty());
    let records = filled.map(|(index, line)| Ok(Record { line: index + 1, value: json(line, index + 1)? }));
    let records = records.collect::<Result<Vec<_>, _>>()?;
    if records.is_empty() {
        return Err(empty());
    }
    Ok(records)
}

/// The records of a file that is one array, one object, or one object a line.
pub fn array_or_lines(bytes: &[u8]) -> Result<Vec<Record>, TraceError> {
    match bytes.trim_ascii_start().first() {
        Some(b'[') => elements(bytes),
        Some(_) => match serde_json::from_slice::<Value>(bytes) {
            Ok(value) => Ok(vec![Record { line: line_of(bytes, bytes.trim_ascii_start()), value }]),
            Err(_) => lines(bytes),
        },
        None => Err(empty()),
    }
}

/// The elements of one array, each with its line.
fn elements(bytes: &[u8]) -> Result<Vec<Record>, TraceError> {
    let elements: Vec<&RawValue> = serde_json::from_slice(bytes).map_err(|error| TraceError::json(&error, 1))?;
    if elements.is_empty() {
        return Err(empty());
    }
    let mut counted = (0, 1);
    let read = elements.into_iter().map(|raw| {
        // The elements are slices of `bytes` in order: count the line ends from one to the next.
        let offset = (raw.get().as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
        let between = bytes.get(counted.0..offset).unwrap_or_default();
        counted = (offset, counted.1 + between.iter().filter(|&&byte| byte == b'\n').count());
        Ok(Record { line: counted.1, value: json(raw.get().as_bytes(), counted.1)? })
    });
    read.collect()
}

fn line_of(bytes: &[u8], rest: &[u8]) -> usize {
    let before = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

fn json(bytes: &[u8], line: usize) -> Result<Value, TraceError> {
    serde_json::from_slice(bytes).map_err(|error| TraceError::json(&error, line))
}

fn empty() -> TraceError {
    TraceError::new("at least one record", "an empty file").at(1, "")
}

/// The first object of the file, for telling formats apart: in an array its first element.
pub fn first_object(bytes: &[u8]) -> Option<Value> {
    let first = match bytes.trim_ascii_start().first()? {
        b'[' => elements(bytes).ok()?.into_iter().next()?.value,
        _ => match serde_json::from_slice::<Value>(bytes) {
            Ok(value) => value,
            Err(_) => {
                let line = bytes.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
                serde_json::from_slice(line).ok()?
            }
        },
    };
    match first {
        Value::Array(elements) => elements.into_iter().next(),
        other => Some(other),
    }
}

/// Why no format was found: broken JSON, or keys that no format has.
pub fn why_undetected(bytes: &[u8]) -> TraceError {
    match array_or_lines(bytes) {
        Err(error) => error,
        Ok(records) => {
            let (line, found) = records.first().map_or((1, "nothing"), |first| (first.line, kind(&first.value)));
            let keys = records.first().and_then(|first| first.value.as_object());
            let keys =
                keys.map(|object| object.keys().take(6).map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "));
            let found =
                keys.filter(|keys| !keys.is_empty()).map_or(found.to_owned(), |keys| format!("{found} with {keys}"));
            let expected =
                "a record with `messages`, `role`, `traj`, `steps`, `jsonrpc`, or `user`, `agent`, `call`, `result`";
            TraceError::new(expected, found).at(line, "")
        }
    }
}

/// What a value is, in words.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn found(value: Option<&Value>) -> &'static str {
    value.map_or("nothing", kind)
}

/// A field that must be a string.
pub fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, TraceError> {
    let field = value.get(key);
    field.and_then(Value::as_str).ok_or_else(|| TraceError::new(format!("`{key}` to be a string"), found(field)))
}

/// A field that may be missing or null, and else must be a string.
pub fn optional_text<'a>(value: &'a Value, key: &str) -> Result<Option<&'a str>, TraceError> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(TraceError::new(format!("`{key}` to be a string or null"), kind(other))),
    }
}

/// A field that may be missing or null, and else must be an array.
pub fn optional_array<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], TraceError> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(elements)) => Ok(elements),
        Some(other) => Err(TraceError::new(format!("`{key}` to be an array"), kind(other))),
    }
}

/// A field that must be an array.
pub fn array<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], TraceError> {
    let field = value.get(key);
    let elements = field.and_then(Value::as_array).map(Vec::as_slice);
    elements.ok_or_else(|| TraceError::new(format!("`{key}` to be an array"), found(field)))
}

/// A name that may be written as a string or a number, such as an id.
pub fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Content as text: a string, a list of parts with `text`, or any other JSON as it is written.
pub fn content(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(parts) if parts.iter().all(|part| part.get("type").is_some()) => {
            let texts = parts.iter().map(|part| part.get("text").map_or_else(|| part.to_string(), content));
            texts.collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}
