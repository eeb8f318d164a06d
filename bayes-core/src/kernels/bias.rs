//! A bias per channel: y += b over N × C × inner, and its gradient.

use super::parallel::{for_each_chunk, is_large_pass};
use super::real::Real;

/// `y[n, c, i] += bias[c]` for `[n, channels, inner]` elements.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward<E: Real>([n, channels, inner]: [usize; 3], bias: &[E], y: &mut [E]) {
    assert_eq!(y.len(), n * channels * inner, "bias: length of y");
    assert_eq!(bias.len(), channels, "bias: length of the bias");
    let parallel = is_large_pass(y.len());
    for_each_chunk(y, channels * inner, parallel, |_, example| {
        for (channel, &bias) in example.chunks_mut(inner).zip(bias) {
            channel.iter_mut().for_each(|y| *y += bias);
        }
    });
}

/// `db[c] += Σ g[n, c, i]` over n and i, in f64 and in that order.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn backward<E: Real>([n, channels, inner]: [usize; 3], g: &[E], db: &mut [E]) {
    assert_eq!(
        g.len(),
        n * channels * inner,
        "bias: length of the gradient"
    );
    assert_eq!(db.len(), channels, "bias: length of db");
    if inner == 0 {
        return;
    }
    let parallel = is_large_pass(g.len());
    for_each_chunk(db, 1, parallel, |c, db| {
        let rows = g.chunks_exact(inner).skip(c).step_by(channels);
        db[0] += E::narrow(rows.map(sum_in_lanes).sum());
    });
}

/// The sum of a slice in f64, in eight interleaved sums that are added at the end.
///
/// The order is fixed, and eight sums at once keep the adder busy.
fn sum_in_lanes<E: Real>(values: &[E]) -> f64 {
    let mut lanes = [0.0; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value.widen();
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|value| value.widen()).sum::<f64>()
}

/// The bias as plain loops.
#[cfg(test)]
mod reference {
    use crate::kernels::real::Real;

    pub fn forward<E: Real>([n, channels, inner]: [usize; 3], bias: &[E], y: &mut [E]) {
        for i in 0..n * channels * inner {
            y[i] += bias[i / inner % channels];
        }
    }

    pub fn backward<E: Real>([n, channels, inner]: [usize; 3], g: &[E], db: &mut [E]) {
        for i in 0..n * channels * inner {
            db[i / inner % channels] += g[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, with_one_and_two_threads,
    };

    fn check<E: Real>(sizes: [usize; 3]) {
        let length = sizes.iter().product();
        let bias = numbers::<E>(1, sizes[1]);
        let (mut got, mut want) = (numbers::<E>(2, length), numbers::<E>(2, length));
        forward(sizes, &bias, &mut got);
        reference::forward(sizes, &bias, &mut want);
        assert_same_bits(&got, &want, "y");
        let g = numbers::<E>(3, length);
        let (mut got, mut want) = (bias.clone(), bias);
        backward(sizes, &g, &mut got);
        reference::backward(sizes, &g, &mut want);
        assert_all_close(&got, &want, 20.0, "db");
    }

    #[test]
    fn agrees_with_the_reference() {
        for sizes in [
            [0, 3, 4],
            [2, 0, 4],
            [2, 3, 0],
            [1, 1, 1],
            [3, 5, 7],
            [2, 3, 17],
            [4, 9, 16],
        ] {
            check::<f32>(sizes);
            check::<f64>(sizes);
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let sizes = [8, 16, 8193];
        let g = numbers::<f32>(1, sizes.iter().product());
        let [one, two] = with_one_and_two_threads(|| {
            let mut db = vec![0.0; 16];
            backward(sizes, &g, &mut db);
            db
        });
        assert_same_bits(&two, &one, "db");
    }
}
