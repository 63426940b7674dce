//! The cells: read where they are kept, trained where they are not.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use misgoal_learn::line::{LineTask, train};
use misgoal_world::Canonical;

use super::record::CellRecord;
use super::{AtlasPlan, NAME};
use crate::RunError;
use crate::store::files::{self, Durable};

/// How far an atlas is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtlasProgress {
    /// Cells that are done.
    pub done: usize,
    /// Cells of the plan.
    pub of: usize,
    /// Share of the whole work that is done, by an estimate of what cells cost.
    pub share: f64,
}

/// Every cell of a plan in its order; `None` for those that were not finished when it was time to stop.
pub(super) fn cells(
    plan: &AtlasPlan,
    directory: &Path,
    threads: usize,
    told: &mut dyn FnMut(AtlasProgress) -> bool,
) -> Result<Vec<Option<CellRecord>>, RunError> {
    let folder = directory.join("cells");
    std::fs::create_dir_all(&folder).map_err(RunError::io("create", &folder))?;
    let tasks = plan.tasks();
    let mut cells: Vec<Option<CellRecord>> = Vec::with_capacity(tasks.len());
    for task in &tasks {
        cells.push(kept(&file(&folder, task), task, plan)?);
    }
    let mut open: Vec<(usize, &LineTask)> =
        tasks.iter().enumerate().filter(|(number, _)| cells.get(*number).is_some_and(Option::is_none)).collect();
    // The long ones first, so that no thread is left with one at the end.
    open.sort_by(|(a, one), (b, other)| cost(other).total_cmp(&cost(one)).then(a.cmp(b)));
    let total: f64 = tasks.iter().map(cost).sum();
    let mut spent: f64 = total - open.iter().map(|(_, task)| cost(task)).sum::<f64>();
    let mut done = tasks.len() - open.len();
    let stop = AtomicBool::new(!told(AtlasProgress { done, of: tasks.len(), share: spent / total }));
    let next = AtomicUsize::new(0);
    let (sender, made) = mpsc::channel::<Result<(usize, Option<CellRecord>), RunError>>();
    let worker = |sender: mpsc::Sender<_>| {
        while let Some((number, task)) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
            let cell = cell(task, plan, || {
                // An empty message: the listener looks whether to stop.
                let _ = sender.send(Ok((*number, None)));
                stop.load(Ordering::Relaxed)
            });
            let Some(cell) = cell else { return };
            let written = files::write_json(&file(&folder, task), &cell, Durable::Kill);
            let _ = sender.send(written.map(|()| (*number, Some(cell))));
        }
    };
    let worker = &worker;
    let mut failure = None;
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, open.len().max(1)) {
            let sender = sender.clone();
            scope.spawn(move || worker(sender));
        }
        drop(sender);
        for message in made {
            match message {
                Ok((number, Some(cell))) => {
                    done += 1;
                    spent += tasks.get(number).map_or(0.0, cost);
                    if let Some(slot) = cells.get_mut(number) {
                        *slot = Some(cell);
                    }
                }
                Ok((_, None)) => {}
                Err(error) => {
                    failure = Some(error);
                    stop.store(true, Ordering::Relaxed);
                }
            }
            if !told(AtlasProgress { done, of: tasks.len(), share: spent / total }) {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    failure.map_or(Ok(cells), Err)
}

/// Trains the networks of a cell; none where it was stopped on the way.
fn cell(task: &LineTask, plan: &AtlasPlan, stopped: impl Fn() -> bool) -> Option<CellRecord> {
    let mut cell = CellRecord::new(task, plan);
    for network in 0..plan.networks {
        if stopped() {
            return None;
        }
        cell.add(train(task, plan.seed + u64::from(network)));
    }
    Some(cell)
}

/// A cell that is kept already.
fn kept(path: &Path, task: &LineTask, plan: &AtlasPlan) -> Result<Option<CellRecord>, RunError> {
    let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
    let cell: CellRecord = files::parse_document(path, &bytes, "remove it: it is made again")?;
    if cell.is_of(task, plan) {
        return Ok(Some(cell));
    }
    let message = format!(
        "`{}` is a cell of another plan ({} networks, {} steps, seed {}): choose another directory",
        path.display(),
        cell.networks(),
        cell.steps,
        cell.seed
    );
    Err(RunError::Request(message))
}

fn file(folder: &Path, task: &LineTask) -> PathBuf {
    folder.join(format!("{NAME}-{}-{}-{}.json", task.length, task.width, Canonical::number(task.share).as_str()))
}

/// About how much work a cell is: steps, and for each a share of an update of all parameters.
fn cost(task: &LineTask) -> f64 {
    let parameters = task.width.next_multiple_of(8) * (2 * task.length + 3);
    30.0 + 0.05 * parameters as f64
}
