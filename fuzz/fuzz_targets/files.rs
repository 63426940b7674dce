//! Any bytes are a guard.toml, a behaviour profile, or mistakes that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use misgoal_guard::Config;
use misgoal_monitor::format;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Err(mistakes) = Config::parse("guard.toml", text)
    {
        assert!(mistakes.has_errors());
        mistakes.render(false);
        mistakes.render(true);
    }
    match format::read(data) {
        Ok(monitor) => {
            let bytes = format::write(&monitor).unwrap();
            assert_eq!(format::read(&bytes).unwrap(), monitor);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
