//! The hypothesis that some rows are harder than others: the agent slips more often in those of one class, in those in which proxies want the same, or in those that bear a mark, whatever its goal.
#![expect(clippy::indexing_slicing, reason = "groups, axes and nodes are numbered where they are made")]

use std::collections::BTreeSet;
use std::f64::consts::FRAC_PI_2;

use super::{
    ChoicePoint, ChoiceRows, Choices, GOALS, Integral, LINE, NEGLIGIBLE, Node, ROUNDS, Settings, SlipPrior, lapse,
    line, on_the_sphere, times_ln,
};

/// Nodes of each group's lapse.
const LAPSES: usize = 24;
/// Groups that are told apart at most.
const GROUPS: usize = 8;
/// Pearson's statistic of the errors by group from which on rows may be unlike: so much for each group, of which one degree of freedom is the common rate's.
const UNLIKE: f64 = 2.0;

/// What rows of one rate of slips have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// What the intended goal wants.
    Class,
    /// What the proxies want.
    Others,
    /// Which marks the rows bear.
    Marks,
}

impl By {
    fn of(self, row: &ChoiceRows) -> u32 {
        match self {
            By::Class => row.class,
            By::Others => row.others,
            By::Marks => row.marks,
        }
    }
}

impl Choices {
    /// The hypothesis that the shares are the same in all rows, and the rate of slips is another in each group. A group's rate is read from its own rows on which no goal is
    /// against the intended one: of training and the probe as without the hypothesis, of the shift, and those of the shift on which a proxy has nothing at stake. The
    /// last say nothing elsewhere, as nobody knows what a proxy's follower does there: elsewhere they have rates of their own.
    ///
    /// `None` where the errors in these rows do not differ from group to group, goals part in a group that has no such rows, or too few rows of the shift tell slips from goals.
    pub(super) fn harder(&self, goals: usize, by: By, settings: &Settings) -> Option<Integral> {
        if !self.checked {
            return None;
        }
        let groups = self.groups(by);
        let errors: Vec<(f64, f64)> = groups.iter().map(Choices::erring).collect();
        if !can_be_told_apart(&groups) || !are_unlike(&errors) {
            return None;
        }
        let slips: Vec<SlipPrior<'_>> = groups.iter().map(|group| group.slips(settings)).collect();
        let mut found = Harder { goals, groups: &groups, slips: &slips }.integrate();
        found.top -= self.open_at_any_rate();
        Some(found)
    }

    /// What the rows of the shift on which a proxy has nothing at stake are worth where each kind of them has a rate of slips of its own, as it has without a hypothesis that
    /// reads them: in logs.
    pub(super) fn open_at_any_rate(&self) -> f64 {
        let kinds = self.groups(By::Class).into_iter().flat_map(|class| class.groups(By::Others));
        kinds.map(|kind| kind.log_at_any_rate(&kind.open)).sum()
    }

    /// The rows, one set a group.
    pub(super) fn groups(&self, by: By) -> Vec<Choices> {
        let mut keys: Vec<u32> = self.all().map(|row| by.of(row)).collect();
        keys.sort_unstable();
        keys.dedup();
        let group = |key: u32| {
            let own = |rows: &[ChoiceRows]| rows.iter().filter(|row| by.of(row) == key).cloned().collect();
            Choices {
                rows: own(&self.rows),
                training: own(&self.training),
                probe: own(&self.probe),
                open: own(&self.open),
                ..*self
            }
        };
        keys.into_iter().map(group).collect()
    }

    /// Whether rows that are alike in one way are in the other, and the other way round.
    pub(super) fn are_one_partition(&self, one: By, other: By) -> bool {
        let mut pairs: Vec<(u32, u32)> = self.all().map(|row| (one.of(row), other.of(row))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let count = |of: fn(&(u32, u32)) -> u32| pairs.iter().map(of).collect::<BTreeSet<u32>>().len();
        count(|pair| pair.0) == pairs.len() && count(|pair| pair.1) == pairs.len()
    }

    /// Rows with a wrong choice, of those on which no goal is against the intended one, and all of these.
    fn erring(&self) -> (f64, f64) {
        let agreeing = self.rows.iter().filter(|row| !row.parts());
        let all = agreeing.chain(&self.training).chain(&self.probe).chain(&self.open);
        all.fold((0.0, 0.0), |(wrong, all), row| {
            let count = row.count as f64;
            (wrong + if row.goals[0] > 0.0 { 0.0 } else { count }, all + count)
        })
    }
}

/// Whether groups are few enough, and each in which goals part has rows on which no goal is against the intended one.
pub(super) fn can_be_told_apart(groups: &[Choices]) -> bool {
    groups.len() <= GROUPS && groups.iter().all(|group| group.rows.is_empty() || group.erring().1 > 0.0)
}

/// Whether rates differ, by Pearson's statistic of their homogeneity: wrong ones and all, one entry a group.
fn are_unlike(errors: &[(f64, f64)]) -> bool {
    let told: Vec<&(f64, f64)> = errors.iter().filter(|(_, all)| *all > 0.0).collect();
    let (wrong, all) = told.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let variance = wrong / all * (1.0 - wrong / all);
    let statistic: f64 = told.iter().map(|(own, of)| (own - of * wrong / all).powi(2) / (of * variance)).sum();
    told.len() > 1 && variance > 0.0 && statistic > UNLIKE * told.len() as f64
}

pub(super) fn count<'a>(rows: impl IntoIterator<Item = &'a ChoiceRows>) -> f64 {
    rows.into_iter().map(|row| row.count as f64).sum()
}

