//! Draws as values: noise that is a function of its key only.
//!
//! A [`Key`] names the draw (seed and sample), the tensor (its field path) and the examples of the
//! batch. It gives a [`Stream`] of standard normals, uniforms or signs that can be read at any
//! offset and again later: the backward pass draws the numbers of the forward pass a second time
//! instead of storing them. Equal keys give equal bits on every instruction set.
//!
//! ```
//! use bayes_core::draw::{Key, Noise};
//!
//! let key = Key::new(42, 0).field("conv1").field("weight");
//! let mut epsilon = [0.0; 100];
//! if let Some(stream) = key.stream(Noise::Weight) {
//!     stream.fill_normal(0, &mut epsilon);
//! }
//! assert!(epsilon.iter().any(|&z| z != 0.0));
//! ```

#[cfg(test)]
mod golden;
mod key;
mod normal;
mod philox;
#[cfg(test)]
mod statistics;
mod stream;
mod uniform;

pub use key::{DrawId, Key, Noise};
pub use stream::{GROUP, Stream};
