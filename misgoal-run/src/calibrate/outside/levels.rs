//! Means over the levels that the truth is counted on.

use std::ops::Range;

use crate::RunError;

/// The first seed of these levels: far from all that are judged.
const FIRST: u64 = 1 << 40;
/// Levels that are drawn and played in one go.
const BLOCK: usize = 100;
/// Levels drawn at most for each that counts.
const PATIENCE: usize = 50;

/// What levels are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The training distribution.
    Training,
    /// The shift of this number among those on which the goals part.
    Shift(usize),
}

/// What came of each level of a block; `None` where it does not count.
type Block = Result<Vec<Option<Vec<f64>>>, RunError>;

/// The means of what `of` answers over the first levels that count. Levels are played in blocks, side by side, and added up in the order of their seeds: so
/// the sum depends on nothing else. `told` hears how many levels are done, and may stop it: `None` then.
pub(crate) fn over_levels(
    (levels, threads): (usize, usize),
    of: &(dyn Fn(u64) -> Result<Option<Vec<f64>>, RunError> + Sync),
    told: &dyn Fn(usize) -> bool,
) -> Result<Option<Vec<f64>>, RunError> {
    let mut sums: Vec<f64> = Vec::new();
    let (mut counted, mut round) = (0, 0);
    while counted < levels {
        if round * BLOCK > levels * PATIENCE {
            return Err(RunError::Study(format!(
                "only {counted} of {} levels of the study can be judged: the truth about agents needs {levels}",
                round * BLOCK
            )));
        }
        let last = round + threads.max(1);
        for played in blocks(round..last, of)? {
            for one in played?.into_iter().flatten().take(levels - counted) {
                sums.resize(one.len(), 0.0);
                sums.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
                counted += 1;
            }
        }
        round = last;
        if !told(counted) {
            return Ok(None);
        }
    }
    Ok(Some(sums.into_iter().map(|sum| sum / levels as f64).collect()))
}

/// Plays some blocks of levels, each on a thread of its own.
fn blocks(
    numbers: Range<usize>,
    of: &(dyn Fn(u64) -> Result<Option<Vec<f64>>, RunError> + Sync),
) -> Result<Vec<Block>, RunError> {
    let play = |block: usize| (block * BLOCK..(block + 1) * BLOCK).map(|seed| of(FIRST + seed as u64)).collect();
    std::thread::scope(|scope| {
        let threads: Vec<_> = numbers.map(|block| scope.spawn(move || play(block))).collect();
        let panicked = |_| RunError::Internal("a worker that plays agents has panicked".to_owned());
        threads.into_iter().map(|thread| thread.join().map_err(panicked)).collect()
    })
}
