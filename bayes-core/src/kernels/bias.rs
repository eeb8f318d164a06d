//! A bias per channel: y += b over N × C × inner, and its gradient; also by Flipout (Wen et al., 2018).

use super::parallel::{for_each_chunk, for_each_chunk_pair, is_large_pass};
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

/// `y[n, c, i] += mean[c] + signs[n, c] · deviation[c]`, the mean first.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward_flipped<E: Real>(
    [n, channels, inner]: [usize; 3],
    [mean, deviation]: [&[E]; 2],
    signs: &[E],
    y: &mut [E],
) {
    assert_eq!(y.len(), n * channels * inner, "bias: length of y");
    assert_eq!(
        [mean.len(), deviation.len()],
        [channels; 2],
        "bias: length of the bias"
    );
    assert_eq!(signs.len(), n * channels, "bias: length of the signs");
    let parallel = is_large_pass(y.len());
    for_each_chunk(y, channels * inner, parallel, |n, example| {
        let biases = mean.iter().zip(deviation).zip(&signs[n * channels..]);
        for (channel, ((&mean, &deviation), &sign)) in example.chunks_mut(inner).zip(biases) {
            let turned = sign * deviation;
            channel.iter_mut().for_each(|y| *y = (*y + mean) + turned);
        }
    });
}

/// The gradients of [`forward_flipped`]: [`backward`] for the mean, and for the deviation that of `signs · g`.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn backward_flipped<E: Real>(
    [n, channels, inner]: [usize; 3],
    signs: &[E],
    g: &[E],
    [d_mean, d_deviation]: [&mut [E]; 2],
) {
    assert_eq!(
        g.len(),
        n * channels * inner,
        "bias: length of the gradient"
    );
    assert_eq!(
        [d_mean.len(), d_deviation.len()],
        [channels; 2],
        "bias: length of db"
    );
    assert_eq!(signs.len(), n * channels, "bias: length of the signs");
    if inner == 0 {
        return;
    }
    let parallel = is_large_pass(g.len());
    for_each_chunk_pair(
        d_mean,
        d_deviation,
        1,
        parallel,
        |c, d_mean, d_deviation| {
            let rows = g.chunks_exact(inner).zip(signs);
            let of_channel = rows.skip(c).step_by(channels);
            let (mut sum, mut turned) = (0.0, 0.0);
            for (row, sign) in of_channel {
                let of_row = sum_in_lanes(row);
                sum += of_row;
                turned += sign.widen() * of_row;
            }
            d_mean[0] += E::narrow(sum);
            d_deviation[0] += E::narrow(turned);
        },
    );
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
    use crate::kernels::signs::{add_flipped, multiply};
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
        check_flipped::<E>(sizes);
    }

    /// Flipout against its two sums: the same bits.
    fn check_flipped<E: Real>(sizes: [usize; 3]) {
        let length = sizes.iter().product();
        let [mean, deviation] = [1, 2].map(|seed| numbers::<E>(seed, sizes[1]));
        let signs = numbers::<E>(3, sizes[0] * sizes[1]);
        let signs: Vec<E> = signs.iter().map(|sign| sign.signum()).collect();
        let (x, g) = (numbers::<E>(4, length), numbers::<E>(5, length));
        let mut want = x.clone();
        forward(sizes, &mean, &mut want);
        let mut turned = vec![E::zero(); length];
        forward(sizes, &deviation, &mut turned);
        add_flipped(&signs, sizes[2], &turned, &mut want);
        let mut turned = vec![E::zero(); length];
        multiply(&signs, sizes[2], &g, &mut turned);
        let (mut d_mean, mut d_deviation) = (mean.clone(), deviation.clone());
        backward(sizes, &g, &mut d_mean);
        backward(sizes, &turned, &mut d_deviation);
        let both = with_one_and_two_threads(|| {
            let mut y = x.clone();
            forward_flipped(sizes, [&mean, &deviation], &signs, &mut y);
            let mut gradients = [mean.clone(), deviation.clone()];
            backward_flipped(sizes, &signs, &g, gradients.each_mut().map(|g| &mut g[..]));
            (y, gradients)
        });
        for (y, gradients) in both {
            assert_same_bits(&y, &want, "y by Flipout");
            assert_same_bits(&gradients[0], &d_mean, "gradient of the mean");
            assert_same_bits(&gradients[1], &d_deviation, "gradient of the deviation");
        }
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
        check_flipped::<f32>(sizes);
    }
}
