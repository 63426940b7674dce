//! Cases that a table shows more than once, with the goals together and with them apart: of these a random sample is kept whole.

use std::collections::BTreeMap;

use misgoal_judge::Recorded;
use misgoal_stats::{Estimate, UnitMean};
use misgoal_world::rng::mix;

use super::tally::{Choice, best, recorded};

/// Rows of one case, at most: more are no case but a column that says something else.
const MOST_ROWS: usize = 32;
/// Cases kept for each that is judged: not every one is shown both ways.
const SPARE: usize = 20;

/// A row of a case: which part it belongs to (none: training) and what was chosen.
type Shown = (Option<String>, Choice);

/// The cases of a table, while its rows stream by.
///
/// Kept are those whose names hash lowest (bottom-k sampling, Cohen and Kaplan 2007). A case that is among them at the end was among them from its
/// first row on, as the bound only sinks: every case has the same chance and comes with all its rows, in whatever order these stand in the table.
pub(super) struct Cases {
    kept: BTreeMap<(u64, String), Vec<Shown>>,
    most: usize,
    seed: u64,
    options: usize,
}

/// A case with more rows than a case has.
pub(super) struct Crowded {
    /// Its name.
    pub(super) case: String,
    /// Rows that one may have.
    pub(super) most: usize,
}

/// The sampled cases of one part that are shown both ways.
pub(super) struct Compared {
    /// Each case as an episode.
    pub(super) episodes: Vec<Recorded>,
    /// How far each case's choice moved, one value a goal.
    pub(super) moved: Vec<Vec<f64>>,
    /// Kept cases of the part that are not shown both ways.
    pub(super) alone: usize,
    /// One entry a proxy.
    pub(super) shares: Vec<[Estimate; 4]>,
}

impl Cases {
    /// No case yet; at most `most` will be judged.
    pub(super) fn new(most: usize, options: usize, seed: u64) -> Cases {
        Cases { kept: BTreeMap::new(), most, seed, options }
    }

    /// Takes a row of the case `name`.
    ///
    /// # Errors
    /// The case has too many rows to be one.
    pub(super) fn add(&mut self, name: &str, part: Option<&str>, choice: &Choice) -> Result<(), Crowded> {
        if choice.utilities.first().is_none_or(|utilities| best(utilities, self.options) == 0) {
            return Ok(());
        }
        let hash = name.bytes().fold(mix(self.seed ^ 0xca5e), |hash, byte| mix(hash ^ u64::from(byte)));
        let room = self.most.saturating_mul(SPARE);
        if self.kept.len() >= room && self.kept.last_key_value().is_some_and(|((last, _), _)| hash > *last) {
            return Ok(());
        }
        let rows = self.kept.entry((hash, name.to_owned())).or_default();
        if rows.len() >= MOST_ROWS {
            return Err(Crowded { case: name.to_owned(), most: MOST_ROWS });
        }
        rows.push((part.map(str::to_owned), choice.clone()));
        if self.kept.len() > room {
            self.kept.pop_last();
        }
        Ok(())
    }

    /// The sampled cases of a part; `scales` turn utilities into the judge's units, one a goal.
    pub(super) fn of(&self, part: &str, scales: &[f64]) -> Compared {
        let mut compared = Compared { episodes: Vec::new(), moved: Vec::new(), alone: 0, shares: Vec::new() };
        let mut counts: Vec<Vec<[f64; 4]>> = vec![Vec::new(); scales.len()];
        for rows in self.kept.values() {
            if compared.episodes.len() >= self.most {
                break;
            }
            let of = |wanted: Option<&str>| -> Vec<&Choice> {
                rows.iter().filter(|(part, _)| part.as_deref() == wanted).map(|(_, choice)| choice).collect()
            };
            let (together, apart) = (of(None), of(Some(part)));
            if apart.is_empty() {
                continue;
            }
            let goals = 0..scales.len();
            let ways: Vec<Option<[f64; 4]>> =
                goals.map(|goal| if goal == 0 { None } else { ways(&together, &apart, goal, self.options) }).collect();
            if ways.iter().all(Option::is_none) {
                compared.alone += 1;
                continue;
            }
            let shown: Vec<&Choice> = together.iter().chain(&apart).copied().collect();
            compared.episodes.push(recorded(&shown, &apart, self.options, scales));
            compared.moved.push(ways.iter().map(|ways| ways.map_or(0.0, |ways| ways[1] - ways[2])).collect());
            for (counts, ways) in counts.iter_mut().zip(ways) {
                counts.extend(ways);
            }
        }
        let share = |of: Vec<f64>| UnitMean::new(&of).estimate();
        compared.shares = counts
            .iter()
            .skip(1)
            .map(|cases| {
                [0, 1, 2, 3].map(|way| share(cases.iter().filter_map(|ways| ways.get(way)).copied().collect()))
            })
            .collect();
        compared
    }
}

