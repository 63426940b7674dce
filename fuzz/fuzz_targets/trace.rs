//! Any bytes are sessions in one of the formats or a mistake with its place; whatever sessions they are, a monitor watches them, and learns from them.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use misgoal_monitor::trace::{Format, parse, parse_any};
use misgoal_monitor::{Monitor, format};

static MONITOR: LazyLock<Monitor> = LazyLock::new(|| {
    let mut trace = String::new();
    for session in 0..16 {
        trace += &format!("{{\"session\":\"{session}\",\"user\":\"pay bill {session}\"}}\n");
        trace += &format!("{{\"session\":\"{session}\",\"call\":\"pay\",\"arguments\":{{\"bill\":\"{session}\"}}}}\n");
        trace += &format!("{{\"session\":\"{session}\",\"result\":\"paid\"}}\n");
    }
    Monitor::learn(&parse(trace.as_bytes(), Format::Plain).unwrap(), Vec::new(), 20.0).unwrap()
});

fuzz_target!(|data: &[u8]| {
    for format in Format::ALL {
        if let Err(error) = parse(data, format) {
            assert!(!error.to_string().is_empty());
        }
    }
    let Ok((_, sessions)) = parse_any(data) else { return };
    for session in &sessions {
        let (live, alarms) = MONITOR.replay(session);
        assert!(live.scores().iter().all(|score| !score.is_nan()));
        assert!(alarms.iter().all(|alarm| alarm.since <= alarm.at));
    }
    if let Ok(learned) = Monitor::learn(&sessions, Vec::new(), 20.0) {
        let bytes = format::write(&learned).unwrap();
        assert_eq!(format::read(&bytes).unwrap(), learned);
    }
});
