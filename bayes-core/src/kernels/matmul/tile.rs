//! The register-blocked inner product: a few rows of A times a few columns of a packed panel.

use std::ops::Range;

use super::matrix::MatrixMut;
use super::panels::{LANES, Line};
use super::strips::{STRIP, Strips};
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::real::Real;

/// Whether a product overwrites its target or is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// C = A·B.
    Overwrite,
    /// C += A·B; the sum over k starts from the old element.
    Accumulate,
}

/// C (+)= A·B for the strips from `first_strip` on and panels of `strips.depth()` ≥ 1 lines each.
///
/// Runs the tile of the given instruction set. Tiles differ in how many elements are computed at
/// once, never in how one element is computed.
pub(in crate::kernels) fn multiply<E: Real>(
    isa: Isa,
    strips: &Strips<E>,
    first_strip: usize,
    panels: &[Line<E>],
    c: MatrixMut<'_, E>,
    write: Write,
) {
    let depth = strips.depth();
    let strips = &strips.columns()[first_strip * depth..];
    let (few_rows, few_columns) = (c.rows() <= 4, c.columns() <= 16);
    macro_rules! run {
        ($fma:literal, $rows:literal, $columns:literal) => {
            isa.run(Tiles::<E, $fma, $rows, $columns> {
                strips,
                depth,
                panels,
                c,
                write,
            })
        };
    }
    // Two vectors wide where there is enough to fill them; for f64 a vector holds half as many
    // numbers.
    match (isa, size_of::<E>()) {
        (Isa::Avx512, 4) if few_rows => run!(true, 4, 32),
        (Isa::Avx512, 4) if few_columns => run!(true, 8, 16),
        (Isa::Avx512, 4) => run!(true, 8, 32),
        (Isa::Avx512, _) => run!(true, 8, 16),
        (Isa::Avx2, 4) => run!(true, 4, 16),
        (Isa::Avx2, _) => run!(true, 4, 8),
        (Isa::Portable, 4) => run!(false, 4, 8),
        (Isa::Portable, _) => run!(false, 4, 4),
    }
}

/// The work of [`multiply`] in tiles of `ROWS` × `COLUMNS`, with or without fused multiply-add.
struct Tiles<'a, 'c, E, const FMA: bool, const ROWS: usize, const COLUMNS: usize> {
    strips: &'a [[E; STRIP]],
    depth: usize,
    panels: &'a [Line<E>],
    c: MatrixMut<'c, E>,
    write: Write,
}

impl<E: Real, const FMA: bool, const ROWS: usize, const COLUMNS: usize> Kernel
    for Tiles<'_, '_, E, FMA, ROWS, COLUMNS>
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self {
            strips,
            depth,
            panels,
            mut c,
            write,
        } = self;
        let (rows, width) = (c.rows(), c.columns());
        for (panel, left) in panels.chunks(depth).zip((0..width).step_by(LANES)) {
            for offset in (0..LANES.min(width - left)).step_by(COLUMNS) {
                let columns = left + offset..width.min(left + offset + COLUMNS);
                for top in (0..rows).step_by(ROWS) {
                    let strip = top / STRIP * depth;
                    let strip = &strips[strip..strip + depth];
                    let present = top..rows.min(top + ROWS);
                    let start = load::<E, ROWS, COLUMNS>(&mut c, &present, &columns, write);
                    let sums =
                        tile::<E, FMA, ROWS, COLUMNS>(strip, top % STRIP, panel, offset, start);
                    store(&mut c, &present, &columns, &sums);
                }
            }
        }
    }
}

/// What the sums of a tile start from; zero outside the matrix.
#[inline(always)]
fn load<E: Real, const ROWS: usize, const COLUMNS: usize>(
    c: &mut MatrixMut<'_, E>,
    rows: &Range<usize>,
    columns: &Range<usize>,
    write: Write,
) -> [[E; COLUMNS]; ROWS] {
    let mut start = [[E::zero(); COLUMNS]; ROWS];
    if write == Write::Accumulate {
        for (start, row) in start.iter_mut().zip(rows.clone()) {
            start[..columns.len()].copy_from_slice(c.row_mut(row, columns.clone()));
        }
    }
    start
}

/// Writes the part of a tile that lies inside the matrix.
#[inline(always)]
fn store<E: Real, const ROWS: usize, const COLUMNS: usize>(
    c: &mut MatrixMut<'_, E>,
    rows: &Range<usize>,
    columns: &Range<usize>,
    sums: &[[E; COLUMNS]; ROWS],
) {
    for (sums, row) in sums.iter().zip(rows.clone()) {
        let target = c.row_mut(row, columns.clone());
        match <&mut [E; COLUMNS]>::try_from(&mut *target) {
            Ok(whole) => *whole = *sums,
            Err(_) => target.copy_from_slice(&sums[..target.len()]),
        }
    }
}

/// Repeats a statement for each row index below `$rows` ≤ 8.
macro_rules! unroll_rows {
    ($rows:ident, $i:ident => $statement:expr) => {
        unroll_rows!(@each $rows, $i, $statement, 0 1 2 3 4 5 6 7)
    };
    (@each $rows:ident, $i:ident, $statement:expr, $($index:literal)*) => {
        $(
            if $index < $rows {
                let $i = $index;
                $statement;
            }
        )*
    };
}

/// `sums` + a·b, fused or in two roundings.
#[inline(always)]
fn add_scaled<E: Real, const FMA: bool, const COLUMNS: usize>(
    a: E,
    b: &[E; COLUMNS],
    sums: &mut [E; COLUMNS],
) {
    for (sum, &b) in sums.iter_mut().zip(b) {
        *sum = if FMA {
            a.mul_add(b, *sum)
        } else {
            *sum + a * b
        };
    }
}

/// `start` + strip · panel, each element by one accumulator in the order of k.
///
/// The tile reads the strip from row `first_row` on and the panel from column `first_column` on.
#[inline(always)]
fn tile<E: Real, const FMA: bool, const ROWS: usize, const COLUMNS: usize>(
    strip: &[[E; STRIP]],
    first_row: usize,
    panel: &[Line<E>],
    first_column: usize,
    start: [[E; COLUMNS]; ROWS],
) -> [[E; COLUMNS]; ROWS] {
    let mut sums = start;
    // Where the tile is as large as what it reads from, the offsets are known to be 0.
    let first_row = if ROWS == STRIP { 0 } else { first_row };
    let first_column = if COLUMNS == LANES { 0 } else { first_column };
    for (a, line) in strip.iter().zip(panel) {
        let a = a[first_row..].first_chunk::<ROWS>();
        let b = line.0[first_column..].first_chunk::<COLUMNS>();
        let (Some(a), Some(b)) = (a, b) else { break };
        // Written out because the compiler leaves a loop of this size rolled, and with it the sums
        // in memory: 40 times slower.
        unroll_rows!(ROWS, i => add_scaled::<E, FMA, COLUMNS>(a[i], b, &mut sums[i]));
    }
    sums
}
