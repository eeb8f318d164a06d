//! The right operand of a product, packed into panels of [`LANES`] adjacent columns.

use super::matrix::Matrix;
use super::scratch::at_least;
use super::transpose::{eight_from, eight_of};
use crate::kernels::parallel::for_each_chunk;
use crate::kernels::real::Real;

/// Columns in one panel: a whole number of vectors on every instruction set.
pub const LANES: usize = 32;

/// One row of a panel, aligned so that no vector load crosses a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Line<E>(pub [E; LANES]);

impl<E: Real> Line<E> {
    /// A line of zeros.
    pub fn zero() -> Self {
        Line([E::zero(); LANES])
    }

    /// The numbers of lines, one line after the other.
    pub(in crate::kernels) fn numbers_mut(lines: &mut [Self]) -> &mut [E] {
        const { assert!(size_of::<Self>() == LANES * size_of::<E>()) };
        // SAFETY: a line is its numbers and nothing else, as the assertion says, and lines lie side by side.
        unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * LANES) }
    }

    /// Takes up to [`LANES`] numbers and zeros for the rest.
    #[inline(always)]
    pub(in crate::kernels) fn set(&mut self, source: &[E]) {
        // A whole line is a copy of fixed size.
        match <&[E; LANES]>::try_from(source) {
            Ok(whole) => self.0 = *whole,
            Err(_) => {
                self.0[..source.len()].copy_from_slice(source);
                self.0[source.len()..].fill(E::zero());
            }
        }
    }
}

/// A k×n matrix packed for reading by the product: panel after panel, row after row, with the
/// columns missing from the last panel set to zero.
#[derive(Clone, Debug)]
pub struct Panels<E> {
    /// And perhaps what is left of a longer buffer.
    lines: Vec<Line<E>>,
    rows: usize,
    columns: usize,
}

impl<E: Real> Panels<E> {
    /// Packs a k×n matrix; its transposed view is as welcome.
    pub fn pack(b: Matrix<'_, E>) -> Self {
        Self::pack_into(b, Vec::new(), false)
    }

    /// [`Panels::pack`] into a used buffer, whose contents do not matter; by all threads if it is shared.
    pub(super) fn pack_into(b: Matrix<'_, E>, mut lines: Vec<Line<E>>, shared: bool) -> Self {
        let (rows, columns) = (b.rows(), b.columns());
        let used = used(rows, columns);
        at_least(&mut lines, used, Line::zero());
        for_each_chunk(&mut lines[..used], rows, shared, |panel, lines| {
            pack_panel(b, panel * LANES, lines);
        });
        Self {
            lines,
            rows,
            columns,
        }
    }

    /// The buffer, to be used again.
    pub(super) fn into_lines(self) -> Vec<Line<E>> {
        self.lines
    }

    /// The number of rows k.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns n.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The panels from left to right, each of `rows` lines.
    pub(super) fn lines(&self) -> &[Line<E>] {
        &self.lines[..used(self.rows, self.columns)]
    }
}

/// Lines of all panels.
fn used(rows: usize, columns: usize) -> usize {
    columns.div_ceil(LANES) * rows
}

/// Copies the columns from `first` on into one panel.
fn pack_panel<E: Real>(b: Matrix<'_, E>, first: usize, panel: &mut [Line<E>]) {
    let present = first..b.columns().min(first + LANES);
    if b.rows_are_contiguous() {
        for (row, line) in panel.iter_mut().enumerate() {
            line.set(&b.row(row)[present.clone()]);
        }
        return;
    }
    if present.len() < LANES {
        panel.fill(Line::zero());
    }
    let mut columns = present;
    if b.columns_are_contiguous() {
        while let Some(eight) = eight_from(columns.clone()) {
            let lane = columns.start - first;
            let sources = eight.map(|column| b.column(column));
            E::transpose(sources, panel, |line| eight_of(&mut line.0, lane));
            columns.start += 8;
        }
    }
    for column in columns {
        for (row, line) in panel.iter_mut().enumerate() {
            line.0[column - first] = b.at(row, column);
        }
    }
}
