//! Rotation and retention of the log, by processes that are killed and by several at once. This program is all of them: `write`, `rotate`, and
//! otherwise the tests.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test: a panic is how it fails"
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use misgoal_gateway::log::{Damage, Decision, Filter, Stage};
use misgoal_gateway::{Log, Stored, now};
use misgoal_guard::duration::Millis;
use misgoal_guard::retain::{Keep, Rotate};
use misgoal_guard::session::History;
use misgoal_guard::tools::Tool;
use misgoal_guard::{Config, Record, read};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("write") => return write(&arguments[1], &arguments[2]),
        Some("rotate") => return rotate(&arguments[1], &arguments[2]),
        Some("measure") => return measure(),
        _ => {}
    }
    let tests: &[(&str, fn())] = &[
        ("a rotated log reads as if it were one", a_rotated_log_reads_as_one),
        ("a process that knows an old head finds the chain's end", heads_of_long_ago),
        ("counts, scores and matters outlast a rotation", what_is_read_back_outlasts_a_rotation),
        ("a rotation that is killed at any step loses nothing", killed_at_any_step),
        ("processes write while others rotate and are killed", side_by_side),
        ("a log is rotated when it is due", due),
        ("what is kept no longer is removed and said so", retention),
        ("a removal that is killed is gone on with", removals_are_gone_on_with),
        ("an edited archive is found out", edited_archives),
        ("an edited log is not archived", edited_logs_stay),
    ];
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    for (name, test) in tests.iter().filter(|(name, _)| wanted.is_none_or(|wanted| name.contains(wanted.as_str()))) {
        test();
        println!("test {name} ... ok");
    }
}

