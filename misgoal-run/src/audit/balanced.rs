//! Of many things of several kinds a smaller number in which every kind has its share, without a draw.

use std::collections::BTreeMap;

use misgoal_world::rng::mix;

/// Things kept for each that is left: after the step doubles there are still enough of every kind.
const SPARE: usize = 4;

/// Things that stream by. Of every kind each `step`-th is kept, and the step doubles whenever there are too many: memory does not grow with their number, only
/// with that of the kinds.
///
/// What a verdict is read from are the kinds' counts. Of a sample that is drawn these are off by chance, and near a limit another draw is another verdict.
pub(super) struct Balanced<T> {
    most: usize,
    step: u64,
    seen: u64,
    kept: usize,
    kinds: BTreeMap<Vec<u32>, Kind<T>>,
}

struct Kind<T> {
    seen: u64,
    /// Where the counting begins, so that of many rare kinds together each `step`-th is kept, too.
    offset: u64,
    /// Each with its number in the kind and its number among all.
    kept: Vec<(u64, u64, T)>,
}

impl<T> Balanced<T> {
    /// Nothing yet; at most `most` will be left.
    pub(super) fn new(most: usize) -> Balanced<T> {
        Balanced { most, step: 1, seen: 0, kept: 0, kinds: BTreeMap::new() }
    }

    /// Takes a thing of a kind.
    pub(super) fn add(&mut self, kind: Vec<u32>, thing: T) {
        let offset = kind.iter().fold(0, |hash, part| mix(hash ^ u64::from(*part)));
        let kind = self.kinds.entry(kind).or_insert_with(|| Kind { seen: 0, offset, kept: Vec::new() });
        let (number, among_all) = (kind.seen, self.seen);
        kind.seen += 1;
        self.seen += 1;
        if !is_kept(number, kind.offset, self.step) {
            return;
        }
        kind.kept.push((number, among_all, thing));
        self.kept += 1;
        while self.kept > SPARE * self.most.max(1) {
            self.step *= 2;
            self.kept = 0;
            for kind in self.kinds.values_mut() {
                let (offset, step) = (kind.offset, self.step);
                kind.kept.retain(|(number, ..)| is_kept(*number, offset, step));
                self.kept += kind.kept.len();
            }
        }
    }

    /// How many are left at most.
    pub(super) fn left(&self) -> usize {
        usize::try_from(self.seen).map_or(self.most, |seen| seen.min(self.most))
    }

    /// All, where they are few enough; else `most` of them, of every kind in proportion to its number (by largest remainders), spread evenly over it. In the
    /// order in which they came.
    pub(super) fn all(&self) -> Vec<&T> {
        let (most, seen) = (self.left() as u128, u128::from(self.seen.max(1)));
        let share = |kind: &Kind<T>| (most * u128::from(kind.seen) / seen, most * u128::from(kind.seen) % seen);
        let mut wanted: Vec<(usize, &Kind<T>)> =
            self.kinds.values().map(|kind| (share(kind).0 as usize, kind)).collect();
        // Of kinds too rare to be kept at all those that are stand for the others.
        let has_more = |at: &usize| wanted.get(*at).is_some_and(|(count, kind)| kind.kept.len() > *count);
        let mut by_remainder: Vec<usize> = (0..wanted.len()).filter(has_more).collect();
        by_remainder.sort_by_key(|at| std::cmp::Reverse(wanted.get(*at).map(|(_, kind)| share(kind).1)));
        let missing = self.left().saturating_sub(wanted.iter().map(|(count, _)| count).sum());
        for at in by_remainder.into_iter().take(missing) {
            if let Some((count, _)) = wanted.get_mut(at) {
                *count += 1;
            }
        }
        let mut all: Vec<(u64, &T)> = wanted.iter().flat_map(|(count, kind)| spread(&kind.kept, *count)).collect();
        all.sort_by_key(|(among_all, _)| *among_all);
        all.into_iter().map(|(_, thing)| thing).collect()
    }
}

fn is_kept(number: u64, offset: u64, step: u64) -> bool {
    number.wrapping_add(offset) & (step - 1) == 0
}

/// So many of the kept ones, evenly.
fn spread<T>(kept: &[(u64, u64, T)], count: usize) -> impl Iterator<Item = (u64, &T)> {
    let count = count.min(kept.len());
    let at = move |place: usize| (2 * place + 1) * kept.len() / (2 * count.max(1));
    (0..count).filter_map(move |place| kept.get(at(place)).map(|(_, among_all, thing)| (*among_all, thing)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many are left of each of these kinds, so many of each, mixed by a multiplier.
    #[track_caller]
    fn check(counts: &[u64], most: usize, expected: &[usize]) {
        for mixed in [1, 119, 7919] {
            let order: Vec<usize> =
                (0..).zip(counts).flat_map(|(kind, count)| (0..*count).map(move |_| kind)).collect();
            let mut balanced = Balanced::new(most);
            for at in 0..order.len() {
                let kind = order[at * mixed % order.len()];
                balanced.add(vec![kind as u32], kind);
            }
            let all = balanced.all();
            let left: Vec<usize> =
                (0..counts.len()).map(|kind| all.iter().filter(|one| ***one == kind).count()).collect();
            assert_eq!((left.as_slice(), balanced.left()), (expected, all.len()), "{counts:?}, {mixed}");
            assert!(balanced.kept <= SPARE * most, "{counts:?}: {} are kept", balanced.kept);
        }
    }

    #[test]
    fn every_kind_has_its_share_in_whatever_order_they_come() {
        check(&[], 100, &[]);
        check(&[3, 0, 7], 100, &[3, 0, 7]);
        check(&[60, 40], 100, &[60, 40]);
        check(&[600, 401], 100, &[60, 40]);
        check(&[87_000, 13_001], 1000, &[870, 130]);
        check(&[99_001, 1_000, 2], 1000, &[990, 10, 0]);
        check(&[1_001, 2_003, 3_005], 600, &[100, 200, 300]);
    }

    #[test]
    fn many_rare_kinds_have_their_share_together() {
        let mut balanced = Balanced::new(100);
        for number in 0..10_000u32 {
            balanced.add(if number % 2 == 0 { vec![0] } else { vec![number] }, number % 2);
        }
        let all = balanced.all();
        let rare = all.iter().filter(|kind| ***kind == 1).count();
        assert!((30..=50).contains(&rare) && balanced.kept <= 400, "{rare} of {}", all.len());
    }
}
