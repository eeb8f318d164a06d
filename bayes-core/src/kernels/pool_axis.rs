//! Pooling along one axis: the largest element, or the mean, of ranges of it.
//!
//! Pooling over boxes is pooling along one axis after the other, with padded windows as with the bins of adaptive
//! pooling: the largest of the largest is the largest, and equal shares of equal shares are equal shares. Square windows
//! over images have faster kernels, in [`pool2d`](super::pool2d).

use std::ops::Range;

use super::parallel::{for_each_chunk, is_large_pass};
use super::real::Real;

/// The sizes of a pooling along one axis of `(outer, size, inner)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisPool {
    /// Elements before the axis: batch, channels and axes in front.
    pub outer: usize,
    /// Elements along the axis.
    pub size: usize,
    /// Elements behind the axis.
    pub inner: usize,
    /// What each output sees; never empty.
    pub windows: Vec<Range<usize>>,
    /// What a mean divides by: the same for all windows, or the elements of each.
    pub divisor: Option<usize>,
}

impl AxisPool {
    /// Windows of `kernel` elements at steps of `stride`, with `padding` on both sides that counts as zeros in a mean and
    /// never wins; `None` where there is none, or where one would hold padding alone.
    pub fn sliding(
        [outer, size, inner]: [usize; 3],
        kernel: usize,
        stride: usize,
        padding: usize,
    ) -> Option<Self> {
        let room = (size + 2 * padding).checked_sub(kernel)?;
        let count = room.checked_div(stride)? + 1;
        if 2 * padding > kernel || kernel == 0 || size == 0 {
            return None;
        }
        let window = |i: usize| {
            let start = i * stride;
            start.saturating_sub(padding)..(start + kernel).saturating_sub(padding).min(size)
        };
        Some(Self {
            outer,
            size,
            inner,
            windows: (0..count).map(window).collect(),
            divisor: Some(kernel),
        })
    }

    /// `parts` bins: bin i is `⌊i·size/parts⌋` up to `⌈(i+1)·size/parts⌉`, so that neighbours may share elements; `None`
    /// where there is nothing to share.
    pub fn adaptive([outer, size, inner]: [usize; 3], parts: usize) -> Option<Self> {
        let bin = |i: usize| i * size / parts..((i + 1) * size).div_ceil(parts);
        (size > 0).then(|| Self {
            outer,
            size,
            inner,
            windows: (0..parts).map(bin).collect(),
            divisor: None,
        })
    }

    /// Elements of the input.
    pub fn input_len(&self) -> usize {
        self.outer * self.size * self.inner
    }

    /// Elements of the output.
    pub fn output_len(&self) -> usize {
        self.outer * self.windows.len() * self.inner
    }

    /// What the mean over a window divides by.
    pub fn count(&self, window: &Range<usize>) -> usize {
        self.divisor.unwrap_or(window.len())
    }

    fn check(&self, input: usize, output: usize) {
        assert_eq!(input, self.input_len(), "pooling: length of the input");
        assert_eq!(output, self.output_len(), "pooling: length of the output");
        let good = |window: &Range<usize>| !window.is_empty() && window.end <= self.size;
        assert!(
            self.windows.iter().all(good),
            "pooling: a window outside its axis"
        );
    }
}

/// y = the largest element of x in each window. NaN wins over every number.
///
/// # Panics
///
/// If a slice has the wrong length or a window does not lie on the axis.
pub fn max_forward<E: Real>(pool: &AxisPool, x: &[E], y: &mut [E]) {
    each_plane(pool, x, y, |x, row, window, inner| {
        row.copy_from_slice(&x[window.start * inner..][..inner]);
        for i in window.skip(1) {
            for (best, &value) in row.iter_mut().zip(&x[i * inner..]) {
                *best = if wins(value, *best) { value } else { *best };
            }
        }
    });
}

