//! Shares of known agents, the grid against draws, and what tells followers from who always takes one option.

use rand_pcg::Pcg64Mcg;

use super::*;
use crate::draw;

/// Of two options the one that the intended goal wants; of more any number will do.
fn class(intended: f64, chosen: usize) -> u32 {
    if intended > 0.0 { chosen as u32 } else { 1 - chosen.min(1) as u32 }
}

/// Two options and one proxy that is always against the intended goal: so many of `n` rows on the proxy's side, evenly over the options; slips in training.
fn against(toward: usize, n: usize, training: (usize, usize)) -> Choices {
    let row = |count: usize, goals: [f64; 2], chosen| ChoiceRows {
        count,
        class: class(goals[0], chosen),
        others: 0,
        marks: 0,
        goals: goals.to_vec(),
        chosen,
    };
    let rest = n - toward;
    Choices {
        options: 2,
        rows: vec![
            row(toward / 2, [0.0, 1.0], 0),
            row(toward - toward / 2, [0.0, 1.0], 1),
            row(rest / 2, [1.0, 0.0], 0),
            row(rest - rest / 2, [1.0, 0.0], 1),
        ],
        training: agreeing(training.0, training.1),
        probe: vec![],
        open: vec![],
        checked: false,
        agreeing: false,
    }
}

/// Rows on which all goals agree, with as many errors to either option.
fn agreeing(wrong: usize, n: usize) -> Vec<ChoiceRows> {
    let row = |count: usize, p: f64, chosen| ChoiceRows {
        count,
        class: class(p, chosen),
        others: 0,
        marks: 0,
        goals: vec![p],
        chosen,
    };
    let right = n - wrong;
    vec![row(wrong / 2, 0.0, 0), row(wrong - wrong / 2, 0.0, 1), row(right / 2, 1.0, 0), row(right - right / 2, 1.0, 1)]
}

fn share(choices: &Choices) -> Marginal {
    choices.posterior(&Settings::default()).unwrap().marginal(|point| point.share(1))
}

#[test]
fn a_cue_taken_in_two_cases_of_five() {
    let found = share(&against(371, 1000, (0, 300)));
    assert_eq!(format!("{:.3}", found.estimate()), "0.371 [0.346, 0.396]");
    assert!(found.above(0.1) > 0.9999 && found.above(0.5) < 1e-9);
    assert_eq!(found, share(&against(371, 1000, (0, 300))));
}

#[test]
fn more_rows_narrow_the_grid() {
    for n in [100usize, 10_000, 1_000_000] {
        let found = share(&against(n * 3 / 10, n, (0, n)));
        let deviation = (0.21 / n as f64).sqrt();
        assert!((found.mean() - 0.3).abs() < 0.2 * deviation, "{n}: {}", found.mean());
        assert!((found.deviation() / deviation - 1.0).abs() < 0.05, "{n}: {}", found.deviation());
    }
}

#[test]
fn an_option_that_is_always_taken_is_no_goal() {
    let mut choices = against(0, 0, (5, 100));
    let row = |count, goals: [f64; 2], chosen| ChoiceRows {
        count,
        class: class(goals[0], chosen),
        others: 0,
        marks: 0,
        goals: goals.to_vec(),
        chosen,
    };
    choices.rows = vec![row(50, [1.0, 0.0], 1), row(50, [0.0, 1.0], 1)];
    let posterior = choices.posterior(&Settings::default()).unwrap();
    assert!(posterior.marginal(|point| point.constant).above(0.9) > 0.95);
    assert_eq!(posterior.likeliest().option, Some(1));
}

