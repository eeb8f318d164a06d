//! The sizes of an integer convolution over a stored border, and the runs of bytes that it reads.

/// Bytes that must follow the last activation in the slice given to
/// [`product`](super::product): the kernel reads activations four at a time and may read past the
/// end of the last window. What they hold does not matter.
pub const SLACK: usize = 64;

/// The sizes of a convolution of one image whose border is stored with it.
///
/// Input (height, width, channels); weight (outputs, channels / groups, kernel\[0\], kernel\[1\]),
/// PyTorch's order; sums ([`out_height`](Self::out_height), [`out_width`](Self::out_width),
/// outputs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window8 {
    /// Input channels.
    pub channels: usize,
    /// Output channels.
    pub outputs: usize,
    /// Groups of channels that are convolved separately.
    pub groups: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Step of the window.
    pub stride: usize,
    /// Distance between neighbouring taps of the kernel.
    pub dilation: usize,
    /// Height of the input with its border.
    pub height: usize,
    /// Width of the input with its border.
    pub width: usize,
}

impl Window8 {
    /// A linear layer on `rows` rows: a kernel of 1 × 1 over an image of one line.
    pub const fn linear(rows: usize, inputs: usize, outputs: usize) -> Self {
        Self {
            channels: inputs,
            outputs,
            groups: 1,
            kernel: [1, 1],
            stride: 1,
            dilation: 1,
            height: 1,
            width: rows,
        }
    }

    /// (height − dilation·(kernel\[0\] − 1) − 1) / stride + 1, rounded down; `None` where the window
    /// does not fit or stride or kernel is 0.
    pub fn out_height(&self) -> Option<usize> {
        self.out_size(self.height, self.kernel[0])
    }

    /// As [`Self::out_height`], of the width.
    pub fn out_width(&self) -> Option<usize> {
        self.out_size(self.width, self.kernel[1])
    }

    fn out_size(&self, size: usize, kernel: usize) -> Option<usize> {
        let window = self.dilation * kernel.checked_sub(1)? + 1;
        Some(size.checked_sub(window)?.checked_div(self.stride)? + 1)
    }

    /// Bytes of the input, without the [`SLACK`] behind it.
    pub fn input_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Elements of the weight.
    pub fn weight_len(&self) -> usize {
        self.outputs * self.taps()
    }

    /// Output pixels; 0 where the window does not fit.
    pub fn pixels(&self) -> usize {
        self.out_height().unwrap_or(0) * self.out_width().unwrap_or(0)
    }

    /// Elements of the output.
    pub fn output_len(&self) -> usize {
        self.pixels() * self.outputs
    }

    /// Weights that one output sees.
    pub(super) fn taps(&self) -> usize {
        self.group_channels() * self.kernel[0] * self.kernel[1]
    }

    /// Input channels of one group.
    pub(super) fn group_channels(&self) -> usize {
        self.channels / self.groups.max(1)
    }

    /// Output channels of one group.
    pub(super) fn group_outputs(&self) -> usize {
        self.outputs / self.groups.max(1)
    }

    /// Panics unless there are groups and they divide both channel counts.
    pub(super) fn check_groups(&self) {
        let divides = |channels: usize| self.groups > 0 && channels.is_multiple_of(self.groups);
        assert!(
            divides(self.channels) && divides(self.outputs),
            "int8: {} groups do not divide {} input and {} output channels",
            self.groups,
            self.channels,
            self.outputs
        );
    }

    /// How the bytes under one window lie in memory.
    pub(super) fn runs(&self) -> Runs {
        // Neighbouring taps of a row touch, so that a row is one run, unless there is something
        // between them: other groups' channels or the gaps of a dilation.
        let joined = self.groups == 1 && self.dilation == 1;
        let [rows, columns] = self.kernel;
        let (per_row, taps) = if joined { (1, columns) } else { (columns, 1) };
        Runs {
            rows,
            per_row,
            row_step: self.dilation * self.width * self.channels,
            step: self.dilation * self.channels,
            taps,
            quads: (taps * self.group_channels()).div_ceil(4),
        }
    }
}

/// The contiguous pieces of a window: `rows` × `per_row` runs of `4·quads` bytes each, the last of
/// which may lie past the run and meet weights of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Runs {
    /// Rows of the kernel.
    pub rows: usize,
    /// Runs in each row: one, or one for each tap.
    pub per_row: usize,
    /// Bytes from a row's first run to the next row's.
    pub row_step: usize,
    /// Bytes from a run to the next in its row.
    pub step: usize,
    /// Taps in each run.
    pub taps: usize,
    /// Groups of four bytes in each run.
    pub quads: usize,
}

impl Runs {
    /// Groups of four bytes in all runs.
    pub fn depth(&self) -> usize {
        self.rows * self.per_row * self.quads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: Window8 = Window8 {
        channels: 6,
        outputs: 4,
        groups: 1,
        kernel: [3, 5],
        stride: 1,
        dilation: 1,
        height: 10,
        width: 9,
    };

    #[test]
    fn windows_that_do_not_fit_have_no_output() {
        assert_eq!((SAME.out_height(), SAME.out_width()), (Some(8), Some(5)));
        let wide = Window8 {
            dilation: 3,
            ..SAME
        };
        assert_eq!((wide.out_height(), wide.out_width()), (Some(4), None));
        assert_eq!(wide.output_len(), 0);
        for none in [
            Window8 { stride: 0, ..SAME },
            Window8 {
                kernel: [0, 1],
                ..SAME
            },
        ] {
            assert_eq!(none.out_height(), None);
        }
        assert_eq!(Window8::linear(7, 3, 2).output_len(), 14);
        assert_eq!(Window8::linear(0, 3, 2).output_len(), 0);
    }

    #[test]
    fn a_row_is_one_run_unless_something_lies_between_its_taps() {
        assert_eq!((SAME.runs().per_row, SAME.runs().quads), (1, 8));
        let dilated = Window8 {
            dilation: 2,
            ..SAME
        };
        assert_eq!((dilated.runs().per_row, dilated.runs().quads), (5, 2));
        let grouped = Window8 { groups: 2, ..SAME };
        assert_eq!((grouped.runs().per_row, grouped.runs().quads), (5, 1));
        assert_eq!(grouped.runs().depth(), 15);
    }
}
