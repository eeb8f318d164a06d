//! Batch normalisation from its formulas in f64, to test the fast one against.

use crate::kernels::real::Real;

/// The indices of one channel's elements in `[n, channels, inner]`.
fn channel([n, channels, inner]: [usize; 3], c: usize) -> impl Iterator<Item = usize> {
    (0..n).flat_map(move |n| (0..inner).map(move |i| (n * channels + c) * inner + i))
}

/// Mean and biased variance of every channel.
pub fn statistics<E: Real>(sizes: [usize; 3], x: &[E]) -> Vec<(f64, f64)> {
    let of = |c| {
        let count = (sizes[0] * sizes[2]) as f64;
        let mean = channel(sizes, c).map(|i| x[i].widen()).sum::<f64>() / count;
        let square = |i: usize| (x[i].widen() - mean).powi(2);
        (mean, channel(sizes, c).map(square).sum::<f64>() / count)
    };
    (0..sizes[1]).map(of).collect()
}

/// y = (x − mean)/√(variance + eps)·scale + bias with given statistics.
pub fn normalize<E: Real>(
    sizes: [usize; 3],
    x: &[E],
    statistics: &[(f64, f64)],
    eps: f64,
    [scale, bias]: [&[E]; 2],
) -> Vec<E> {
    let mut y = vec![E::zero(); x.len()];
    for (c, (mean, variance)) in statistics.iter().enumerate() {
        for i in channel(sizes, c) {
            let unit = (x[i].widen() - mean) / (variance + eps).sqrt();
            y[i] = E::narrow(unit * scale[c].widen() + bias[c].widen());
        }
    }
    y
}
