//! The one pinned random generator of worlds: PCG-64-MCG seeded through SplitMix64.

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
