//! Eigenvalues of small symmetric matrices.
#![expect(
    clippy::indexing_slicing,
    reason = "the matrix has size x size entries, checked on entry; indices stay below size"
)]

/// Sweeps after which Jacobi's method has long converged.
const SWEEPS: usize = 60;

/// Eigenvalues with their unit eigenvectors, the smallest first, of a symmetric matrix given row by row: Jacobi's rotations (Press et al., Numerical
/// Recipes, section 11.1).
pub(crate) fn eigen(mut matrix: Vec<f64>, size: usize) -> Vec<(f64, Vec<f64>)> {
    assert_eq!(matrix.len(), size * size, "a bug: the matrix is not square");
    let mut vectors = vec![0.0; size * size];
    (0..size).for_each(|i| vectors[i * size + i] = 1.0);
    for _ in 0..SWEEPS {
        let mut off = 0.0f64;
        for p in 0..size {
            for q in p + 1..size {
                let entry = matrix[p * size + q];
                off = off.max(entry.abs());
                if entry.abs() < 1e-300 {
                    continue;
                }
                let theta = (matrix[q * size + q] - matrix[p * size + p]) / (2.0 * entry);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let t = if theta == 0.0 { 1.0 } else { t };
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for i in 0..size {
                    let (a, b) = (matrix[i * size + p], matrix[i * size + q]);
                    (matrix[i * size + p], matrix[i * size + q]) = (c * a - s * b, s * a + c * b);
                }
                for i in 0..size {
                    let (a, b) = (matrix[p * size + i], matrix[q * size + i]);
                    (matrix[p * size + i], matrix[q * size + i]) = (c * a - s * b, s * a + c * b);
                    let (a, b) = (vectors[p * size + i], vectors[q * size + i]);
                    (vectors[p * size + i], vectors[q * size + i]) = (c * a - s * b, s * a + c * b);
                }
            }
        }
        let trace: f64 = (0..size).map(|i| matrix[i * size + i].abs()).sum();
        if off <= 1e-12 * trace {
            break;
        }
    }
    let mut out: Vec<(f64, Vec<f64>)> =
        (0..size).map(|i| (matrix[i * size + i], vectors[i * size..(i + 1) * size].to_vec())).collect();
    out.sort_by(|a, b| a.0.total_cmp(&b.0));
    out
}

#[cfg(test)]
mod tests {
    use super::eigen;

    #[test]
    fn a_matrix_is_put_together_again() {
        let matrix = vec![4.0, 1.0, -2.0, 0.5, 1.0, 3.0, 0.0, 0.25, -2.0, 0.0, 1.0, -1.0, 0.5, 0.25, -1.0, 2.0];
        let parts = eigen(matrix.clone(), 4);
        for i in 0..4 {
            for j in 0..4 {
                let sum: f64 = parts.iter().map(|(value, vector)| value * vector[i] * vector[j]).sum();
                assert!((sum - matrix[i * 4 + j]).abs() < 1e-10, "{i} {j}");
            }
        }
        assert!(parts.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }
}
