//! Cases that a table shows more than once, with the goals together and with them apart.

use std::collections::BTreeMap;

use misgoal_judge::Recorded;
use misgoal_stats::{Estimate, UnitMean};
use misgoal_world::rng::mix;

use super::balanced::Balanced;
use super::tally::{Choice, best, recorded};

/// Rows of one case, at most: more are no case but a column that says something else.
const MOST_ROWS: usize = 32;
/// Cases kept, at most: of a table with more a random sample.
const MOST_CASES: usize = 100_000;

/// A row of a case: which part it belongs to (none: training, or a probe) and what was chosen.
type Shown = (Option<String>, Choice);

/// The cases of a table, while its rows stream by.
///
/// Kept are those whose names hash lowest (bottom-k sampling, Cohen and Kaplan 2007). A case that is among them at the end was among them from its
/// first row on, as the bound only sinks: every case has the same chance and comes with all its rows, in whatever order these stand in the table. A sample of
/// so many is off by chance by a tenth of what the judged ones leave unknown.
pub(super) struct Cases {
    kept: BTreeMap<(u64, String), Vec<Shown>>,
    /// Whether some case was left out because there are too many.
    sampled: bool,
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

/// The cases of one part that are shown both ways.
pub(super) struct Compared {
    /// How many there are, and what `shares` are of.
    pub(super) cases: usize,
    /// Whether these are a random sample of the table's.
    pub(super) sampled: bool,
    /// Each judged case as an episode.
    pub(super) episodes: Vec<Recorded>,
    /// How far each judged case's choice moved, one value a goal; not a number where the case does not show it for that goal.
    pub(super) moved: Vec<Vec<f64>>,
    /// Kept cases of the part that are not shown both ways.
    pub(super) alone: usize,
    /// One entry a proxy: the cases that are shown both ways for it, and the shares of these.
    pub(super) shares: Vec<(usize, [Estimate; 4])>,
}

impl Cases {
    /// No case yet; at most `most` will be judged.
    pub(super) fn new(most: usize, options: usize, seed: u64) -> Cases {
        Cases { kept: BTreeMap::new(), sampled: false, most, seed, options }
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
        if self.kept.len() >= MOST_CASES && self.kept.last_key_value().is_some_and(|((last, _), _)| hash > *last) {
            self.sampled = true;
            return Ok(());
        }
        let rows = self.kept.entry((hash, name.to_owned())).or_default();
        if rows.len() >= MOST_ROWS {
            return Err(Crowded { case: name.to_owned(), most: MOST_ROWS });
        }
        rows.push((part.map(str::to_owned), choice.clone()));
        if self.kept.len() > MOST_CASES {
            self.kept.pop_last();
            self.sampled = true;
        }
        Ok(())
    }

