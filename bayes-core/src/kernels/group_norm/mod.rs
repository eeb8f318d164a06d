//! Group normalisation over N × C × inner and its gradients (Wu and He, 2018).
//!
//! y = (x − mean)/√(variance + eps)·gamma + beta, with a gamma and a beta per channel and the mean and the biased variance
//! of each group of channels of each example. The statistics are computed in f64; the backward pass computes them again
//! instead of keeping the normalised values.

#[cfg(test)]
mod reference;

use super::batch_norm::sums::{gradient_products, moments};
use super::isa::Isa;
use super::parallel::{for_each_chunk, is_large_pass, map_ordered};
use super::real::Real;

/// Elements seen as examples × channels × inner, where inner is the product of the spatial sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Examples.
    pub examples: usize,
    /// Channels of each.
    pub channels: usize,
    /// Groups of channels; they divide the channels.
    pub groups: usize,
    /// Positions of each channel.
    pub inner: usize,
}

impl Sizes {
    fn len(self) -> usize {
        self.examples * self.channels * self.inner
    }

    /// Channels of one group.
    fn per_group(self) -> usize {
        self.channels / self.groups
    }

    /// The groups of all examples, each as one channel.
    fn by_group(self) -> [usize; 3] {
        [
            1,
            self.examples * self.groups,
            self.per_group() * self.inner,
        ]
    }

    /// The channels of all examples.
    fn by_channel(self) -> [usize; 3] {
        [1, self.examples * self.channels, self.inner]
    }
}

/// Learned factor and offset per channel, and the eps added to the variance.
#[derive(Clone, Copy, Debug)]
pub struct Affine<'a, E> {
    /// Factor per channel.
    pub gamma: &'a [E],
    /// Offset per channel.
    pub beta: &'a [E],
    /// Added to the variance under the root.
    pub eps: f64,
}

/// Where the gradients of a backward pass are added.
#[derive(Debug)]
pub struct Gradients<'a, E> {
    /// Gradient of x.
    pub dx: &'a mut [E],
    /// Gradient of gamma.
    pub d_gamma: &'a mut [E],
    /// Gradient of beta.
    pub d_beta: &'a mut [E],
}

/// Mean of a group, and 1/√(variance + eps).
#[derive(Clone, Copy, Debug)]
struct GroupStatistics {
    mean: f64,
    inverse_std: f64,
}

/// y of x. A group of one value has no variance: its y is beta.
///
/// # Panics
///
/// If the groups do not divide the channels, or a slice has the wrong length.
pub fn forward<E: Real>(sizes: Sizes, x: &[E], affine: &Affine<'_, E>, y: &mut [E]) {
    check(sizes, affine, [x.len(), y.len()]);
    if x.is_empty() {
        return;
    }
    let statistics = statistics(sizes, x, affine.eps);
    let per_group = sizes.per_group();
    let parallel = is_large_pass(y.len());
    for_each_chunk(y, sizes.inner, parallel, |plane, y| {
        let channel = plane % sizes.channels;
        let group = statistics[plane / per_group];
        let slope = E::narrow(group.inverse_std * affine.gamma[channel].widen());
        let mean = E::narrow(group.mean);
        let x = &x[plane * sizes.inner..][..sizes.inner];
        for (y, &x) in y.iter_mut().zip(x) {
            *y = (x - mean) * slope + affine.beta[channel];
        }
    });
}

/// Gradients of [`forward`], added to `gradients`.
///
/// With x̂ the normalised input and means over a group: d_beta += Σg, d_gamma += Σg·x̂ and
/// dx += (g·gamma − mean(g·gamma) − x̂·mean(g·gamma·x̂))/√(variance + eps).
///
/// # Panics
///
/// If the groups do not divide the channels, or a slice has the wrong length.
pub fn backward<E: Real>(
    sizes: Sizes,
    x: &[E],
    affine: &Affine<'_, E>,
    g: &[E],
    gradients: Gradients<'_, E>,
) {
    let Gradients {
        dx,
        d_gamma,
        d_beta,
    } = gradients;
    check(sizes, affine, [x.len(), g.len()]);
    assert_eq!(dx.len(), x.len(), "group normalisation: length of dx");
    assert_eq!(
        [d_gamma.len(), d_beta.len()],
        [sizes.channels; 2],
        "group normalisation: lengths of d_gamma and d_beta"
    );
    if x.is_empty() {
        return;
    }
    let statistics = statistics(sizes, x, affine.eps);
    let planes = plane_sums(sizes, [x, g], &statistics);
    add_affine_gradients(sizes, &statistics, &planes, [d_gamma, d_beta]);
    let groups = group_means(sizes, affine, &planes);

    let per_group = sizes.per_group();
    let parallel = is_large_pass(2 * dx.len());
    for_each_chunk(dx, sizes.inner, parallel, |plane, dx| {
        let group = plane / per_group;
        let GroupStatistics { mean, inverse_std } = statistics[group];
        let [mean_g, mean_product] = groups[group];
        let gamma = affine.gamma[plane % sizes.channels].widen();
        // In terms of x − mean instead of x̂, which is inverse_std times that.
        let along = mean_product * inverse_std * inverse_std;
        let numbers = [gamma, mean_g, along, mean, inverse_std];
        let [gamma, mean_g, along, mean, inverse_std] = numbers.map(E::narrow);
        let rows = plane * sizes.inner..(plane + 1) * sizes.inner;
        for ((dx, &x), &g) in dx.iter_mut().zip(&x[rows.clone()]).zip(&g[rows]) {
            *dx += inverse_std * (g * gamma - mean_g - (x - mean) * along);
        }
    });
}

