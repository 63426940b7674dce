//! Work on shards, on one thread or several.

/// Calls `work` once for every shard. The shards are dealt out to `threads` threads in contiguous runs; one thread takes them in their
/// order. What `work` writes must be in the shard: then nothing depends on the number of threads.
///
/// # Errors
/// The error of the first shard, in their order, that has one.
pub fn each<T: Send, E: Send>(
    shards: &mut [T],
    threads: usize,
    work: impl Fn(usize, &mut T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let run = |first: usize, part: &mut [T]| -> Result<(), E> {
        part.iter_mut().enumerate().try_for_each(|(i, shard)| work(first + i, shard))
    };
    if threads <= 1 || shards.len() <= 1 {
        return run(0, shards);
    }
    let part = shards.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let mut parts = shards.chunks_mut(part).enumerate();
        let own = parts.next();
        let others: Vec<_> = parts.map(|(i, shards)| scope.spawn(move || run_ref(&run, i * part, shards))).collect();
        let mut result = own.map_or(Ok(()), |(_, shards)| run(0, shards));
        for other in others {
            match other.join() {
                Ok(done) => result = result.and(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        result
    })
}

fn run_ref<T, E>(run: &impl Fn(usize, &mut [T]) -> Result<(), E>, first: usize, part: &mut [T]) -> Result<(), E> {
    run(first, part)
}
