//! How often do the intervals over seeds cover, and how wide are they? `cargo run --release -p misgoal-stats --example seeds [RUNS] [SEED]`
//!
//! Written down before the first run:
//! - *These seeds, new levels*: 86 to 94 % in every cell (its 99.9 % interval must reach into that), at least 86 % where all outcomes are equal.
//!   The prototype had .858 to .923 over kinds of seeds alone; levels of several kinds and figures between 0 and 1 are new here. Near 0 and 1, where
//!   few outcomes differ from the others, Jeffreys' interval itself swings between .84 and .98 with the number of trials: there the band may be left.
//! - *The procedure*: at least 86 % in every cell, mostly 97 to 100 %, no wider than the prototype's: means of .79, .67, .51, .34 and .22 at 2, 3, 5, 10
//!   and 20 seeds over situations like these.
//! - *Counts of seeds*: at least 90 % with every verdict known (Blaker's interval is exact), and no less with verdicts missing for a reason.
//! - *Differences* of arms and *excess regret*: at least 86 %; the prototype's lowest was .93.
//! - *The worst of these seeds*: at least 90 %.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "an experiment: what it finds is printed, and a wrong shape ends it"
)]

use misgoal_stats::seeds::{Crossed, SeedCount};
use misgoal_stats::{Estimate, draw, quantile};
use rand_pcg::Pcg64Mcg;

const SIZES: [usize; 5] = [2, 3, 5, 10, 20];

/// Agents of one procedure: what a seed is like, and how well such a seed does on a level.
struct Kind {
    name: &'static str,
    /// A seed's nature, a number or two.
    seed: fn(&mut Pcg64Mcg) -> f64,
    /// Expected outcome of a seed of this nature on a level whose nature is uniform on (0, 1).
    skill: fn(f64, f64) -> f64,
    /// How an outcome follows from what is expected of it.
    outcome: fn(f64, &mut Pcg64Mcg) -> f64,
    /// A seed's outcomes are all equal, or nearly: what a rare level would do cannot be known, and coverage has no upper limit.
    vertex: bool,
}

const fn kind(name: &'static str, seed: fn(&mut Pcg64Mcg) -> f64, skill: fn(f64, f64) -> f64) -> Kind {
    Kind { name, seed, skill, outcome: coin, vertex: false }
}

fn same(_: &mut Pcg64Mcg) -> f64 {
    0.0
}

fn own(nature: f64, _: f64) -> f64 {
    nature
}

fn either(share: f64, one: f64, other: f64, rng: &mut Pcg64Mcg) -> f64 {
    if draw::uniform(rng) < share { one } else { other }
}

fn coin(skill: f64, rng: &mut Pcg64Mcg) -> f64 {
    f64::from(draw::uniform(rng) < skill)
}

/// Between 0 and 1, a Beta distribution of size 4: a fifth of a coin's variance.
fn spread(skill: f64, rng: &mut Pcg64Mcg) -> f64 {
    draw::beta((4.0 * skill).max(1e-3), (4.0 * (1.0 - skill)).max(1e-3), rng)
}

