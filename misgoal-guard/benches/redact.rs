//! How long a text of 1 MiB takes to be redacted, honest ones and of those made to cost most one of 128 KiB, and whether four times the text takes some four times the time.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench: it measures time and prints")]

#[path = "../tests/redact/pieces.rs"]
mod pieces;

use std::hint::black_box;
use std::time::{Duration, Instant};

use misgoal_guard::approval::Key;
use misgoal_guard::config::RedactTable;
use misgoal_guard::redact::Redactor;
use pieces::PIECES;

/// Texts without secrets, and with some.
const HONEST: &[(&str, &str)] = &[
    ("prose", "Dear Bob, the meeting about the author's cookie recipe is at 12:30 in room 4: bring the keys.\n"),
    ("code", "fn main() { let n: usize = 3; println!(\"{n}\"); } // see docs/guard.md#secrets\n"),
    ("JSON", "{\"name\":\"move_file\",\"arguments\":{\"source\":\"/srv/data/report-1.txt\",\"count\":12}}\n"),
    ("log", "2026-11-21 14:59:59 INFO GET https://h.example/x?page=2 200 12ms id=4f1c9a52e7\n"),
    ("secrets", "API_KEY=s3cretA and \"password\": \"x y\", ghp_abcdefghijklmnopqrstuvwx at https://u:p@h\n"),
];

const MIB: usize = 1 << 20;
/// Of what is made to cost most: what is not linear ends nevertheless.
const HOSTILE: usize = MIB / 8;
const TRIES: usize = 3;

/// The least time of some tries.
fn time(redactor: &Redactor, piece: &str, bytes: usize) -> Duration {
    let text = piece.repeat(bytes / piece.len());
    let one = |_| {
        let begun = Instant::now();
        black_box(redactor.text(black_box(&text)));
        begun.elapsed()
    };
    (0..TRIES).map(one).min().unwrap_or_default()
}

fn main() {
    let redactor = Redactor::new(&RedactTable::default(), Key::new([7; 32]));
    for (name, piece) in HONEST {
        println!("{name:>8} {:>8.1?} for 1 MiB", time(&redactor, piece, MIB));
    }
    let mut hostile: Vec<(Duration, f64, &str)> = PIECES
        .iter()
        .map(|piece| {
            let (short, long) = (time(&redactor, piece, HOSTILE / 4), time(&redactor, piece, HOSTILE));
            (long, long.as_secs_f64() / short.as_secs_f64().max(1e-9), *piece)
        })
        .collect();
    hostile.sort_by_key(|(long, _, _)| std::cmp::Reverse(*long));
    for (long, ratio, piece) in hostile.iter().take(8) {
        println!("{long:>8.1?} for 128 KiB of {piece:?}, {ratio:.1} times that of a quarter");
    }
    let worst = hostile.iter().map(|(_, ratio, _)| *ratio).fold(0.0, f64::max);
    println!("{worst:.1} times that of a quarter at most");
}
