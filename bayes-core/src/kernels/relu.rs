//! `max(0, x)` in place, and what it does to gradients (Nair and Hinton, 2010).

use super::parallel::{for_each_chunk, is_large_pass};
use super::real::Real;

/// Elements that are worked on together.
const CHUNK: usize = 1 << 14;

/// `x = max(0, x)`, element by element; what is no number becomes 0, as in dfdx.
pub fn forward<E: Real>(x: &mut [E]) {
    let parallel = is_large_pass(x.len());
    for_each_chunk(x, CHUNK, parallel, |_, x| {
        for x in x {
            *x = x.max(E::zero());
        }
    });
}

/// `g = 0` where `x` is not positive: the gradient of x from that of the output, in the output's memory.
///
/// `x` may be the input or the output, which are positive in the same places.
///
/// # Panics
///
/// If the slices have different lengths.
pub fn mask<E: Real>(x: &[E], g: &mut [E]) {
    assert_eq!(x.len(), g.len(), "ReLU: lengths of x and g");
    let parallel = is_large_pass(g.len());
    for_each_chunk(g, CHUNK, parallel, |chunk, g| {
        for (g, x) in g.iter_mut().zip(&x[chunk * CHUNK..]) {
            *g = if *x > E::zero() { *g } else { E::zero() };
        }
    });
}

/// `dx += g` where `x` is positive.
///
/// # Panics
///
/// If the slices have different lengths.
pub fn backward<E: Real>(x: &[E], g: &[E], dx: &mut [E]) {
    assert_eq!(
        [x.len(), g.len()],
        [dx.len(); 2],
        "ReLU: lengths of x, g and dx"
    );
    let parallel = is_large_pass(dx.len());
    for_each_chunk(dx, CHUNK, parallel, |chunk, dx| {
        let inputs = x[chunk * CHUNK..].iter().zip(&g[chunk * CHUNK..]);
        for (dx, (x, g)) in dx.iter_mut().zip(inputs) {
            *dx += if *x > E::zero() { *g } else { E::zero() };
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{assert_same_bits, numbers, with_one_and_two_threads};

    fn check<E: Real>(len: usize) {
        let (mut x, g) = (numbers::<E>(1, len), numbers::<E>(2, len));
        // What lies on the edge, and what is no number.
        for (x, edge) in x.iter_mut().zip([E::zero(), -E::zero(), E::nan()]) {
            *x = edge;
        }
        let run = || {
            let (mut y, mut masked, mut dx) = (x.clone(), g.clone(), vec![E::one(); len]);
            forward(&mut y);
            mask(&y, &mut masked);
            backward(&x, &g, &mut dx);
            [y, masked, dx]
        };
        let is_positive = |x: E| x.partial_cmp(&E::zero()).is_some_and(|order| order.is_gt());
        let kept = |kept: E, x: E| if is_positive(x) { kept } else { E::zero() };
        let want: Vec<[E; 3]> = x
            .iter()
            .zip(&g)
            .map(|(&x, &g)| [kept(x, x), kept(g, x), E::one() + kept(g, x)])
            .collect();
        for got in with_one_and_two_threads(run) {
            for (i, got) in got.iter().enumerate() {
                let want: Vec<E> = want.iter().map(|all| all[i]).collect();
                assert_eq!(got, &want, "result {i} of {len}");
            }
        }
        let [one, two] = with_one_and_two_threads(run);
        for (one, two) in one.iter().zip(&two) {
            assert_same_bits(two, one, "two threads");
        }
    }

    #[test]
    fn slices_are_their_elements() {
        for len in [0, 1, 5, CHUNK - 1, CHUNK + 1, 40 * CHUNK + 3] {
            check::<f32>(len);
            check::<f64>(len);
        }
    }
}