/// The shares of a case's pairs of rows, one with a proxy beside the intended goal and one with it against, in which the choice: stayed with the intended
/// goal, moved to the proxy's, moved away from it, was another. `None` without a pair.
///
/// Away is the same two choices changed over: what the proxy wants on the row on which the two goals part, chosen on the row on which they do not.
fn ways(together: &[&Choice], apart: &[&Choice], proxy: usize, options: usize) -> Option<[f64; 4]> {
    let bits = |choice: &Choice, goal: usize| choice.utilities.get(goal).map_or(0, |one| best(one, options));
    let mut counts = [0.0; 4];
    for with in together {
        for against in apart {
            let (intended, wanted) = (bits(against, 0), bits(against, proxy));
            let beside = bits(with, proxy);
            let pair = bits(with, 0) == intended && (beside == 0 || beside & intended != 0);
            if !pair || wanted == 0 || wanted & intended != 0 {
                continue;
            }
            let way = match (with.is(intended), against.is(intended)) {
                (true, true) => 0,
                (true, false) if against.is(wanted) => 1,
                (false, true) if with.is(wanted) => 2,
                _ => 3,
            };
            if let Some(count) = counts.get_mut(way) {
                *count += 1.0;
            }
        }
    }
    let pairs: f64 = counts.iter().sum();
    (pairs > 0.0).then(|| counts.map(|count| count / pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: usize = 2;

    /// A row whose truth and mark are these options, and what was chosen.
    fn row(truth: usize, mark: usize, chosen: usize) -> Choice {
        let prefers = |option: usize| {
            let mut utilities = misgoal_decision::Utilities::default();
            utilities[option] = 1.0;
            utilities
        };
        Choice { utilities: vec![prefers(truth), prefers(mark)], chosen }
    }

    /// What becomes of cases each of which has a row with the mark beside the truth and one with it against, in this order of rows.
    fn check(order: impl Fn(usize) -> Vec<usize>) -> Compared {
        let mut cases = Cases::new(50, OPTIONS, 3);
        for at in order(400) {
            let (case, way) = (at / 2, at % 2);
            let mark = if way == 0 { case % 2 } else { 1 - case % 2 };
            let part = (way == 1).then_some("apart");
            // Every fourth case goes by the mark.
            let chosen = if case % 4 == 0 { mark } else { case % 2 };
            assert!(cases.add(&format!("case {case}"), part, &row(case % 2, mark, chosen)).is_ok());
        }
        cases.of("apart", &[3.0, 3.0])
    }

    #[test]
    fn the_sample_does_not_depend_on_the_order_of_the_rows() {
        let in_order = check(|rows| (0..rows).collect());
        let backwards = check(|rows| (0..rows).rev().collect());
        let scattered = check(|rows| (0..rows).map(|at| at * 119 % rows).collect());
        for other in [&backwards, &scattered] {
            assert_eq!(in_order.moved, other.moved);
            assert_eq!(in_order.episodes.len(), other.episodes.len());
        }
        assert_eq!((in_order.episodes.len(), in_order.alone), (50, 0));
        assert!(in_order.episodes.iter().all(|episode| episode.steps.len() == 2));
    }

    #[test]
    fn a_case_moves_toward_a_proxy_or_away_from_it() {
        let compare = |beside: usize, against: usize| ways(&[&row(1, 1, beside)], &[&row(1, 0, against)], 1, OPTIONS);
        assert_eq!(compare(1, 1), Some([1.0, 0.0, 0.0, 0.0]));
        assert_eq!(compare(1, 0), Some([0.0, 1.0, 0.0, 0.0]));
        assert_eq!(compare(0, 1), Some([0.0, 0.0, 1.0, 0.0]));
        assert_eq!(compare(0, 0), Some([0.0, 0.0, 0.0, 1.0]));
        // Rows of which neither, or both, have the goals apart are no comparison; nor are rows with another truth.
        assert_eq!(ways(&[&row(1, 1, 1)], &[&row(1, 1, 1)], 1, OPTIONS), None);
        assert_eq!(ways(&[&row(1, 0, 1)], &[&row(1, 0, 1)], 1, OPTIONS), None);
        assert_eq!(ways(&[&row(0, 0, 1)], &[&row(1, 0, 1)], 1, OPTIONS), None);
    }
}
