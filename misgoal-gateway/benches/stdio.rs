//! What the guard adds to a call over stdio. This program is the server, the proxies and the agent that measures. Calls go to the server in turns: directly;
//! through a proxy that does nothing; through the guard with a log that is not forced to the disk, without and with the behavioural monitor; and through
//! one that is forced.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench: it measures time and prints"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use misgoal_gateway::{Place, probe, stdio};
use misgoal_monitor::{Monitor, format, trace};

const CALLS: usize = 2000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let exe = std::env::current_exe().expect("a bench is a program").display().to_string();
    match arguments.first().map(String::as_str) {
        Some("serve") => return serve(),
        Some("pass") => return pass(&exe),
        Some("proxy") => {
            let config = arguments.get(1).expect("a guard.toml");
            let command = [exe, "serve".to_owned()];
            stdio::run(
                &Place::new(config),
                &command,
                std::io::stdin(),
                std::io::stdout(),
                &std::sync::Arc::default(),
                |_| {},
            )
            .expect("the proxy runs");
            return;
        }
        _ => {}
    }
    let rooms = [(false, false), (false, true), (true, true)].map(|(durable, watched)| {
        let room = tempfile::tempdir_in(".").expect("a directory on a real disk");
        let tools = probe::tools(&[exe.clone(), "serve".to_owned()]).expect("the server lists its tools");
        let config = format!("format = 1\nserver = \"bench\"\nmode = \"enforce\"\n[log]\ndurable = {durable}\n");
        let config = if watched { config + "[monitor]\nprofile = \"behaviour.json\"\n" } else { config };
        let policy = "permit (principal, action, resource);\n\
            forbid (principal, action == Action::\"echo\", resource) when { context.input.text like \"*secret*\" };\n";
        for (name, text) in
            [("guard.toml", config), ("policy.cedar", policy.to_owned()), ("guard.tools.json", tools.to_file())]
        {
            std::fs::write(room.path().join(name), text).expect("a file can be written");
        }
        std::fs::write(room.path().join("behaviour.json"), profile()).expect("a file can be written");
        room
    });
    let config = |at: usize| rooms.get(at).expect("a room").path().join("guard.toml").display().to_string();
    let mut ways = [
        ("direct", Agent::start(&exe, &["serve"])),
        ("passed on by a proxy that does nothing", Agent::start(&exe, &["pass"])),
        ("guarded, log not forced to the disk", Agent::start(&exe, &["proxy", &config(0)])),
        ("the same, watched", Agent::start(&exe, &["proxy", &config(1)])),
        ("watched, durable", Agent::start(&exe, &["proxy", &config(2)])),
    ];
    // An agent that calls one thing after the other; and one whose every call comes after the others' work, for which no cache is warm.
    for (how, row) in [("calls in a row", 50), ("one call at a time", 1)] {
        let mut times: [Vec<f64>; 5] = Default::default();
        for turn in 0..(CALLS + 100) / row {
            for ((_, agent), times) in ways.iter_mut().zip(&mut times) {
                for _ in 0..row {
                    let took = agent.call();
                    if turn * row >= 100 {
                        times.push(took);
                    }
                }
            }
        }
        println!("{how}:");
        let mut direct = 0.0;
        for ((name, _), times) in ways.iter().zip(&mut times) {
            times.sort_by(f64::total_cmp);
            let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0.0);
            if *name == "direct" {
                direct = at(50);
            }
            println!("  {name}: p50 {:.0} us, p99 {:.0} us, added at p50 {:.0} us", at(50), at(99), at(50) - direct);
        }
    }
}

/// A profile of sessions that call as the bench does.
fn profile() -> Vec<u8> {
    let mut trace = String::new();
    for session in 0..40 {
        for _ in 0..10 {
            trace += &format!(
                "{{\"session\":\"{session}\",\"call\":\"echo\",\"arguments\":{{\"text\":\"a line of text\"}}}}\n\
                 {{\"session\":\"{session}\",\"result\":\"a line of text that comes back\"}}\n"
            );
        }
    }
    let sessions = trace::parse(trace.as_bytes(), trace::Format::Plain).expect("a trace");
    let monitor = Monitor::learn(&sessions, Vec::new(), 1000.0).expect("enough sessions");
    format::write(&monitor).expect("a profile")
}

/// A proxy that only passes lines on, with a thread a side as the guard has them: what crossing one more process costs.
fn pass(exe: &str) {
    let mut child = Command::new(exe)
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a copy of this program starts");
    let (mut to, from) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    std::thread::spawn(move || copy(from, &mut std::io::stdout()));
    copy(std::io::stdin(), &mut to);
    drop(to);
    child.wait().expect("the server ends");
}

fn copy(from: impl std::io::Read, to: &mut impl std::io::Write) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        to.write_all(&line).and_then(|()| to.flush()).expect("the pipe is open");
        line.clear();
    }
}

/// An echo server that does as little as one can.
fn serve() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let message: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let Some(id) = message.get("id") else { continue };
        let result = match message.get("method").and_then(serde_json::Value::as_str) {
            Some("initialize") => {
                r#"{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"bench","version":"1"}}"#
            }
            Some("tools/list") => {
                r#"{"tools":[{"name":"echo","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}]}"#
            }
            _ => r#"{"content":[{"type":"text","text":"a line of text that comes back"}]}"#,
        };
        writeln!(out, r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
            .and_then(|()| out.flush())
            .expect("the pipe is open");
    }
}

struct Agent {
    _child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    line: String,
    calls: usize,
}

impl Agent {
    fn start(exe: &str, arguments: &[&str]) -> Agent {
        let mut child = Command::new(exe)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a copy of this program starts");
        let (to, from) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Agent { _child: child, to, from: BufReader::new(from), line: String::new(), calls: 0 }
    }

    /// One call and its answer, in microseconds.
    fn call(&mut self) -> f64 {
        self.calls += 1;
        let id = self.calls;
        let call = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"echo\",\"arguments\":{{\"text\":\"a line of text\"}}}}}}\n"
        );
        let start = Instant::now();
        self.to.write_all(call.as_bytes()).expect("the other side reads");
        self.line.clear();
        self.from.read_line(&mut self.line).expect("the other side writes");
        let took = start.elapsed().as_secs_f64() * 1e6;
        assert!(self.line.contains("result"), "{}", self.line);
        took
    }
}
