//! Two-dimensional pooling over planes of height × width, and the gradients.
//!
//! A plane is one channel of one example, so every function works on batch · channels planes and
//! its results depend on one plane at a time.

pub mod adaptive_average;
pub mod average;
pub mod max;
mod window;

pub use self::window::{Pool2dGeometry, Pool2dGeometryError};
