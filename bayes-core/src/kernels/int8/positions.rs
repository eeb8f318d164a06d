//! Where the windows of an integer convolution begin in its input.

use super::geometry::Window8;

/// Where the windows of successive output pixels begin.
pub(super) struct Positions {
    next: usize,
    last: usize,
    row: usize,
    column: usize,
    /// Bytes from a window to the next, and from a row of windows to the next.
    step: usize,
    row_step: usize,
    columns: usize,
}

impl Positions {
    /// Those of a group whose first channel is `first`.
    pub fn new(size: &Window8, first: usize) -> Self {
        Self {
            next: first,
            last: first,
            row: first,
            column: 0,
            step: size.stride * size.channels,
            row_step: size.stride * size.width * size.channels,
            columns: size.out_width().unwrap_or(0),
        }
    }

    /// That of the next pixel, row by row.
    #[inline(always)]
    pub fn next(&mut self) -> usize {
        self.last = self.next;
        self.column += 1;
        self.next += self.step;
        if self.column == self.columns {
            self.column = 0;
            self.row += self.row_step;
            self.next = self.row;
        }
        self.last
    }

    /// What [`Self::next`] gave last.
    #[inline(always)]
    pub fn last(&self) -> usize {
        self.last
    }
}