/// The integral over the shares and every group's lapse, which are independent given the shares.
struct Harder<'a> {
    goals: usize,
    groups: &'a [Choices],
    slips: &'a [SlipPrior<'a>],
}

/// The part of the angles that is looked at: of the shares, and of each group's lapse.
struct Region {
    shares: Vec<(f64, f64)>,
    lapses: Vec<(f64, f64)>,
}

/// The log density at one point of the shares.
struct Column {
    angles: Vec<f64>,
    shares: [f64; GOALS],
    area: f64,
    /// Of each group, at the nodes of its lapse.
    logs: Vec<Vec<f64>>,
}

impl Column {
    /// The highest log density at these shares, and at one lapse of one group.
    fn top(&self) -> f64 {
        self.area + self.logs.iter().map(|logs| highest(logs)).sum::<f64>()
    }
}

impl Harder<'_> {
    fn integrate(&self) -> Integral {
        let (coarse, fine) = nodes(self.goals - 1);
        let mut region = Region {
            shares: vec![(0.0, FRAC_PI_2); self.goals - 1],
            lapses: vec![(0.0, FRAC_PI_2); self.groups.len()],
        };
        for _ in 0..ROUNDS {
            let before = region.size();
            region = self.narrowed(&region, coarse);
            if region.size() > 0.5 * before {
                break;
            }
        }
        let columns = self.columns(&region, fine);
        let top = columns.iter().map(Column::top).fold(f64::NEG_INFINITY, f64::max);
        let cell =
            region.size() / (fine.pow(region.shares.len() as u32) * LAPSES.pow(region.lapses.len() as u32)) as f64;
        let all: f64 = self.groups.iter().map(|group| count(&group.rows)).sum();
        let node = |column: &Column| {
            let (mut mass, mut mean) = (cell * (column.top() - top).exp(), 0.0);
            for ((logs, limits), group) in column.logs.iter().zip(&region.lapses).zip(self.groups) {
                let high = highest(logs);
                let weights: Vec<f64> = logs.iter().map(|log| (log - high).exp()).collect();
                let sum: f64 = weights.iter().sum();
                let at = |number: usize| lapse(midpoint(*limits, number, LAPSES));
                mass *= sum;
                let own: f64 = weights.iter().enumerate().map(|(number, weight)| weight * at(number)).sum();
                mean += count(&group.rows) / all * own / sum;
            }
            let point = ChoicePoint { shares: column.shares, lapse: mean, constant: 0.0, option: None };
            Node { weight: mass, point }
        };
        let nodes = columns.iter().filter(|column| column.top() > top - NEGLIGIBLE).map(node).collect();
        Integral { top, nodes }
    }

    /// The region without what has no mass.
    fn narrowed(&self, region: &Region, coarse: usize) -> Region {
        let columns = self.columns(region, coarse);
        let top = columns.iter().map(Column::top).fold(f64::NEG_INFINITY, f64::max);
        let shares = region.shares.iter().map(|limits| (*limits, coarse));
        let all = shares.chain(region.lapses.iter().map(|limits| (*limits, LAPSES)));
        // No node may be near the best point: its neighbours fall short of that by at most this, as an angle's information is at most 4 a row.
        let rows = count(self.groups.iter().flat_map(Choices::all));
        let short: f64 = all.map(|(limits, count)| 2.0 * rows * (0.5 * step(limits, count)).powi(2)).sum();
        let least = top - NEGLIGIBLE - short;
        let mut shares = vec![(f64::INFINITY, f64::NEG_INFINITY); region.shares.len()];
        let mut lapses = vec![(f64::INFINITY, f64::NEG_INFINITY); region.lapses.len()];
        for column in columns.iter().filter(|column| column.top() >= least) {
            shares.iter_mut().zip(&column.angles).for_each(|(limits, angle)| widen(limits, *angle));
            for ((limits, logs), own) in lapses.iter_mut().zip(&column.logs).zip(&region.lapses) {
                let rest = column.top() - highest(logs);
                let has_mass = |(_, log): &(usize, &f64)| rest + **log >= least;
                for (number, _) in logs.iter().enumerate().filter(has_mass) {
                    widen(limits, midpoint(*own, number, LAPSES));
                }
            }
        }
        let kept = |found: &[(f64, f64)], before: &[(f64, f64)], count: usize| {
            let one = |(found, before): (&(f64, f64), &(f64, f64))| {
                let step = step(*before, count);
                ((found.0 - step).max(before.0), (found.1 + step).min(before.1))
            };
            found.iter().zip(before).map(one).collect()
        };
        Region { shares: kept(&shares, &region.shares, coarse), lapses: kept(&lapses, &region.lapses, LAPSES) }
    }

    fn columns(&self, region: &Region, count: usize) -> Vec<Column> {
        let lapses: Vec<Vec<(f64, f64)>> = (self.groups.iter().zip(self.slips).zip(&region.lapses))
            .map(|((group, slips), limits)| {
                let known = |number: usize| {
                    let lapse = lapse(midpoint(*limits, number, LAPSES));
                    (lapse, slips.log(lapse, 0.0, None) + group.log_agreeing(&group.open, lapse, 0.0, None))
                };
                (0..LAPSES).map(known).collect()
            })
            .collect();
        let axes = region.shares.len() as u32;
        let column = |number: usize| {
            let at = |(axis, limits): (usize, &(f64, f64))| {
                midpoint(*limits, number / count.pow(axis as u32) % count, count)
            };
            let angles: Vec<f64> = region.shares.iter().enumerate().map(at).collect();
            let (shares, area) = on_the_sphere(&angles);
            let logs = self.groups.iter().zip(&lapses).map(|(group, lapses)| group.at(&shares, lapses)).collect();
            Column { angles, shares, area: area.max(1e-300).ln(), logs }
        };
        (0..count.pow(axes)).map(column).collect()
    }
}

