//! The size of one example on its way through a model, and which field gave it.

use super::path::Path;
use std::fmt;

/// The size of one example, as far as it is known, and which field gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Vector or image, with its numbers.
    pub extent: Extent,
    pub(super) given_by: Path,
}

/// The size of one example without its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Nothing is known.
    Unknown,
    /// A vector; its features, where known.
    Vector(Option<usize>),
    /// An image: its channels, and its height and width, where known.
    Image(Option<usize>, Option<(usize, usize)>),
}

impl Size {
    /// A net's input of which nothing is known.
    pub const UNKNOWN: Self = Self::input(Extent::Unknown);

    pub(super) const fn input(extent: Extent) -> Self {
        Self {
            extent,
            given_by: Path::INPUT,
        }
    }

    /// An input vector.
    pub const fn vector(features: usize) -> Self {
        Self::input(Extent::Vector(Some(features)))
    }

    /// An input image.
    pub const fn image(channels: usize, height: usize, width: usize) -> Self {
        Self::input(Extent::Image(Some(channels), Some((height, width))))
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Vector(Some(features)) => write!(f, "{features}"),
            Self::Vector(None) => f.write_str("vectors"),
            Self::Image(channels, pixels) => {
                match channels {
                    Some(channels) => write!(f, "{channels}")?,
                    None => f.write_str("?")?,
                }
                match pixels {
                    Some((height, width)) => write!(f, "×{height}×{width}"),
                    None => f.write_str("×?×?"),
                }
            }
        }
    }
}
