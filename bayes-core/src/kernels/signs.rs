//! Flipout's signs: every channel of every example multiplied by +1 or −1 (Wen et al., 2018).
//!
//! The signs are `[n, c]`, and each holds for `inner` elements. Multiplying by them is linear and its own transpose, so the gradient
//! of the input is that of the output multiplied by the same signs.

use super::parallel::{for_each_chunk, for_each_chunk_pair, is_large_pass};
use super::real::Real;

/// `out[n, c, i] = signs[n, c] · x[n, c, i]`.
///
/// # Panics
///
/// If there are not `signs.len() · inner` elements; so do all functions of this module.
pub fn multiply<E: Real>(signs: &[E], inner: usize, x: &[E], out: &mut [E]) {
    by_sign(signs, inner, x, out, |sign, x, out| *out = sign * x);
}

/// `sum[n, c, i] += signs[n, c] · x[n, c, i]`.
pub fn add_flipped<E: Real>(signs: &[E], inner: usize, x: &[E], sum: &mut [E]) {
    by_sign(signs, inner, x, sum, |sign, x, sum| *sum += sign * x);
}

/// Flipout's sum in the memory of the deviation: `x[n, c, i] = mean[n, c, i] + signs[n, c] · x[n, c, i]`.
pub fn flip_onto<E: Real>(signs: &[E], inner: usize, mean: &[E], x: &mut [E]) {
    by_sign(signs, inner, mean, x, |sign, mean, x| *x = mean + sign * *x);
}

/// Calls `work(sign, from, to)` for each element of both with its sign.
fn by_sign<E: Real>(
    signs: &[E],
    inner: usize,
    from: &[E],
    to: &mut [E],
    work: impl Fn(E, E, &mut E) + Sync + Send,
) {
    check(signs, inner, &[from, to]);
    let parallel = is_large_pass(to.len());
    for_each_chunk(to, CHANNELS * inner, parallel, |chunk, to| {
        let signs = &signs[chunk * CHANNELS..];
        let from = &from[chunk * CHANNELS * inner..];
        if inner == 1 {
            let each = to.iter_mut().zip(from).zip(signs);
            return each.for_each(|((to, &from), &sign)| work(sign, from, to));
        }
        let channels = to.chunks_mut(inner).zip(from.chunks(inner));
        for ((to, from), &sign) in channels.zip(signs) {
            let each = to.iter_mut().zip(from);
            each.for_each(|(to, &from)| work(sign, from, to));
        }
    });
}

/// The gradients of [`flip_onto`]: `d_mean += g`, and `g` becomes that of the deviation, `signs · g`.
pub fn flip_onto_backward<E: Real>(signs: &[E], inner: usize, g: &mut [E], d_mean: &mut [E]) {
    check(signs, inner, &[g, d_mean]);
    let parallel = is_large_pass(g.len());
    for_each_chunk_pair(g, d_mean, CHANNELS * inner, parallel, |chunk, g, d_mean| {
        let signs = &signs[chunk * CHANNELS..];
        let turn = |(g, sum): (&mut E, &mut E), sign: E| {
            *sum += *g;
            *g = *g * sign;
        };
        if inner == 1 {
            let pairs = g.iter_mut().zip(d_mean).zip(signs);
            return pairs.for_each(|(pair, &sign)| turn(pair, sign));
        }
        for ((g, sum), &sign) in g.chunks_mut(inner).zip(d_mean.chunks_mut(inner)).zip(signs) {
            g.iter_mut().zip(sum).for_each(|pair| turn(pair, sign));
        }
    });
}

fn check<E>(signs: &[E], inner: usize, tensors: &[&[E]]) {
    for tensor in tensors {
        assert_eq!(tensor.len(), signs.len() * inner, "signs: length");
    }
}

/// Signs that one thread takes at a time.
const CHANNELS: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_same_bits, numbers, with_one_and_two_threads};

    /// x[k]·signs[k / inner].
    fn flipped(x: &[f32], signs: &[f32], inner: usize) -> Vec<f32> {
        let of = |(k, &x): (usize, &f32)| x * signs[k / inner];
        x.iter().enumerate().map(of).collect()
    }

    fn sums(a: &[f32], b: &[f32]) -> Vec<f32> {
        a.iter().zip(b).map(|(a, b)| a + b).collect()
    }

    #[test]
    fn agree_with_the_reference() {
        let sizes = [
            (0, 3),
            (3, 0),
            (1, 1),
            (65, 1),
            (63, 9),
            (200, 5283),
            (200_000, 1),
        ];
        for (channels, inner) in sizes {
            let [x, other] = [1, 2].map(|seed| numbers::<f32>(seed, channels * inner));
            let signs = numbers::<f32>(3, channels);
            let signs: Vec<f32> = signs.iter().map(|s| s.signum()).collect();
            let turned = flipped(&x, &signs, inner);
            let results = with_one_and_two_threads(|| {
                let mut flipped = vec![0.0; x.len()];
                multiply(&signs, inner, &x, &mut flipped);
                let mut sum = other.clone();
                add_flipped(&signs, inner, &x, &mut sum);
                let mut onto = x.clone();
                flip_onto(&signs, inner, &other, &mut onto);
                let (mut g, mut d_mean) = (x.clone(), other.clone());
                flip_onto_backward(&signs, inner, &mut g, &mut d_mean);
                [flipped, sum, onto, g, d_mean]
            });
            for [flipped, sum, onto, g, d_mean] in results {
                assert_same_bits(&flipped, &turned, "flipped");
                let mut back = vec![0.0; x.len()];
                multiply(&signs, inner, &flipped, &mut back);
                assert_same_bits(&back, &x, "signs twice");
                assert_same_bits(&sum, &sums(&other, &turned), "added");
                assert_same_bits(&onto, &sums(&other, &turned), "onto the mean");
                assert_same_bits(&g, &turned, "gradient of the deviation");
                assert_same_bits(&d_mean, &sums(&other, &x), "gradient of the mean");
            }
        }
    }
}
