//! Reading recorded sessions.

#![expect(clippy::print_stdout, reason = "an evaluation says what it skips")]

use std::io::Read as _;
use std::path::Path;

use misgoal_monitor::Session;
use misgoal_monitor::trace::{Format, parse};

/// Reads the sessions of a file; says what is missing and gives `None` when it is not there.
pub fn sessions(path: &Path, format: Format) -> Option<Vec<Session>> {
    #[expect(clippy::disallowed_methods, reason = "an evaluation reads its data")]
    let Ok(bytes) = std::fs::read(path) else {
        println!("skipped: there is no `{}`; give the data folder as argument or in MISGOAL_DATA", path.display());
        return None;
    };
    let mut text = Vec::new();
    let unpacked = match path.extension().is_some_and(|ending| ending == "gz") {
        true => flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut text).map(|_| text),
        false => Ok(bytes),
    };
    let read = unpacked.map_err(|error| error.to_string());
    match read.and_then(|text| parse(&text, format).map_err(|error| error.to_string())) {
        Ok(sessions) => Some(sessions),
        Err(error) => {
            println!("skipped: `{}`: {error}", path.display());
            None
        }
    }
}
