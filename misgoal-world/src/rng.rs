//! The one pinned random generator of worlds: PCG-64-MCG seeded through SplitMix64.

use rand_pcg::rand_core::Rng as _;

/// The generator of levels, rollouts and scripted agents; its first outputs are golden-tested.
pub type Rng = rand_pcg::Pcg64Mcg;

/// A generator for stream `stream` of seed `seed`: distinct pairs give unrelated sequences.
pub fn rng(seed: u64, stream: u64) -> Rng {
    let low = mix(seed ^ mix(stream));
    let high = mix(low ^ seed.rotate_left(32));
    Rng::new(u128::from(high) << 64 | u128::from(low))
}

/// SplitMix64's output function (Steele, Lea and Flood 2014): a bijection that scatters neighbouring seeds.
pub const fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The draws that worlds need, defined here so that no library's update can change a level.
pub trait Draw {
    /// Uniform in `0..bound` by Lemire's multiplication (arXiv 1805.10941) without its rejection: the bias is under `bound / 2^64`.
    /// 0 where `bound` is 0.
    fn below(&mut self, bound: u32) -> u32;
    /// Uniform in `[0, 1)`, a multiple of 2^-53.
    fn unit(&mut self) -> f64;
    /// True with probability `p`.
    fn chance(&mut self, p: f64) -> bool;
    /// 64 independent bits, each 1 with probability `p` (to 2^-53) where `lanes` is set; other bits are 0.
    ///
    /// All lanes compare a uniform number with `p` bit by bit from the top, at once, until every lane is decided: two words for
    /// `p` = 1/4, about eight for a `p` without a short binary form.
    fn coins(&mut self, p: f64, lanes: u64) -> u64;
}

impl Draw for Rng {
    #[inline]
    fn below(&mut self, bound: u32) -> u32 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u32
    }
    #[inline]
    fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }
    #[inline]
    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
    #[inline]
    fn coins(&mut self, p: f64, lanes: u64) -> u64 {
        if p >= 1.0 {
            return lanes;
        }
        // The binary digits of `p` after the point, the first one in the top bit.
        let mut digits = ((p.max(0.0) * (1u64 << 53) as f64) as u64) << 11;
        let (mut ones, mut open) = (0, lanes);
        while digits != 0 && open != 0 {
            let drawn = self.next_u64();
            if digits >> 63 == 1 {
                ones |= open & !drawn;
                open &= drawn;
            } else {
                open &= !drawn;
            }
            digits <<= 1;
        }
        ones
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_outputs_are_pinned() {
        let mut first = rng(0, 0);
        insta::assert_snapshot!(format!("{:016x} {:016x}", first.next_u64(), first.next_u64()), @"a5b7c18da950c97e 5a8bd72d66871716");
        let mut other = rng(7, 3);
        insta::assert_snapshot!(format!("{:016x} {} {:.6}", other.next_u64(), other.below(1000), other.unit()), @"d3302e3893090001 861 0.632813");
        insta::assert_snapshot!(format!("{:016x}", mix(1)), @"910a2dec89025cc1");
    }

    #[test]
    fn coins_land_as_often_as_asked() {
        let mut rng = rng(1, 1);
        for p in [0.0, 0.1, 0.25, 0.5, 0.73, 1.0] {
            let ones: u32 = (0..4000).map(|_| rng.coins(p, !0).count_ones()).sum();
            let share = f64::from(ones) / (4000.0 * 64.0);
            // Five standard deviations of 256,000 tosses.
            assert!((share - p).abs() <= 5.0 * (p * (1.0 - p) / 256_000.0).sqrt(), "{p}: {share}");
            assert_eq!(rng.coins(p, 0), 0);
        }
    }
}