fn check<E>(sizes: Sizes, affine: &Affine<'_, E>, lengths: [usize; 2]) {
    assert!(
        sizes.groups > 0 && sizes.channels.is_multiple_of(sizes.groups),
        "group normalisation: groups that do not divide the channels"
    );
    assert_eq!(
        lengths,
        [sizes.len(); 2],
        "group normalisation: lengths of x and of y or its gradient"
    );
    assert_eq!(
        [affine.gamma.len(), affine.beta.len()],
        [sizes.channels; 2],
        "group normalisation: lengths of gamma and beta"
    );
}

/// The statistics of every group of every example.
fn statistics<E: Real>(sizes: Sizes, x: &[E], eps: f64) -> Vec<GroupStatistics> {
    let (isa, by_group) = (Isa::active(), sizes.by_group());
    let of_group = |group: usize| {
        let of_group = moments(isa, by_group, x, group);
        GroupStatistics {
            mean: of_group.mean,
            inverse_std: 1.0 / (of_group.variance + eps).sqrt(),
        }
    };
    map_ordered(by_group[1], is_large_pass(2 * x.len()), of_group)
}

/// Σg and Σg·(x − mean) of every channel of every example, mean that of its group.
fn plane_sums<E: Real>(
    sizes: Sizes,
    [x, g]: [&[E]; 2],
    statistics: &[GroupStatistics],
) -> Vec<[f64; 2]> {
    let (isa, by_channel) = (Isa::active(), sizes.by_channel());
    let of_plane = |plane: usize| {
        let mean = statistics[plane / sizes.per_group()].mean;
        gradient_products(isa, by_channel, [x, g], plane, mean)
    };
    map_ordered(by_channel[1], is_large_pass(2 * x.len()), of_plane)
}

/// Adds Σg·x̂ and Σg over the examples to the gradients of gamma and beta.
fn add_affine_gradients<E: Real>(
    sizes: Sizes,
    statistics: &[GroupStatistics],
    planes: &[[f64; 2]],
    [d_gamma, d_beta]: [&mut [E]; 2],
) {
    for channel in 0..sizes.channels {
        let of_channel = (channel..planes.len()).step_by(sizes.channels);
        let (mut gamma, mut beta) = (0.0, 0.0);
        for plane in of_channel {
            let [sum, product] = planes[plane];
            gamma += product * statistics[plane / sizes.per_group()].inverse_std;
            beta += sum;
        }
        d_gamma[channel] += E::narrow(gamma);
        d_beta[channel] += E::narrow(beta);
    }
}

