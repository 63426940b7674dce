//! Recorded traces that a command line names.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use misgoal_monitor::Session;
use misgoal_monitor::trace::{self, Format};

use crate::exit::Failure;

/// Which traces, in which format.
#[derive(Debug, clap::Args)]
pub struct Given {
    /// Files of recorded sessions; `.gz` is unpacked
    #[arg(value_name = "TRACES", required = true)]
    files: Vec<PathBuf>,
    /// The traces' format; told from the first record where this is not given
    #[arg(long, value_parser = ["openai", "tau", "mcp", "plain", "stepshield"])]
    format: Option<String>,
}

/// The most that a file may unpack to.
const MOST_BYTES: u64 = 1 << 30;

/// All sessions of all files, in order.
///
/// # Errors
/// When a file is missing or is no trace: with the line and what was expected.
pub fn read(given: &Given) -> Result<Vec<Session>, Failure> {
    let mut sessions = Vec::new();
    for path in &given.files {
        let bytes = bytes(path)?;
        let format = given.format.as_deref().and_then(Format::named);
        let parsed = match format {
            Some(format) => trace::parse(&bytes, format),
            None => trace::parse_any(&bytes).map(|(_, sessions)| sessions),
        };
        sessions.extend(parsed.map_err(|error| Failure::data(format!("`{}`: {error}", path.display())))?);
    }
    Ok(sessions)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::usage(format!("there is no file `{}`", path.display())),
        _ => Failure::data(format!("cannot read `{}`: {error}", path.display())),
    })?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut text = Vec::new();
    let mut unpacked = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(MOST_BYTES + 1);
    unpacked
        .read_to_end(&mut text)
        .map_err(|error| Failure::data(format!("cannot unpack `{}`: {error}", path.display())))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(Failure::data(format!("`{}` unpacks to more than a gigabyte", path.display())));
    }
    Ok(text)
}
