//! The agent's side of a proxy that runs as a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// An agent and the proxy that it talks to.
pub struct Agent {
    pub proxy: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    next: u64,
}

impl Agent {
    /// Starts a proxy with the guard in `room` before a test server of this variant.
    pub fn start(room: &Path, variant: &str) -> Agent {
        let mut command = Command::new(std::env::current_exe().expect("a test is a program"));
        command.args(["proxy", variant]).arg(room.join("guard.toml")).env("SERVER_CALLS", room.join("calls"));
        command.env("GUARD_HOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let mut proxy = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the proxy starts");
        let (to, from) = (proxy.stdin.take(), proxy.stdout.take().expect("a pipe"));
        Agent { proxy, to, from: BufReader::new(from), next: 1 }
    }

    /// Writes a line.
    pub fn say(&mut self, line: &str) {
        writeln!(self.to.as_mut().expect("open"), "{line}").expect("the proxy reads");
    }

    /// Reads a line.
    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the proxy writes");
        line
    }

    /// Sends a request and returns its answer.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.next;
        self.next += 1;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string());
        loop {
            let line = self.hear();
            assert!(!line.is_empty(), "the proxy has ended");
            let answer: Value = serde_json::from_str(&line).expect("answers are JSON");
            if answer["id"] == id {
                return answer;
            }
        }
    }

    /// Calls a tool with a text.
    pub fn call(&mut self, tool: &str, text: &str) -> Value {
        self.ask("tools/call", json!({ "name": tool, "arguments": { "text": text } }))
    }

    /// The names of the tools that it may see.
    pub fn tools(&mut self) -> Vec<String> {
        let list = self.ask("tools/list", json!({}));
        let tools = list["result"]["tools"].as_array().expect("a list").iter();
        tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Closes its side and waits for the proxy to end.
    pub fn leave(mut self) -> Option<i32> {
        self.to.take();
        self.proxy.wait().expect("the proxy ends").code()
    }
}