/// The means of g·gamma and of g·gamma·(x − mean) over every group.
fn group_means<E: Real>(
    sizes: Sizes,
    affine: &Affine<'_, E>,
    planes: &[[f64; 2]],
) -> Vec<[f64; 2]> {
    let per_group = sizes.per_group();
    let count = (per_group * sizes.inner) as f64;
    let of_group = |(group, planes): (usize, &[[f64; 2]])| {
        let first = group % sizes.groups * per_group;
        let mut means = [0.0; 2];
        for (gamma, plane) in affine.gamma[first..].iter().zip(planes) {
            for (mean, sum) in means.iter_mut().zip(plane) {
                *mean += gamma.widen() * sum / count;
            }
        }
        means
    };
    planes.chunks(per_group).enumerate().map(of_group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{
        assert_all_close, assert_same_bits, numbers, numeric_slope, with_one_and_two_threads,
    };

    const EPS: f64 = 1e-5;

    /// Examples, channels, groups and positions: one group, a group for each channel, odd sizes, sizes around the width
    /// of a vector, a value for each group, and nothing.
    const GRID: [[usize; 4]; 10] = [
        [2, 4, 1, 3],
        [2, 4, 4, 15],
        [3, 6, 2, 16],
        [1, 6, 3, 17],
        [2, 5, 5, 1],
        [4, 8, 2, 42],
        [1, 1, 1, 33],
        [0, 4, 2, 3],
        [2, 4, 2, 0],
        [2, 0, 1, 4],
    ];

    fn sized([examples, channels, groups, inner]: [usize; 4]) -> Sizes {
        Sizes {
            examples,
            channels,
            groups,
            inner,
        }
    }

    /// Input, gamma, beta and the gradient of y, all different; the input has a mean.
    fn inputs<E: Real>(sizes: Sizes) -> [Vec<E>; 4] {
        let x = numbers::<E>(1, sizes.len());
        [
            x.iter().map(|&x| x + E::narrow(3.0)).collect(),
            numbers(2, sizes.channels),
            numbers(3, sizes.channels),
            numbers(4, sizes.len()),
        ]
    }

    fn y_of<E: Real>(sizes: Sizes, [x, gamma, beta]: [&[E]; 3]) -> Vec<E> {
        let affine = Affine {
            gamma,
            beta,
            eps: EPS,
        };
        let mut y = vec![E::one(); x.len()];
        forward(sizes, x, &affine, &mut y);
        y
    }

    /// Gradients of x, gamma and beta in this order, from a start of 1.
    fn gradients<E: Real>(sizes: Sizes, [x, gamma, beta, g]: [&[E]; 4]) -> [Vec<E>; 3] {
        let affine = Affine {
            gamma,
            beta,
            eps: EPS,
        };
        let mut out = [x.len(), gamma.len(), beta.len()].map(|len| vec![E::one(); len]);
        let [dx, d_gamma, d_beta] = &mut out;
        let into = Gradients {
            dx,
            d_gamma,
            d_beta,
        };
        backward(sizes, x, &affine, g, into);
        out
    }

    fn check_forward<E: Real>(sizes: Sizes) {
        let [x, gamma, beta, _] = inputs::<E>(sizes);
        let got = y_of(sizes, [&x, &gamma, &beta]);
        let want = reference::forward(sizes, &x, [&gamma, &beta], EPS);
        assert_all_close(&got, &want, 200.0, &format!("{sizes:?}"));
    }

    #[test]
    fn forward_agrees_with_the_reference() {
        for sizes in GRID.map(sized) {
            check_forward::<f32>(sizes);
            check_forward::<f64>(sizes);
        }
    }

    #[test]
    fn gradients_are_slopes() {
        for sizes in GRID.map(sized) {
            let [x, gamma, beta, g] = inputs::<f64>(sizes);
            let loss = |[x, gamma, beta]: [&[f64]; 3]| {
                let y = reference::forward(sizes, x, [gamma, beta], EPS);
                y.iter().zip(&g).map(|(y, g)| y * g).sum::<f64>()
            };
            let slopes = |values: &[f64], of: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
                let slope = |i| 1.0 + numeric_slope(values, i, of);
                (0..values.len()).map(slope).collect()
            };
            let want = [
                slopes(&x, &|x| loss([x, &gamma, &beta])),
                slopes(&gamma, &|gamma| loss([&x, gamma, &beta])),
                slopes(&beta, &|beta| loss([&x, &gamma, beta])),
            ];
            let got = gradients(sizes, [&x, &gamma, &beta, &g]);
            for ((got, want), what) in got.iter().zip(&want).zip(["x", "gamma", "beta"]) {
                assert_all_close(got, want, 1e8, &format!("gradient of {what}, {sizes:?}"));
            }
        }
    }

    #[test]
    fn f32_agrees_with_f64_and_not_with_threads() {
        for sizes in [[2, 4, 2, 1], [4, 6, 3, 42], [8, 16, 4, 4099]].map(sized) {
            let narrow = inputs::<f32>(sizes);
            let wide = narrow
                .each_ref()
                .map(|values| values.iter().map(|v| v.widen()).collect::<Vec<f64>>());
            let [x, gamma, beta, g] = narrow.each_ref().map(Vec::as_slice);
            let want = gradients(sizes, wide.each_ref().map(Vec::as_slice));
            let [one, two] = with_one_and_two_threads(|| {
                let [dx, d_gamma, d_beta] = gradients(sizes, [x, gamma, beta, g]);
                [dx, d_gamma, d_beta, y_of(sizes, [x, gamma, beta])]
            });
            for (one, two) in one.iter().zip(&two) {
                assert_same_bits(two, one, "two threads");
            }
            for (one, want) in one.iter().zip(&want) {
                let want: Vec<f32> = want.iter().map(|&v| v as f32).collect();
                assert_all_close(one, &want, 200.0, "gradient");
            }
        }
    }

    #[test]
    fn an_example_has_the_same_bits_in_any_batch() {
        let sizes = sized([3, 6, 2, 7]);
        let [x, gamma, beta, _] = inputs::<f32>(sizes);
        let whole = y_of(sizes, [&x, &gamma, &beta]);
        let one = Sizes {
            examples: 1,
            ..sizes
        };
        for (x, y) in x.chunks(one.len()).zip(whole.chunks(one.len())) {
            assert_same_bits(&y_of(one, [x, &gamma, &beta]), y, "an example");
        }
    }
}
