//! Softmax of rows.

/// Softmax of each row, or its logarithm, in f64.
pub(crate) fn softmax(x: &[f32], classes: usize, log: bool, y: &mut [f32]) {
    let rows = x
        .chunks_exact(classes.max(1))
        .zip(y.chunks_exact_mut(classes.max(1)));
    for (x, y) in rows {
        let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let shifted = x.iter().map(|x| f64::from(x - largest));
        let log_sum = libm::log(shifted.clone().map(libm::exp).sum::<f64>());
        for (y, x) in y.iter_mut().zip(shifted) {
            *y = if log {
                x - log_sum
            } else {
                libm::exp(x - log_sum)
            } as f32;
        }
    }
}