/// y = the mean of x in each window.
///
/// # Panics
///
/// As [`max_forward`].
pub fn mean_forward<E: Real>(pool: &AxisPool, x: &[E], y: &mut [E]) {
    each_plane(pool, x, y, |x, row, window, inner| {
        let count = E::narrow(pool.count(&window) as f64);
        row.fill(E::zero());
        for i in window {
            for (sum, &value) in row.iter_mut().zip(&x[i * inner..]) {
                *sum += value;
            }
        }
        row.iter_mut().for_each(|sum| *sum = *sum / count);
    });
}

fn each_plane<E: Real>(
    pool: &AxisPool,
    x: &[E],
    y: &mut [E],
    work: impl Fn(&[E], &mut [E], Range<usize>, usize) + Sync + Send,
) {
    pool.check(x.len(), y.len());
    let (input, output) = (pool.size * pool.inner, pool.windows.len() * pool.inner);
    for_each_chunk(y, output, is_large_pass(x.len()), |plane, y| {
        let x = &x[plane * input..(plane + 1) * input];
        for (row, window) in y.chunks_exact_mut(pool.inner).zip(&pool.windows) {
            work(x, row, window.clone(), pool.inner);
        }
    });
}

/// Whether a later element replaces the best so far.
#[inline(always)]
fn wins<E: Real>(value: E, best: E) -> bool {
    value > best || value.is_nan()
}

/// dx += g at the element that won its window: of equal ones the first.
///
/// # Panics
///
/// As [`max_forward`].
pub fn max_backward<E: Real>(pool: &AxisPool, x: &[E], g: &[E], dx: &mut [E]) {
    assert_eq!(dx.len(), x.len(), "pooling: length of dx");
    back_through_planes(pool, g, dx, |plane, row, dx, window, inner| {
        let x = &x[plane * pool.size * inner..];
        for (j, &g) in row.iter().enumerate() {
            let mut best = window.start;
            for i in window.clone().skip(1) {
                if wins(x[i * inner + j], x[best * inner + j]) {
                    best = i;
                }
            }
            dx[best * inner + j] += g;
        }
    });
}

/// dx += g / (elements of the window) at every element of the window.
///
/// # Panics
///
/// As [`max_forward`].
pub fn mean_backward<E: Real>(pool: &AxisPool, g: &[E], dx: &mut [E]) {
    back_through_planes(pool, g, dx, |_, row, dx, window, inner| {
        let count = E::narrow(pool.count(&window) as f64);
        for i in window {
            for (dx, &g) in dx[i * inner..(i + 1) * inner].iter_mut().zip(row) {
                *dx += g / count;
            }
        }
    });
}

