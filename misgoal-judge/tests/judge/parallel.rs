//! Jobs side by side.

/// Runs `n` jobs on two threads; the results are in order.
pub fn in_parallel<T: Send>(n: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let second = scope.spawn(|| (n / 2..n).map(&job).collect::<Vec<T>>());
        let mut first: Vec<T> = (0..n / 2).map(&job).collect();
        first.extend(second.join().unwrap());
        first
    })
}
