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
    /// Two numbers, where known: steps and features of a sequence, or channels and length of a line, as the layer that
    /// takes it says.
    Pair(Option<usize>, Option<usize>),
    /// An image: its channels, and its height and width, where known.
    Image(Option<usize>, Option<(usize, usize)>),
    /// A volume: its channels, and its depth, height and width, where known.
    Volume(Option<usize>, Option<[usize; 3]>),
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

    /// An input sequence or line.
    pub const fn pair(first: usize, last: usize) -> Self {
        Self::input(Extent::Pair(Some(first), Some(last)))
    }

    /// An input volume.
    pub const fn volume(channels: usize, depth: usize, height: usize, width: usize) -> Self {
        Self::input(Extent::Volume(Some(channels), Some([depth, height, width])))
    }

    /// An input image.
    pub const fn image(channels: usize, height: usize, width: usize) -> Self {
        Self::input(Extent::Image(Some(channels), Some((height, width))))
    }
}

impl Extent {
    /// How many numbers that is, where it is known.
    pub(crate) fn numbers(&self) -> Option<usize> {
        match *self {
            Self::Unknown => None,
            Self::Vector(features) => features,
            Self::Pair(first, last) => Some(first? * last?),
            Self::Image(channels, sides) => {
                let (height, width) = sides?;
                Some(channels? * height * width)
            }
            Self::Volume(channels, sides) => Some(channels? * sides?.iter().product::<usize>()),
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Vector(Some(features)) => write!(f, "{features}"),
            Self::Vector(None) => f.write_str("vectors"),
            Self::Pair(first, last) => {
                let number = |n: &Option<usize>| n.map_or("?".to_owned(), |n| n.to_string());
                write!(f, "{}×{}", number(first), number(last))
            }
            Self::Volume(channels, sides) => {
                match channels {
                    Some(channels) => write!(f, "{channels}")?,
                    None => f.write_str("?")?,
                }
                match sides {
                    Some([depth, height, width]) => write!(f, "×{depth}×{height}×{width}"),
                    None => f.write_str("×?×?×?"),
                }
            }
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
