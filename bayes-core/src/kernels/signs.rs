//! Flipout's signs: every channel of every example multiplied by +1 or −1 (Wen et al., 2018).

use super::parallel::{for_each_chunk, is_large};
use super::real::Real;

/// out[n, c, i] = x[n, c, i] · signs[n, c], with `inner` elements i per channel.
///
/// The operation is linear and its own transpose: the gradient of x is this of the gradient of out.
///
/// # Panics
///
/// If `x` and `out` do not both hold `signs.len() · inner` elements.
pub fn multiply<E: Real>(x: &[E], signs: &[E], inner: usize, out: &mut [E]) {
    assert_eq!(x.len(), signs.len() * inner, "signs: length of x");
    assert_eq!(out.len(), x.len(), "signs: length of the output");
    let parallel = is_large(x.len());
    for_each_chunk(out, CHANNELS_PER_CHUNK * inner, parallel, |chunk, out| {
        let first = chunk * CHANNELS_PER_CHUNK;
        let x = x[first * inner..].chunks(inner);
        for ((out, x), &sign) in out.chunks_mut(inner).zip(x).zip(&signs[first..]) {
            for (out, &x) in out.iter_mut().zip(x) {
                *out = x * sign;
            }
        }
    });
}

/// Channels that one thread takes at a time.
const CHANNELS_PER_CHUNK: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_same_bits, numbers};

    /// out[k] = x[k]·signs[k / inner].
    fn reference(x: &[f32], signs: &[f32], inner: usize) -> Vec<f32> {
        x.iter()
            .enumerate()
            .map(|(k, &x)| x * signs[k / inner])
            .collect()
    }

    #[test]
    fn agrees_with_the_reference() {
        for (channels, inner) in [(0, 3), (3, 0), (1, 1), (65, 1), (63, 9), (200, 5283)] {
            let x = numbers::<f32>(1, channels * inner);
            let signs: Vec<f32> = numbers::<f32>(2, channels)
                .iter()
                .map(|s| s.signum())
                .collect();
            let mut out = vec![0.0; x.len()];
            multiply(&x, &signs, inner, &mut out);
            assert_same_bits(&out, &reference(&x, &signs, inner), "signs");
            let mut back = vec![0.0; x.len()];
            multiply(&out, &signs, inner, &mut back);
            assert_same_bits(&back, &x, "signs twice");
        }
    }
}
