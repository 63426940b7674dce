//! Hijacked AgentDojo sequences against benign ones. `cargo bench -p misgoal-monitor --bench agentdojo -- [DIRECTORY]`
//!
//! DIRECTORY (default `target/agentdojo` in the workspace) is what `benches/agentdojo_traces.py` writes. User tasks are split into five folds; each fold's
//! sessions are judged by a profile of the other folds' benign sessions in untouched environments. No injection is ever learned from: the proxy "obeying
//! instructions found in a tool's answer" is declared.

#![expect(clippy::print_stdout, reason = "an evaluation prints its figures")]

#[path = "common/curve.rs"]
mod curve;
#[path = "common/sessions.rs"]
mod sessions;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use misgoal_monitor::Session;
use misgoal_monitor::alternative::{Alternative, Declared};
use misgoal_monitor::detect::{Model, Watch};
use misgoal_monitor::trace::Format;

const FOLDS: usize = 5;

/// The suite and the user task.
fn task(session: &Session) -> String {
    session.id.split('/').take(2).collect::<Vec<_>>().join("/")
}

fn fold(session: &Session) -> usize {
    task(session).rsplit('_').next().and_then(|number| number.parse::<usize>().ok()).unwrap_or(0) % FOLDS
}

/// Scores by user task.
type Scores = BTreeMap<String, Vec<f64>>;

fn report(title: &str, good: &Scores, bad: &Scores) {
    let groups = |scores: &Scores| scores.values().cloned().collect::<Vec<_>>();
    let (good, bad) = (groups(good), groups(bad));
    let (flat_good, flat_bad) = (good.concat(), bad.concat());
    println!("\n{title}: {} good sessions, {} hijacked", flat_good.len(), flat_bad.len());
    println!("  AUROC                          {}", curve::auroc(&good, &bad));
    for share in [0.01, 0.05] {
        let (_, recall) = curve::recall_at(&flat_good, &flat_bad, share);
        println!("  recall at {:>2.0} % false positives {recall}", 100.0 * share);
    }
}

fn main() {
    let told = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = told.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/agentdojo"), PathBuf::from);
    let read = |file: &str| sessions::sessions(&folder.join(file), Format::Plain);
    let (Some(benign), Some(hijacked)) = (read("benign.jsonl"), read("hijacked.jsonl")) else {
        println!("write them with `python3 misgoal-monitor/benches/agentdojo_traces.py`");
        return;
    };
    let ignored = |session: &Session| session.id.contains("/ignored/");
    for (title, task_known) in [("task type unknown", false), ("task type (suite) known", true)] {
        let strip =
            |session: &Session| Session { task: session.task.clone().filter(|_| task_known), ..session.clone() };
        let benign: Vec<Session> = benign.iter().map(strip).collect();
        let hijacked: Vec<Session> = hijacked.iter().map(strip).collect();
        let (mut clean, mut unmoved, mut bad) = (Scores::new(), Scores::new(), Scores::new());
        let (mut caught, mut at_step) = (0, 0);
        for held_out in 0..FOLDS {
            let train: Vec<&Session> =
                benign.iter().filter(|session| !ignored(session) && fold(session) != held_out).collect();
            let model = Arc::new(Model::learn(&train, vec![Alternative::Declared(Declared::obeys_tool_output())]));
            for session in benign.iter().chain(&hijacked).filter(|session| fold(session) == held_out) {
                let watch = Watch::whole(&model, session);
                let scores = match () {
                    () if !session.marks.is_empty() => &mut bad,
                    () if ignored(session) => &mut unmoved,
                    () => &mut clean,
                };
                scores.entry(task(session)).or_default().push(watch.score());
                if let Some(evidence) = watch.behaviour().filter(|_| !session.marks.is_empty()) {
                    caught += 1;
                    at_step += usize::from(session.marks.iter().any(|(index, _)| *index == evidence.at));
                }
            }
        }
        report(&format!("{title}; good: untouched environments"), &clean, &bad);
        report(&format!("{title}; good: injected text was read and not obeyed"), &unmoved, &bad);
        println!("  evidence is strongest at an injected call in {}", misgoal_stats::beta::proportion(at_step, caught));
    }
}
