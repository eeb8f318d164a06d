//! The inner loops of the integer product, without im2col: a few pixels times a few blocks of 16
//! outputs at once.

use std::ops::Range;
use std::slice::ChunksExactMut;

use super::dot::Dot;
use super::geometry::{Runs, SLACK, Window8};
use super::pack::{LANES, Line, Packed};
use super::positions::Positions;

/// How many pixels and blocks a tile covers, so that its sums stay in registers.
pub(super) trait Tiling {
    /// Computes some blocks of a group from `block` on at every pixel; returns how many.
    ///
    /// # Safety
    ///
    /// The processor has the instruction set.
    unsafe fn blocks<D: Dot>(product: &mut Product<'_>, group: usize, block: usize) -> usize;
}

/// Tiles for 16 registers: the sums of a block are two or four of them.
pub(super) struct Registers16;

impl Tiling for Registers16 {
    #[inline(always)]
    unsafe fn blocks<D: Dot>(product: &mut Product<'_>, group: usize, block: usize) -> usize {
        // SAFETY: passed on.
        unsafe { product.pixels::<D, 4, 1>(group, block) }
    }
}

/// Tiles for 32 registers that hold a block each: 12 to 18 sums, enough for two instructions a cycle that
/// take five.
#[cfg(any(target_arch = "x86_64", test))]
pub(super) struct Registers32;

#[cfg(any(target_arch = "x86_64", test))]
impl Tiling for Registers32 {
    #[inline(always)]
    unsafe fn blocks<D: Dot>(product: &mut Product<'_>, group: usize, block: usize) -> usize {
        // SAFETY: passed on.
        unsafe {
            match product.blocks - block {
                1 => product.pixels::<D, 12, 1>(group, block),
                2 => product.pixels::<D, 8, 2>(group, block),
                3 => product.pixels::<D, 6, 3>(group, block),
                _ => product.pixels::<D, 4, 4>(group, block),
            }
        }
    }
}

/// The arguments, their lengths checked.
pub(super) struct Product<'a> {
    size: &'a Window8,
    runs: Runs,
    /// Blocks of 16 outputs in each group.
    blocks: usize,
    x: &'a [u8],
    lines: &'a [Line],
    acc: &'a mut [i32],
}

impl<'a> Product<'a> {
    /// Checks the lengths.
    pub fn new(size: &'a Window8, x: &'a [u8], w: &'a Packed, acc: &'a mut [i32]) -> Self {
        size.check_groups();
        let runs = size.runs();
        let blocks = size.group_outputs().div_ceil(LANES);
        let needed = size.input_len() + SLACK;
        assert!(
            x.len() >= needed,
            "int8: the input has {} bytes instead of {needed}, of which {SLACK} are slack",
            x.len()
        );
        let lines = size.groups * blocks * runs.depth();
        assert!(
            w.lines.len() == lines && w.sums().len() == size.outputs,
            "int8: the weights are packed for another layer"
        );
        assert_eq!(acc.len(), size.output_len(), "int8: length of the sums");
        Self {
            size,
            runs,
            blocks,
            x,
            lines: &w.lines,
            acc,
        }
    }

    /// Computes all sums.
    ///
    /// # Safety
    ///
    /// The processor has the instruction set.
    #[inline(always)]
    pub unsafe fn run<D: Dot, T: Tiling>(mut self) {
        for group in 0..self.size.groups {
            let mut block = 0;
            while block < self.blocks {
                // SAFETY: passed on.
                block += unsafe { T::blocks::<D>(&mut self, group, block) };
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