/// Appends records and says each number that was committed, until it is killed.
fn write(path: &str, name: &str) {
    let mut log = Log::open(Path::new(path)).expect("a log");
    for number in 0.. {
        log.append(name, &[attempt(number)], number % 7 == 0).expect("a record");
        println!("{number}");
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Rotates and removes, and ends as if killed after this step; after none of that name, goes on rotating until it is killed.
fn rotate(path: &str, until: &str) {
    let mut log = Log::open(Path::new(path)).expect("a log");
    let mut stage = |stage: Stage| {
        if format!("{stage:?}") == until {
            std::process::abort();
        }
    };
    loop {
        log.rotate(&mut stage).expect("a rotation");
        log.retain(&Keep::Archives(if until.starts_with("Remov") { 1 } else { 1000 }), 0, Some("p"), &mut stage)
            .expect("a removal");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Rotates a log of 100 MiB while another connection appends, and says how long the rotation took and how long a record waited, before and during it.
fn measure() {
    let room = Room::new(0);
    let mut log = room.open();
    let mut number = 0;
    while !log.is_due(&Rotate { bytes: Some(100 << 20), age: None }).expect("a log") {
        let records: Vec<Record> = (number..number + 5000).map(attempt).collect();
        number += 5000;
        log.append("one", &records, false).expect("records");
    }
    let appends = |until: &dyn Fn(usize) -> bool| {
        let (mut log, mut times) = (room.open(), Vec::new());
        while !until(times.len()) {
            let begun = Instant::now();
            log.append("two", &[attempt(1)], false).expect("a record");
            times.push(begun.elapsed().as_secs_f64() * 1e6);
            std::thread::sleep(Duration::from_millis(1));
        }
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        format!("{} records, p50 {:.0} us, p99 {:.0} us, worst {:.0} us", times.len(), at(50), at(99), at(100))
    };
    println!("{number} records and more; before: {}", appends(&|done| done == 2000));
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let during = scope.spawn(|| appends(&|_| done.load(std::sync::atomic::Ordering::SeqCst)));
        let begun = Instant::now();
        let mut copied = Duration::ZERO;
        log.rotate(&mut |stage| {
            if stage == Stage::Recorded {
                copied = begun.elapsed();
            }
        })
        .expect("a rotation");
        let all = begun.elapsed();
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        println!("rotated in {all:.2?}, {copied:.2?} of it until the archive was on record");
        println!("during: {}", during.join().expect("a writer"));
    });
    let begun = Instant::now();
    println!("verified {:?} in {:.2?}", room.verify(), begun.elapsed());
}

fn child(arguments: &[&str]) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("a test is a program"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a child starts")
}

fn attempt(number: u64) -> Record {
    Record::new("attempt").of(number, "pay").text("verdict", "allow").text("what", &"x".repeat(200))
}

fn watched(score: &str) -> Record {
    Record::new("watched").json("scores", &format!("[{score},0.5]")).text("profile", "p")
}

struct Room {
    room: tempfile::TempDir,
    path: PathBuf,
}

impl Room {
    /// A log with so many attempts, and a watched session behind each hundred.
    fn new(attempts: u64) -> Room {
        let room = tempfile::tempdir().expect("a directory");
        let path = room.path().join("guard.db");
        let room = Room { room, path };
        room.add(attempts);
        room
    }

    fn open(&self) -> Log {
        Log::open(&self.path).expect("a log")
    }

    fn add(&self, attempts: u64) {
        let mut log = self.open();
        let mut records = Vec::new();
        for number in 0..attempts {
            records.push(attempt(number));
            if number % 100 == 99 {
                records.push(watched(&format!("{number}.25")));
            }
        }
        log.append("one", &records, false).expect("records");
    }

    fn rotate(&self) -> bool {
        self.open().rotate(&mut |_| {}).expect("a rotation").is_some()
    }

    fn keep(&self, keep: Keep) -> bool {
        self.open().retain(&keep, 0, Some("p"), &mut |_| {}).expect("a removal").is_some()
    }

    /// All records but those of rotations.
    fn records(&self) -> Vec<Stored> {
        let mut all = self.open().records(&Filter::default()).expect("records");
        all.retain(|record| record.kind != "archive");
        all
    }

    fn scores(&self) -> Vec<[f64; 2]> {
        self.open().watched("p", 0).expect("scores").0
    }

    fn verify(&self) -> Result<i64, Damage> {
        self.open().verify(None).expect("a log")
    }

    /// Names of the files of the log, without those that SQLite keeps beside it.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.room.path()).expect("a directory");
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name.ends_with(".db"));
        names.sort();
        names
    }

    fn live(&self) -> i64 {
        let connection = rusqlite::Connection::open(&self.path).expect("a log");
        connection.query_row("SELECT min(seq) FROM record", [], |row| row.get(0)).expect("a record")
    }
}

fn a_rotated_log_reads_as_one() {
    let room = Room::new(5000);
    let (before, scores) = (room.records(), room.scores());
    let head = room.open().head().unwrap();
    assert!(room.rotate());
    assert!(!room.rotate(), "there is nothing but the record of the rotation");
    room.add(300);
    assert!(room.rotate());
    room.add(10);
    assert_eq!(room.files(), ["guard-000000000001.db", "guard-000000005051.db", "guard.db"]);
    let after = room.records();
    assert_eq!(after[..before.len()], before, "every record is as it was");
    assert_eq!((before.len(), after.len()), (5050, 5050 + 303 + 10));
    assert_eq!(room.scores().len(), scores.len() + 3);
    assert_eq!(room.verify(), Ok(5050 + 1 + 303 + 1 + 10));
    assert!(room.open().verify(Some(&head.1)).unwrap().is_ok(), "a head of an archive is still in the chain");
    // Readers that come in at any place find what follows, and the last ones are found from the end.
    let log = room.open();
    for (after, last) in [(0, Some(12)), (5049, None), (5053, Some(3)), (5340, None), (0, Some(400)), (5360, Some(100))]
    {
        let all = log.records(&Filter::default()).unwrap();
        let mut expected: Vec<_> = all.into_iter().filter(|record| record.seq > after).collect();
        expected.drain(..expected.len() - last.unwrap_or(expected.len()).min(expected.len()));
        let last = last.map(|last| u32::try_from(last).unwrap());
        assert_eq!(log.records(&Filter { after, last, ..Filter::default() }).unwrap(), expected, "{after} {last:?}");
    }
    let none = Filter { tool: Some("other".into()), ..Filter::default() };
    assert!(log.records(&none).unwrap().is_empty());
    let (mut filter, mut all) = (Filter { after: 5, tool: Some("pay".into()), ..Filter::default() }, Vec::new());
    while log.page(&mut filter, &mut all).unwrap() {}
    assert_eq!((all.len(), filter.after), (5310 - 5, log.head().unwrap().0));
    room.add(1);
    assert!(log.page(&mut filter, &mut all).unwrap(), "who follows goes on");
    assert_eq!(all.len(), 5306);
    assert!(!log.page(&mut filter, &mut all).unwrap());
}

