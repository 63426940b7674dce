//! `misgoal guard`: one file a verb.

mod check;
mod files;
mod init;
mod learn;
mod log;
mod news;
mod pending;
mod replay;
mod rotate;
mod run;
mod serve;
mod shown;
mod test;
mod traces;
mod watch;

use clap::Subcommand;
use misgoal_guard::approval::Key;
use misgoal_guard::config::RedactTable;
use misgoal_guard::redact::Redactor;

use crate::exit::{Exit, Failure};
use crate::output::{Console, clean_lines};

/// What the guard can be told.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Ask a server for its tools and write the files of a guard for it
    Init(init::Args),
    /// Run a stdio server behind the guard
    Run(run::Args),
    /// Run an HTTP server behind the guard (MCP's Streamable HTTP)
    Serve(serve::Args),
    /// Check guard.toml and its policies: errors, policies that never decide, tools that nothing permits
    Check(check::Args),
    /// Hold the policies to a file of expected decisions
    Test(test::Args),
    /// Learn a behaviour profile and propose a policy from good traces
    Learn(learn::Args),
    /// Say what the monitor and the policies would have done to recorded traces
    Replay(replay::Args),
    /// Show the audit log, follow it, or check that nobody has edited it
    Log(log::Args),
    /// Close the audit log as an archive now, and remove archives that are kept no longer
    Rotate(rotate::Args),
    /// Show sessions, decisions, what waits for a person and the evidence of alarms, live on a terminal
    Watch(watch::Args),
    /// Show what waits for a person
    Pending(pending::Args),
    /// Approve a held call, once, accept a tool's new definition, or let a session go on after an alarm
    Approve(pending::Approve),
    /// Deny a held call or take back a late approval, leave a changed tool held, or stop a session after an alarm
    Deny(pending::Deny),
}

/// Without what is a secret wherever it stands.
fn bare(text: &str) -> String {
    Redactor::new(&RedactTable::default(), Key::NONE).bare_text(text).into_owned()
}

/// Does what the verb asks.
///
/// # Errors
/// What it could not do.
pub fn guard(verb: Verb, console: &Console) -> Result<Exit, Failure> {
    // What is said to who decides is not redacted, and so are the errors.
    let is_whole = matches!(verb, Verb::Pending(_) | Verb::Approve(_) | Verb::Deny(_) | Verb::Watch(_));
    let done = match verb {
        Verb::Init(args) => init::init(&args, console),
        Verb::Run(args) => run::run(&args, console),
        Verb::Serve(args) => serve::serve(&args, console),
        Verb::Check(args) => check::check(&args, console),
        Verb::Test(args) => test::test(&args, console),
        Verb::Learn(args) => learn::learn(&args, console),
        Verb::Replay(args) => replay::replay(&args, console),
        Verb::Log(args) => log::log(&args, console),
        Verb::Rotate(args) => rotate::rotate(&args, console),
        Verb::Watch(args) => watch::watch(&args, console),
        Verb::Pending(args) => pending::pending(&args, console),
        Verb::Approve(args) => pending::approve(&args, console),
        Verb::Deny(args) => pending::deny(&args, console),
    };
    // Errors repeat what agents and servers wrote; diagnostics show the operator's own files.
    done.map_err(|failure| match failure {
        Failure::Message { exit, message, hint } => {
            let message = if is_whole { message } else { bare(&message) };
            Failure::Message { exit, message: clean_lines(&message), hint }
        }
        failure => failure,
    })
}
