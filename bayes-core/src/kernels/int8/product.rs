//! The integer convolution without im2col: a few pixels times a few blocks of 16 outputs at once.

use std::ops::Range;
use std::slice::ChunksExactMut;

use super::dot::{Dot, Portable};
use super::geometry::{Runs, SLACK, Window8};
use super::pack::{LANES, Line, Packed};
use super::positions::Positions;
use crate::kernels::isa::Isa;

/// acc\[(y·out_width + x)·outputs + o\] = Σ x·w over the window at (y, x), overwriting.
///
/// `x` holds the image with its border and [`SLACK`] bytes more, `w` is packed by a
/// [`Layout`](super::Layout) of the same channels, outputs, groups, kernel and dilation. Exact as
/// long as no sum leaves i32, which 65 000 products cannot.
///
/// # Panics
///
/// If a slice or the packed weights have the wrong length.
pub fn product(size: &Window8, x: &[u8], w: &Packed, acc: &mut [i32]) {
    product_on(Isa::active(), size, x, w, acc);
}

/// [`product`] on a given instruction set.
///
/// [`Isa::Avx512`] uses VNNI where the processor has it and AVX2 otherwise.
pub fn product_on(isa: Isa, size: &Window8, x: &[u8], w: &Packed, acc: &mut [i32]) {
    size.check_groups();
    let runs = size.runs();
    let blocks = size.group_outputs().div_ceil(LANES);
    assert!(
        x.len() >= size.input_len() + SLACK,
        "int8: the input has {} bytes and needs {} and {SLACK} behind them",
        x.len(),
        size.input_len()
    );
    assert!(
        w.lines.len() == size.groups * blocks * runs.depth() && w.sums().len() == size.outputs,
        "int8: the weights are packed for another layer"
    );
    assert_eq!(acc.len(), size.output_len(), "int8: length of the sums");
    if acc.is_empty() {
        return;
    }
    let product = Product {
        size,
        runs,
        blocks,
        x,
        lines: &w.lines,
        acc,
    };
    #[cfg(target_arch = "x86_64")]
    match isa {
        // SAFETY: the guard has just seen that this processor has the features; so below.
        Isa::Avx512 if has_vnni() => return unsafe { run_vnni(product) },
        Isa::Avx512 | Isa::Avx2 if Isa::Avx2.is_available() => return unsafe { run_avx2(product) },
        _ => {}
    }
    // SAFETY: the portable version needs nothing; the lengths were checked above.
    unsafe { product.run::<Portable>() }
}

