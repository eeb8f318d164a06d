//! The left operand of a product, packed into strips of [`STRIP`] adjacent rows.

use super::matrix::Matrix;
use super::scratch::at_least;
use super::transpose::{eight_from, eight_of};
use crate::kernels::real::Real;

/// Rows in one strip: a whole number of tiles on every instruction set.
pub const STRIP: usize = 12;

/// An m×k matrix packed for reading by the product: strip after strip, column after column, with
/// the rows missing from the last strip set to zero.
#[derive(Clone, Debug)]
pub struct Strips<E> {
    /// And perhaps what is left of a longer buffer.
    columns: Vec<[E; STRIP]>,
    rows: usize,
    depth: usize,
}

impl<E: Real> Strips<E> {
    /// Packs an m×k matrix; its transposed view is as welcome.
    pub fn pack(a: Matrix<'_, E>) -> Self {
        Self::pack_into(a, Vec::new())
    }

    /// [`Strips::pack`] into a used buffer, whose contents do not matter.
    pub(super) fn pack_into(a: Matrix<'_, E>, mut columns: Vec<[E; STRIP]>) -> Self {
        let (rows, depth) = (a.rows(), a.columns());
        at_least(&mut columns, used(rows, depth), [E::zero(); STRIP]);
        if depth > 0 {
            for (top, strip) in (0..rows).step_by(STRIP).zip(columns.chunks_mut(depth)) {
                pack_strip(a, top, strip);
            }
        }
        Self {
            columns,
            rows,
            depth,
        }
    }

    /// The buffer, to be used again.
    pub(super) fn into_columns(self) -> Vec<[E; STRIP]> {
        self.columns
    }

    /// The number of rows m.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns k.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The strips from top to bottom, each of `depth` columns.
    #[inline(always)]
    pub(in crate::kernels) fn columns(&self) -> &[[E; STRIP]] {
        &self.columns[..used(self.rows, self.depth)]
    }

    /// As [`Self::columns`], to write.
    #[inline(always)]
    pub(in crate::kernels) fn columns_mut(&mut self) -> &mut [[E; STRIP]] {
        &mut self.columns[..used(self.rows, self.depth)]
    }
}

/// Columns of all strips.
#[inline(always)]
fn used(rows: usize, depth: usize) -> usize {
    rows.div_ceil(STRIP) * depth
}

/// Copies the rows from `top` on into one strip.
fn pack_strip<E: Real>(a: Matrix<'_, E>, top: usize, strip: &mut [[E; STRIP]]) {
    let present = top..a.rows().min(top + STRIP);
    if present.len() < STRIP {
        strip.fill([E::zero(); STRIP]);
    }
    if a.rows_are_contiguous() {
        let mut rows = present;
        while let Some(eight) = eight_from(rows.clone()) {
            let first = rows.start - top;
            let sources = eight.map(|row| a.row(row));
            E::transpose(sources, strip, |column| eight_of(column, first));
            rows.start += 8;
        }
        for row in rows {
            for (column, &value) in strip.iter_mut().zip(a.row(row)) {
                column[row - top] = value;
            }
        }
        return;
    }
    for (k, column) in strip.iter_mut().enumerate() {
        if a.columns_are_contiguous() {
            // The rows of a transposed view are adjacent: a whole strip is a copy of fixed size.
            let source = &a.column(k)[present.clone()];
            match <&[E; STRIP]>::try_from(source) {
                Ok(whole) => *column = *whole,
                Err(_) => column[..source.len()].copy_from_slice(source),
            }
        } else {
            for (value, row) in column.iter_mut().zip(present.clone()) {
                *value = a.at(row, k);
            }
        }
    }
}
