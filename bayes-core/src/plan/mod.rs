//! From a model's structure to a plan of fused steps.
//!
//! What is built of fields in order, tuples, `Residual`, `Repeated` and nested structs can be
//! read as a graph of operations ([`Structure::trace`] writes it down into a [`Graph`]). [`Graph::fuse`] finds the
//! regions that run as one step: a product, with the batch normalisation and the bias after it folded into its weights,
//! the residual that is added to it and the activation at its end. The plan is written over an element type
//! ([`Element`]): [`Float`] steps hold f32 weights and run as a slow, obvious reference, which is what calibration
//! observes; [`Byte`](crate::int8::Byte) steps hold 8-bit ones.

mod form;
mod functions;
mod fuse;
mod graph;
mod run;
mod sizes;
mod step;
mod structure;
mod takes;

pub(crate) use functions::{add_positions, attention, encoding, last_step, normalize, softmax};
pub(crate) use graph::{host, host_f32, key_of};
pub(crate) use run::{last_of, recur, slide};
pub(crate) use step::unwritten;
pub(crate) use takes::Takes;

pub use form::Form;
pub use graph::{Function, Graph, Recurrent, Weights, Wire};
pub use run::{Stage, Values};
pub use sizes::{GridSizes, Sizes};
pub use step::{Activation, Element, Float, Normalize, Operation, Plan, Recurrence, Step, Table};
pub(crate) use structure::not_whole;
pub use structure::{Plans, Structure};