fn heads_of_long_ago() {
    let room = Room::new(10);
    let (mut idle, mut alone) = (room.open(), room.open());
    idle.append("idle", &[attempt(1)], true).unwrap();
    alone.append("idle", &[attempt(1), attempt(2)], true).unwrap();
    room.add(20);
    assert!(room.rotate());
    // What these two know as the last record, and the number behind it, are in the archive now.
    idle.append("idle", &[attempt(2)], true).unwrap();
    alone.append("idle", &[attempt(3), attempt(4)], true).unwrap();
    assert_eq!(room.verify(), Ok(10 + 3 + 20 + 1 + 3));
}

fn what_is_read_back_outlasts_a_rotation() {
    let text = "format = 1\nserver = \"s\"\n[[count]]\nname = \"paid\"\ntools = [\"pay\"]\nwithin = \"1h\"\n";
    let config = Config::parse("guard.toml", text).unwrap();
    let room = Room::new(40);
    let counted = |room: &Room| {
        let mut history = History::new(&config);
        room.open().recall(&mut history, now() - 3_600_000).unwrap();
        history.counts(now(), |_| true).into_iter().map(|(_, count)| count).sum::<u64>()
    };
    assert_eq!(counted(&room), 40);
    let definition = r#"{"name":"echo","inputSchema":{"type":"object"}}"#;
    let node = read::value(definition.as_bytes(), read::Side::Server, &read::Limits::default()).unwrap();
    let mut log = room.open();
    let id = log.hold_tool("one", &Tool::from_definition(&node).unwrap(), None, "it is new").unwrap().unwrap();
    // A process that had the log open all the while writes on.
    log.append("one", &[watched("7")], true).unwrap();
    let (_, seen) = log.watched("p", 0).unwrap();
    assert!(room.rotate());
    log.append("one", &[attempt(41), watched("8")], true).unwrap();
    assert_eq!(counted(&room), 41);
    assert_eq!(log.watched("p", seen).unwrap().0, [[8.0, 0.5]], "what was read is not read again");
    assert_eq!(room.scores(), [[7.0, 0.5], [8.0, 0.5]]);
    assert_eq!(log.pending(false).unwrap().len(), 1);
    assert!(log.decide(&id, Decision::Deny, "me").unwrap());
    assert!(room.rotate());
    assert_eq!((counted(&room), room.verify()), (41, Ok(46)));
}

fn killed_at_any_step() {
    for stage in ["Copied", "Placed", "Recorded", "Moving"] {
        let room = Room::new(5000);
        let (before, scores) = (room.records(), room.scores());
        let ended = child(&["rotate", &room.path.display().to_string(), stage]).wait().unwrap();
        assert!(!ended.success(), "{stage}: it was killed there");
        assert_eq!(room.live(), if stage == "Moving" { 2001 } else { 1 }, "{stage}");
        assert_eq!((room.records(), room.scores()), (before.clone(), scores.clone()), "{stage}");
        let records = room.verify().unwrap_or_else(|damage| panic_at(stage, &damage));
        room.add(10);
        assert_eq!(room.verify(), Ok(records + 10), "{stage}: one chain goes on");
        assert!(room.rotate(), "{stage}: the next one goes on with it");
        assert!(room.live() > 5050, "{stage}");
        assert_eq!(room.records()[..before.len()], before, "{stage}");
        assert_eq!((room.records().len(), room.scores()), (5060, scores), "{stage}");
        assert!(room.verify().is_ok(), "{stage}");
        assert_eq!(room.files(), ["guard-000000000001.db", "guard.db"], "{stage}");
    }
}

