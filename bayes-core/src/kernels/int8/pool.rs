//! Pooling of codes over windows, channels last: the maximum, and the sum that a mean is made of.

use std::ops::Range;

use super::codes::{Codes, Wide};
use super::pack::LANES;
use crate::kernels::isa::{Isa, Kernel};

/// The sizes of a pooling of one image (height, width, channels) without a stored border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool8 {
    /// Channels.
    pub channels: usize,
    /// Input height.
    pub height: usize,
    /// Input width.
    pub width: usize,
    /// Height and width of the window; those of the image for a global pooling.
    pub kernel: [usize; 2],
    /// Step of the window.
    pub stride: usize,
    /// Cells added on each side, less than the window so that every window holds some input.
    pub padding: usize,
}

impl Pool8 {
    /// (height + 2·padding − kernel\[0\]) / stride + 1, rounded down; `None` where the window does not
    /// fit, holds nothing but padding, or stride or kernel is 0.
    pub fn out_height(&self) -> Option<usize> {
        self.out_size(self.height, self.kernel[0])
    }

    /// As [`Self::out_height`], of the width.
    pub fn out_width(&self) -> Option<usize> {
        self.out_size(self.width, self.kernel[1])
    }

    fn out_size(&self, size: usize, kernel: usize) -> Option<usize> {
        let room = (size + 2 * self.padding).checked_sub(kernel)?;
        let steps = room.checked_div(self.stride)?;
        (self.padding < kernel && size > 0).then_some(steps + 1)
    }

    /// Bytes of the input.
    pub fn input_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Elements of the output; 0 where there is none.
    pub fn output_len(&self) -> usize {
        self.out_height().unwrap_or(0) * self.out_width().unwrap_or(0) * self.channels
    }

    /// The rows and columns of the input under window `at`.
    #[inline(always)]
    fn under(&self, at: usize, columns: usize) -> [Range<usize>; 2] {
        let inside = |at: usize, kernel: usize, input: usize| {
            let first = at * self.stride;
            first.saturating_sub(self.padding)..input.min(first + kernel - self.padding)
        };
        [
            inside(at / columns, self.kernel[0], self.height),
            inside(at % columns, self.kernel[1], self.width),
        ]
    }
}

/// out\[p, c\] = the largest code under window p; padding never wins.
///
/// # Panics
///
/// If a slice has the wrong length; so for all functions of this module.
pub fn max(isa: Isa, size: &Pool8, q: &[u8], out: &mut [u8]) {
    check(size, q.len(), out.len());
    reduce(isa, size, q, Max { out });
}

/// [`max`] of wide codes.
pub fn max_wide(isa: Isa, size: &Pool8, q: Wide<'_>, hi: &mut [u8], lo: &mut [u8]) {
    check(size, q.count(), hi.len());
    assert_eq!(hi.len(), lo.len(), "int8: planes of one length");
    reduce(isa, size, q, MaxWide { hi, lo });
}

/// acc\[p, c\] = Σ (q − zero) under window p, with 0 for padding.
///
/// [`scale`](super::activation::scale) with a gain of the scale over the window's area makes the
/// mean of it.
pub fn sum(isa: Isa, size: &Pool8, q: impl Codes, zero: i32, acc: &mut [i32]) {
    check(size, q.count(), acc.len());
    reduce(isa, size, q, Sum { zero, acc });
}

fn check(size: &Pool8, input: usize, output: usize) {
    assert_eq!(
        input,
        size.input_len(),
        "int8: length of the pooling's input"
    );
    assert_eq!(
        output,
        size.output_len(),
        "int8: length of the pooling's output"
    );
}

fn reduce<C: Codes>(isa: Isa, size: &Pool8, q: C, reduction: impl Reduction<C>) {
    isa.run(Windows { size, q, reduction });
}

/// What becomes of the codes under a window, 16 channels at a time.
trait Reduction<C: Codes> {
    /// What is known of 16 channels.
    type Lanes;

    /// Before the first code.
    fn start(&self) -> Self::Lanes;

    /// After one more pixel.
    fn add(&self, lanes: &mut Self::Lanes, codes: [C::Code; LANES]);

    /// Stores the first `count` lanes from place `first` on.
    fn store(&mut self, first: usize, count: usize, lanes: Self::Lanes);
}

struct Windows<'a, C, R> {
    size: &'a Pool8,
    q: C,
    reduction: R,
}

impl<C: Codes, R: Reduction<C>> Kernel for Windows<'_, C, R> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let (Some(height), Some(width)) = (self.size.out_height(), self.size.out_width()) else {
            return;
        };
        let channels = self.size.channels;
        for at in 0..height * width {
            let [rows, columns] = self.size.under(at, width);
            for first in (0..channels).step_by(LANES) {
                let count = LANES.min(channels - first);
                let mut lanes = self.reduction.start();
                for y in rows.clone() {
                    for x in columns.clone() {
                        let place = (y * self.size.width + x) * channels + first;
                        self.reduction.add(&mut lanes, self.q.lanes(place, count));
                    }
                }
                self.reduction.store(at * channels + first, count, lanes);
            }
        }
    }
}

struct Max<'a> {
    out: &'a mut [u8],
}

