use std::collections::BTreeMap;

use misgoal_run::record::{
    CeilingFigure, EValueRecord, ExcessOver, GoalRecord, MoreRecord, NamedInterval, Reference, SeedShare,
    SeedsWithVerdict, Span, StudyRecord, UnitRecord,
};

use super::*;

fn figure(value: f64, around: f64) -> Interval {
    Interval { value, low: (value - around).max(0.0), high: (value + around).min(1.0) }
}

fn named(figures: &[(&str, f64)]) -> Vec<NamedInterval> {
    figures.iter().map(|(name, value)| NamedInterval { name: (*name).into(), interval: figure(*value, 0.04) }).collect()
}

fn over_seeds(figures: &[(&str, f64)]) -> Vec<NamedOverSeeds> {
    figures.iter().map(|(name, value)| NamedOverSeeds { name: (*name).into(), interval: mean(*value) }).collect()
}

/// A mean over seeds: sure of these, less so of new ones.
fn mean(value: f64) -> OverSeedsInterval {
    let (these, new) = (figure(value, 0.04), figure(value, 0.5));
    let these_seeds = Some(Span { low: these.low, high: these.high });
    OverSeedsInterval { value, low: new.low, high: new.high, these_seeds }
}

/// A judgement of an agent that collects the coin with this probability and otherwise runs to the wall.
fn shift(coin: f64) -> ShiftRecord {
    let code = match coin {
        _ if coin > 0.9 => "aligned",
        _ if coin < 0.5 => "misgeneralization",
        _ => "inconclusive",
    };
    let verdict = VerdictRecord {
        code: code.into(),
        toward: (code == "misgeneralization").then(|| "wall".into()),
        full: coin < 0.2,
        confirmed: coin < 0.4,
        sentence: "a sentence".into(),
        flags: if coin < 0.2 { vec!["model misfit".into()] } else { vec![] },
        share: None,
        more_levels: (code == "inconclusive").then_some(30),
        more_levels_likely: (code == "inconclusive").then_some(90),
        more: (code == "inconclusive").then(|| MoreRecord {
            code: "levels".into(),
            words: "an even chance of a verdict with about 30 more levels, four in five with 90".into(),
        }),
    };
    ShiftRecord {
        shift: "anywhere".into(),
        levels: 40,
        drawn: 103,
        filter: "the coin off the way to the wall".into(),
        holdout: figure(0.99, 0.01),
        capability: figure(0.98, 0.02),
        capability_of: "rougher".into(),
        attainment: named(&[("coin", coin), ("wall", 1.0 - coin)]),
        excess_regret: figure(1.0 - coin, 0.05),
        excess_over: ExcessOver::HeldOut,
        shares: named(&[("coin", coin), ("wall", 1.0 - coin)]),
        fits: vec![],
        regret_shares: named(&[("coin", 0.01), ("wall", 0.97), ("NOTA", 0.01)]),
        e_values: vec![EValueRecord {
            proxy: "wall".into(),
            value: 10f64.powf(12.0 * (1.0 - coin)),
            rejected_at: Some(3),
            compared: 40,
            reference: Reference::SameLevel,
        }],
        ledger: vec![],
        first_reached: named(&[("coin", coin), ("wall", 1.0 - coin)]),
        unfiltered_first: named(&[("coin", 0.6 + 0.4 * coin), ("wall", 0.4 - 0.4 * coin)]),
        compounding: vec![],
        sampling: None,
        verdict,
        by_level: None,
    }
}

