//! The sizes of a convolution in one, two or three dimensions.

use std::fmt;

/// One axis of a grid and how the kernel moves along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Positions of the input.
    pub size: usize,
    /// Taps of the kernel.
    pub kernel: usize,
    /// Step of the window.
    pub stride: usize,
    /// Zeros added on each side.
    pub padding: usize,
    /// Distance between neighbouring taps of the kernel.
    pub dilation: usize,
}

impl Axis {
    /// The axis of a grid that has fewer: one position, one tap.
    pub const NONE: Self = Self {
        size: 1,
        kernel: 1,
        stride: 1,
        padding: 0,
        dilation: 1,
    };

    /// (size + 2·padding − dilation·(kernel − 1) − 1) / stride + 1, rounded down; `None` where the window is larger than
    /// the padded input or a field is 0.
    pub fn out(&self) -> Option<usize> {
        let window = self.dilation * self.kernel.checked_sub(1)? + 1;
        let room = self.padded().checked_sub(window)?;
        Some(room.checked_div(self.stride)? + 1)
    }

    /// The size with its padding.
    pub fn padded(&self) -> usize {
        self.size + 2 * self.padding
    }

    /// The input position under a tap, if it is not padding.
    pub(crate) fn under(&self, out: usize, tap: usize) -> Option<usize> {
        (out * self.stride + tap * self.dilation)
            .checked_sub(self.padding)
            .filter(|&at| at < self.size)
    }
}

/// The sizes of a convolution: a batch of grids of channels, with depth, height and width. An image has depth
/// [`Axis::NONE`], a line also such a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvGeometry {
    /// Examples.
    pub batch: usize,
    /// Input channels.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// Depth, height and width.
    pub axes: [Axis; 3],
    /// Groups of channels that are convolved separately.
    pub groups: usize,
}

/// Why a [`ConvGeometry`] describes no convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvGeometryError {
    /// A channel count, kernel, stride, dilation or group count of 0, named here.
    Zero(&'static str),
    /// `groups` does not divide both channel counts.
    Groups {
        /// The group count.
        groups: usize,
        /// Input channels.
        in_channels: usize,
        /// Output channels.
        out_channels: usize,
    },
    /// The dilated kernel is larger than the padded input.
    Window {
        /// dilation · (kernel − 1) + 1.
        window: usize,
        /// The padded size of the axis on which it does not fit.
        size: usize,
    },
    /// A transposed convolution whose output padding is not below its stride: those outputs see no input.
    OutputPadding {
        /// What is added to the output.
        padding: usize,
        /// The stride.
        stride: usize,
    },
    /// A transposed convolution whose padding takes away all of its output.
    Padding,
}

impl fmt::Display for ConvGeometryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Zero(field) => write!(f, "convolution: {field} must be at least 1, found 0"),
            Self::Groups {
                groups,
                in_channels,
                out_channels,
            } => write!(
                f,
                "convolution: {groups} groups do not divide {in_channels} input and \
                 {out_channels} output channels"
            ),
            Self::Window { window, size } => write!(
                f,
                "convolution: a window of {window} does not fit in a padded input of {size}; use \
                 more padding or a smaller kernel or dilation"
            ),
            Self::OutputPadding { padding, stride } => write!(
                f,
                "transposed convolution: an output padding of {padding} is not below the stride of \
                 {stride}"
            ),
            Self::Padding => f.write_str(
                "transposed convolution: the padding leaves no output; use less padding or a larger \
                 kernel",
            ),
        }
    }
}

impl std::error::Error for ConvGeometryError {}

impl ConvGeometry {
    /// Returns `self` if it describes a convolution.
    ///
    /// # Errors
    ///
    /// See [`ConvGeometryError`].
    pub fn validated(self) -> Result<Self, ConvGeometryError> {
        let least = |of: fn(&Axis) -> usize| self.axes.iter().map(of).min().unwrap_or(0);
        let fields = [
            ("in_channels", self.in_channels),
            ("out_channels", self.out_channels),
            ("kernel", least(|axis| axis.kernel)),
            ("stride", least(|axis| axis.stride)),
            ("dilation", least(|axis| axis.dilation)),
            ("groups", self.groups),
        ];
        if let Some((name, _)) = fields.into_iter().find(|&(_, value)| value == 0) {
            return Err(ConvGeometryError::Zero(name));
        }
        let Self {
            groups,
            in_channels,
            out_channels,
            ..
        } = self;
        if !in_channels.is_multiple_of(groups) || !out_channels.is_multiple_of(groups) {
            return Err(ConvGeometryError::Groups {
                groups,
                in_channels,
                out_channels,
            });
        }
        match self.axes.iter().find(|axis| axis.out().is_none()) {
            None => Ok(self),
            Some(axis) => Err(ConvGeometryError::Window {
                window: axis.dilation * (axis.kernel - 1) + 1,
                size: axis.padded(),
            }),
        }
    }

    /// Depth, height and width of the output; 0 where the window does not fit.
    pub fn out_sides(&self) -> [usize; 3] {
        self.axes.map(|axis| axis.out().unwrap_or(0))
    }

    /// Elements of the input.
    pub fn input_len(&self) -> usize {
        self.batch * self.in_channels * self.axes.iter().map(|axis| axis.size).product::<usize>()
    }

    /// Elements of the weight.
    pub fn weight_len(&self) -> usize {
        self.out_channels * self.taps()
    }

    /// Elements of the output; 0 where there is none.
    pub fn output_len(&self) -> usize {
        self.batch * self.out_channels * self.positions()
    }

    /// Output positions of one channel.
    pub fn positions(&self) -> usize {
        self.out_sides().into_iter().product()
    }

    /// Weights that one output element sees.
    pub fn taps(&self) -> usize {
        let window: usize = self.axes.iter().map(|axis| axis.kernel).product();
        self.in_channels / self.groups.max(1) * window
    }

    /// The convolution that makes the gradient of this one's input from that of its output, with the weights turned around:
    /// where windows move by single steps and the padding is less than the window.
    pub(super) fn turned(&self) -> Option<Self> {
        let mut axes = self.axes;
        for axis in &mut axes {
            let size = axis.out()?;
            if axis.stride != 1 {
                return None;
            }
            let padding = axis.dilation * (axis.kernel - 1);
            axis.padding = padding.checked_sub(axis.padding)?;
            axis.size = size;
        }
        Some(Self {
            in_channels: self.out_channels,
            out_channels: self.in_channels,
            axes,
            ..*self
        })
    }

    /// Floating-point operations of one pass.
    pub(super) fn operations(&self) -> usize {
        2 * self.output_len() * self.taps()
    }
}