impl Reduction<&[u8]> for Max<'_> {
    type Lanes = [u8; LANES];

    #[inline(always)]
    fn start(&self) -> Self::Lanes {
        [0; LANES]
    }

    #[inline(always)]
    fn add(&self, lanes: &mut Self::Lanes, codes: [u8; LANES]) {
        for (lane, code) in lanes.iter_mut().zip(codes) {
            *lane = code.max(*lane);
        }
    }

    #[inline(always)]
    fn store(&mut self, first: usize, count: usize, lanes: Self::Lanes) {
        self.out[first..first + count].copy_from_slice(&lanes[..count]);
    }
}

struct MaxWide<'a> {
    hi: &'a mut [u8],
    lo: &'a mut [u8],
}

impl Reduction<Wide<'_>> for MaxWide<'_> {
    type Lanes = [u16; LANES];

    #[inline(always)]
    fn start(&self) -> Self::Lanes {
        [0; LANES]
    }

    #[inline(always)]
    fn add(&self, lanes: &mut Self::Lanes, codes: [u16; LANES]) {
        for (lane, code) in lanes.iter_mut().zip(codes) {
            *lane = code.max(*lane);
        }
    }

    #[inline(always)]
    fn store(&mut self, first: usize, count: usize, lanes: Self::Lanes) {
        let hi = &mut self.hi[first..first + count];
        let lo = &mut self.lo[first..first + count];
        for ((hi, lo), lane) in hi.iter_mut().zip(lo).zip(lanes) {
            [*hi, *lo] = lane.to_be_bytes();
        }
    }
}

struct Sum<'a> {
    zero: i32,
    acc: &'a mut [i32],
}

impl<C: Codes> Reduction<C> for Sum<'_> {
    type Lanes = [i32; LANES];

    #[inline(always)]
    fn start(&self) -> Self::Lanes {
        [0; LANES]
    }

    #[inline(always)]
    fn add(&self, lanes: &mut Self::Lanes, codes: [C::Code; LANES]) {
        for (lane, code) in lanes.iter_mut().zip(codes) {
            *lane += code.into() - self.zero;
        }
    }

    #[inline(always)]
    fn store(&mut self, first: usize, count: usize, lanes: Self::Lanes) {
        self.acc[first..first + count].copy_from_slice(&lanes[..count]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::testing::{CHANNELS, codes};

    fn grid() -> impl Iterator<Item = Pool8> {
        let sizes = [
            // height, width, kernel, kernel, stride, padding
            [1, 1, 1, 1, 1, 0],
            [4, 6, 2, 2, 2, 0],
            [5, 7, 3, 3, 2, 1],
            [5, 3, 3, 2, 1, 1],
            [8, 8, 8, 8, 1, 0],
            [2, 9, 3, 3, 3, 2],
            [0, 5, 1, 1, 1, 0],
            [2, 2, 3, 3, 1, 0],
        ];
        let channels = [0].into_iter().chain(CHANNELS);
        channels.flat_map(move |channels| {
            sizes.map(|[height, width, kh, kw, stride, padding]| Pool8 {
                channels,
                height,
                width,
                kernel: [kh, kw],
                stride,
                padding,
            })
        })
    }

    /// What `value` is at each pixel of the input under a window and channel, as plain loops.
    fn under(size: &Pool8, output: usize, value: impl Fn(usize) -> i32) -> Vec<i32> {
        let (c, p) = (output % size.channels, output / size.channels);
        let columns = size.out_width().expect("an output has a column");
        let mut values = Vec::new();
        for ky in 0..size.kernel[0] {
            for kx in 0..size.kernel[1] {
                let y = (p / columns * size.stride + ky).wrapping_sub(size.padding);
                let x = (p % columns * size.stride + kx).wrapping_sub(size.padding);
                if y < size.height && x < size.width {
                    values.push(value((y * size.width + x) * size.channels + c));
                }
            }
        }
        values
    }

    #[test]
    fn agree_with_plain_loops_on_every_isa() {
        for size in grid() {
            let count = size.output_len();
            let (hi, lo) = (codes(1, size.input_len()), codes(2, size.input_len()));
            let narrow = |i: usize| i32::from(lo[i]);
            let both = |i: usize| i32::from(hi[i]) * 256 + i32::from(lo[i]);
            let wide = Wide { hi: &hi, lo: &lo };
            for isa in Isa::available() {
                let [mut out, mut out_hi] = [3, 4].map(|start| vec![start; count]);
                let mut acc = vec![5; count];
                max(isa, &size, &lo, &mut out);
                sum(isa, &size, &lo[..], 100, &mut acc);
                for i in 0..count {
                    let values = under(&size, i, narrow);
                    assert_eq!(
                        Some(i32::from(out[i])),
                        values.iter().copied().max(),
                        "{size:?}"
                    );
                    assert_eq!(
                        acc[i],
                        values.iter().map(|q| q - 100).sum::<i32>(),
                        "{size:?}"
                    );
                }
                max_wide(isa, &size, wide, &mut out_hi, &mut out);
                sum(isa, &size, wide, 30_000, &mut acc);
                for i in 0..count {
                    let values = under(&size, i, both);
                    let got = i32::from(out_hi[i]) * 256 + i32::from(out[i]);
                    assert_eq!(Some(got), values.iter().copied().max(), "{size:?}");
                    assert_eq!(
                        acc[i],
                        values.iter().map(|q| q - 30_000).sum::<i32>(),
                        "{size:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn windows_without_input_are_no_pooling() {
        let size = Pool8 {
            channels: 1,
            height: 4,
            width: 4,
            kernel: [2, 2],
            stride: 1,
            padding: 2,
        };
        assert_eq!((size.out_height(), size.output_len()), (None, 0));
    }
}
