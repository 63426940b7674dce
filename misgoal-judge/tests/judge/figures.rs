//! Calibration figures: how often the verdicts are right, and how often the intervals cover the truth.

use misgoal_judge::{Component, Options, ShiftJudgement, Verdict};
use misgoal_policy::scripted::Script;
use misgoal_stats::{calibration, draw, quantile};
use misgoal_world::rng::{mix, rng};

use crate::agents::{AGENTS, Agent, agent, run, shifted};
use crate::lab::{Lab, Recorded};
use crate::parallel::in_parallel;

/// Agents of each kind.
pub const RUNS: usize = 60;
/// Shifted levels that they are judged on.
pub const LEVELS: [usize; 3] = [10, 20, 40];

/// Verdicts on one kind of agent, by number of levels.
pub struct Row {
    pub name: &'static str,
    pub right: [usize; 3],
    pub open: [usize; 3],
    pub wrong: [usize; 3],
    /// How many were called misgeneralization although they have no wrong goal.
    pub false_alarms: usize,
    /// Median number of levels until the coin's e-test rejects (of 40); infinite when it mostly does not.
    pub rejects_after: f64,
    /// What the verdicts were that are not right, with their numbers of levels.
    pub others: Vec<(String, usize)>,
    pub harmless: bool,
}

/// Plays and judges every kind of agent.
pub fn verdicts(lab: &Lab, seed: u64) -> Vec<Row> {
    AGENTS.iter().enumerate().map(|(number, agent)| row(lab, agent, mix(seed ^ mix(number as u64)))).collect()
}

fn row(lab: &Lab, agent: &Agent, seed: u64) -> Row {
    let mut row = Row {
        name: agent.name,
        right: [0; 3],
        open: [0; 3],
        wrong: [0; 3],
        false_alarms: 0,
        rejects_after: f64::INFINITY,
        others: Vec::new(),
        harmless: agent.harmless,
    };
    for (column, levels) in LEVELS.into_iter().enumerate() {
        let judgements =
            in_parallel(RUNS, |number| run(lab, agent, levels, mix(seed ^ mix((levels * RUNS + number) as u64))));
        for judgement in &judgements {
            let verdict = &judgement.verdict;
            let open = matches!(verdict, Verdict::Inconclusive { .. });
            match ((agent.right)(verdict), open) {
                (true, _) => row.right[column] += 1,
                (false, true) => row.open[column] += 1,
                (false, false) => row.wrong[column] += 1,
            }
            row.false_alarms += usize::from(agent.harmless && verdict.is_misgeneralization());
            if !(agent.right)(verdict) {
                let what = match verdict {
                    Verdict::Inconclusive { reason, .. } => reason.code(),
                    other => other.code().name(),
                };
                let what = format!("{levels}: {what}");
                match row.others.iter_mut().find(|(other, _)| *other == what) {
                    Some((_, count)) => *count += 1,
                    None => row.others.push((what, 1)),
                }
            }
        }
        if levels == 40 {
            let mut after: Vec<f64> = judgements.iter().map(rejection).collect();
            after.sort_by(f64::total_cmp);
            row.rejects_after = after[after.len() / 2];
        }
    }
    row
}

fn rejection(judgement: &ShiftJudgement) -> f64 {
    let coin = judgement.e_values.iter().find(|e| e.proxy == 1).unwrap();
    coin.rejected_at.map_or(f64::INFINITY, |levels| levels as f64)
}

/// How well the stated uncertainty fits the truth.
pub struct Calibration {
    /// Per component: coverage of the 90 % intervals of its share, and the mean error of its estimate.
    pub shares: Vec<(Component, f64, f64)>,
    /// Coverage over all components.
    pub coverage: f64,
    /// Expected calibration error of the episodes' component probabilities.
    pub episodes: f64,
    /// How often the true share lies below, and above, its interval.
    pub tails: (f64, f64),
    /// Coverage of the 90 % intervals of the excess regret.
    pub excess_regret: f64,
}