#[expect(clippy::panic, reason = "a test fails")]
fn panic_at(stage: &str, damage: &Damage) -> i64 {
    panic!("{stage}: {damage:?}")
}

fn side_by_side() {
    let room = Room::new(100);
    let path = room.path.display().to_string();
    let begun = Instant::now();
    let mut writers: Vec<Child> = ["a", "b"].iter().map(|name| child(&["write", &path, name])).collect();
    let mut rotators: Vec<Child> = (0..2).map(|_| child(&["rotate", &path, "never"])).collect();
    let mut round = 0;
    while begun.elapsed() < Duration::from_millis(2500) {
        std::thread::sleep(Duration::from_millis(60));
        let at = round % 2;
        rotators[at].kill().unwrap();
        rotators[at].wait().unwrap();
        rotators[at] = child(&["rotate", &path, ["never", "Placed", "Recorded", "Moving"][round % 4]]);
        round += 1;
        assert!(room.verify().is_ok(), "whoever looks finds one chain");
    }
    let mut said = Vec::new();
    for child in writers.iter_mut().chain(&mut rotators) {
        child.kill().unwrap();
    }
    for writer in writers {
        let output = writer.wait_with_output().unwrap().stdout;
        said.push(String::from_utf8(output).unwrap().lines().count());
    }
    rotators.iter_mut().for_each(|rotator| assert!(!rotator.wait().unwrap().success()));
    room.rotate();
    let records = room.records();
    for (name, said) in ["a", "b"].iter().zip(said) {
        let calls: Vec<i64> =
            records.iter().filter(|record| record.session == *name).filter_map(|record| record.call).collect();
        assert!(calls.len() >= said && said > 100, "{name}: {} of {said}", calls.len());
        assert_eq!(calls, (0..i64::try_from(calls.len()).unwrap()).collect::<Vec<_>>(), "in order, each once");
    }
    assert!(room.verify().is_ok());
    assert!(room.files().len() > 5, "{:?}", room.files());
}

fn due() {
    let room = Room::new(10);
    let due = |rotate: &str| room.open().is_due(&rotate.parse::<Rotate>().unwrap()).unwrap();
    assert!(!due("1 MiB or 1d"));
    room.add(5000);
    assert!(due("1 MiB or 1d") && !due("100 MiB"));
    assert!(room.rotate());
    assert!(!due("1 MiB or 1d"), "the file is as large as before, and empty");
    room.add(100);
    assert!(!due("1m"));
    let aged = Rotate { bytes: None, age: Some(Millis(0)) };
    std::thread::sleep(Duration::from_millis(5));
    assert!(room.open().is_due(&aged).unwrap());
    assert!(room.rotate());
    std::thread::sleep(Duration::from_millis(5));
    assert!(!room.open().is_due(&aged).unwrap(), "nothing has happened since");
}

fn retention() {
    let room = Room::new(300);
    let first = room.open().head().unwrap().1;
    for _ in 0..3 {
        assert!(room.rotate());
        room.add(300);
    }
    let (records, scores, chain) = (room.records(), room.scores(), room.verify().unwrap());
    assert_eq!((scores.len(), room.files().len()), (12, 4));
    assert!(!room.keep(Keep::For(Millis(3_600_000))) && !room.keep(Keep::Archives(3)), "all of them are kept");
    let mut log = room.open();
    let counted = log.retain(&Keep::Archives(1), 3_600_000, Some("p"), &mut |_| {}).unwrap();
    assert_eq!(counted, None, "counts reach back to them");
    assert!(room.keep(Keep::Archives(1)));
    assert_eq!(room.files(), ["guard-000000000608.db", "guard.db"]);
    assert_eq!(room.verify(), Ok(chain - 607 + 1));
    let removed = log.removed().unwrap().unwrap();
    assert_eq!((removed.last, removed.head.len()), (607, 64));
    assert_eq!(room.records(), records[606..], "the others are as they were");
    assert_eq!(room.scores(), scores, "later sessions are held against those of removed ones too");
    assert_eq!(log.verify(Some(&removed.head)).unwrap(), Err(Damage::HeadRemoved));
    assert_eq!(log.verify(Some(&first)).unwrap(), Err(Damage::OtherHead));
    // What was carried over is carried on.
    assert!(room.rotate() && room.keep(Keep::Archives(0)));
    assert_eq!((room.files(), room.scores()), (vec!["guard.db".to_owned()], scores));
    assert_eq!((room.verify(), room.records().len()), (Ok(2), 0));
    assert_eq!(log.watched("other", 0).unwrap().0.len(), 0);
    room.add(1);
    assert_eq!(room.verify(), Ok(3));
}

