//! Eight rows at a time, turned into columns: the reading side of a packed operand whose elements lie the other way in memory.

use std::ops::Range;

/// Number types of which eight rows are turned at once.
pub trait Transpose: Copy + Sized {
    /// Writes element k of each row to the place that `eight` shows in target k, for all k below the shortest length.
    fn transpose<T>(
        rows: [&[Self]; 8],
        targets: &mut [T],
        eight: impl Fn(&mut T) -> &mut [Self; 8],
    ) {
        transpose_plainly(rows, targets, eight);
    }
}

impl Transpose for f64 {}

impl Transpose for f32 {
    fn transpose<T>(
        rows: [&[Self]; 8],
        targets: &mut [T],
        eight: impl Fn(&mut T) -> &mut [Self; 8],
    ) {
        #[cfg(target_arch = "x86_64")]
        if crate::kernels::isa::Isa::Avx2.is_available() {
            // SAFETY: this processor has AVX2.
            return unsafe { avx2::transpose(rows, targets, eight) };
        }
        transpose_plainly(rows, targets, eight);
    }
}

/// [`Transpose::transpose`], element by element.
fn transpose_plainly<E: Copy, T>(
    rows: [&[E]; 8],
    targets: &mut [T],
    eight: impl Fn(&mut T) -> &mut [E; 8],
) {
    for (i, row) in rows.into_iter().enumerate() {
        for (target, &value) in targets.iter_mut().zip(row) {
            eight(target)[i] = value;
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    /// [`Transpose::transpose`](super::Transpose::transpose) in squares of 8 × 8.
    #[target_feature(enable = "avx2")]
    pub fn transpose<T>(
        rows: [&[f32]; 8],
        targets: &mut [T],
        eight: impl Fn(&mut T) -> &mut [f32; 8],
    ) {
        let length = rows.iter().fold(targets.len(), |n, row| n.min(row.len()));
        if length < 8 {
            return super::transpose_plainly(rows, targets, eight);
        }
        let [a, b, c, d, e, f, g, h] = rows;
        // The last square overlaps the one before where the length is no multiple of 8.
        for at in (0..length.next_multiple_of(8)).step_by(8) {
            let at = at.min(length - 8);
            let columns = turned([
                load(a, at),
                load(b, at),
                load(c, at),
                load(d, at),
                load(e, at),
                load(f, at),
                load(g, at),
                load(h, at),
            ]);
            for (target, column) in targets[at..at + 8].iter_mut().zip(columns) {
                store(eight(target), column);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(row: &[f32], at: usize) -> __m256 {
        let eight: &[f32; 8] = row[at..].first_chunk().expect("eight more numbers");
        // SAFETY: the array is eight numbers to read.
        unsafe { _mm256_loadu_ps(eight.as_ptr()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn store(target: &mut [f32; 8], column: __m256) {
        // SAFETY: the array is eight numbers to write.
        unsafe { _mm256_storeu_ps(target.as_mut_ptr(), column) }
    }

    /// The columns of eight rows: pairs of rows are interleaved, pairs of these by twos, and their halves put together.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn turned([a, b, c, d, e, f, g, h]: [__m256; 8]) -> [__m256; 8] {
        let above = fours(a, b, c, d);
        let below = fours(e, f, g, h);
        let low = _mm256_permute2f128_ps::<0x20>;
        let high = _mm256_permute2f128_ps::<0x31>;
        [
            low(above[0], below[0]),
            low(above[1], below[1]),
            low(above[2], below[2]),
            low(above[3], below[3]),
            high(above[0], below[0]),
            high(above[1], below[1]),
            high(above[2], below[2]),
            high(above[3], below[3]),
        ]
    }

    /// In each half, the columns of four rows.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn fours(a: __m256, b: __m256, c: __m256, d: __m256) -> [__m256; 4] {
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        let (ab_high, cd_high) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        [
            _mm256_shuffle_ps::<0x44>(ab, cd),
            _mm256_shuffle_ps::<0xee>(ab, cd),
            _mm256_shuffle_ps::<0x44>(ab_high, cd_high),
            _mm256_shuffle_ps::<0xee>(ab_high, cd_high),
        ]
    }
}

/// The first eight numbers of a range that has so many.
pub(in crate::kernels) fn eight_from(range: Range<usize>) -> Option<[usize; 8]> {
    (range.len() >= 8).then(|| std::array::from_fn(|i| range.start + i))
}

/// Eight elements of a longer array, from `first` on.
#[inline(always)]
pub(in crate::kernels) fn eight_of<E, const N: usize>(
    elements: &mut [E; N],
    first: usize,
) -> &mut [E; 8] {
    let eight = elements[first..].first_chunk_mut();
    eight.expect("a place inside the array")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::numbers;

    #[test]
    fn rows_become_columns() {
        for length in [0, 1, 7, 8, 9, 40, 43] {
            let data: Vec<f32> = numbers(1, 8 * length);
            let rows: [&[f32]; 8] = std::array::from_fn(|i| &data[i * length..(i + 1) * length]);
            let mut got = vec![[-1.0; 12]; length + 1];
            let mut want = got.clone();
            f32::transpose(rows, &mut got, |target| eight_of(target, 3));
            transpose_plainly(rows, &mut want, |target| eight_of(target, 3));
            assert_eq!(got, want);
            for (k, target) in want[..length].iter().enumerate() {
                assert_eq!(target[..3], [-1.0; 3]);
                assert_eq!(target[11], -1.0);
                assert_eq!(target[3..11], rows.map(|row| row[k]));
            }
        }
    }
}
