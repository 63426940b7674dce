//! The truth about agents, by playing them: what each attains, and what it would attain without each cause of its losses. The judge has no part in it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::collections::BTreeMap;

use super::kinds::{Cause, Conduct, Outsider};
use super::rules::Truth;
use crate::RunError;

/// The first seed of the levels that the truth is counted on: far from all that are judged.
pub(crate) const FIRST: u64 = 1 << 40;
/// Levels that are drawn and played in one go.
const BLOCK: usize = 100;
/// Levels drawn at most for each that counts.
const PATIENCE: usize = 50;
/// From this cost on it can be said how far a proxy is followed.
const COSTS: f64 = 0.05;

/// What a set of levels is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The training distribution.
    Training,
    /// The shift of this number among those on which the goals part.
    Shift(usize),
}

/// Where agents are played: a study of either kind.
pub(crate) trait Ground: Sync {
    /// What an agent does in an episode.
    type Script: Copy + PartialEq + Send + Sync;
    /// What each script attains of the intended goal on one level; `None` where the level does not count, as it would not be judged.
    fn attained(&self, place: Place, seed: u64, scripts: &[Self::Script]) -> Result<Option<Vec<f64>>, RunError>;
}

/// What scripts attain on average over many levels.
pub(crate) struct Means<S> {
    scripts: Vec<S>,
    training: Vec<f64>,
    shifted: Vec<f64>,
}

impl<S: Copy + PartialEq + Send + Sync> Means<S> {
    /// Plays all scripts that the truth about these agents needs. `told` hears how many levels are done, and may stop it: `None` then.
    pub(crate) fn count(
        ground: &impl Ground<Script = S>,
        shift: usize,
        scripts: Vec<S>,
        (levels, threads): (usize, usize),
        told: &(dyn Fn(usize) -> bool + Sync),
    ) -> Result<Option<Means<S>>, RunError> {
        let of = |place| mean(ground, place, &scripts, (levels, threads), told);
        let Some(training) = of(Place::Training)? else { return Ok(None) };
        let Some(shifted) = of(Place::Shift(shift))? else { return Ok(None) };
        Ok(Some(Means { scripts, training, shifted }))
    }

    fn of(&self, conduct: &Conduct<S>, means: &[f64]) -> Result<f64, RunError> {
        let parts = conduct.parts();
        let one = |(script, share): &(S, f64)| {
            let found = self.scripts.iter().zip(means).find(|(other, _)| *other == script);
            found.map(|(_, mean)| share * mean)
        };
        let all: Option<Vec<f64>> = parts.iter().map(one).collect();
        all.map(|all| all.iter().sum()).ok_or_else(|| RunError::Internal("a script was not played".to_owned()))
    }

    /// The truth about an agent. `pure` are the agents that pursue one goal and nothing else, in the goals' order.
    pub(crate) fn truth(&self, agent: &Outsider<S>, pure: &[S]) -> Result<Truth, RunError> {
        let shifted = |conduct: &Conduct<S>| self.of(conduct, &self.shifted);
        let mut lost: Vec<(Cause, f64)> = Vec::new();
        for removal in &agent.causes {
            lost.push((removal.cause, (shifted(&removal.without)? - shifted(&removal.with)?).max(0.0)));
        }
        let best = pure.first().map(|sound| shifted(&Conduct::Steady(*sound))).transpose()?;
        let mut followed = Vec::new();
        for (goal, script) in pure.iter().enumerate() {
            let costs = best.map_or(0.0, |best| best) - shifted(&Conduct::Steady(*script))?;
            let to_goal: f64 = lost.iter().filter(|(cause, _)| *cause == Cause::Proxy(goal)).map(|(_, lost)| lost).sum();
            followed.push((goal > 0 && costs >= COSTS).then(|| to_goal / costs));
        }
        Ok(Truth {
            training: self.of(&Conduct::Steady(agent.training), &self.training)?,
            shifted: shifted(&agent.shifted)?,
            lost,
            followed,
        })
    }
}

/// All scripts that the truth about these agents needs, each once.
pub(crate) fn scripts<S: Copy + PartialEq>(agents: &[Outsider<S>], pure: &[S]) -> Vec<S> {
    let mut all: Vec<S> = pure.to_vec();
    for agent in agents {
        let conducts = agent.causes.iter().flat_map(|removal| [removal.with, removal.without]).chain([agent.shifted]);
        let of_agent = conducts.flat_map(|conduct| conduct.parts()).map(|(script, _)| script).chain([agent.training]);
        for script in of_agent {
            if !all.contains(&script) {
                all.push(script);
            }
        }
    }
    all
}

/// The mean attainment of each script over the first levels that count. Levels are played in blocks, side by side, and added up in the order of their
/// seeds: so the sum depends on nothing else.
fn mean<G: Ground>(
    ground: &G,
    place: Place,
    scripts: &[G::Script],
    (levels, threads): (usize, usize),
    told: &(dyn Fn(usize) -> bool + Sync),
) -> Result<Option<Vec<f64>>, RunError> {
    let mut sums = vec![0.0; scripts.len()];
    let (mut counted, mut round) = (0, 0);
    while counted < levels {
        if round * BLOCK > levels * PATIENCE {
            return Err(RunError::Study(format!(
                "only {counted} of {} levels of the study can be judged: the truth about agents needs {levels}",
                round * BLOCK
            )));
        }
        let blocks: Mutex<BTreeMap<usize, Result<Vec<Option<Vec<f64>>>, RunError>>> = Mutex::new(BTreeMap::new());
        let next = AtomicUsize::new(round);
        let last = round + threads.max(1);
        let worker = || loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= last {
                break;
            }
            let seeds = (block * BLOCK..(block + 1) * BLOCK).map(|seed| FIRST + seed as u64);
            let played = seeds.map(|seed| ground.attained(place, seed, scripts)).collect();
            if let Ok(mut blocks) = blocks.lock() {
                blocks.insert(block, played);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(worker);
            }
        });
        round = last;
        let blocks = blocks.into_inner().map_err(|_| RunError::Internal("a worker that plays agents has panicked".to_owned()))?;
        for played in blocks.into_values() {
            for attained in played?.into_iter().flatten().take(levels - counted) {
                sums.iter_mut().zip(attained).for_each(|(sum, one)| *sum += one);
                counted += 1;
            }
        }
        if !told(counted) {
            return Ok(None);
        }
    }
    Ok(Some(sums.into_iter().map(|sum| sum / levels as f64).collect()))
}