/// Attained on a way of this or that length, or missed: 0, or .9 to 1.
fn attained(skill: f64, rng: &mut Pcg64Mcg) -> f64 {
    if draw::uniform(rng) < skill / 0.95 { 0.9 + 0.1 * draw::uniform(rng) } else { 0.0 }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A standard normal's quantile by the logistic approximation: the shape matters, not the last digit.
fn bell(u: f64) -> f64 {
    (u / (1.0 - u)).ln() / 1.702
}

fn kinds() -> Vec<Kind> {
    vec![
        kind("alike, .5", same, |_, _| 0.5),
        kind("alike, .9", same, |_, _| 0.9),
        kind("alike, .97", same, |_, _| 0.97),
        Kind { vertex: true, ..kind("all 1", same, |_, _| 1.0) },
        Kind { vertex: true, ..kind("all 0", same, |_, _| 0.0) },
        kind("Beta(2, 2)", |rng| draw::beta(2.0, 2.0, rng), own),
        kind("Beta(.5, .5)", |rng| draw::beta(0.5, 0.5, rng), own),
        kind("skewed Beta(8, .4)", |rng| draw::beta(8.0, 0.4, rng), own),
        kind("skewed Beta(.3, 6)", |rng| draw::beta(0.3, 6.0, rng), own),
        Kind { vertex: true, ..kind("0 or 1, .8", |rng| either(0.8, 1.0, 0.0, rng), own) },
        Kind { vertex: true, ..kind("1 w.p. .95, else 0", |rng| either(0.95, 1.0, 0.0, rng), own) },
        kind(".95 w.p. .7, else .05", |rng| either(0.7, 0.95, 0.05, rng), own),
        kind(".97 w.p. .9, else .10", |rng| either(0.9, 0.97, 0.10, rng), own),
        // What a level is like decides as well.
        kind("same outcome, .2", same, |_, level| f64::from(level < 0.2)),
        kind("same in half, .7", same, |_, level| {
            if level < 0.35 {
                1.0
            } else if level < 0.5 {
                0.0
            } else {
                0.7
            }
        }),
        kind("logit-normal seeds and levels", draw::normal, |seed, level| logistic(1.0 + seed + 1.5 * bell(level))),
        kind("levels easy, even, hard", draw::uniform, |seed, level| match level {
            _ if level < 0.6 => 0.98,
            _ if level < 0.85 => seed,
            _ => 0.05,
        }),
        kind("two kinds of seeds on two kinds of levels", draw::uniform, |seed, level| match seed < 0.7 {
            true if level < 0.3 => 0.05,
            false if level > 0.6 => 0.1,
            _ => 0.95,
        }),
        kind("hard levels, .06, fail all", same, |_, level| if level < 0.06 { 0.0 } else { 0.9 }),
        kind("a rare kind fails on a rare kind of level", draw::uniform, |seed, level| {
            if seed < 0.1 && level < 0.25 { 0.0 } else { 0.97 }
        }),
        // Figures that are no counts.
        Kind { outcome: spread, ..kind("between 0 and 1, alike", same, |_, _| 0.6) },
        Kind { outcome: attained, ..kind("attained at .9 to 1, missed in 1 of 2", same, |_, _| 0.475) },
        Kind { outcome: attained, ..kind("the same, missed in 3 of 100", same, |_, _| 0.95 * 0.97) },
        Kind { vertex: true, outcome: attained, ..kind("the same, never missed", same, |_, _| 0.95) },
        Kind { outcome: spread, ..kind("between, skewed seeds", |rng| draw::beta(6.0, 0.6, rng), own) },
        Kind {
            outcome: spread,
            ..kind("between, logit-normal", draw::normal, |seed, level| logistic(0.5 + 0.7 * seed + bell(level)))
        },
    ]
}

impl Kind {
    /// What a seed of this nature attains in the long run, by the midpoint rule over levels.
    fn mean(&self, nature: f64) -> f64 {
        let grid = 400;
        (0..grid).map(|i| (self.skill)(nature, (f64::from(i) + 0.5) / f64::from(grid))).sum::<f64>() / f64::from(grid)
    }

    /// The procedure's mean, over many seeds.
    fn truth(&self, rng: &mut Pcg64Mcg) -> f64 {
        let many = 40_000;
        (0..many)
            .map(|_| {
                let nature = (self.seed)(rng);
                self.mean(nature)
            })
            .sum::<f64>()
            / f64::from(many)
    }

    fn play(&self, natures: &[f64], levels: &[f64], rng: &mut Pcg64Mcg) -> Vec<Vec<f64>> {
        let mut row =
            |&nature: &f64| levels.iter().map(|&level| (self.outcome)((self.skill)(nature, level), rng)).collect();
        natures.iter().map(&mut row).collect()
    }
}

#[derive(Default, Clone)]
struct Cell {
    runs: usize,
    covered: usize,
    width: f64,
}

impl Cell {
    fn add(&mut self, interval: &Estimate, truth: f64) {
        self.runs += 1;
        self.covered += usize::from(interval.low <= truth + 1e-9 && truth <= interval.high + 1e-9);
        self.width += interval.width();
    }

    fn coverage(&self) -> f64 {
        self.covered as f64 / self.runs as f64
    }

    fn mean_width(&self) -> f64 {
        self.width / self.runs as f64
    }

    /// Whether the coverage's 99.9 % interval lies outside of 86 to 94 %.
    fn is_outside(&self, vertex: bool) -> bool {
        let half = |p: f64| 3.2905 * (p * (1.0 - p) / self.runs as f64).sqrt();
        let p = self.coverage();
        p + half(p).max(half(0.86)) < 0.86 || (!vertex && p - half(p).max(half(0.94)) > 0.94)
    }
}

fn natures(kind: &Kind, seeds: usize, rng: &mut Pcg64Mcg) -> Vec<f64> {
    (0..seeds).map(|_| (kind.seed)(rng)).collect()
}

fn uniforms(count: usize, rng: &mut Pcg64Mcg) -> Vec<f64> {
    (0..count).map(|_| draw::uniform(rng)).collect()
}

/// Both lines and the worst seed.
fn lines(runs: usize, rng: &mut Pcg64Mcg) {
    for levels in [25, 40, 100] {
        println!("\n{levels} shared levels: these seeds (coverage/width) and the procedure, at {SIZES:?} seeds");
        let (mut lowest, mut widths, mut least) = ([1.0f64; 5], [0.0; 5], [1.0f64; 5]);
        let (mut outside, mut these_widths) = (0, [0.0; 5]);
        let all = kinds();
        for kind in &all {
            let truth = kind.truth(rng);
            let (mut these, mut procedure) = (vec![Cell::default(); 5], vec![Cell::default(); 5]);
            for (at, seeds) in SIZES.into_iter().enumerate() {
                let mut worst = Cell::default();
                for _ in 0..runs {
                    let natures = natures(kind, seeds, rng);
                    let rows = kind.play(&natures, &uniforms(levels, rng), rng);
                    let means: Vec<f64> = natures.iter().map(|&nature| kind.mean(nature)).collect();
                    let both = Crossed::shared(&rows).unwrap().over_seeds();
                    these[at].add(&both.these, quantile::mean(&means));
                    procedure[at].add(&both.procedure, truth);
                    worst.add(&Crossed::worst(&rows).unwrap(), means.iter().copied().fold(1.0, f64::min));
                }
                lowest[at] = lowest[at].min(procedure[at].coverage());
                least[at] = least[at].min(worst.coverage());
                widths[at] += procedure[at].mean_width() / all.len() as f64;
                these_widths[at] += these[at].mean_width() / all.len() as f64;
                outside += usize::from(these[at].is_outside(kind.vertex));
            }
            let show = |cells: &[Cell]| -> String {
                cells.iter().map(|cell| format!("{:.3}/{:.3} ", cell.coverage(), cell.mean_width())).collect()
            };
            let mark = |cell: &Cell| if cell.is_outside(kind.vertex) { '!' } else { '.' };
            let marks: String = these.iter().map(mark).collect();
            println!("{:42} {}{marks} | {}", kind.name, show(&these), show(&procedure));
        }
        println!("these seeds: {outside} of {} cells outside, mean widths {these_widths:.3?}", 5 * all.len());
        println!(
            "the procedure: lowest coverage {lowest:.3?}, mean widths {widths:.3?}; worst seed: lowest {least:.3?}"
        );
    }
}

/// The excess regret of these seeds and of the procedure, and the difference of two arms: by MOVER over the lines.
fn differences(runs: usize, rng: &mut Pcg64Mcg) {
    println!("\ndifferences: lowest coverage at {SIZES:?} seeds, 100 and 40 levels");
    let all = kinds();
    let truths: Vec<f64> = all.iter().map(|kind| kind.truth(rng)).collect();
    let (mut arms, mut these, mut procedure) = ([1.0f64; 5], [1.0f64; 5], [1.0f64; 5]);
    for (at, seeds) in SIZES.into_iter().enumerate() {
        for (number, kind) in all.iter().enumerate() {
            let (other, other_truth) = (&all[(number + 7) % all.len()], truths[(number + 7) % all.len()]);
            let (mut arm, mut regret, mut new) = (Cell::default(), Cell::default(), Cell::default());
            // What the same seeds do on the hold-out: better by what their nature says, or worse, so that both move together or against each other.
            let against = number % 2 == 0;
            let holdout = |nature: f64| {
                let skill = kind.mean(nature);
                if against { 1.0 - 0.5 * skill } else { 0.4 + 0.5 * skill }
            };
            let hold_truth = if against { 1.0 - 0.5 * truths[number] } else { 0.4 + 0.5 * truths[number] };
            for _ in 0..runs {
                let seeds_here = natures(kind, seeds, rng);
                let rows = kind.play(&seeds_here, &uniforms(100, rng), rng);
                let here = Crossed::shared(&rows).unwrap().over_seeds();
                let there = other.play(&natures(other, seeds, rng), &uniforms(100, rng), rng);
                let there = Crossed::shared(&there).unwrap().over_seeds();
                arm.add(&there.procedure.minus(&here.procedure), other_truth - truths[number]);
                let held: Vec<Vec<f64>> = seeds_here
                    .iter()
                    .map(|&nature| (0..40).map(|_| f64::from(draw::uniform(rng) < holdout(nature))).collect())
                    .collect();
                let held = Crossed::shared(&held).unwrap().over_seeds();
                let means: Vec<f64> = seeds_here.iter().map(|&nature| holdout(nature) - kind.mean(nature)).collect();
                regret.add(&held.these.minus(&here.these), quantile::mean(&means));
                new.add(&held.procedure.minus(&here.procedure), hold_truth - truths[number]);
            }
            arms[at] = arms[at].min(arm.coverage());
            these[at] = these[at].min(regret.coverage());
            procedure[at] = procedure[at].min(new.coverage());
        }
    }
    println!("two arms {arms:.3?}; excess regret of these seeds {these:.3?}, of the procedure {procedure:.3?}");
}

/// Shares of seeds, with verdicts that are missing for a reason.
fn counts(runs: usize, rng: &mut Pcg64Mcg) {
    println!(
        "\ncounts of seeds at {SIZES:?}: lowest coverage and mean width over shares 0 to 1 in steps of .05, and of differences"
    );
    let shares: Vec<f64> = (0..=20).map(|i| f64::from(i) / 20.0).collect();
    for (reason, missing) in [
        ("every verdict known", (0.0, 0.0)),
        ("missing at random, .3", (0.3, 0.3)),
        ("half of those that do", (0.5, 0.0)),
        ("half of those that do not", (0.0, 0.5)),
        ("all of those that do", (1.0, 0.0)),
    ] {
        let (mut lowest, mut width, mut apart) = ([1.0f64; 5], [0.0; 5], [1.0f64; 5]);
        for (at, seeds) in SIZES.into_iter().enumerate() {
            let mut seen = std::collections::HashMap::new();
            for &share in &shares {
                let (mut cell, mut difference) = (Cell::default(), Cell::default());
                for _ in 0..runs {
                    let mut arm = |share: f64| {
                        let mut count = SeedCount { yes: 0, unknown: 0, seeds };
                        for _ in 0..seeds {
                            let does = draw::uniform(rng) < share;
                            let open = draw::uniform(rng) < if does { missing.0 } else { missing.1 };
                            count.yes += usize::from(does && !open);
                            count.unknown += usize::from(open);
                        }
                        count
                    };
                    let (count, other) = (arm(share), arm(1.0 - share));
                    let interval = *seen.entry((count.yes, count.unknown)).or_insert_with(|| count.interval());
                    cell.add(&interval, share);
                    let key = (seeds * 1000 + 100 * count.yes + count.unknown, 100 * other.yes + other.unknown);
                    let minus = *seen.entry(key).or_insert_with(|| other.minus(&count));
                    difference.add(&minus, 1.0 - 2.0 * share);
                }
                lowest[at] = lowest[at].min(cell.coverage());
                width[at] += cell.mean_width() / shares.len() as f64;
                apart[at] = apart[at].min(difference.coverage());
            }
        }
        println!("{reason:28} {lowest:.3?} / {width:.3?}; differences {apart:.3?}");
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(default, |text| text.parse().expect("a whole number"));
    let (runs, seed) = (number(2000) as usize, number(1));
    let mut rng = Pcg64Mcg::new(u128::from(seed));
    lines(runs, &mut rng);
    differences(runs, &mut rng);
    counts(runs, &mut rng);
}
