//! Group normalisation from its formula in f64, to test the fast one against.

use super::Sizes;
use crate::kernels::real::Real;

/// `y = (x − mean)/√(variance + eps)·gamma + beta`, with the statistics of each example's groups.
pub fn forward<E: Real>(sizes: Sizes, x: &[E], [gamma, beta]: [&[E]; 2], eps: f64) -> Vec<E> {
    let channels_each = sizes.channels / sizes.groups;
    let mut y = vec![E::zero(); x.len()];
    for (n, group) in (0..sizes.examples).flat_map(|n| (0..sizes.groups).map(move |g| (n, g))) {
        let channels = group * channels_each..(group + 1) * channels_each;
        let at = |c: usize, i: usize| (n * sizes.channels + c) * sizes.inner + i;
        let elements: Vec<(usize, usize)> = channels
            .flat_map(|c| (0..sizes.inner).map(move |i| (c, at(c, i))))
            .collect();
        let count = elements.len() as f64;
        let mean = elements.iter().map(|(_, at)| x[*at].widen()).sum::<f64>() / count;
        let square = |(_, at): &(usize, usize)| (x[*at].widen() - mean).powi(2);
        let variance = elements.iter().map(square).sum::<f64>() / count;
        for (c, at) in elements {
            let unit = (x[at].widen() - mean) / (variance + eps).sqrt();
            y[at] = E::narrow(unit * gamma[c].widen() + beta[c].widen());
        }
    }
    y
}
