//! The sum of two tensors in the memory of one, and of gradients.

use super::parallel::{for_each_chunk, is_large_pass};
use super::real::Real;

/// `sum[i] += x[i]`.
///
/// # Panics
///
/// If the slices have different lengths.
pub fn add<E: Real>(x: &[E], sum: &mut [E]) {
    assert_eq!(x.len(), sum.len(), "sum: lengths");
    for_each_chunk(sum, CHUNK, is_large_pass(x.len()), |chunk, sum| {
        let x = &x[chunk * CHUNK..];
        sum.iter_mut().zip(x).for_each(|(sum, &x)| *sum += x);
    });
}

/// Elements that one thread takes at a time.
const CHUNK: usize = 1 << 14;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_same_bits, numbers, with_one_and_two_threads};

    #[test]
    fn agrees_with_the_reference() {
        for len in [0, 1, CHUNK, 200_001] {
            let (x, y) = (numbers::<f32>(1, len), numbers::<f32>(2, len));
            let want: Vec<f32> = x.iter().zip(&y).map(|(x, y)| y + x).collect();
            for sum in with_one_and_two_threads(|| {
                let mut sum = y.clone();
                add(&x, &mut sum);
                sum
            }) {
                assert_same_bits(&sum, &want, "sum");
            }
        }
    }
}
