//! Batch normalisation over N × C × inner and its gradients (Ioffe and Szegedy, 2015).
//!
//! y = (x − mean)/√(variance + eps)·scale + bias per channel. In training the statistics are those of
//! the batch, computed in f64; in evaluation they are given. The backward pass is told them, and computes the normalised values
//! again instead of keeping them.

#[cfg(test)]
mod reference;
pub(super) mod sums;

use std::fmt;

use self::sums::{gradient_products, moments};
use super::isa::Isa;
use super::parallel::{for_each_chunk, is_large_pass, map_ordered};
use super::real::Real;

/// Elements seen as examples × channels × inner, where inner is the product of the spatial sizes.
pub type Sizes = [usize; 3];

/// Training needs a variance, and a channel with fewer than two values has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFewValues {
    /// Values per channel: examples × spatial positions.
    pub values_per_channel: usize,
}

impl fmt::Display for TooFewValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "batch normalisation in training needs at least 2 values per channel, found {}; use a \
             larger batch or evaluation mode",
            self.values_per_channel
        )
    }
}

impl std::error::Error for TooFewValues {}

/// Mean and biased variance of one channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelStatistics {
    /// Mean.
    pub mean: f64,
    /// Mean squared deviation from the mean.
    pub variance: f64,
}

/// Running statistics that a training pass moves.
#[derive(Debug)]
pub struct RunningStatistics<'a, E> {
    /// Running mean per channel.
    pub mean: &'a mut [E],
    /// Running unbiased variance per channel.
    pub variance: &'a mut [E],
    /// Weight of the new batch: running = (1 − momentum)·running + momentum·batch.
    pub momentum: f64,
}

/// Learned scale and bias per channel, and the eps added to the variance.
#[derive(Clone, Copy, Debug)]
pub struct Affine<'a, E> {
    /// Scale per channel.
    pub scale: &'a [E],
    /// Bias per channel.
    pub bias: &'a [E],
    /// Added to the variance under the root.
    pub eps: f64,
}

/// Where the gradients of a backward pass are added.
#[derive(Debug)]
pub struct Gradients<'a, E> {
    /// Gradient of x.
    pub dx: &'a mut [E],
    /// Gradient of the scale.
    pub d_scale: &'a mut [E],
    /// Gradient of the bias.
    pub d_bias: &'a mut [E],
}

/// Mean and variance of every channel.
///
/// # Errors
///
/// If a channel has fewer than two values.
///
/// # Panics
///
/// If `x` has the wrong length.
pub fn statistics<E: Real>(sizes: Sizes, x: &[E]) -> Result<Vec<ChannelStatistics>, TooFewValues> {
    statistics_on(Isa::active(), sizes, x)
}

/// [`statistics`] on a given instruction set; all give the same bits.
pub fn statistics_on<E: Real>(
    isa: Isa,
    sizes: Sizes,
    x: &[E],
) -> Result<Vec<ChannelStatistics>, TooFewValues> {
    let [n, channels, inner] = sizes;
    assert_eq!(
        x.len(),
        n * channels * inner,
        "batch normalisation: length of x"
    );
    let values_per_channel = n * inner;
    if values_per_channel < 2 {
        return Err(TooFewValues { values_per_channel });
    }
    let of_channel = |c: usize| moments(isa, sizes, x, c);
    Ok(map_ordered(
        channels,
        is_large_pass(2 * x.len()),
        of_channel,
    ))
}

/// y from the statistics of the batch, which it gives; moves the running ones.
///
/// # Errors
///
/// If a channel has fewer than two values; nothing is written then.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward_train<E: Real>(
    sizes: Sizes,
    x: &[E],
    affine: &Affine<'_, E>,
    running: RunningStatistics<'_, E>,
    y: &mut [E],
) -> Result<Vec<ChannelStatistics>, TooFewValues> {
    check(sizes, affine, y.len());
    assert_eq!(
        running.mean.len(),
        sizes[1],
        "batch normalisation: length of the running mean"
    );
    assert_eq!(
        running.variance.len(),
        sizes[1],
        "batch normalisation: length of the running variance"
    );
    let statistics = statistics(sizes, x)?;
    let count = (sizes[0] * sizes[2]) as f64;
    let moved = |old: E, new: f64| {
        E::narrow((1.0 - running.momentum) * old.widen() + running.momentum * new)
    };
    for (c, batch) in statistics.iter().enumerate() {
        running.mean[c] = moved(running.mean[c], batch.mean);
        running.variance[c] = moved(running.variance[c], batch.variance * count / (count - 1.0));
    }
    normalize(sizes, x, &statistics, affine, y);
    Ok(statistics)
}

