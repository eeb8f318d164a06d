//! What is wrong with a `.npy` file.

use std::fmt;
use std::path::PathBuf;

/// Why an array was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("expected to {action} `{}`, found: {source}; check the path, its rights and the free space", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The bytes are no array that is read here.
    #[error("byte {offset}: {problem}")]
    Malformed {
        /// The byte at which it is seen.
        offset: usize,
        /// What is wrong there.
        problem: Problem,
    },
    /// Values that are not as many as the sizes say.
    #[error("expected as many values as an array of {shape:?} has, found {found}")]
    Values {
        /// The sizes.
        shape: Vec<usize>,
        /// The number of values.
        found: usize,
    },
}

/// What is wrong at a byte.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The file does not begin as one of NumPy's.
    Magic,
    /// A version of the format that is not read here.
    Version(u8, u8),
    /// The file ends too early.
    CutShort {
        /// Bytes that should follow.
        expected: u128,
        /// Bytes that follow.
        found: usize,
    },
    /// Bytes behind the last number.
    Rest(usize),
    /// The header is not the dictionary that it should be.
    Header {
        /// What should be here.
        expected: &'static str,
    },
    /// A key that is not there, twice there, or unknown.
    Key {
        /// The key.
        key: String,
        /// How often it is there.
        found: &'static str,
    },
    /// Numbers of another type.
    Dtype(String),
    /// Columns come first.
    FortranOrder,
    /// More dimensions than NumPy has.
    Dimensions,
    /// More elements than can be counted.
    TooLarge,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str(
                "expected a .npy file, which begins with the bytes \\x93NUMPY; write one with `numpy.save`",
            ),
            Self::Version(major, minor) => write!(
                f,
                "expected version 1.0, 2.0 or 3.0 of the format, found {major}.{minor}"
            ),
            Self::CutShort { expected, found } => write!(
                f,
                "expected {expected} more bytes, found {found}: the file is cut short, or its header says too much"
            ),
            Self::Rest(bytes) => write!(
                f,
                "expected the end of the file, found {bytes} more bytes than the header says"
            ),
            Self::Header { expected } => write!(
                f,
                "expected {expected} in the header, as in {{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }}"
            ),
            Self::Key { key, found } => write!(
                f,
                "expected the keys `descr`, `fortran_order` and `shape` once each, found `{key}` {found}"
            ),
            Self::Dtype(found) if found.ends_with("u1") => write!(
                f,
                "expected numbers of the type '<f4' or '<f8', found '{found}': convert pixels of 0 to 255 with \
                 `(array / 255).astype('<f4')`, as models of images take them"
            ),
            Self::Dtype(found) => write!(
                f,
                "expected numbers of the type '<f4' or '<f8', found '{found}': convert the array with `.astype('<f4')`"
            ),
            Self::FortranOrder => f.write_str(
                "expected rows first, found an array in column-major order: save `numpy.ascontiguousarray(array)`",
            ),
            Self::Dimensions => f.write_str("expected at most 64 dimensions, as NumPy has"),
            Self::TooLarge => f.write_str("expected a shape whose elements can be counted"),
        }
    }
}
