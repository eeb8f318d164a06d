//! Reduces codes along one axis, channels last: poolings of lines and volumes, and adaptive ones.

use crate::kernels::pool_axis::AxisPool;

/// y = the elements of x in each window, combined in order.
///
/// # Panics
///
/// If a slice has the wrong length.
pub fn combine<T: Copy>(pool: &AxisPool, x: &[T], y: &mut [T], with: impl Fn(T, T) -> T) {
    assert_eq!(
        x.len(),
        pool.input_len(),
        "int8: length of the pooling's input"
    );
    assert_eq!(
        y.len(),
        pool.output_len(),
        "int8: length of the pooling's output"
    );
    let inner = pool.inner.max(1);
    let planes = x.chunks_exact((pool.size * inner).max(1));
    for (x, y) in planes.zip(y.chunks_exact_mut((pool.windows.len() * inner).max(1))) {
        for (row, window) in y.chunks_exact_mut(inner).zip(&pool.windows) {
            row.copy_from_slice(&x[window.start * inner..][..inner]);
            for i in window.clone().skip(1) {
                for (sum, &value) in row.iter_mut().zip(&x[i * inner..]) {
                    *sum = with(*sum, value);
                }
            }
        }
    }
}

/// Pools each of the last `axes` sides of one example (sides, channels), one after the other.
///
/// `windows` says how along `(outer, size, inner)`; what it does not pool it leaves.
pub fn over<T: Copy + Default>(
    mut sides: [usize; 3],
    axes: usize,
    channels: usize,
    x: &[T],
    windows: impl Fn([usize; 3]) -> Option<AxisPool>,
    with: impl Fn(T, T) -> T,
) -> Vec<T> {
    let mut values = x.to_vec();
    for axis in 3 - axes..3 {
        let before: usize = sides[..axis].iter().product();
        let behind: usize = sides[axis + 1..].iter().product();
        let Some(pool) = windows([before, sides[axis], behind * channels]) else {
            continue;
        };
        let mut y = vec![T::default(); pool.output_len()];
        combine(&pool, &values, &mut y, &with);
        sides[axis] = pool.windows.len();
        values = y;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_bins_are_combined() {
        // Two positions of a line, five steps, two channels.
        let x: Vec<i32> = (0..10).map(|i| i * i % 7).collect();
        let windows = |axis| AxisPool::sliding(axis, 3, 2, 1);
        let largest = over([1, 1, 5], 1, 2, &x, windows, i32::max);
        // Steps (0, 1), (1, 2, 3), (3, 4): of the channels 0 4 2 1 1 and 1 2 4 0 4.
        assert_eq!(largest, [4, 2, 4, 4, 1, 4]);
        let bins = |axis| AxisPool::adaptive(axis, 2);
        let sums = over([1, 1, 5], 1, 2, &x, bins, |a, b| a + b);
        assert_eq!(sums, [6, 7, 4, 8]);
    }
}