/// y from given statistics.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward_eval<E: Real>(
    sizes: Sizes,
    x: &[E],
    affine: &Affine<'_, E>,
    [mean, variance]: [&[E]; 2],
    y: &mut [E],
) {
    check(sizes, affine, y.len());
    assert_eq!(x.len(), y.len(), "batch normalisation: length of x");
    normalize(sizes, x, &given(sizes, mean, variance), affine, y);
}

/// [`forward_eval`] in the memory of x.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn forward_eval_in_place<E: Real>(
    sizes: Sizes,
    affine: &Affine<'_, E>,
    [mean, variance]: [&[E]; 2],
    x: &mut [E],
) {
    check(sizes, affine, x.len());
    let [_, channels, inner] = sizes;
    let lines = lines(&given(sizes, mean, variance), affine);
    let parallel = is_large_pass(x.len());
    for_each_chunk(x, channels * inner, parallel, |_, x| {
        for (x, &line) in x.chunks_mut(inner).zip(&lines) {
            x.iter_mut().for_each(|x| *x = on_line(line, *x));
        }
    });
}

/// Gradients of [`forward_train`], which gave the `statistics`, added to `gradients`.
///
/// With x̂ the normalised input: d_bias += Σg, d_scale += Σg·x̂ and
/// dx += scale/√(variance + eps)·(g − mean(g) − x̂·mean(g·x̂)).
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn backward_train<E: Real>(
    sizes: Sizes,
    x: &[E],
    affine: &Affine<'_, E>,
    statistics: &[ChannelStatistics],
    g: &[E],
    gradients: Gradients<'_, E>,
) {
    check(sizes, affine, g.len());
    assert_eq!(x.len(), g.len(), "batch normalisation: length of x");
    assert_eq!(
        statistics.len(),
        sizes[1],
        "batch normalisation: number of statistics"
    );
    let sums = add_affine_gradients(
        sizes,
        x,
        statistics,
        affine.eps,
        g,
        gradients.d_scale,
        gradients.d_bias,
    );
    let count = (sizes[0] * sizes[2]) as f64;
    let lines = map_channels(statistics, affine, |c, inverse_std, scale| {
        let [sum, product] = sums[c];
        // In terms of x − mean instead of x̂, which is inverse_std times that.
        let along = product * inverse_std * inverse_std / count;
        [scale * inverse_std, sum / count, along, statistics[c].mean].map(E::narrow)
    });
    add_input_gradient(sizes, gradients.dx, x, g, |c, x, g| {
        let [slope, mean_g, along, mean] = lines[c];
        slope * (g - mean_g - (x - mean) * along)
    });
}

/// Gradients of [`forward_eval`], added to `gradients`: dx += g·scale/√(variance + eps), and the
/// others as in [`backward_train`]. The statistics get none.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn backward_eval<E: Real>(
    sizes: Sizes,
    x: &[E],
    affine: &Affine<'_, E>,
    [mean, variance]: [&[E]; 2],
    g: &[E],
    gradients: Gradients<'_, E>,
) {
    check(sizes, affine, g.len());
    assert_eq!(x.len(), g.len(), "batch normalisation: length of x");
    let statistics = given(sizes, mean, variance);
    add_affine_gradients(
        sizes,
        x,
        &statistics,
        affine.eps,
        g,
        gradients.d_scale,
        gradients.d_bias,
    );
    let slopes = map_channels(&statistics, affine, |_, inverse_std, scale| {
        E::narrow(scale * inverse_std)
    });
    add_input_gradient(sizes, gradients.dx, x, g, |c, _, g| g * slopes[c]);
}

fn check<E>([n, channels, inner]: Sizes, affine: &Affine<'_, E>, length: usize) {
    assert_eq!(
        length,
        n * channels * inner,
        "batch normalisation: length of y or its gradient"
    );
    assert_eq!(
        affine.scale.len(),
        channels,
        "batch normalisation: length of the scale"
    );
    assert_eq!(
        affine.bias.len(),
        channels,
        "batch normalisation: length of the bias"
    );
}

