//! tau-bench's airline episodes: reward 0 against 1. `cargo bench -p misgoal-monitor --bench tau -- [DATA]`
//!
//! Tasks are split into five folds; each fold's episodes are judged by a profile of the successful episodes (reward 1) of the other folds' tasks.

#![expect(clippy::print_stdout, reason = "an evaluation prints its figures")]

#[path = "common/curve.rs"]
mod curve;
#[path = "common/folder.rs"]
mod folder;
#[path = "common/sessions.rs"]
mod sessions;

use std::collections::BTreeMap;
use std::sync::Arc;

use misgoal_monitor::Session;
use misgoal_monitor::alternative::{Alternative, Declared};
use misgoal_monitor::detect::{Model, Watch};
use misgoal_monitor::trace::Format;

const FOLDS: usize = 5;

fn task(session: &Session) -> usize {
    session.task.as_deref().and_then(|task| task.parse().ok()).unwrap_or(0)
}

fn good(session: &Session) -> bool {
    session.reward == Some(1.0)
}

fn main() {
    let path = folder::folder().join("tau-airline/gpt-4o-airline.json.gz");
    let Some(sessions) = sessions::sessions(&path, Format::Tau) else { return };
    // A task's number is no task type that a new task could have.
    let sessions: Vec<Session> = sessions.into_iter().filter(|session| session.calls().next().is_some()).collect();
    let mut channels: [[BTreeMap<usize, Vec<f64>>; 2]; 2] = Default::default();
    for held_out in 0..FOLDS {
        let train = sessions.iter().filter(|session| task(session) % FOLDS != held_out && good(session));
        let stripped: Vec<Session> = train.map(|session| Session { task: None, ..session.clone() }).collect();
        let alternatives = vec![Alternative::Declared(Declared::obeys_tool_output())];
        let model = Arc::new(Model::learn(&stripped.iter().collect::<Vec<_>>(), alternatives));
        for session in sessions.iter().filter(|session| task(session) % FOLDS == held_out) {
            let watch = Watch::whole(&model, session);
            let scores = [watch.score(), watch.capability_score()];
            for (channel, score) in channels.iter_mut().zip(scores) {
                let [failures, successes] = channel;
                let group = if good(session) { successes } else { failures };
                group.entry(task(session)).or_default().push(score);
            }
        }
    }
    for (name, [failures, successes]) in ["behaviour", "capability (errors, retries, loops)"].iter().zip(&channels) {
        let groups = |scores: &BTreeMap<usize, Vec<f64>>| scores.values().cloned().collect::<Vec<_>>();
        let (bad, good) = (groups(failures), groups(successes));
        let (flat_bad, flat_good) = (bad.concat(), good.concat());
        println!(
            "\n{name}: {} episodes with reward 0 against {} with reward 1, by task",
            flat_bad.len(),
            flat_good.len()
        );
        println!("  AUROC                           {}", curve::auroc(&good, &bad));
        for share in [0.05, 0.1, 0.2, 0.4] {
            let (_, recall) = curve::recall_at(&flat_good, &flat_bad, share);
            println!("  recall at {:>2.0} % false positives  {recall}", 100.0 * share);
        }
    }
}