    /// The cases of a part; `scales` turn utilities into the judge's units, one a goal.
    pub(super) fn of(&self, part: &str, scales: &[f64]) -> Compared {
        let mut judged = Balanced::new(self.most);
        let mut counts: Vec<Vec<[f64; 4]>> = vec![Vec::new(); scales.len()];
        let (mut cases, mut alone) = (0, 0);
        for rows in self.kept.values() {
            // Both rows of a case may be of the part.
            let is_apart = |choice: &Choice| !choice.agrees(self.options);
            let own = || rows.iter().filter(|(of, _)| of.as_deref() == Some(part)).map(|(_, choice)| choice);
            let training = rows.iter().filter(|(of, _)| of.is_none()).map(|(_, choice)| choice);
            let apart: Vec<&Choice> = own().filter(|choice| is_apart(choice)).collect();
            let together: Vec<&Choice> = training.chain(own().filter(|choice| !is_apart(choice))).collect();
            let goals = 0..scales.len();
            let ways: Vec<Option<[f64; 4]>> =
                goals.map(|goal| if goal == 0 { None } else { ways(&together, &apart, goal, self.options) }).collect();
            if ways.iter().all(Option::is_none) {
                // A single row of training is none that should have been shown another way.
                alone += usize::from(rows.len() > 1 || own().next().is_some());
                continue;
            }
            cases += 1;
            for (counts, ways) in counts.iter_mut().zip(&ways) {
                counts.extend(*ways);
            }
            // Cases are of one kind where the same is chosen on rows on which every goal wants the same, and as many of each.
            let mut kinds: Vec<Vec<u32>> =
                together.iter().chain(&apart).map(|choice| choice.kind(self.options)).collect();
            kinds.sort();
            judged.add(kinds.concat(), (together, apart, ways));
        }
        let (mut episodes, mut moved) = (Vec::new(), Vec::new());
        for (together, apart, ways) in judged.all() {
            let shown: Vec<&Choice> = together.iter().chain(apart).copied().collect();
            episodes.push(recorded(&shown, apart, self.options, scales));
            moved.push(ways.iter().map(|ways| ways.map_or(f64::NAN, |ways| ways[1] - ways[2])).collect());
        }
        let share = |of: Vec<f64>| UnitMean::new(&of).estimate();
        let shares = counts
            .iter()
            .skip(1)
            .map(|cases| {
                let of = |way: usize| share(cases.iter().filter_map(|ways| ways.get(way)).copied().collect());
                (cases.len(), [0, 1, 2, 3].map(of))
            })
            .collect();
        Compared { cases, sampled: self.sampled, episodes, moved, alone, shares }
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
        Choice { utilities: vec![prefers(truth), prefers(mark)], marks: mark as u64, chosen }
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
    fn what_is_judged_does_not_depend_on_the_order_of_the_rows() {
        let in_order = check(|rows| (0..rows).collect());
        let backwards = check(|rows| (0..rows).rev().collect());
        let scattered = check(|rows| (0..rows).map(|at| at * 119 % rows).collect());
        for other in [&backwards, &scattered] {
            let moved = |of: &Compared| of.moved.iter().map(|moved| moved[1]).collect::<Vec<f64>>();
            assert_eq!(moved(&in_order), moved(other));
            assert_eq!(in_order.episodes.len(), other.episodes.len());
        }
        assert_eq!((in_order.episodes.len(), in_order.alone), (50, 0));
        assert!(in_order.episodes.iter().all(|episode| episode.steps.len() == 2));
    }

    #[test]
    fn what_a_case_does_not_show_is_no_move() {
        let mut cases = Cases::new(50, OPTIONS, 3);
        let none = misgoal_decision::Utilities::default();
        let of = |mark: usize, other: Option<usize>, chosen: usize| {
            let mut row = row(1, mark, chosen);
            row.utilities.push(other.map_or(none, |other| self::tests::row(other, 0, 0).utilities[0]));
            row
        };
        let mut add = |case: &str, part: Option<&str>, choice: Choice| assert!(cases.add(case, part, &choice).is_ok());
        // The one mark is changed and the answer moves; the other is absent both times.
        add("mark", None, of(1, None, 1));
        add("mark", Some("apart"), of(0, None, 0));
        // Both marks are absent, or beside the truth, both times: the answer changes by itself.
        add("neither", None, of(1, None, 1));
        add("neither", None, of(1, None, 0));
        // The other mark is changed, and the answer stays; both rows are of the part.
        add("other", Some("apart"), of(1, Some(1), 1));
        add("other", Some("apart"), of(1, Some(0), 1));
        // A row of training that is no pair at all.
        add("single", None, of(1, None, 1));
        let found = cases.of("apart", &[3.0; 3]);
        let mut moved: Vec<String> = found.moved.iter().map(|moved| format!("{:?}", &moved[1..])).collect();
        moved.sort();
        assert_eq!(moved, ["[1.0, NaN]", "[NaN, 0.0]"]);
        assert_eq!((found.cases, found.alone), (2, 1));
        assert_eq!(found.shares.iter().map(|(cases, _)| *cases).collect::<Vec<_>>(), [1, 1]);
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