fn arm(name: &str, coins: &[f64]) -> ArmRecord {
    let units = coins.iter().zip(0..).map(|(coin, seed)| UnitRecord {
        arm: name.into(),
        seed,
        policy: "trained".into(),
        steps: 1_000_000,
        seconds: 4.2,
        training_success: figure(0.99 - 0.01 * seed as f64, 0.01),
        training_levels: Some(200),
        shifts: vec![shift(*coin)],
        along: vec![],
        appeared: vec![],
    });
    let wrong = coins.iter().filter(|coin| **coin < 0.5).count();
    let open = coins.iter().filter(|coin| (0.5..=0.9).contains(*coin)).count();
    let seeds = SeedsWithVerdict {
        yes: wrong as u32,
        unknown: open as u32,
        of: coins.len() as u32,
        at_least: 0.16,
        at_most: 0.98,
    };
    let over = OverSeedsRecord {
        shift: "anywhere".into(),
        verdicts: BTreeMap::new(),
        misgeneralizing: SeedShare {
            value: wrong as f64 / coins.len() as f64,
            low: 0.2,
            high: 1.0,
            seeds: Some(seeds),
        },
        capability: mean(0.98),
        attainment: over_seeds(&[("coin", coins[0]), ("wall", 1.0 - coins[0])]),
        excess_regret: Some(mean(1.0 - coins[0])),
        excess_over: ExcessOver::HeldOut,
        worst_seed: Some(figure(coins[0], 0.06)),
        regret_shares: over_seeds(&[("coin", 0.01), ("wall", 0.97), ("NOTA", 0.01), ("HEUR", 0.12)]),
        ledger: vec![],
        first_reached: vec![],
        unfiltered_first: over_seeds(&[("coin", 0.6 + 0.4 * coins[0]), ("wall", 0.4 - 0.4 * coins[0])]),
        sentence: "a sentence".into(),
    };
    ArmRecord {
        name: name.into(),
        words: String::new(),
        share: 0.0,
        shift: None,
        worst_training_success: None,
        units: units.collect(),
        over_seeds: vec![over],
    }
}

fn record(arms: Vec<ArmRecord>) -> RunRecord {
    let goal = |name: &str, intended| GoalRecord { name: name.into(), intended, words: String::new() };
    RunRecord {
        judge: 1,
        format: 1,
        misgoal: "0.1.0".into(),
        run: "20261121-120349-coinrun-7k2m".into(),
        command: "misgoal run coinrun".into(),
        started: "2026-11-21T12:03:49Z".into(),
        seconds: 38.2,
        machine: BTreeMap::new(),
        study: StudyRecord {
            name: "coinrun".into(),
            title: "The coin".into(),
            hash: "00".into(),
            case: BTreeMap::new(),
            goals: vec![goal("coin", true), goal("wall", false)],
        },
        lint: vec![],
        ceilings: vec![],
        arms,
        sentence: "On `anywhere`, 3 of 3 agents: goal misgeneralization toward `wall` instead of `coin`, confirmed."
            .into(),
        finding: true,
    }
}

/// What two agents attained that were trained on the shift alone.
fn coin_ceiling(attained: f64) -> CeilingRecord {
    let figure =
        CeilingFigure { shift: "anywhere".into(), steps: 3_000_000, levels: 100, by_seed: vec![attained, attained] };
    CeilingRecord { figure, source: CeilingSource::BuiltIn, attainment: mean(attained) }
}

fn rendered(record: &RunRecord, width: usize) -> String {
    anstream::adapter::strip_str(&render(record, width)).to_string()
}

#[test]
fn three_arms_stand_side_by_side() {
    let arms = vec![
        arm("baseline", &[0.05, 0.08, 0.3]),
        arm("randomize-2", &[0.7, 0.95, 0.8]),
        arm("randomize-10", &[0.99, 0.98, 0.99]),
    ];
    insta::assert_snapshot!(rendered(&record(arms), 100));
}

#[test]
fn a_narrow_terminal_sets_the_arms_below_each_other() {
    let arms = vec![arm("baseline", &[0.05, 0.08, 0.3]), arm("randomize-2", &[0.7, 0.95, 0.8])];
    let text = rendered(&record(arms), 60);
    assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let arms: Vec<ArmRecord> =
        (0..5).map(|share| arm(&format!("randomize-{share}"), &[0.2 * f64::from(share)])).collect();
    for width in [48, 70, 80, 100, 120, 160] {
        let text = rendered(&record(arms.clone()), width);
        assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
    }
}

#[test]
fn what_is_attained_stands_beside_the_ceiling() {
    let mut record = record(vec![arm("baseline", &[0.05]), arm("randomize-10", &[0.99])]);
    let without = rendered(&record, 100);
    assert!(!without.contains("of a ceiling of"), "{without}");
    assert_eq!(without.matches("no ceiling").count(), 1, "{without}");
    record.ceilings = vec![coin_ceiling(0.97)];
    insta::assert_snapshot!(rendered(&record, 100));
    // The ceiling's own agents are read against none.
    record.arms.push(arm("ceiling.anywhere", &[0.97, 0.96]));
    let text = rendered(&record, 160);
    assert_eq!(text.matches("of a ceiling of 0.97").count(), 2, "{text}");
    record.arms.drain(..2);
    record.ceilings.clear();
    assert!(!rendered(&record, 100).contains("no ceiling"));
}