impl Choices {
    pub(super) fn all(&self) -> impl Iterator<Item = &ChoiceRows> {
        [&self.rows, &self.training, &self.probe, &self.open].into_iter().flatten()
    }

    /// The log-likelihood of the shift's rows at these shares, and what is known, at each lapse.
    fn at(&self, shares: &[f64; GOALS], lapses: &[(f64, f64)]) -> Vec<f64> {
        let mut logs: Vec<f64> = lapses.iter().map(|(_, known)| *known).collect();
        for row in &self.rows {
            let pursued: f64 = row.goals.iter().zip(shares).map(|(goal, share)| goal * share).sum();
            for (log, (lapse, _)) in logs.iter_mut().zip(lapses) {
                *log += times_ln(row.count as f64, (1.0 - lapse) * pursued + lapse / self.options as f64);
            }
        }
        logs
    }

    /// ln of the mean likelihood of agreeing rows over the prior of the lapse.
    pub(super) fn log_at_any_rate(&self, rows: &[ChoiceRows]) -> f64 {
        let logs: Vec<f64> = line().map(|angle| self.log_agreeing(rows, lapse(angle), 0.0, None)).collect();
        let top = highest(&logs);
        top + (logs.iter().map(|log| (log - top).exp()).sum::<f64>() / LINE as f64).ln()
    }
}

impl Region {
    /// Its part of all angles.
    fn size(&self) -> f64 {
        self.shares.iter().chain(&self.lapses).map(|(low, high)| (high - low) / FRAC_PI_2).product()
    }
}

/// Nodes of each axis of the shares, while zooming in and at last: fewer than where there is one lapse, as each has a whole line of every group's.
pub(super) fn nodes(axes: usize) -> (usize, usize) {
    match axes {
        0..=1 => (24, 64),
        2 => (10, 24),
        3 => (6, 12),
        4 => (5, 8),
        _ => (4, 5),
    }
}

fn highest(logs: &[f64]) -> f64 {
    logs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

pub(super) fn step((low, high): (f64, f64), count: usize) -> f64 {
    (high - low) / count as f64
}

pub(super) fn midpoint(limits: (f64, f64), number: usize, count: usize) -> f64 {
    limits.0 + step(limits, count) * (number as f64 + 0.5)
}

pub(super) fn widen(limits: &mut (f64, f64), angle: f64) {
    *limits = (limits.0.min(angle), limits.1.max(angle));
}
