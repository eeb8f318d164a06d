//! Functions that a plan computes in floating point, whatever its element is.
//!
//! They use libm's exponentials and sines, which are the same on every processor, where the system's need not be.

mod attention;
mod last_step;
mod normalize;
mod positions;
mod softmax;

pub(crate) use attention::attention;
pub(crate) use last_step::last_step;
pub(crate) use normalize::normalize;
pub(crate) use positions::{add_positions, encoding};
pub(crate) use softmax::softmax;