/// Whether this processor has AVX-512 and its integer dot products.
#[cfg(target_arch = "x86_64")]
fn has_vnni() -> bool {
    Isa::Avx512.is_available() && is_x86_feature_detected!("avx512vnni")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512vnni,avx2,fma")]
fn run_vnni(product: Product<'_>) {
    // SAFETY: this function has the features; the caller checked the lengths.
    unsafe { product.run::<super::dot::Vnni>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2(product: Product<'_>) {
    // SAFETY: this function has the features; the caller checked the lengths.
    unsafe { product.run::<super::dot::Avx2>() }
}

/// How many pixels and blocks a tile covers, so that its sums stay in registers.
trait Tiling: Dot {
    /// Computes some blocks of a group from `block` on at every pixel; returns how many.
    ///
    /// # Safety
    ///
    /// The processor has the instruction set, and the lengths have been checked.
    unsafe fn blocks(product: &mut Product<'_>, group: usize, block: usize) -> usize;
}

impl Tiling for Portable {
    #[inline(always)]
    unsafe fn blocks(product: &mut Product<'_>, group: usize, block: usize) -> usize {
        // SAFETY: passed on.
        unsafe { product.pixels::<Self, 2, 1>(group, block) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Tiling for super::dot::Avx2 {
    #[inline(always)]
    unsafe fn blocks(product: &mut Product<'_>, group: usize, block: usize) -> usize {
        // SAFETY: passed on.
        unsafe { product.pixels::<Self, 4, 1>(group, block) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Tiling for super::dot::Vnni {
    /// 12 to 18 sums of 32 registers: enough for two instructions a cycle that take five.
    #[inline(always)]
    unsafe fn blocks(product: &mut Product<'_>, group: usize, block: usize) -> usize {
        // SAFETY: passed on.
        unsafe {
            match product.blocks - block {
                1 => product.pixels::<Self, 12, 1>(group, block),
                2 => product.pixels::<Self, 8, 2>(group, block),
                3 => product.pixels::<Self, 6, 3>(group, block),
                _ => product.pixels::<Self, 4, 4>(group, block),
            }
        }
    }
}

/// The arguments, their lengths checked.
struct Product<'a> {
    size: &'a Window8,
    runs: Runs,
    /// Blocks of 16 outputs in each group.
    blocks: usize,
    x: &'a [u8],
    lines: &'a [Line],
    acc: &'a mut [i32],
}

impl Product<'_> {
    /// # Safety
    ///
    /// The processor has the instruction set, and the lengths have been checked.
    #[inline(always)]
    unsafe fn run<D: Tiling>(mut self) {
        for group in 0..self.size.groups {
            let mut block = 0;
            while block < self.blocks {
                // SAFETY: passed on.
                block += unsafe { D::blocks(&mut self, group, block) };
            }
        }
    }

    /// V blocks at every pixel, P pixels at a time.
    ///
    /// # Safety
    ///
    /// As [`Self::run`].
    #[inline(always)]
    unsafe fn pixels<D: Dot, const P: usize, const V: usize>(
        &mut self,
        group: usize,
        block: usize,
    ) -> usize {
        let depth = self.runs.depth();
        let outputs = self.size.group_outputs();
        let first = group * outputs + block * LANES;
        let mut pixels = Pixels {
            runs: self.runs,
            x: self.x,
            lines: &self.lines[(group * self.blocks + block) * depth..][..V * depth],
            positions: Positions::new(self.size, group * self.size.group_channels()),
            acc: self.acc.chunks_exact_mut(self.size.outputs),
            outputs: first..first + (outputs - block * LANES).min(V * LANES),
        };
        loop {
            // SAFETY: passed on.
            match pixels.acc.len() {
                0 => return V,
                1 => unsafe { pixels.next::<D, 1, V>() },
                _ => unsafe { pixels.next::<D, P, V>() },
            }
        }
    }
}

/// The pixels that are still to be computed for V blocks of outputs.
struct Pixels<'a> {
    runs: Runs,
    x: &'a [u8],
    lines: &'a [Line],
    positions: Positions,
    /// The sums of each pixel, and which of them the blocks are.
    acc: ChunksExactMut<'a, i32>,
    outputs: Range<usize>,
}

impl Pixels<'_> {
    /// Computes the next P pixels or those that are left.
    ///
    /// # Safety
    ///
    /// As [`Product::run`].
    #[inline(always)]
    unsafe fn next<D: Dot, const P: usize, const V: usize>(&mut self) {
        let left = self.acc.len();
        let mut at = [0; P];
        for (p, at) in at.iter_mut().enumerate() {
            // Past the last pixel the last is computed again and not stored.
            *at = if p < left {
                self.positions.next()
            } else {
                self.positions.last()
            };
        }
        // SAFETY: the positions are some of the output; the rest is passed on.
        let sums = unsafe { tile::<D, P, V>(&self.runs, self.x, at, self.lines) };
        for (pixel, sums) in self.acc.by_ref().take(P).zip(&sums) {
            // SAFETY: passed on.
            unsafe { store::<D, V>(sums, &mut pixel[self.outputs.clone()]) };
        }
    }
}

/// Sums of V blocks at P pixels whose windows begin at `at`.
///
/// # Safety
///
/// The processor has the instruction set, `lines` holds V blocks of `runs.depth()` lines, and `x`
/// holds the windows and [`SLACK`] bytes more.
#[inline(always)]
unsafe fn tile<D: Dot, const P: usize, const V: usize>(
    runs: &Runs,
    x: &[u8],
    at: [usize; P],
    lines: &[Line],
) -> [[D::Sums; V]; P] {
    let depth = runs.depth();
    // SAFETY: passed on; so below.
    let mut sums = [[unsafe { D::zero() }; V]; P];
    let mut line = 0;
    for row in 0..runs.rows {
        for run in 0..runs.per_row {
            let start = row * runs.row_step + run * runs.step;
            for byte in (start..start + 4 * runs.quads).step_by(4) {
                // SAFETY: there are `depth` quads in all runs, and as many lines in each block.
                let w: [_; V] = std::array::from_fn(|v| unsafe {
                    D::weights(read_line(lines, v * depth + line))
                });
                for p in 0..P {
                    // SAFETY: the byte lies in the window or less than four bytes behind a run of it.
                    let input = unsafe { D::input(read_four(x, at[p] + byte)) };
                    for v in 0..V {
                        // SAFETY: passed on.
                        sums[p][v] = unsafe { D::add(sums[p][v], input, w[v]) };
                    }
                }
                line += 1;
            }
        }
    }
    sums
}

/// Writes the sums of up to V blocks at one pixel.
///
/// # Safety
///
/// The processor has the instruction set.
#[inline(always)]
unsafe fn store<D: Dot, const V: usize>(sums: &[D::Sums; V], acc: &mut [i32]) {
    for (acc, sums) in acc.chunks_mut(LANES).zip(sums) {
        // SAFETY: passed on.
        let sums = unsafe { D::numbers(*sums) };
        match <&mut [i32; LANES]>::try_from(&mut *acc) {
            Ok(whole) => *whole = sums,
            Err(_) => acc.copy_from_slice(&sums[..acc.len()]),
        }
    }
}

/// # Safety
///
/// `at` + 4 bytes exist.
#[inline(always)]
unsafe fn read_four(x: &[u8], at: usize) -> [u8; 4] {
    debug_assert!(at + 4 <= x.len());
    // SAFETY: the caller vouches for the four bytes; a byte array needs no alignment.
    unsafe { *x.as_ptr().add(at).cast() }
}

/// # Safety
///
/// Line `at` exists.
#[inline(always)]
unsafe fn read_line(lines: &[Line], at: usize) -> &Line {
    debug_assert!(at < lines.len());
    // SAFETY: the caller vouches for it.
    unsafe { lines.get_unchecked(at) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::testing::{codes, grid, weights};
    use crate::kernels::int8::{Layout, reference};

    #[test]
    fn agrees_with_the_reference_on_every_isa() {
        for size in grid() {
            let x = codes(1, size.input_len() + SLACK);
            let w = weights(2, size.weight_len());
            let packed = Layout::new(&size).pack(&w);
            let mut want = vec![0; size.output_len()];
            reference::product(&size, &x, &w, &mut want);
            for isa in Isa::available() {
                let mut acc = vec![-1; want.len()];
                product_on(isa, &size, &x, &packed, &mut acc);
                assert_eq!(acc, want, "{size:?} on {isa}");
            }
        }
    }

    /// 255·(−128) in every place, which overflows 16 bits wherever two products are added in them.
    #[test]
    fn extreme_codes_do_not_saturate() {
        let size = Window8::linear(5, 1023, 33);
        let x = vec![255; size.input_len() + SLACK];
        for weight in [-128, 127] {
            let packed = Layout::new(&size).pack(&vec![weight; size.weight_len()]);
            for isa in Isa::available() {
                let mut acc = vec![0; size.output_len()];
                product_on(isa, &size, &x, &packed, &mut acc);
                let want = 1023 * 255 * i32::from(weight);
                assert!(acc.iter().all(|&sum| sum == want), "{weight} on {isa}");
            }
        }
    }

    /// A buffer used for a larger layer before gives the same sums.
    #[test]
    fn a_packed_buffer_can_be_used_again() {
        let mut packed = Packed::empty();
        for size in grid().into_iter().rev() {
            let w = weights(3, size.weight_len());
            let layout = Layout::new(&size);
            layout.pack_into(&w, &mut packed);
            let x = codes(4, size.input_len() + SLACK);
            let [mut fresh, mut again] = [0; 2].map(|_| vec![0; size.output_len()]);
            product(&size, &x, &layout.pack(&w), &mut fresh);
            product(&size, &x, &packed, &mut again);
            assert_eq!(again, fresh, "{size:?}");
            assert_eq!(packed.sums(), layout.pack(&w).sums());
        }
    }
}