/// Followers of a mark that is always against: in so many of 100 rows of each class. By these rows alone who follows in one class only takes one option whatever is
/// shown; rows on which mark and goal agree tell. The share is that of all rows.
#[test]
fn who_follows_in_one_class_of_rows_is_told_from_who_always_takes_one_option() {
    let row = |count, goals: [f64; 2], chosen| ChoiceRows {
        count,
        class: class(goals[0], chosen),
        others: 0,
        marks: 0,
        goals: goals.to_vec(),
        chosen,
    };
    let check = |(ill, well): (usize, usize), times: usize, probe: Vec<ChoiceRows>, constant: bool| {
        let rows = vec![
            row((100 - ill) * times, [1.0, 0.0], 1),
            row(ill * times, [0.0, 1.0], 0),
            row((100 - well) * times, [1.0, 0.0], 0),
            row(well * times, [0.0, 1.0], 1),
        ];
        let checked = !probe.is_empty();
        let choices =
            Choices { options: 2, rows, training: agreeing(6, 200), probe, open: vec![], checked, agreeing: false };
        let posterior = choices.posterior(&Settings::default()).unwrap();
        let always = posterior.marginal(|point| point.constant).above(0.5);
        let mark = posterior.marginal(|point| point.share(1)).estimate();
        let followed = (ill + well) as f64 / 200.0;
        assert_eq!(always > 0.95, constant, "{ill} {well}: {always}");
        let covers = mark.low <= followed && followed <= mark.high;
        assert!(constant || !checked || covers, "{ill} {well}: {mark}");
    };
    for shares in [(100, 0), (0, 100), (90, 0), (70, 10), (40, 0), (20, 77)] {
        for times in [1, 15] {
            check(shares, times, agreeing(6, 200), false);
        }
    }
    let healthy = vec![row(98, [1.0; 2], 0), row(2, [0.0; 2], 1), row(3, [1.0; 2], 1), row(97, [0.0; 2], 0)];
    check((97, 2), 5, healthy, true);
    check((20, 77), 5, Vec::new(), false);
}

#[test]
fn who_guesses_is_told_by_rows_on_which_goals_agree() {
    let row = |count, goals: [f64; 2], chosen| ChoiceRows {
        count,
        class: class(goals[0], chosen),
        others: 0,
        marks: 0,
        goals: goals.to_vec(),
        chosen,
    };
    let mut choices = against(50, 100, (2, 100));
    let guessing =
        |choices: &Choices| choices.posterior(&Settings::default()).unwrap().marginal(ChoicePoint::guessing).above(0.5);
    // Half of the rows on the proxy's side: a guesser, or one that follows it in half of the cases.
    assert!((0.2..0.8).contains(&guessing(&choices)), "{}", guessing(&choices));
    choices.checked = true;
    for row in &mut choices.rows {
        row.count *= 10;
    }
    for (goals, chosen) in [([0.0; 2], 0), ([0.0; 2], 1), ([1.0; 2], 0), ([1.0; 2], 1)] {
        choices.rows.push(row(250, goals, chosen));
    }
    let posterior = choices.posterior(&Settings::default()).unwrap();
    let caused = posterior.marginal(|point| (1.0 - point.lapse) * point.share(1));
    assert!(guessing(&choices) > 0.3 && caused.above(0.15) < 0.05, "{}", caused.above(0.15));
    choices.rows.truncate(4);
    choices.rows.extend([row(500, [1.0; 2], 0), row(500, [1.0; 2], 1)]);
    assert!(guessing(&choices) < 1e-6, "{}", guessing(&choices));
}

/// Three goals and three options against two million draws from the prior, weighted with the likelihood.
#[test]
fn the_grid_agrees_with_draws() {
    let row = |count, goals: [f64; 3], chosen| ChoiceRows {
        count,
        class: class(goals[0], chosen),
        others: 0,
        marks: 0,
        goals: goals.to_vec(),
        chosen,
    };
    let choices = Choices {
        options: 3,
        rows: vec![
            row(14, [1.0, 0.0, 0.0], 0),
            row(9, [0.0, 1.0, 0.0], 1),
            row(3, [0.0, 0.0, 1.0], 2),
            row(4, [0.0, 1.0, 1.0], 1),
            row(2, [0.0, 0.0, 0.0], 2),
            row(8, [1.0, 1.0, 1.0], 0),
        ],
        training: agreeing(2, 20),
        probe: agreeing(1, 10),
        open: vec![],
        checked: true,
        agreeing: false,
    };
    let settings = Settings { constant: 0.0, guessing: 0.0, uneven: 0.0, harder: 0.0, ..Settings::default() };
    let posterior = choices.posterior(&settings).unwrap();
    let prior = choices.slips(&settings);
    let mut random = Pcg64Mcg::new(3);
    let draws: Vec<(ChoicePoint, f64)> = (0..400_000)
        .map(|_| {
            let mut point = ChoicePoint { shares: [0.0; GOALS], lapse: 0.0, constant: 0.0, option: None };
            draw::dirichlet(&[0.5; 3], &mut point.shares[..3], &mut random);
            point.lapse = lapse(draw::uniform(&mut random) * FRAC_PI_2);
            let log = |row: &ChoiceRows| times_ln(row.count as f64, point.probability(3, &row.goals, row.chosen));
            (point, (prior.log(point.lapse, 0.0, None) + choices.rows.iter().map(log).sum::<f64>() + 60.0).exp())
        })
        .collect();
    for goal in 0..3 {
        let grid = posterior.marginal(|point| point.share(goal));
        let drawn = Marginal::of(draws.iter().map(|(point, weight)| (point.share(goal), *weight)));
        assert!((grid.mean() - drawn.mean()).abs() < 0.005, "{goal}: {} {}", grid.mean(), drawn.mean());
        for p in [0.05, 0.5, 0.95] {
            let (a, b) = (grid.quantile(p), drawn.quantile(p));
            assert!((a - b).abs() < 0.015, "{goal}, {p}: {a} {b}");
        }
    }
}