fn removals_are_gone_on_with() {
    for stage in ["RemovalRecorded", "Removing"] {
        let room = Room::new(300);
        for _ in 0..3 {
            assert!(room.rotate());
            room.add(300);
        }
        let (scores, records) = (room.scores(), room.records());
        child(&["rotate", &room.path.display().to_string(), stage]).wait().unwrap();
        assert!(room.verify().is_ok(), "{stage}");
        assert_eq!(room.scores(), scores, "{stage}");
        room.keep(Keep::Archives(1000));
        assert!(room.verify().is_ok(), "{stage}");
        assert_eq!(room.files().len(), 2, "{stage}: {:?}", room.files());
        assert_eq!(*room.records(), records[records.len() - 303..], "{stage}");
    }
}

fn edited_archives() {
    let room = Room::new(300);
    assert!(room.rotate());
    room.add(300);
    assert!(room.rotate());
    let archive = room.room.path().join("guard-000000000304.db");
    let edit = |path: &Path, sql: &str| {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute_batch("DROP TRIGGER record_is_not_changed; DROP TRIGGER record_is_not_deleted").unwrap();
        connection.execute_batch(sql).unwrap();
    };
    let connection = rusqlite::Connection::open(&archive).unwrap();
    assert!(connection.execute_batch("DELETE FROM record").is_err(), "archives are append-only too");
    drop(connection);
    let whole = std::fs::read(&archive).unwrap();
    edit(&archive, "UPDATE record SET body = '{}' WHERE seq = 400");
    assert_eq!(room.verify(), Err(Damage::Changed(400)));
    std::fs::write(&archive, &whole).unwrap();
    edit(&archive, "DELETE FROM record WHERE seq = 400");
    assert_eq!(room.verify(), Err(Damage::Missing(400)));
    std::fs::write(&archive, &whole).unwrap();
    edit(&archive, "DELETE FROM record WHERE seq > 500");
    assert_eq!(room.verify(), Err(Damage::NoArchive(501, 607)));
    std::fs::remove_file(&archive).unwrap();
    assert_eq!(room.verify(), Err(Damage::NoArchive(304, 607)));
    std::fs::remove_file(room.room.path().join("guard-000000000001.db")).unwrap();
    assert_eq!(room.verify(), Err(Damage::NoArchive(1, 607)), "nobody has said that they were removed");
    std::fs::write(&archive, "no database").unwrap();
    let error = room.open().verify(None).unwrap_err().to_string();
    assert!(error.contains("guard-000000000304.db` cannot be read"), "{error}");
}

fn edited_logs_stay() {
    let room = Room::new(300);
    let connection = rusqlite::Connection::open(&room.path).unwrap();
    assert!(connection.execute_batch("DELETE FROM record WHERE seq = 1").is_err(), "the log is append-only");
    connection
        .execute_batch("DROP TRIGGER record_is_not_changed; UPDATE record SET body = '{}' WHERE seq = 7")
        .unwrap();
    let error = room.open().rotate(&mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("record 7 of the log is not what was written"), "{error}");
    assert_eq!((room.live(), room.files()), (1, vec!["guard.db".to_owned()]));
    assert_eq!(room.verify(), Err(Damage::Changed(7)));
}
