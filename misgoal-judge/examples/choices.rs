//! Agents that make one choice a case and follow a proxy in a share of the cases, judged (`docs/method.md`).
//!
//! `cargo run --release -p misgoal-judge --example choices [RUNS [FIRST-SEED [PART]]]`, with PART to see one alone: a kind of follower, `harder`, `neighbours`, `options`, `growing`
#![expect(clippy::print_stdout, reason = "an example that prints its figures")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test program: a failure should stop it")]

#[path = "../tests/judge/choices.rs"]
mod choices;

use choices::{Agent, Cell, Design, NEIGHBOURS, Proxies, SHOWN, TWO_OPTIONS, cell, followers, harder, neighbours};
use misgoal_stats::draw;

fn main() {
    let number =
        |at: usize, default: u64| std::env::args().nth(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(default);
    let (runs, first) = (number(1, 200), number(2, 0));
    let seeds = first..first + runs;
    let only = std::env::args().nth(3);
    println!("{runs} runs a cell, seeds from {first}; verdicts, then coverage of the 90 % interval and its mean width");
    for (name, design) in TWO_OPTIONS {
        for (kind, of) in followers().into_iter().filter(|(kind, _)| only.as_deref().is_none_or(|only| only == *kind)) {
            println!("\ntwo options, {} cases, {name}; {kind}", design.cases);
            for tenth in 0..=10 {
                let share = f64::from(tenth) / 10.0;
                line(share, &cell(&design, &*of(share), share, seeds.clone()));
            }
        }
    }
    let shows = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if shows("harder") {
        for (name, design) in SHOWN {
            for (kind, of) in harder() {
                println!("\n{name}; {kind}");
                for share in [0.0, 0.1, 0.3, 0.5, 0.7] {
                    line(share, &cell(&design, &*of(share), share, seeds.clone()));
                }
            }
        }
    }
    if shows("neighbours") {
        for (name, design) in NEIGHBOURS {
            for (kind, of) in neighbours() {
                println!("\n{name}; {kind}");
                for share in [0.0, 0.1, 0.3, 0.5, 0.7] {
                    line(share, &cell(&design, &*of(share), share, seeds.clone()));
                }
            }
        }
    }
    if shows("options") {
        options(&seeds);
    }
    if shows("growing") {
        growing(&seeds);
    }
    if only.is_some() {
        return;
    }
    println!("\nwho guesses on the shift, and who always takes one option there");
    for (name, design) in TWO_OPTIONS {
        let guesses: Agent<'_> =
            &|case, options, random| if case.shifted { draw::below(options, random) } else { case.truth };
        println!("{name}");
        line(0.0, &cell(&design, guesses, 0.0, seeds.clone()));
        line(0.0, &cell(&design, &|case, _, _| if case.shifted { 1 } else { case.truth }, 0.0, seeds.clone()));
    }
    println!(
        "\nwho gets away from the goal on the shift, where the proxy is against it in nine cases of ten; 200 cases, a probe"
    );
    for options in [2, 3] {
        let design = Design { options, proxies: 1, lie: Proxies::MostlyAgainst, cases: 200, holdout: 100, probe: 100 };
        println!("{options} options");
        let away: Agent<'_> = &|case, options, _| if case.apart { (case.truth + 1) % options } else { case.truth };
        line(0.0, &cell(&design, away, 0.0, seeds.clone()));
    }
}

fn options(seeds: &std::ops::Range<u64>) {
    println!("\nmore options and proxies, the first followed; errors .05");
    for (options, proxies) in [(3, 1), (3, 2), (4, 2), (2, 2)] {
        for lie in [Proxies::Against, Proxies::Random] {
            for cases in [100, 400] {
                let design = Design { options, proxies, lie, cases, holdout: 100, probe: 0 };
                let lying = if lie == Proxies::Against { "against" } else { "random" };
                println!("{options} options, {proxies} proxies, {lying}, {cases} cases");
                for share in [0.0, 0.15, 0.2, 0.4, 0.7, 1.0] {
                    line(share, &cell(&design, &*followers()[0].1(share), share, seeds.clone()));
                }
            }
        }
    }
}

fn growing(seeds: &std::ops::Range<u64>) {
    for (before, after) in [(0.05, 0.35), (0.03, 0.25)] {
        println!("\nerrors grow from {before} in training to {after} on the shift");
        for (name, design) in
            TWO_OPTIONS.into_iter().flat_map(|(name, design)| [(name, design), (name, Design { cases: 300, ..design })])
        {
            println!("{name}, {} cases", design.cases);
            for share in [0.0, 0.1, 0.2, 0.3, 0.5, 1.0] {
                let agent: Agent<'_> = &|case, options, random| {
                    let wanted = if draw::uniform(random) < share { case.proxies[0] } else { case.truth };
                    let error = if case.shifted { after } else { before };
                    if draw::uniform(random) < error { (wanted + 1) % options } else { wanted }
                };
                line(share, &cell(&design, agent, share, seeds.clone()));
            }
        }
    }
}

fn line(share: f64, cell: &Cell) {
    let runs = cell.runs as f64;
    let verdicts: Vec<String> =
        cell.verdicts.iter().map(|(word, count)| format!("{word} {:.3}", *count as f64 / runs)).collect();
    println!(
        "  s {share:.2}  wrong {:.3}  covered {:.3} (set {:.3})  width {:.3}   {}",
        cell.wrong as f64 / runs,
        cell.covered as f64 / runs,
        cell.fitting as f64 / runs,
        cell.width / runs,
        verdicts.join(", ")
    );
}