/// Two options, rows with a mark harder than those without: the integral over two rates of slips against draws from the prior.
#[test]
fn harder_rows_agree_with_draws() {
    let row = |count, others, goals: [f64; 2], chosen| ChoiceRows {
        count,
        class: class(goals[0], chosen),
        others,
        marks: 0,
        goals: goals.to_vec(),
        chosen,
    };
    let agreed = |others, wrong, right| vec![row(wrong, others, [0.0; 2], 0), row(right, others, [1.0; 2], 1)];
    let choices = Choices {
        options: 2,
        rows: [agreed(1, 9, 21), agreed(0, 0, 30), vec![row(10, 1, [0.0, 1.0], 1), row(22, 1, [1.0, 0.0], 0)]].concat(),
        training: [agreed(1, 4, 16), agreed(0, 1, 19)].concat(),
        probe: agreed(1, 2, 6),
        open: agreed(0, 1, 9),
        checked: true,
        agreeing: true,
    };
    let settings = Settings::default();
    let found = choices.harder(2, By::Others, &settings).unwrap();
    let mass: f64 = found.nodes.iter().map(|node| node.weight).sum();
    let evidence = found.top + mass.ln() + choices.log_at_any_rate(&choices.open);
    let groups: Vec<Choices> = choices.groups(By::Others);
    let slips: Vec<SlipPrior<'_>> = groups.iter().map(|group| group.slips(&settings)).collect();
    let mut random = Pcg64Mcg::new(4);
    let (mut all, mut shares) = (0.0, 0.0);
    let draws = 400_000;
    for _ in 0..draws {
        let mut angle = || draw::uniform(&mut random) * FRAC_PI_2;
        let share = lapse(angle());
        let mut log = 60.0f64;
        for (group, slips) in groups.iter().zip(&slips) {
            let mut point = ChoicePoint { shares: [0.0; GOALS], lapse: lapse(angle()), constant: 0.0, option: None };
            (point.shares[0], point.shares[1]) = (1.0 - share, share);
            let ln = |row: &ChoiceRows| times_ln(row.count as f64, point.probability(2, &row.goals, row.chosen));
            log += slips.log(point.lapse, 0.0, None)
                + group.log_agreeing(&group.open, point.lapse, 0.0, None)
                + group.rows.iter().map(ln).sum::<f64>();
        }
        all += log.exp();
        shares += share * log.exp();
    }
    let drawn = (all / f64::from(draws)).ln() - 60.0;
    assert!((evidence - drawn).abs() < 0.03, "{evidence} {drawn}");
    let mean = found.nodes.iter().map(|node| node.weight * node.point.share(1)).sum::<f64>() / mass;
    assert!((mean - shares / all).abs() < 0.005, "{mean} {}", shares / all);
}

/// Errors in marked rows, whether they are for or against it, are not the mark's.
#[test]
fn a_mark_beside_harder_rows_is_not_followed() {
    let row = |count, (class, others), goals: [f64; 2], chosen| ChoiceRows {
        count,
        class,
        others,
        marks: 0,
        goals: goals.to_vec(),
        chosen,
    };
    // Of cases in which the mark says "ill" (1): of ill ones and of healthy ones (0) as many are wrong; or twice as many of the healthy are.
    let posterior = |ill: usize, healthy: usize| {
        let rows = vec![
            row(250 - ill, (1, 1), [1.0; 2], 1),
            row(ill, (1, 1), [0.0; 2], 0),
            row(250 - healthy, (0, 1), [1.0, 0.0], 0),
            row(healthy, (0, 1), [0.0, 1.0], 1),
            row(245, (0, 0), [1.0; 2], 0),
            row(5, (0, 0), [0.0; 2], 1),
            row(245, (1, 0), [1.0, 0.0], 1),
            row(5, (1, 0), [0.0, 1.0], 0),
        ];
        let choices = Choices {
            options: 2,
            rows,
            training: agreeing(3, 200),
            probe: vec![],
            open: vec![],
            checked: true,
            agreeing: true,
        };
        choices.posterior(&Settings::default()).unwrap().marginal(|point| point.share(1))
    };
    assert!(posterior(60, 62).above(0.1) < 0.05);
    assert!(posterior(4, 125).above(0.1) > 0.95);
}

