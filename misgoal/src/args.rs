//! The command line as it is typed; each command checks its own arguments before it works.

use clap::{Parser, Subcommand};

#[cfg(feature = "guard")]
use crate::commands::guard;
#[cfg(feature = "study")]
use crate::commands::{
    atlas, audit, calibrate, compare, judge, lint, list, new, play, replay, report, run, runs, schema, search, show,
};
use crate::commands::{complete, man};

/// Tells which goal an agent has really learned.
///
/// A study declares a world, an intended goal, the proxies it could be confused with, and the shifts on which they part.
/// misgoal trains agents on it, tests them where the goals part, and says which goal they pursue, with its evidence.
/// Every command takes the name of a built-in study (`misgoal list`) or the path of a study file.
#[derive(Debug, Parser)]
#[command(name = "misgoal", version, propagate_version = false, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "\
Exit codes:
    0  fine
    1  a finding: misgeneralization, a study that cannot discriminate, a decision that is not as expected, a damaged log
    2  usage, study file, guard.toml or policy
    3  data or format
   70  a bug in misgoal
  130  stopped by Ctrl-C

hint: start with `misgoal run coinrun`")]
pub struct Args {
    /// No progress and no hints: only data and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands, in the order of a study's life.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the built-in studies
    #[cfg(feature = "study")]
    List(list::Args),
    /// Print a study file
    #[cfg(feature = "study")]
    Show(show::Args),
    /// Copy a study to edit
    #[cfg(feature = "study")]
    New(new::Args),
    /// Play a level yourself and see the return under every goal
    #[cfg(feature = "study")]
    Play(play::Args),
    /// Check that a study can tell its goals apart, before any agent is trained
    #[cfg(feature = "study")]
    Lint(lint::Args),
    /// Train agents on a study and judge which goal they learned
    #[cfg(feature = "study")]
    Run(run::Args),
    /// Judge a trained policy, or a scripted one, on a study; or the agents of a run anew
    #[cfg(feature = "study")]
    Judge(judge::Args),
    /// Judge agents whose goal is known: can the verdicts be trusted in this world?
    #[cfg(feature = "study")]
    Calibrate(calibrate::Args),
    /// Judge somebody's own model, from a table of cases with its predictions
    #[cfg(feature = "study")]
    Audit(audit::Args),
    /// Find the levels that turn an agent, and the smallest change that does
    #[cfg(feature = "study")]
    Search(search::Args),
    /// Train many small networks over a whole grid of settings
    #[cfg(feature = "study")]
    Atlas(atlas::Args),
    /// List the runs
    #[cfg(feature = "study")]
    Runs(runs::Args),
    /// Set two runs, or two arms, side by side
    #[cfg(feature = "study")]
    Compare(compare::Args),
    /// Write a run's report as one HTML file
    #[cfg(feature = "study")]
    Report(report::Args),
    /// Replay an episode of a run
    #[cfg(feature = "study")]
    Replay(replay::Args),
    /// Print the JSON Schema of the study file, or of what `--json` prints
    #[cfg(feature = "study")]
    Schema(schema::Args),
    /// Stand between an agent and its tools: policies, approvals, an audit log
    #[cfg(feature = "guard")]
    #[command(subcommand)]
    Guard(guard::Verb),
    /// Stand between an agent and its tools; not in this build
    #[cfg(not(feature = "guard"))]
    #[command(hide = true)]
    Guard {
        /// What the guard should have done
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Print a shell's completion script
    Completions(complete::Args),
    /// Print the manual page
    Man(man::Args),
}
