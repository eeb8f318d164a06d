//! Optimisers with open state: [`Sgd`], [`Adam`] and [`AdamW`] on any dfdx `TensorCollection`.
//!
//! They compute what PyTorch's optimisers of the same names compute, and differ from dfdx's own in
//! four ways:
//!
//! - **The state is public** ([`State`]): moments by dotted tensor name in host memory, a step
//!   count for each tensor, the lists of what is frozen and what alone is trained. A [checkpoint](crate::checkpoint) saves it.
//! - **Frozen means untouched**: tensors that are not trained (`TensorOptions::detached`), those
//!   frozen by [`GradientDescent::freeze`] and those outside what [`GradientDescent::only`] names keep
//!   every bit, whatever momentum and weight decay say.
//! - **Gradients are checked first**: with a NaN or an infinity among them nothing is changed, and
//!   the error names the tensors.
//! - **A missing gradient has a name**: a parameter that the loss does not reach is left as it is,
//!   the others are updated, and the error then lists the names.
//!
//! ```
//! use bayes_core::optim::{Adam, AdamConfig};
//! use dfdx::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let device = Cpu::seed_from_u64(0);
//! let mut model = device.build_module::<(Linear<4, 8>, ReLU, Linear<8, 2>), f32>();
//! let mut adam = Adam::new(AdamConfig { lr: 1e-2, ..AdamConfig::default() })?;
//! adam.freeze("0.bias");
//!
//! let x: Tensor<Rank2<3, 4>, f32, _> = device.sample_normal();
//! let loss = model.forward(x.traced(model.alloc_grads())).square().mean();
//! adam.update(&mut model, &loss.backward())?;
//! assert_eq!(adam.state.step, 1);
//! # Ok(())
//! # }
//! ```
//!
//! Import by name: `dfdx::prelude` has an `AdamConfig` and a `SgdConfig` too, and two globs that
//! give one name clash. dfdx's own optimisers are `dfdx::optim::{Adam, Sgd}`.

mod adam;
mod descent;
mod device_adam;
mod error;
pub(crate) mod gradient;
mod rule;
mod sgd;
mod state;

pub use adam::{Adam, AdamConfig, AdamW, AdamWConfig};
pub use descent::GradientDescent;
pub use device_adam::DeviceAdam;
pub use error::Error;
pub(crate) use gradient::id;
pub use rule::Rule;
pub use sgd::{Sgd, SgdConfig};
pub use state::{Moments, State};
