//! The sizes of a pooling with square windows, and the part of the input under a window.

use std::fmt;
use std::ops::Range;

/// The sizes of a pooling with square windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2dGeometry {
    /// Batch · channels.
    pub planes: usize,
    /// Input height.
    pub height: usize,
    /// Input width.
    pub width: usize,
    /// Height and width of the window.
    pub kernel: usize,
    /// Step of the window.
    pub stride: usize,
    /// Cells added on each side; at most half the window, so that every window holds some input.
    pub padding: usize,
}

/// Why a [`Pool2dGeometry`] describes no pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool2dGeometryError {
    /// A kernel, stride or input size of 0, named here.
    Zero(&'static str),
    /// The padding exceeds half the window.
    Padding {
        /// Cells added on each side.
        padding: usize,
        /// Height and width of the window.
        kernel: usize,
    },
    /// The window is larger than the padded input.
    Window {
        /// Height and width of the window.
        kernel: usize,
        /// Padded height.
        height: usize,
        /// Padded width.
        width: usize,
    },
}

impl fmt::Display for Pool2dGeometryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Zero(field) => write!(f, "pooling: {field} must be at least 1, found 0"),
            Self::Padding { padding, kernel } => {
                write!(
                    f,
                    "pooling: padding {padding} is more than half of the window {kernel}"
                )
            }
            Self::Window {
                kernel,
                height,
                width,
            } => write!(
                f,
                "pooling: a window of {kernel} does not fit in a padded input of {height} x {width}"
            ),
        }
    }
}

impl std::error::Error for Pool2dGeometryError {}

impl Pool2dGeometry {
    /// Returns `self` if it describes a pooling.
    ///
    /// # Errors
    ///
    /// See [`Pool2dGeometryError`].
    pub fn validated(self) -> Result<Self, Pool2dGeometryError> {
        let Self {
            height,
            width,
            kernel,
            stride,
            padding,
            ..
        } = self;
        let fields = [
            ("kernel", kernel),
            ("stride", stride),
            ("height", height),
            ("width", width),
        ];
        if let Some((name, _)) = fields.into_iter().find(|&(_, value)| value == 0) {
            return Err(Pool2dGeometryError::Zero(name));
        }
        if 2 * padding > kernel {
            return Err(Pool2dGeometryError::Padding { padding, kernel });
        }
        if self.out_height().is_none() || self.out_width().is_none() {
            let (height, width) = (height + 2 * padding, width + 2 * padding);
            return Err(Pool2dGeometryError::Window {
                kernel,
                height,
                width,
            });
        }
        Ok(self)
    }

    /// (height + 2·padding − kernel) / stride + 1, rounded down; `None` where the window is larger
    /// than the padded input or the stride is 0.
    pub fn out_height(&self) -> Option<usize> {
        self.out_size(self.height)
    }

    /// As [`Self::out_height`], of the width.
    pub fn out_width(&self) -> Option<usize> {
        self.out_size(self.width)
    }

    fn out_size(&self, size: usize) -> Option<usize> {
        let room = (size + 2 * self.padding).checked_sub(self.kernel)?;
        Some(room.checked_div(self.stride)? + 1)
    }

    /// Whether windows of 2 × 2 lie side by side, so that each element is under one window or, at an odd edge, under none.
    pub(super) fn is_halving(&self) -> bool {
        [self.kernel, self.stride, self.padding] == [2, 2, 0] && self.width.is_multiple_of(2)
    }

    /// Elements of the input.
    pub fn input_len(&self) -> usize {
        self.planes * self.height * self.width
    }

    /// Elements of the output; 0 where there is none.
    pub fn output_len(&self) -> usize {
        self.planes * self.out_height().unwrap_or(0) * self.out_width().unwrap_or(0)
    }

