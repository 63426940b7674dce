//! How large or old the live log may become, and what is kept of what was closed: `[log] rotate` and `keep`.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::duration::Millis;

/// The smallest size at which a log is rotated: an empty one takes half of it.
const SMALLEST: u64 = 64 << 10;
/// The shortest time after which a log is rotated.
const SHORTEST: Millis = Millis(60_000);

/// When the live log is closed as an archive: whichever of the two comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotate {
    /// When its records take more than so many bytes.
    pub bytes: Option<u64>,
    /// When its first record is older than that.
    pub age: Option<Millis>,
}

/// Which archives are kept; the others are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those whose last record is not older than that.
    For(Millis),
    /// So many, the newest ones.
    Archives(u64),
}

/// A whole number and the word behind it.
fn number(text: &str) -> Option<(u64, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim()))
}

fn size(text: &str) -> Option<u64> {
    let (number, unit) = number(text)?;
    let unit = match unit {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    number.checked_mul(unit)
}

impl FromStr for Rotate {
    type Err = String;

    fn from_str(text: &str) -> Result<Rotate, String> {
        let mut rotate = Rotate::default();
        for part in text.split(" or ").map(str::trim) {
            let wrong = || {
                format!(
                    "`{part}` is no bound of a log: write a size such as `100 MiB`, a span of time such as `7d`, or both as `100 MiB or 7d`"
                )
            };
            match (size(part), part.parse::<Millis>()) {
                (Some(bytes), _) if bytes < SMALLEST => {
                    return Err(format!("`{part}` is too small for a log: write at least `64 KiB`"));
                }
                (Some(bytes), _) if rotate.bytes.is_none() => rotate.bytes = Some(bytes),
                (None, Ok(age)) if age < SHORTEST => {
                    return Err(format!("`{part}` is too short for a log: write at least `1m`"));
                }
                (None, Ok(age)) if rotate.age.is_none() => rotate.age = Some(age),
                _ => return Err(wrong()),
            }
        }
        Ok(rotate)
    }
}

impl FromStr for Keep {
    type Err = String;

    fn from_str(text: &str) -> Result<Keep, String> {
        let text = text.trim();
        let archives = number(text).filter(|(_, unit)| matches!(*unit, "archive" | "archives"));
        match (archives, text.parse::<Millis>()) {
            (Some((archives, _)), _) => Ok(Keep::Archives(archives)),
            (None, Ok(time)) => Ok(Keep::For(time)),
            (None, Err(_)) => Err(format!(
                "`{text}` does not say what to keep: write a span of time such as `90d`, or a number of archives such as `20 archives`"
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Rotate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rotate, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Keep, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