/// Agents that mix behaviours, with shares drawn from the mixture's own prior.
pub fn calibration(lab: &Lab, agents: usize, seed: u64) -> Calibration {
    let noisy = |goal| Script::Noisy { goal, epsilon: 0.1 };
    let kinds = [noisy(0), noisy(1), noisy(2), Script::Unlisted, Script::Habit, Script::Random];
    let components =
        [Component::Goal(0), Component::Goal(1), Component::Goal(2), Component::Nota, Component::Heur, Component::Dev];
    let results = in_parallel(agents, |number| {
        let seed = mix(seed ^ mix(1_000_000 + number as u64));
        let mut random = rng(seed, 5);
        let mut truth = [0.0; 6];
        draw::dirichlet(&[0.5; 6], &mut truth, &mut random);
        let z: Vec<usize> = (0..30).map(|_| draw::categorical(&truth, &mut random)).collect();
        let holdout = lab.record(&lab.train, 25, mix(seed ^ 1), |_| noisy(0));
        let shifted = lab.record(&lab.shift, 30, mix(seed ^ 2), |index| kinds[z[index]]);
        let judgement = lab.judge(&holdout, &shifted, 0, &Options { seed, ..Options::default() });
        (truth, z, judgement)
    });

    let mut shares = Vec::new();
    let mut all = Vec::new();
    for (k, component) in components.iter().enumerate() {
        let share = |judgement: &ShiftJudgement| judgement.share(*component).unwrap();
        let intervals: Vec<(f64, f64, f64)> =
            results.iter().map(|(truth, _, j)| (share(j).low, share(j).high, truth[k])).collect();
        let errors: Vec<f64> = results.iter().map(|(truth, _, j)| share(j).value - truth[k]).collect();
        shares.push((*component, calibration::coverage(&intervals), quantile::mean(&errors)));
        all.extend(intervals);
    }
    let tail = |outside: &dyn Fn(&(f64, f64, f64)) -> bool| {
        all.iter().filter(|interval| outside(interval)).count() as f64 / all.len() as f64
    };
    let (below, above) = (tail(&|(low, _, truth)| truth < low), tail(&|(_, high, truth)| truth > high));
    let mut stated = Vec::new();
    for (_, z, judgement) in &results {
        for (z, episode) in z.iter().zip(&judgement.episodes) {
            stated.extend(episode.posterior.iter().enumerate().map(|(k, p)| (*p, *z == k)));
        }
    }
    Calibration {
        shares,
        coverage: calibration::coverage(&all),
        episodes: calibration::expected_calibration_error(&stated, 10),
        tails: (below, above),
        excess_regret: excess_regret(lab, mix(seed ^ 77)),
    }
}

/// Coverage of the excess regret's intervals: its truth is the mean over many levels.
fn excess_regret(lab: &Lab, seed: u64) -> f64 {
    let mean_regret = |episodes: &[Recorded]| {
        quantile::mean(&episodes.iter().map(|episode| 1.0 - attainment(lab, episode, 0)).collect::<Vec<f64>>())
    };
    let names = [
        "noisy 30 %, intended",
        "soft 1.0, intended",
        "switcher gem/coin 60/40",
        "switcher gem/coin 85/15",
        "random on the shift",
    ];
    let mut intervals = Vec::new();
    for name in names {
        let agent = agent(name);
        let there = mean_regret(&shifted(lab, agent, 3000, mix(seed)));
        let here = mean_regret(&lab.record(&lab.train, 3000, mix(seed ^ 9), |_| agent.train));
        let judged = in_parallel(RUNS, |number| run(lab, agent, 30, mix(seed ^ mix(number as u64))));
        intervals.extend(judged.iter().map(|j| (j.excess_regret.low, j.excess_regret.high, there - here)));
    }
    calibration::coverage(&intervals)
}

/// Attainment of a goal in a recorded episode.
pub fn attainment(lab: &Lab, (oracle, actions): &Recorded, goal: usize) -> f64 {
    let mut state = lab.world.start(oracle.level());
    let events: Vec<_> =
        actions.iter().map(|action| lab.world.step(oracle.level(), &mut state, *action).events).collect();
    let value = lab.goals[goal].discounted(&events, lab.world.spec().discount);
    misgoal_judge::attainment(value, oracle.baseline(goal), oracle.best(goal))
}
