//! Which level to play next in order to learn which goal an agent pursues (`docs/method.md`, choosing levels).
//!
//! Chernoff's sequential design (Chernoff 1959, "Sequential design of experiments"): choose what tells the leading hypothesis from its closest
//! rival. The choice looks at episodes that were played and at levels, never at what the agent will do: it is predictable, so that e-values stay
//! e-values (Ville's inequality).

use misgoal_world::Oracle;

use crate::index::discrimination;

/// Evidence of one episode beyond this, in nats, is no better: it belongs to one goal anyway, and the posterior is over episodes.
const DECISIVE: f64 = 10.0;
/// Differences below this, in nats, are ties.
const TIE: f64 = 1e-9;

/// How well one level tells every goal from every other.
#[derive(Debug, Clone, PartialEq)]
pub struct Separation {
    goals: usize,
    /// `D_ij`, row i.
    nats: Vec<f64>,
}

impl Separation {
    /// Works out the discrimination index of every ordered pair of the level's goals.
    pub fn of(oracle: &Oracle) -> Separation {
        let goals = oracle.goal_count();
        let nats = (0..goals * goals).map(|cell| discrimination(oracle, cell / goals, cell % goals)).collect();
        Separation { goals, nats }
    }

    /// From the index of every ordered pair of the goals, row by row, where there is no oracle.
    pub fn new(goals: usize, nats: Vec<f64>) -> Separation {
        Separation { goals, nats }
    }

    /// `D_ij` in nats; 0 where there is no such goal.
    pub fn nats(&self, i: usize, j: usize) -> f64 {
        if j < self.goals { self.nats.get(i * self.goals + j).copied().unwrap_or(0.0) } else { 0.0 }
    }

    /// What an agent of the leading goal is expected to leave against the rival that it is hardest to tell from; rivals of its own class do not
    /// count.
    pub fn against_rivals(&self, leader: usize, classes: &[Vec<usize>]) -> f64 {
        let own = |goal: &usize| *goal != leader && !classes.iter().any(|c| c.contains(goal) && c.contains(&leader));
        (0..self.goals).filter(own).map(|rival| self.nats(leader, rival).min(DECISIVE)).fold(DECISIVE, f64::min)
    }

    /// What the level's episode is expected to tell of the goal, in nats, when goal i is pursued with probability `weights[i]`: the pairwise
    /// estimate `-sum_i w_i ln sum_j w_j exp(-D_ij)` (Kolchinsky and Tracey 2017, arXiv 1706.02419), an upper bound of the mutual information.
    pub fn information(&self, weights: &[f64]) -> f64 {
        let towards =
            |i: usize| -> f64 { weights.iter().enumerate().map(|(j, weight)| weight * (-self.nats(i, j)).exp()).sum() };
        weights
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(i, weight)| -weight * towards(i).ln())
            .sum()
    }
}

/// The level to play next among those that are still open: the one with the most evidence for the leader against its closest rival, of equals the one
/// with the most information about the goal, of equals the first. `None` where no level is open.
///
/// `classes` are the goals that no level tells apart; `weights` the present shares of the goals, summing to one.
pub fn next_level(
    levels: &[Separation],
    open: &[bool],
    leader: usize,
    classes: &[Vec<usize>],
    weights: &[f64],
) -> Option<usize> {
    let mut best: Option<(usize, f64, f64)> = None;
    for (number, (level, _)) in levels.iter().zip(open).enumerate().filter(|(_, (_, open))| **open) {
        let nats = level.against_rivals(leader, classes);
        let as_good = best.is_none_or(|(_, most, _)| nats > most - TIE);
        if !as_good {
            continue;
        }
        let information = level.information(weights);
        let better = best.is_none_or(|(_, most, told)| nats > most + TIE || information > told + TIE);
        if better {
            best = Some((number, nats, information));
        }
    }
    best.map(|(number, ..)| number)
}

#[cfg(test)]
mod tests {
    use super::{Separation, next_level};

    /// A level of three goals; `nats` row by row.
    fn level(nats: [f64; 9]) -> Separation {
        Separation { goals: 3, nats: nats.to_vec() }
    }

    #[track_caller]
    fn check(leader: usize, classes: &[Vec<usize>], open: [bool; 3], expected: Option<usize>) {
        let levels = [
            // Tells goal 0 from goal 1 alone; tells all a little; tells goals 0 and 2 from each other very well.
            level([0.0, 9.0, 0.0, 9.0, 0.0, 9.0, 0.0, 9.0, 0.0]),
            level([0.0, 2.0, 2.0, 2.0, 0.0, 2.0, 2.0, 2.0, 0.0]),
            level([0.0, 1.0, 9.0, 1.0, 0.0, 1.0, 9.0, 1.0, 0.0]),
        ];
        assert_eq!(next_level(&levels, &open, leader, classes, &[0.4, 0.3, 0.3]), expected);
    }

    #[test]
    fn the_closest_rival_decides() {
        let apart = [vec![0], vec![1], vec![2]];
        check(0, &apart, [true; 3], Some(1));
        check(1, &apart, [true; 3], Some(0));
        check(0, &apart, [true, false, true], Some(2));
        check(0, &apart, [false; 3], None);
        // Goals 1 and 2 count as one: only the leader's rivals outside of its class matter.
        check(2, &[vec![0], vec![1, 2]], [true; 3], Some(2));
    }

    #[test]
    fn of_equals_the_more_informative_one() {
        let even = [1.0 / 3.0; 3];
        let [little, much] = [1.0, 5.0].map(|nats| level([0.0, 2.0, 2.0, nats, 0.0, nats, nats, nats, 0.0]));
        assert!(much.information(&even) > little.information(&even));
        let classes = [vec![0], vec![1], vec![2]];
        assert_eq!(next_level(&[little, much], &[true; 2], 0, &classes, &even), Some(1));
        // No episode tells more than which of three goals it was.
        assert!(level([0.0, 90.0, 90.0, 90.0, 0.0, 90.0, 90.0, 90.0, 0.0]).information(&even) <= 3f64.ln() + 1e-12);
    }
}
