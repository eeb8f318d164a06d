//! What follows a product: sums to f32, bias, residual, ReLU and noise, and codes again.
//!
//! `y` is f32 (pixels, channels) of a block of pixels that stays in cache from one function to the
//! next; slices per channel hold `channels` elements. Every function takes the instruction set to
//! run on, [`Isa::active`](crate::kernels::isa::Isa::active) as a rule, and panics if a slice has the
//! wrong length.

mod channels;
mod finish;
mod quantize;
mod values;

pub use self::channels::{Scaled, add_rows, add_scaled, add_signed_scaled, flip, scale};
pub use self::finish::{Finish, MOST_PRODUCTS, finish};
pub use self::quantize::{
    add_quantized, dequantize, quantize, quantize_wide, round_wide, translate,
};
pub use self::values::{add_noise, relu};
