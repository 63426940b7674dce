//! The clock, in one place.

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the gateway is one of the rooms that read the clock")]
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