fn given<E: Real>(sizes: Sizes, mean: &[E], variance: &[E]) -> Vec<ChannelStatistics> {
    assert_eq!(
        mean.len(),
        sizes[1],
        "batch normalisation: length of the mean"
    );
    assert_eq!(
        variance.len(),
        sizes[1],
        "batch normalisation: length of the variance"
    );
    let pair = |(mean, variance): (&E, &E)| ChannelStatistics {
        mean: mean.widen(),
        variance: variance.widen(),
    };
    mean.iter().zip(variance).map(pair).collect()
}

/// `f(channel, 1/√(variance + eps), scale)` for every channel.
fn map_channels<E: Real, R>(
    statistics: &[ChannelStatistics],
    affine: &Affine<'_, E>,
    f: impl Fn(usize, f64, f64) -> R,
) -> Vec<R> {
    let of = |(c, s): (usize, &ChannelStatistics)| {
        f(
            c,
            1.0 / (s.variance + affine.eps).sqrt(),
            affine.scale[c].widen(),
        )
    };
    statistics.iter().enumerate().map(of).collect()
}

/// Of each channel what [`on_line`] takes: slope, mean and bias.
fn lines<E: Real>(statistics: &[ChannelStatistics], affine: &Affine<'_, E>) -> Vec<[E; 3]> {
    map_channels(statistics, affine, |c, inverse_std, scale| {
        [
            E::narrow(scale * inverse_std),
            E::narrow(statistics[c].mean),
            affine.bias[c],
        ]
    })
}

/// x normalised.
#[inline(always)]
fn on_line<E: Real>([slope, mean, bias]: [E; 3], x: E) -> E {
    (x - mean) * slope + bias
}

fn normalize<E: Real>(
    [_, channels, inner]: Sizes,
    x: &[E],
    statistics: &[ChannelStatistics],
    affine: &Affine<'_, E>,
    y: &mut [E],
) {
    let lines = lines(statistics, affine);
    let example = channels * inner;
    let parallel = is_large_pass(y.len());
    for_each_chunk(y, example, parallel, |n, y| {
        let x = x[n * example..(n + 1) * example].chunks(inner);
        for ((y, x), &line) in y.chunks_mut(inner).zip(x).zip(&lines) {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = on_line(line, x);
            }
        }
    });
}

/// Adds Σg·x̂ and Σg per channel to the gradients of scale and bias; returns Σg and Σg·(x − mean).
fn add_affine_gradients<E: Real>(
    sizes: Sizes,
    x: &[E],
    statistics: &[ChannelStatistics],
    eps: f64,
    g: &[E],
    d_scale: &mut [E],
    d_bias: &mut [E],
) -> Vec<[f64; 2]> {
    assert_eq!(
        d_scale.len(),
        sizes[1],
        "batch normalisation: length of d_scale"
    );
    assert_eq!(
        d_bias.len(),
        sizes[1],
        "batch normalisation: length of d_bias"
    );
    let isa = Isa::active();
    let of_channel = |c: usize| gradient_products(isa, sizes, [x, g], c, statistics[c].mean);
    let sums = map_ordered(sizes[1], is_large_pass(2 * x.len()), of_channel);
    for (c, [sum, product]) in sums.iter().enumerate() {
        d_bias[c] += E::narrow(*sum);
        d_scale[c] += E::narrow(product / (statistics[c].variance + eps).sqrt());
    }
    sums
}

