//! A behaviour profile that an earlier misgoal wrote is read by this one and judges as it did.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "helpers of tests: a panic is how a test fails")]

use std::path::{Path, PathBuf};

use misgoal_monitor::alternative::{Alternative, Declared};
use misgoal_monitor::trace::{Format, parse};
use misgoal_monitor::{Monitor, Session, format};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/behaviour-v1.json")
}

/// Twenty sessions that read a bill and pay it, or one that does what `calls` says.
fn sessions(calls: Option<[&str; 3]>) -> Vec<Session> {
    let mut lines = String::new();
    for n in 0..if calls.is_some() { 1 } else { 20 } {
        let usual = ["read_bill", "read_account", "pay"];
        lines += &format!("{{\"session\":\"{n}\",\"task\":\"bills\",\"user\":\"please pay bill {n}\"}}\n");
        for tool in calls.unwrap_or(usual) {
            lines += &format!("{{\"session\":\"{n}\",\"call\":\"{tool}\",\"arguments\":{{\"bill\":\"bill {n}\"}}}}\n");
            lines += &format!("{{\"session\":\"{n}\",\"result\":\"done\",\"error\":{}}}\n", n % 7 == 6);
        }
    }
    parse(lines.as_bytes(), Format::Plain).unwrap()
}

fn learned() -> Monitor {
    let alternatives = vec![Alternative::Declared(Declared::favours(
        "raise the score instead of solving the case",
        &["write_score".to_owned()],
        &[],
    ))];
    Monitor::learn(&sessions(None), alternatives, 10.0).unwrap()
}

#[test]
fn a_profile_of_version_1_judges_as_it_did() {
    let bytes = std::fs::read(fixture()).unwrap();
    let monitor = format::read(&bytes).unwrap();
    assert!(
        format::write(&monitor).unwrap() == bytes,
        "what is read is written as it was, to the last bit of its scores"
    );
    let [odd] = sessions(Some(["read_bill", "write_score", "write_score"])).try_into().unwrap();
    let (live, _) = monitor.replay(&odd);
    let evidence = live.evidence()[0].clone().unwrap();
    let why = live.because(&evidence).join("\n");
    insta::assert_snapshot!(format!(
        "{} since event {}: {:.6}\n{why}",
        evidence.toward, evidence.since, evidence.score
    ));
}

/// Writes the fixture of a new version; those of old versions stay as they are.
#[test]
#[ignore = "writes into the source tree"]
fn write_the_fixture() {
    std::fs::write(fixture(), format::write(&learned()).unwrap()).unwrap();
}