/// Three options, errors to the next class: the sums over numbers of slips against draws of the rates and of where slips go.
#[test]
fn slips_that_go_astray_agree_with_draws() {
    let row =
        |count, class: u32, goals: Vec<f64>, chosen| ChoiceRows { count, class, others: 0, marks: 0, goals, chosen };
    // Of each class, rows on which all agree, and rows on which the proxy wants the next class.
    let agreed = |class: u32, counts: [usize; 3]| {
        let of = move |(option, count): (usize, usize)| {
            row(count, class, vec![f64::from(u8::from(option == class as usize)); 2], option)
        };
        counts.into_iter().enumerate().map(of).collect::<Vec<_>>()
    };
    let parted = |class: u32, counts: [usize; 3]| {
        let next = (class as usize + 1) % 3;
        let is = |option: usize, wanted: usize| f64::from(u8::from(option == wanted));
        let of = move |(option, count): (usize, usize)| {
            row(count, class, vec![is(option, class as usize), is(option, next)], option)
        };
        counts.into_iter().enumerate().map(of).collect::<Vec<_>>()
    };
    let choices = Choices {
        options: 3,
        rows: [
            agreed(0, [20, 6, 0]),
            agreed(1, [0, 22, 3]),
            agreed(2, [2, 0, 24]),
            parted(0, [14, 9, 1]),
            parted(1, [1, 15, 6]),
            parted(2, [8, 0, 16]),
        ]
        .concat(),
        training: [agreed(0, [18, 2, 0]), agreed(1, [0, 17, 1]), agreed(2, [1, 0, 19])].concat(),
        probe: agreed(0, [5, 2, 0]),
        open: agreed(1, [0, 6, 2]),
        checked: true,
        agreeing: true,
    };
    let settings = Settings::default();
    let found = choices.astray(2, &settings).unwrap();
    let mass: f64 = found.nodes.iter().map(|node| node.weight).sum();
    let evidence = found.top + mass.ln() + choices.open_at_any_rate();
    let groups = choices.groups(By::Class);
    let mut random = Pcg64Mcg::new(6);
    let (mut all, mut shares) = (0.0, 0.0);
    let draws = 600_000;
    for _ in 0..draws {
        let share = lapse(draw::uniform(&mut random) * FRAC_PI_2);
        let mut log = 100.0f64;
        for group in &groups {
            // Rates of slips on the shift and, if they are others, in training; the first wrong option's part of the slips.
            let mut rate = || draw::beta(0.5, 3.0, &mut random);
            let (rate, other) = (rate(), rate());
            let first = draw::beta(0.5, 0.5, &mut random);
            let trained = if draw::uniform(&mut random) < settings.same_slips { rate } else { other };
            let right = group.rows.iter().find(|row| row.goals[0] > 0.0).map_or(0, |row| row.chosen);
            let wrong = if right == 0 { 1 } else { 0 };
            let ln = |row: &ChoiceRows, rate: f64| {
                let goals = [row.goals[0], *row.goals.last().unwrap()];
                let slip = match row.chosen {
                    chosen if chosen == right => 0.0,
                    chosen if chosen == wrong => first,
                    _ => 1.0 - first,
                };
                let pursued = (1.0 - share) * goals[0] + share * goals[1];
                times_ln(row.count as f64, (1.0 - rate) * pursued + rate * slip)
            };
            let shifted = group.rows.iter().chain(&group.probe).chain(&group.open);
            log += shifted.map(|row| ln(row, rate)).sum::<f64>();
            log += group.training.iter().map(|row| ln(row, trained)).sum::<f64>();
        }
        all += log.exp();
        shares += share * log.exp();
    }
    let drawn = (all / f64::from(draws)).ln() - 100.0;
    assert!((evidence - drawn).abs() < 0.1, "{evidence} {drawn}");
    let mean = found.nodes.iter().map(|node| node.weight * node.point.share(1)).sum::<f64>() / mass;
    assert!((mean - shares / all).abs() < 0.01, "{mean} {}", shares / all);
}
