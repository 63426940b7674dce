//! What has been seen, roughly: a Bloom filter (Bloom 1970). It forgets nothing that was put into it, and takes little that was not for something that was.

/// Bits of a filter, a power of two: 4 MiB. Four million values, which is what a message of 4 MiB holds at most, make one in fifty others look seen.
const BITS: u64 = 1 << 25;
/// Bits that a value sets.
const PROBES: u64 = 4;

/// Which sources have held which values.
#[derive(Clone, Debug, Default)]
pub(super) struct Rough {
    /// Empty until something is put in.
    words: Vec<u64>,
    /// All sources that anything was put in for.
    sources: u64,
}

impl Rough {
    /// The value of this hash was held by these sources.
    pub(super) fn add(&mut self, key: u64, sources: u64) {
        if self.words.is_empty() {
            self.words = vec![0; usize::try_from(BITS / 64).unwrap_or(usize::MAX)];
        }
        self.sources |= sources;
        for source in each(sources) {
            for (word, bit) in places(key, source) {
                if let Some(word) = self.words.get_mut(word) {
                    *word |= bit;
                }
            }
        }
    }

    /// The sources that may have held the value of this hash: all that have, and seldom one more.
    pub(super) fn sources(&self, key: u64) -> u64 {
        let holds = |source: &u64| {
            places(key, *source).all(|(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0))
        };
        each(self.sources).filter(holds).fold(0, |all, source| all | 1 << source)
    }
}

/// The places of the bits that are set.
fn each(bits: u64) -> impl Iterator<Item = u64> {
    (0..64).filter(move |place| bits & 1 << place != 0)
}

/// The word and the bit of each probe (Kirsch and Mitzenmacher 2006: two hashes make them all).
fn places(key: u64, source: u64) -> impl Iterator<Item = (usize, u64)> {
    let one = mixed(key ^ source.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let two = mixed(one) | 1;
    (0..PROBES).map(move |probe| {
        let at = one.wrapping_add(two.wrapping_mul(probe)) % BITS;
        (usize::try_from(at / 64).unwrap_or(usize::MAX), 1 << (at % 64))
    })
}

/// The finalizer of SplitMix64.
fn mixed(mut at: u64) -> u64 {
    at = (at ^ at >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    at = (at ^ at >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    at ^ at >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_forgotten_and_little_is_made_up() {
        let mut rough = Rough::default();
        assert_eq!(rough.sources(1), 0);
        (0..200_000).for_each(|key| rough.add(mixed(key), 0b101));
        rough.add(7, 1 << 63);
        assert!((0..200_000).all(|key| rough.sources(mixed(key)) & 0b101 == 0b101));
        assert_eq!(rough.sources(7) >> 63, 1);
        let made_up = (200_000..300_000).filter(|key| rough.sources(mixed(*key)) != 0).count();
        assert!(made_up < 100, "{made_up}");
    }
}