/// dx += `slope(channel, x, g)`.
fn add_input_gradient<E: Real>(
    [_, channels, inner]: Sizes,
    dx: &mut [E],
    x: &[E],
    g: &[E],
    slope: impl Fn(usize, E, E) -> E + Sync + Send,
) {
    assert_eq!(dx.len(), x.len(), "batch normalisation: length of dx");
    let example = channels * inner;
    let parallel = is_large_pass(2 * dx.len());
    for_each_chunk(dx, example, parallel, |n, dx| {
        let x = x[n * example..].chunks(inner);
        let g = g[n * example..].chunks(inner);
        for (c, ((dx, x), g)) in dx.chunks_mut(inner).zip(x).zip(g).enumerate() {
            for ((dx, &x), &g) in dx.iter_mut().zip(x).zip(g) {
                *dx += slope(c, x, g);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, numeric_slope, with_one_and_two_threads,
    };

    const EPS: f64 = 1e-5;

    const GRID: [Sizes; 9] = [
        [2, 1, 1],
        [1, 2, 2],
        [5, 3, 1],
        [4, 5, 42],
        [3, 2, 15],
        [3, 2, 17],
        [2, 0, 4],
        // Several blocks: of examples, and of positions.
        [300, 2, 20],
        [2, 2, 5000],
    ];

    fn check_forward<E: Real>(sizes: Sizes) {
        let channels = sizes[1];
        let x: Vec<E> = numbers::<E>(1, sizes.iter().product())
            .iter()
            .map(|v| *v + E::narrow(3.0))
            .collect();
        let [scale, bias] = [2, 3].map(|seed| numbers::<E>(seed, channels));
        let affine = Affine {
            scale: &scale,
            bias: &bias,
            eps: EPS,
        };
        let want = reference::statistics(sizes, &x);
        let (mut mean, mut variance) = (vec![E::one(); channels], vec![E::one(); channels]);
        let running = RunningStatistics {
            mean: &mut mean,
            variance: &mut variance,
            momentum: 0.1,
        };
        let mut y = vec![E::one(); x.len()];
        assert!(forward_train(sizes, &x, &affine, running, &mut y).is_ok());
        let want_y = reference::normalize(sizes, &x, &want, EPS, [&scale, &bias]);
        assert_all_close(&y, &want_y, 50.0, "y");
        let count = (sizes[0] * sizes[2]) as f64;
        let moved = |new: f64| E::narrow(0.9 + 0.1 * new);
        let want_mean: Vec<E> = want.iter().map(|s| moved(s.0)).collect();
        let want_variance: Vec<E> = want
            .iter()
            .map(|s| moved(s.1 * count / (count - 1.0)))
            .collect();
        // The reference adds one value after the other, each with its own rounding.
        let steps = 4.0 + count.sqrt();
        assert_all_close(&mean, &want_mean, steps, "running mean");
        assert_all_close(&variance, &want_variance, steps, "running variance");

        let widened = mean
            .iter()
            .zip(&variance)
            .map(|(m, v)| (m.widen(), v.widen()));
        let want_y = reference::normalize(
            sizes,
            &x,
            &widened.collect::<Vec<_>>(),
            EPS,
            [&scale, &bias],
        );
        forward_eval(sizes, &x, &affine, [&mean, &variance], &mut y);
        let mut in_place = x.clone();
        forward_eval_in_place(sizes, &affine, [&mean, &variance], &mut in_place);
        assert_same_bits(&in_place, &y, "in the memory of x");
        assert_all_close(&y, &want_y, 50.0, "y in evaluation");
    }

    #[test]
    fn forward_agrees_with_the_reference() {
        for sizes in GRID {
            check_forward::<f32>(sizes);
            check_forward::<f64>(sizes);
        }
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        let sizes = [40, 2, 300];
        let noise = numbers::<f32>(1, sizes.iter().product());
        let x: Vec<f64> = noise.iter().map(|v| 1e6 + v.widen()).collect();
        let want = reference::statistics(sizes, &x);
        for (got, (mean, variance)) in statistics(sizes, &x).unwrap().iter().zip(want) {
            assert!((got.mean / mean - 1.0).abs() < 1e-14, "{got:?}, {mean}");
            assert!(
                (got.variance / variance - 1.0).abs() < 1e-8,
                "{got:?}, {variance}"
            );
        }
    }

    #[test]
    fn statistics_have_the_same_bits_on_every_isa_and_thread_count() {
        let sizes = [6, 16, 4099];
        let x = numbers::<f32>(1, sizes.iter().product());
        let want = statistics_on(Isa::Portable, sizes, &x);
        for isa in Isa::available() {
            for got in with_one_and_two_threads(|| statistics_on(isa, sizes, &x)) {
                assert_eq!(got, want, "{isa}");
            }
        }
    }

    /// Gradients of scale, bias and x in this order, from a start of 1.
    fn gradients<E: Real>(
        sizes: Sizes,
        train: bool,
        [x, scale, bias, g]: [&[E]; 4],
    ) -> [Vec<E>; 3] {
        let affine = Affine {
            scale,
            bias,
            eps: EPS,
        };
        let mut out = [
            vec![E::one(); scale.len()],
            vec![E::one(); scale.len()],
            vec![E::one(); x.len()],
        ];
        let [d_scale, d_bias, dx] = &mut out;
        let gradients = Gradients {
            dx,
            d_scale,
            d_bias,
        };
        if train {
            let statistics = statistics(sizes, x).expect("two values per channel");
            backward_train(sizes, x, &affine, &statistics, g, gradients);
        } else {
            backward_eval(
                sizes,
                x,
                &affine,
                [bias, &vec![E::one(); scale.len()]],
                g,
                gradients,
            );
        }
        out
    }

    /// ⟨g, y⟩ in training, or in evaluation with the bias as mean and a variance of 1.
    fn loss(sizes: Sizes, train: bool, [x, scale, bias, g]: [&[f64]; 4], mean: &[f64]) -> f64 {
        let statistics = match train {
            true => reference::statistics(sizes, x),
            false => mean.iter().map(|&mean| (mean, 1.0)).collect(),
        };
        let y = reference::normalize(sizes, x, &statistics, EPS, [scale, bias]);
        y.iter().zip(g).map(|(y, g)| y * g).sum()
    }

    #[test]
    fn gradients_are_slopes() {
        let sizes = [3, 2, 5];
        let [x, g] = [1, 2].map(|seed| numbers::<f64>(seed, 30));
        let [scale, bias] = [3, 4].map(|seed| numbers::<f64>(seed, 2));
        for train in [true, false] {
            let got = gradients(sizes, train, [&x, &scale, &bias, &g]);
            let of_scale = |i| {
                numeric_slope(&scale, i, |scale| {
                    loss(sizes, train, [&x, scale, &bias, &g], &bias)
                })
            };
            let of_bias = |i| {
                numeric_slope(&bias, i, |moved| {
                    loss(sizes, train, [&x, &scale, moved, &g], &bias)
                })
            };
            let of_x =
                |i| numeric_slope(&x, i, |x| loss(sizes, train, [x, &scale, &bias, &g], &bias));
            let want: [Vec<f64>; 3] = [
                (0..2).map(|i| 1.0 + of_scale(i)).collect(),
                (0..2).map(|i| 1.0 + of_bias(i)).collect(),
                (0..30).map(|i| 1.0 + of_x(i)).collect(),
            ];
            for (got, want) in got.iter().zip(&want) {
                assert_all_close(got, want, 1e8, "gradient");
            }
        }
    }

    #[test]
    fn gradients_in_f32_agree_with_f64_and_not_with_threads() {
        for sizes in [[2, 1, 1], [4, 5, 42], [8, 8, 4099]] {
            let length = sizes.iter().product();
            let (x, g) = (numbers::<f32>(1, length), numbers::<f32>(2, length));
            let (scale, bias) = (numbers::<f32>(3, sizes[1]), numbers::<f32>(4, sizes[1]));
            let wide =
                [&x, &scale, &bias, &g].map(|v| v.iter().map(|v| v.widen()).collect::<Vec<_>>());
            let wide = wide.each_ref().map(Vec::as_slice);
            let want = gradients(sizes, true, wide);
            let [one, two] =
                with_one_and_two_threads(|| gradients(sizes, true, [&x, &scale, &bias, &g]));
            for ((one, two), want) in one.iter().zip(&two).zip(&want) {
                let want: Vec<f32> = want.iter().map(|&v| v as f32).collect();
                assert_all_close(one, &want, 50.0, "gradient");
                assert_same_bits(two, one, "two threads");
            }
        }
    }

    #[test]
    fn one_value_per_channel_is_an_error_and_writes_nothing() {
        let affine = Affine {
            scale: &[1.0_f32; 3],
            bias: &[0.0; 3],
            eps: EPS,
        };
        let (mut mean, mut variance, mut y) = ([5.0; 3], [5.0; 3], [5.0; 3]);
        let running = RunningStatistics {
            mean: &mut mean,
            variance: &mut variance,
            momentum: 0.1,
        };
        let error = forward_train([1, 3, 1], &[1.0, 2.0, 3.0], &affine, running, &mut y);
        assert_eq!(
            error,
            Err(TooFewValues {
                values_per_channel: 1
            })
        );
        assert_eq!([mean, variance, y], [[5.0; 3]; 3]);
    }
}
