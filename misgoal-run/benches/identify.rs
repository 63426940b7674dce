//! Levels to the share verdict when most levels are ambiguous: chosen by stage I of the search, and as they are drawn.
//!
//! `cargo bench -p misgoal-run --bench identify -- [SEEDS] [FIRST]` prints `docs/algorithms/search.md`'s table. A stock has 400 levels: on four in five all goals
//! lie on one spot (the training distribution's levels), on one in five they lie apart. The agents are scripted and their goal is known.

#![expect(clippy::print_stdout, reason = "it prints its findings")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench: a failure should stop it")]

use misgoal_run::GivenPolicy;
use misgoal_run::search::{Choice, Identified, Quest, Stock, Until};
use misgoal_stats::{bootstrap, quantile};
use misgoal_study::Study;
use misgoal_world::rng::{mix, rng};
use misgoal_world::{Distribution, Oracle};

/// Levels in a stock.
const LEVELS: u64 = 400;
/// One level in so many tells the goals apart.
const ONE_IN: u64 = 5;
/// Levels that may be played.
const BUDGET: usize = 120;

const STUDY: &str = include_str!("three_goals.toml");

fn level(study: &Study, from: &Distribution, seed: u64) -> (u64, Oracle) {
    let level = study.world.generate(from, seed).expect("a level");
    (seed, Oracle::solve(&study.world, &level, &study.goals).expect("a solved level"))
}

/// A stock in which one level in five, at random places, tells the goals apart.
fn stock(study: &Study, seed: u64) -> Stock {
    let apart = &study.shift("apart").expect("the shift").distribution;
    let tells = |number: u64| mix(seed ^ mix(number)).is_multiple_of(ONE_IN);
    let one = |number: u64| {
        let from = if tells(number) { apart } else { &study.training };
        level(study, from, 1_000_000 + seed * LEVELS + number)
    };
    Stock::new((0..LEVELS).map(one).collect())
}

/// Mean with a 90 % interval over seeds, by the bootstrap.
fn mean(values: &[f64]) -> String {
    let draws = bootstrap_means(values);
    format!(
        "{:5.1} [{:.1}, {:.1}]",
        quantile::mean(values),
        quantile::quantile(&draws, 0.05),
        quantile::quantile(&draws, 0.95)
    )
}

fn bootstrap_means(values: &[f64]) -> Vec<f64> {
    weighted(values.len())
        .map(|weights| values.iter().zip(&weights).map(|(value, weight)| value * weight).sum())
        .collect()
}

/// Bayesian-bootstrap weights over seeds, 2000 times.
fn weighted(seeds: usize) -> impl Iterator<Item = Vec<f64>> {
    let mut random = rng(0, 7);
    (0..2000).map(move |_| {
        let mut weights = vec![0.0; seeds];
        bootstrap::bayesian_weights(&mut weights, &mut random);
        weights
    })
}

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|text| text.parse().ok()).collect();
    let (seeds, first) = (numbers.first().copied().unwrap_or(20), numbers.get(1).copied().unwrap_or(1000));
    let study = Study::parse("three_goals.toml", STUDY).expect("a study");
    println!("{seeds} seeds from {first}, at most {BUDGET} levels; mean levels, 90 % intervals over seeds");
    println!("{:<15} {:<14} {:>20} {:>20} {:>20}", "agent", "until", "chosen", "as drawn", "ratio of means");
    let mut ambiguous = 0.0;
    for agent in ["noisy-door", "noisy-lamp", "noisy-vase", "noisy-lamp@0.3", "soft-lamp"] {
        let policy = GivenPolicy::Scripted(agent.to_owned());
        let goal = study.goals.iter().position(|goal| agent.contains(&goal.name));
        let mut runs: [Vec<Identified>; 2] = [Vec::new(), Vec::new()];
        for seed in first..first + seeds {
            let stock = stock(&study, seed);
            ambiguous += stock.ambiguous() / (5 * seeds) as f64;
            let quest = Quest { study: &study, shift: "apart", lint: None, stock: &stock, budget: BUDGET, seed };
            for (choice, runs) in [Choice::Designed, Choice::Drawn].into_iter().zip(&mut runs) {
                runs.push(quest.pursue(&policy, choice, Until::Budget, &mut |_| true).unwrap());
            }
        }
        let right = runs.iter().flatten().filter(|run| run.share_verdict.map(|(_, goal)| goal) == goal).count();
        row(agent, "share verdict", &runs, |run| run.share_verdict.map(|(levels, _)| levels));
        row("", "e-test rejects", &runs, |run| run.rejected);
        row("", "verdict", &runs, |run| run.verdict);
        println!("{:<15} {right} of {} share verdicts name the agent's goal", "", 2 * seeds);
    }
    println!("share of ambiguous levels: {ambiguous:.2}");
}

/// One line: levels until something happens, chosen and as drawn; runs in which it does not happen count as the whole budget and are told.
fn row(agent: &str, what: &str, runs: &[Vec<Identified>; 2], of: impl Fn(&Identified) -> Option<usize>) {
    let [chosen, drawn] = runs
        .each_ref()
        .map(|runs| runs.iter().map(|run| of(run).map_or(BUDGET as f64, |levels| levels as f64)).collect::<Vec<f64>>());
    let never = runs.each_ref().map(|runs| runs.iter().filter(|run| of(run).is_none()).count());
    let ratios: Vec<f64> = weighted(chosen.len())
        .map(|weights| {
            let sum = |of: &[f64]| of.iter().zip(&weights).map(|(value, weight)| value * weight).sum::<f64>();
            sum(&drawn) / sum(&chosen)
        })
        .collect();
    let ratio = format!(
        "{:.2} [{:.2}, {:.2}]",
        quantile::mean(&drawn) / quantile::mean(&chosen),
        quantile::quantile(&ratios, 0.05),
        quantile::quantile(&ratios, 0.95)
    );
    println!(
        "{agent:<15} {what:<14} {:>20} {:>20} {ratio:>20}  never: {}, {}",
        mean(&chosen),
        mean(&drawn),
        never[0],
        never[1]
    );
}
