//! Integer kernels of an int8 prediction: u8 activations, i8 weights, i32 sums.
//!
//! Activations are stored channels last (NHWC), one image at a time, with a border of the padding's
//! value around the image. A code q stands for `scale·(q − zero)`. One layer is [`product`] (sums of
//! u8·i8 products), then functions of [`activation`] on its sums: to f32 by the scale of each output
//! channel, bias, residual and ReLU added, and back to codes.
//!
//! All results are the same bits on every instruction set: sums are integers, and f32 is only
//! multiplied, added, divided and rooted, each rounded by itself. Nothing here starts threads: draws
//! run beside each other. The slices' lengths are checked; a wrong one panics with its name.

pub mod activation;
pub mod border;
mod codes;
mod dot;
pub mod draw;
pub mod gather;
mod geometry;
mod pack;
pub mod pool;
pub mod pool_axis;
mod positions;
mod product;
pub mod reference;
mod rounding;
#[cfg(test)]
mod testing;
mod tile;

pub use self::codes::{Codes, Wide};
pub use self::geometry::{SLACK, Window8};
pub use self::pack::{Layout, Packed};
pub use self::product::{product, product_on};