    /// The output positions of a plane in order, each with the input rows and columns under it.
    pub(super) fn windows(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + use<> {
        let geometry = *self;
        let columns = geometry.out_width().unwrap_or(0);
        (0..geometry.out_height().unwrap_or(0)).flat_map(move |y| {
            let rows = geometry.under(y, geometry.height);
            (0..columns).map(move |x| (rows.clone(), geometry.under(x, geometry.width)))
        })
    }

    /// The input coordinates under output coordinate `out`, without the padding.
    pub(super) fn under(&self, out: usize, size: usize) -> Range<usize> {
        let start = out * self.stride;
        let end = (start + self.kernel).saturating_sub(self.padding).min(size);
        start.saturating_sub(self.padding)..end
    }

    /// For every column tap of the window that lies on the input somewhere: the output columns where
    /// it does, and the input column under the first of them. The next ones follow at steps of the
    /// stride.
    pub(super) fn taps(&self, outputs: usize) -> Vec<(Range<usize>, usize)> {
        let reached_by = |tap: usize| {
            let first = self.padding.saturating_sub(tap).div_ceil(self.stride);
            let end = (self.width + self.padding)
                .saturating_sub(tap)
                .div_ceil(self.stride);
            (
                first..end.min(outputs),
                (first * self.stride + tap).saturating_sub(self.padding),
            )
        };
        (0..self.kernel)
            .map(reached_by)
            .filter(|(reached, _)| !reached.is_empty())
            .collect()
    }

    /// Checks lengths and returns those of an input and an output plane.
    pub(super) fn check(&self, input: usize, output: usize) -> [usize; 2] {
        if let Err(error) = self.validated() {
            panic!("{error}");
        }
        assert_eq!(input, self.input_len(), "pooling: length of the input");
        assert_eq!(output, self.output_len(), "pooling: length of the output");
        let planes = self.planes.max(1);
        [self.input_len() / planes, self.output_len() / planes]
    }

    /// Sizes that reach every edge case, for the grid tests.
    #[cfg(test)]
    pub(super) fn grid() -> Vec<Self> {
        let sizes = [
            [0, 4, 4, 2, 2, 0],
            [1, 1, 1, 1, 1, 0],
            [6, 9, 8, 3, 2, 1],
            [2, 5, 7, 2, 3, 1],
            [3, 4, 33, 2, 1, 0],
            [2, 2, 2, 4, 2, 1],
            [5, 17, 16, 5, 1, 2],
            [64, 64, 65, 2, 2, 0],
            [3, 7, 12, 2, 2, 0],
        ];
        sizes
            .map(|[planes, height, width, kernel, stride, padding]| Self {
                planes,
                height,
                width,
                kernel,
                stride,
                padding,
            })
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_and_windows_describe_the_same_cells() {
        for geometry in Pool2dGeometry::grid() {
            let outputs = geometry.out_width().unwrap_or(0);
            let mut counts = vec![0; outputs];
            for (reached, first) in geometry.taps(outputs) {
                for (i, out) in reached.enumerate() {
                    let at = first + i * geometry.stride;
                    assert!(
                        geometry.under(out, geometry.width).contains(&at),
                        "{geometry:?}"
                    );
                    counts[out] += 1;
                }
            }
            let want: Vec<_> = (0..outputs)
                .map(|out| geometry.under(out, geometry.width).len())
                .collect();
            assert_eq!(counts, want, "{geometry:?}");
        }
    }

    #[test]
    fn impossible_geometries_are_named() {
        let good = Pool2dGeometry {
            planes: 1,
            height: 4,
            width: 4,
            kernel: 2,
            stride: 2,
            padding: 1,
        };
        assert_eq!(good.validated(), Ok(good));
        let zero = Pool2dGeometry { stride: 0, ..good };
        assert_eq!(zero.validated(), Err(Pool2dGeometryError::Zero("stride")));
        let padding = Pool2dGeometry { padding: 2, ..good };
        assert!(matches!(
            padding.validated(),
            Err(Pool2dGeometryError::Padding { .. })
        ));
        let window = Pool2dGeometry { kernel: 7, ..good };
        assert!(matches!(
            window.validated(),
            Err(Pool2dGeometryError::Window { .. })
        ));
    }
}
