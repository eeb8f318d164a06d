//! The sizes of a two-dimensional convolution, checked once.

use std::fmt;

/// The sizes of a convolution with a square kernel, in NCHW order.
///
/// Input (batch, in_channels, height, width); weight (out_channels, in_channels / groups, kernel,
/// kernel); output (batch, out_channels, [`out_height`](Self::out_height),
/// [`out_width`](Self::out_width)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dGeometry {
    /// Examples.
    pub batch: usize,
    /// Input channels.
    pub in_channels: usize,
    /// Input height.
    pub height: usize,
    /// Input width.
    pub width: usize,
    /// Output channels.
    pub out_channels: usize,
    /// Height and width of the kernel.
    pub kernel: usize,
    /// Step of the window.
    pub stride: usize,
    /// Zeros added on each side.
    pub padding: usize,
    /// Distance between neighbouring taps of the kernel.
    pub dilation: usize,
    /// Groups of channels that are convolved separately.
    pub groups: usize,
}

/// Why a [`Conv2dGeometry`] describes no convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conv2dGeometryError {
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
        /// Padded height.
        height: usize,
        /// Padded width.
        width: usize,
    },
}

impl fmt::Display for Conv2dGeometryError {
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
            Self::Window {
                window,
                height,
                width,
            } => write!(
                f,
                "convolution: a window of {window} does not fit in a padded input of \
                 {height} x {width}; use more padding or a smaller kernel or dilation"
            ),
        }
    }
}

impl std::error::Error for Conv2dGeometryError {}

impl Conv2dGeometry {
    /// Returns `self` if it describes a convolution.
    ///
    /// # Errors
    ///
    /// See [`Conv2dGeometryError`].
    pub fn validated(self) -> Result<Self, Conv2dGeometryError> {
        let fields = [
            ("in_channels", self.in_channels),
            ("out_channels", self.out_channels),
            ("kernel", self.kernel),
            ("stride", self.stride),
            ("dilation", self.dilation),
            ("groups", self.groups),
        ];
        if let Some((name, _)) = fields.into_iter().find(|&(_, value)| value == 0) {
            return Err(Conv2dGeometryError::Zero(name));
        }
        let Self {
            groups,
            in_channels,
            out_channels,
            ..
        } = self;
        if !in_channels.is_multiple_of(groups) || !out_channels.is_multiple_of(groups) {
            return Err(Conv2dGeometryError::Groups {
                groups,
                in_channels,
                out_channels,
            });
        }
        if self.out_height().is_none() || self.out_width().is_none() {
            return Err(Conv2dGeometryError::Window {
                window: self.dilation * (self.kernel - 1) + 1,
                height: self.height + 2 * self.padding,
                width: self.width + 2 * self.padding,
            });
        }
        Ok(self)
    }

    /// (height + 2·padding − dilation·(kernel − 1) − 1) / stride + 1, rounded down; `None` where the
    /// window is larger than the padded input or a field is 0.
    pub fn out_height(&self) -> Option<usize> {
        self.out_size(self.height)
    }

    /// As [`Self::out_height`], of the width.
    pub fn out_width(&self) -> Option<usize> {
        self.out_size(self.width)
    }

    fn out_size(&self, size: usize) -> Option<usize> {
        let window = self.dilation * self.kernel.checked_sub(1)? + 1;
        let room = (size + 2 * self.padding).checked_sub(window)?;
        Some(room.checked_div(self.stride)? + 1)
    }

    /// Elements of the input.
    pub fn input_len(&self) -> usize {
        self.batch * self.in_channels * self.height * self.width
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
    pub(super) fn positions(&self) -> usize {
        self.out_height().unwrap_or(0) * self.out_width().unwrap_or(0)
    }

    /// Weights that one output element sees.
    pub(super) fn taps(&self) -> usize {
        self.in_channels / self.groups.max(1) * self.kernel * self.kernel
    }

    /// Floating-point operations of one pass.
    pub(super) fn operations(&self) -> usize {
        2 * self.output_len() * self.taps()
    }
}
