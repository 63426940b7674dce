//! A small quasi-Newton optimiser for smooth functions of a few variables.

/// Maximises `f` from `start` by BFGS with a backtracking line search; returns the best point and its value.
///
/// `f` writes its gradient to its second argument. Stops after `iterations`, or when a step gains less than 1e-9 of the
/// value. The result is never worse than the start.
pub(crate) fn maximise(
    start: &[f64],
    iterations: usize,
    mut f: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> (Vec<f64>, f64) {
    let n = start.len();
    let mut x = start.to_vec();
    let mut gradient = vec![0.0; n];
    let mut value = f(&x, &mut gradient);
    // Inverse Hessian of -f, row-major.
    let mut inverse = identity(n, 1.0);
    let mut first = true;
    let (mut trial, mut trial_gradient) = (vec![0.0; n], vec![0.0; n]);
    for _ in 0..iterations {
        let mut direction = product(&inverse, &gradient);
        let mut slope = dot(&direction, &gradient);
        if slope <= 0.0 {
            inverse = identity(n, 1.0);
            direction.copy_from_slice(&gradient);
            slope = dot(&direction, &gradient);
        }
        // No coordinate here is meant to move by more than a few units at once.
        let longest = direction.iter().fold(0.0f64, |top, d| top.max(d.abs()));
        let mut rate = if longest > 2.0 { 2.0 / longest } else { 1.0 };
        let mut gained = None;
        for _ in 0..30 {
            for ((t, x), d) in trial.iter_mut().zip(&x).zip(&direction) {
                *t = x + rate * d;
            }
            let candidate = f(&trial, &mut trial_gradient);
            if candidate.is_finite() && candidate >= value + 1e-4 * rate * slope {
                gained = Some(candidate);
                break;
            }
            rate *= 0.4;
        }
        let Some(candidate) = gained else { break };
        let step: Vec<f64> = trial.iter().zip(&x).map(|(t, x)| t - x).collect();
        // Change of the gradient of -f.
        let change: Vec<f64> = gradient.iter().zip(&trial_gradient).map(|(old, new)| old - new).collect();
        let curvature = dot(&step, &change);
        if curvature > 1e-12 {
            if first {
                inverse = identity(n, curvature / dot(&change, &change));
                first = false;
            }
            update(&mut inverse, &step, &change, curvature);
        }
        x.copy_from_slice(&trial);
        gradient.copy_from_slice(&trial_gradient);
        let done = candidate - value < 1e-9 * (1.0 + value.abs());
        value = candidate;
        if done {
            break;
        }
    }
    (x, value)
}

fn identity(n: usize, scale: f64) -> Vec<f64> {
    (0..n * n).map(|i| if i % (n + 1) == 0 { scale } else { 0.0 }).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn product(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(vector.len().max(1)).map(|row| dot(row, vector)).collect()
}

/// H <- (I - s y'/ys) H (I - y s'/ys) + s s'/ys (Nocedal and Wright, Numerical Optimization, eq. 6.17).
fn update(inverse: &mut [f64], step: &[f64], change: &[f64], curvature: f64) {
    let hy = product(inverse, change);
    let scale = (1.0 + dot(change, &hy) / curvature) / curvature;
    for ((row, si), hyi) in inverse.chunks_exact_mut(step.len().max(1)).zip(step).zip(&hy) {
        for ((h, sj), hyj) in row.iter_mut().zip(step).zip(&hy) {
            *h += scale * si * sj - (hyi * sj + si * hyj) / curvature;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::maximise;

    #[test]
    fn finds_the_top_of_rosenbrocks_valley() {
        let (x, value) = maximise(&[-1.2, 1.0], 200, |x, g| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g[0] = 2.0 * a + 400.0 * b * x[0];
            g[1] = -200.0 * b;
            -(a * a + 100.0 * b * b)
        });
        assert!((x[0] - 1.0).abs() < 1e-3 && (x[1] - 1.0).abs() < 1e-3 && value > -1e-6, "{x:?} {value}");
    }
}