fn back_through_planes<E: Real>(
    pool: &AxisPool,
    g: &[E],
    dx: &mut [E],
    work: impl Fn(usize, &[E], &mut [E], Range<usize>, usize) + Sync + Send,
) {
    pool.check(dx.len(), g.len());
    let (input, output) = (pool.size * pool.inner, pool.windows.len() * pool.inner);
    let parallel = is_large_pass(dx.len());
    for_each_chunk(dx, input, parallel, |plane, dx| {
        let g = &g[plane * output..(plane + 1) * output];
        for (row, window) in g.chunks_exact(pool.inner).zip(&pool.windows) {
            work(plane, row, dx, window.clone(), pool.inner);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::pool2d::adaptive_average::{self, AdaptivePool2dGeometry};
    use crate::kernels::pool2d::{Pool2dGeometry, average, max};
    use crate::kernels::testing::{assert_all_close, numbers, numeric_slope};

    /// A plane pooled by rows and then by columns is the plane pooled by squares.
    #[test]
    fn two_axes_are_a_square_window() {
        let sizes = [
            [6, 9, 8, 3, 2, 1],
            [2, 5, 7, 2, 3, 1],
            [1, 1, 1, 1, 1, 0],
            [5, 17, 16, 5, 1, 2],
        ];
        for [planes, height, width, kernel, stride, padding] in sizes {
            let square = Pool2dGeometry {
                planes,
                height,
                width,
                kernel,
                stride,
                padding,
            };
            let x: Vec<f64> = numbers(1, square.input_len());
            let rows = AxisPool::sliding([planes, height, width], kernel, stride, padding).unwrap();
            let out = rows.windows.len();
            let columns =
                AxisPool::sliding([planes * out, width, 1], kernel, stride, padding).unwrap();
            let (mut between, mut got) = (
                vec![0.0; rows.output_len()],
                vec![0.0; columns.output_len()],
            );
            let mut want = vec![0.0; square.output_len()];
            max_forward(&rows, &x, &mut between);
            max_forward(&columns, &between, &mut got);
            max::forward(&square, &x, &mut want);
            assert_eq!(got, want, "{square:?}");
            mean_forward(&rows, &x, &mut between);
            mean_forward(&columns, &between, &mut got);
            average::forward(&square, &x, &mut want);
            assert_all_close(&got, &want, 8.0, &format!("{square:?}"));
        }
    }

    #[test]
    fn bins_are_those_of_adaptive_pooling() {
        for [planes, height, width, rows, columns] in
            [[2, 9, 8, 4, 3], [1, 5, 7, 7, 5], [3, 4, 4, 1, 1]]
        {
            let geometry = AdaptivePool2dGeometry {
                planes,
                input: [height, width],
                output: [rows, columns],
            };
            let x: Vec<f64> = numbers(1, planes * height * width);
            let first = AxisPool::adaptive([planes, height, width], rows).unwrap();
            let second = AxisPool::adaptive([planes * rows, width, 1], columns).unwrap();
            let (mut between, mut got) = (
                vec![0.0; first.output_len()],
                vec![0.0; second.output_len()],
            );
            mean_forward(&first, &x, &mut between);
            mean_forward(&second, &between, &mut got);
            let mut want = vec![0.0; got.len()];
            adaptive_average::forward(&geometry, &x, &mut want);
            assert_all_close(&got, &want, 8.0, &format!("{geometry:?}"));
        }
    }

    #[test]
    fn gradients_are_slopes() {
        for pool in [
            AxisPool::sliding([2, 7, 3], 3, 2, 1).unwrap(),
            AxisPool::adaptive([2, 5, 2], 3).unwrap(),
            AxisPool::sliding([1, 4, 1], 1, 1, 0).unwrap(),
        ] {
            let x: Vec<f64> = numbers(1, pool.input_len());
            let g: Vec<f64> = numbers(2, pool.output_len());
            type Forward = fn(&AxisPool, &[f64], &mut [f64]);
            let (mut of_max, mut of_mean) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            max_backward(&pool, &x, &g, &mut of_max);
            mean_backward(&pool, &g, &mut of_mean);
            let passes: [(Forward, Vec<f64>); 2] = [(max_forward, of_max), (mean_forward, of_mean)];
            for (forward, gradient) in passes {
                for (i, got) in gradient.iter().enumerate() {
                    let want = numeric_slope(&x, i, |x| {
                        let mut y = vec![0.0; g.len()];
                        forward(&pool, x, &mut y);
                        y.iter().zip(&g).map(|(y, g)| y * g).sum()
                    });
                    assert!(
                        (got - want).abs() <= 1e-8,
                        "{pool:?}, {i}: {got} instead of {want}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_pooled_is_none() {
        assert!(AxisPool::sliding([1, 3, 1], 4, 1, 0).is_none());
        assert!(AxisPool::sliding([1, 3, 1], 2, 1, 2).is_none());
        assert!(AxisPool::sliding([1, 3, 1], 2, 0, 0).is_none());
        assert!(AxisPool::adaptive([1, 0, 1], 2).is_none());
        let none = AxisPool::sliding([0, 3, 1], 2, 1, 0).unwrap();
        max_forward::<f32>(&none, &[], &mut []);
    }
}
