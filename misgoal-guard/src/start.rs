//! The files that `guard init` writes: a configuration and a policy to start from.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::policy::arguments;
use crate::tools::{Tool, Tools};

/// `guard.toml` for a server of this name.
pub fn config(server: &str) -> String {
    // A basic string of TOML, in which every letter can be escaped, is one of JSON; only this control character JSON leaves as it is.
    let server = Json::from(server).to_string().replace('\u{7f}', "\\u007F");
    format!(
        r#"# What misgoal's guard does between an agent and this server. Every key: docs/guard.md.
format = 1
server = {server}

# "log": every call is made, and the log says what would have been denied. "enforce": what no policy permits is not done.
# Messages that two readers could understand differently are refused in both.
mode = "log"

policy = "policy.cedar"
tools = "guard.tools.json"

[log]
file = "guard.db"
# Whether a record is forced to the disk before its answer leaves. Without it, a power cut can lose the last ones; a killed process cannot.
durable = true
# When the log is closed as an archive beside it, and how long archives are kept. Without `keep` nothing is ever removed.
# rotate = "100 MiB or 7d"
# keep = "365d"

[approvals]
# How long a held call waits for a person before it is denied, and how long an approval that came too late is good for the same call.
wait = "45s"
valid = "10m"
# A service that is told what waits, and whose answer may decide.
# webhook = {{ url = "https://hooks.example/guard", secret-env = "GUARD_HOOK_SECRET" }}

# A session bears a label once one of these tools has answered: `context.session.labels.contains("untrusted")`.
# [[label]]
# name = "untrusted"
# tools = ["fetch", "resources/read"]

# How many calls there were lately: `context.counts.refunds < 3`.
# [[count]]
# name = "refunds"
# tools = ["refund"]
# within = "1h"

# The behavioural monitor (docs/monitor.md). First record good sessions, learn a profile from them (`misgoal guard learn sessions.jsonl`), then watch.
# [monitor]
# record = "sessions.jsonl"
# profile = "behaviour.json"
# promise = 100                # at most one false alarm in so many sessions
# on-alarm = "log"             # or "hold": the next calls wait for a person; or "stop" the session
# on-failing = "log"           # the same for errors, retries and going in circles

# Passwords, tokens and keys are never written to the log; this adds to the built-in rules.
# [redact]
# keys = ["iban"]
# patterns = ['\b\d{{16}}\b']
"#
    )
}

/// A policy that permits what the server says only reads, and names everything else.
pub fn policy(tools: &Tools) -> String {
    let mut text = String::from(
        "// What the agent may do, in Cedar (docs.cedarpolicy.com). What no `permit` allows is denied; a `forbid` beats every `permit`.\n\
         // `misgoal guard check` says what is odd here, `misgoal guard test` holds it to examples.\n\n\
         // Which tools the agent may see in the list; seeing a tool is not being allowed to call it.\n\
         @id(\"see\")\npermit (principal, action == Action::\"tools/list\", resource);\n\n\
         // Which resources it may read: `context.uri`, `context.scheme`.\n\
         @id(\"read\")\npermit (principal, action == Action::\"resources/read\", resource);\n",
    );
    let (reading, other): (Vec<&Tool>, Vec<&Tool>) = tools.iter().partition(|tool| only_reads(tool));
    if !reading.is_empty() {
        text.push_str("\n// These only read, says the server (nobody has checked that).\n");
    }
    for tool in &reading {
        text.push_str(&permit(tool, ""));
    }
    if !other.is_empty() {
        text.push_str("\n// Not permitted yet: take the slashes off, or add conditions, as below.\n");
    }
    for tool in &other {
        text.push_str(&permit(tool, "// "));
    }
    text.push_str(EXAMPLES);
    text
}

fn permit(tool: &Tool, comment: &str) -> String {
    let mut text = String::from("\n");
    // What an editor would obey or not show is not written into a comment.
    let is_shown = |c: char| matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1;
    let one_line = |words: String| words.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect::<String>();
    for words in [one_line(tool.summary()), one_line(arguments(tool))].iter().filter(|words| !words.is_empty()) {
        let _ = writeln!(text, "// {words}");
    }
    let name = &tool.name;
    let _ = writeln!(text, "{comment}@id({name:?})");
    let _ = writeln!(text, "{comment}permit (principal, action == Action::{name:?}, resource);");
    text
}

/// The server's own word, which is a hint and no more.
fn only_reads(tool: &Tool) -> bool {
    let definition: Json = serde_json::from_str(&tool.definition).unwrap_or_default();
    definition.get("annotations").and_then(|hints| hints.get("readOnlyHint")) == Some(&Json::Bool(true))
}

const EXAMPLES: &str = "
// Conditions that one can write:
//
//   when { context.input.path like \"/srv/data/*\" && !(context.input.path like \"*..*\") }     on arguments
//   when { context.counts.refunds < 3 }                             on calls lately: a [[count]] in guard.toml
//   unless { context.session.labels.contains(\"untrusted\") }         on what was seen: a [[label]] in guard.toml
//   unless { context.origin.to.contains(\"fetch\") }                  on where an argument's value came from
//   when { context.approved }                                       only after a person has approved the call
//
// Annotations: @id(\"name\"), @reason(\"what the agent is told\"), @mode(\"log\") for a policy on trial.
";

#[cfg(test)]
mod tests {
    use super::config;
    use crate::Config;

    #[test]
    fn whatever_a_server_is_called_its_configuration_is_read() {
        for name in ["files", "", "a\"b\\c", "f4\u{1b}[2J\u{9b}\u{7f}", "n\nmode = \"log\"", "\u{202e}\u{200b}\0"] {
            let read = Config::parse("guard.toml", &config(name)).map(|config| config.server);
            assert_eq!(read.ok().as_deref(), Some(name), "{}", name.escape_unicode());
        }
    }
}
