//! The inner loops of the integer product, without im2col: a few pixels times a few blocks of 16
//! outputs at once, in steps of as many products as the instruction set adds to a sum at once.

use std::ops::Range;
use std::slice::ChunksExactMut;

use super::dot::Dot;
use super::geometry::{Runs, SLACK, Window8};
use super::pack::LANES;
use super::positions::Positions;

/// How many pixels and blocks a tile covers, so that its sums stay in registers.
pub(super) trait Tiling {
    /// Computes some blocks of a group from `block` on at every pixel; returns how many.
    ///
    /// # Safety
    ///
    /// The processor has the instruction set.
    unsafe fn blocks<D: Dot>(product: &mut Product<'_, D>, group: usize, block: usize) -> usize;
}

/// One block at so many pixels, or so many of the last ones, for 16 registers: its sums are two or four of them.
pub(super) struct Pixelwise<const PIXELS: usize, const LAST: usize>;

impl<const PIXELS: usize, const LAST: usize> Tiling for Pixelwise<PIXELS, LAST> {
    #[inline(always)]
    unsafe fn blocks<D: Dot>(product: &mut Product<'_, D>, group: usize, block: usize) -> usize {
        // SAFETY: passed on.
        unsafe { product.pixels::<PIXELS, LAST, 1>(group, block) }
    }
}

/// Tiles for 32 registers that hold a block each: 12 to 18 sums, enough for two instructions a cycle that
/// take five.
#[cfg(any(target_arch = "x86_64", test))]
pub(super) struct Registers32;

#[cfg(any(target_arch = "x86_64", test))]
impl Tiling for Registers32 {
    #[inline(always)]
    unsafe fn blocks<D: Dot>(product: &mut Product<'_, D>, group: usize, block: usize) -> usize {
        // SAFETY: passed on.
        unsafe {
            match product.blocks - block {
                1 => product.pixels::<12, 1, 1>(group, block),
                2 => product.pixels::<8, 1, 2>(group, block),
                3 => product.pixels::<6, 1, 3>(group, block),
                _ => product.pixels::<4, 1, 4>(group, block),
            }
        }
    }
}

/// Steps over all runs: the lines of weights of a block.
#[inline(always)]
fn steps<D: Dot>(runs: &Runs) -> usize {
    runs.depth() * (4 / D::STEP)
}

/// The arguments, their lengths checked.
pub(super) struct Product<'a, D: Dot> {
    size: &'a Window8,
    runs: Runs,
    /// Blocks of 16 outputs in each group.
    blocks: usize,
    x: &'a [D::Code],
    lines: &'a [D::Line],
    acc: &'a mut [i32],
}

impl<'a, D: Dot> Product<'a, D> {
    /// Checks the lengths.
    pub fn new(
        size: &'a Window8,
        x: &'a [D::Code],
        lines: &'a [D::Line],
        acc: &'a mut [i32],
    ) -> Self {
        size.check_groups();
        let runs = size.runs();
        let blocks = size.group_outputs().div_ceil(LANES);
        let needed = size.input_len() + SLACK;
        assert!(
            x.len() >= needed,
            "int8: the input has {} bytes instead of {needed}, of which {SLACK} are slack",
            x.len()
        );
        let depth = size.groups * blocks * steps::<D>(&runs);
        assert!(
            lines.len() == depth,
            "int8: the weights are packed for another layer"
        );
        assert_eq!(acc.len(), size.output_len(), "int8: length of the sums");
        Self {
            size,
            runs,
            blocks,
            x,
            lines,
            acc,
        }
    }

    /// Computes all sums.
    ///
    /// # Safety
    ///
    /// The processor has the instruction set.
    #[inline(always)]
    pub unsafe fn run<T: Tiling>(mut self) {
        for group in 0..self.size.groups {
            let mut block = 0;
            while block < self.blocks {
                // SAFETY: passed on.
                block += unsafe { T::blocks(&mut self, group, block) };
            }
        }
    }

    /// V blocks at every pixel, P pixels at a time, or LAST where no more are left.
    ///
    /// # Safety
    ///
    /// As [`Self::run`].
    #[inline(always)]
    unsafe fn pixels<const P: usize, const LAST: usize, const V: usize>(
        &mut self,
        group: usize,
        block: usize,
    ) -> usize {
        let depth = steps::<D>(&self.runs);
        let outputs = self.size.group_outputs();
        let first = group * outputs + block * LANES;
        let mut pixels = Pixels::<D> {
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
                1 => unsafe { pixels.next::<1, V>() },
                left if left <= LAST => unsafe { pixels.next::<LAST, V>() },
                _ => unsafe { pixels.next::<P, V>() },
            }
        }
    }
}

/// The pixels that are still to be computed for V blocks of outputs.
struct Pixels<'a, D: Dot> {
    runs: Runs,
    x: &'a [D::Code],
    lines: &'a [D::Line],
    positions: Positions,
    /// The sums of each pixel, and which of them the blocks are.
    acc: ChunksExactMut<'a, i32>,
    outputs: Range<usize>,
}

impl<D: Dot> Pixels<'_, D> {
    /// Computes the next P pixels or those that are left.
    ///
    /// # Safety
    ///
    /// As [`Product::run`].
    #[inline(always)]
    unsafe fn next<const P: usize, const V: usize>(&mut self) {
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
/// The processor has the instruction set, `lines` holds V blocks of [`steps`] lines, and `x`
/// holds the windows and [`SLACK`] bytes more.
#[inline(always)]
unsafe fn tile<D: Dot, const P: usize, const V: usize>(
    runs: &Runs,
    x: &[D::Code],
    at: [usize; P],
    lines: &[D::Line],
) -> [[D::Sums; V]; P] {
    let depth = steps::<D>(runs);
    // SAFETY: passed on; so below.
    let mut sums = [[unsafe { D::zero() }; V]; P];
    let mut line = 0;
    for row in 0..runs.rows {
        for run in 0..runs.per_row {
            let start = row * runs.row_step + run * runs.step;
            for code in (start..start + 4 * runs.quads).step_by(D::STEP) {
                // SAFETY: there are `depth` steps in all runs, and as many lines in each block.
                let w: [_; V] = std::array::from_fn(|v| unsafe {
                    debug_assert!(v * depth + line < lines.len());
                    D::weights(lines.get_unchecked(v * depth + line))
                });
                for p in 0..P {
                    debug_assert!(at[p] + code + D::STEP <= x.len());
                    // SAFETY: the code lies in the window or less than four behind a run of it.
                    let input = unsafe { D::input(x.as_ptr().add(at[p] + code)) };
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
