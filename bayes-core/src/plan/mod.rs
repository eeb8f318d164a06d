//! From a model's structure to a plan of fused steps.
//!
//! What is built of fields in order, tuples, `Residual`, `Repeated` and nested structs can be
//! read as a graph of operations ([`Structure::trace`] writes it down into a [`Graph`]). [`Graph::fuse`] finds the
//! regions that run as one step: a product, with the batch normalisation and the bias after it folded into its weights,
//! the residual that is added to it and the activation at its end. The plan is written over an element type
//! ([`Element`]): [`Float`] steps hold f32 weights and run as a slow, obvious reference, which is what calibration
//! observes; [`Byte`](crate::int8::Byte) steps hold 8-bit ones.

mod form;
mod fuse;
mod graph;
mod run;
mod step;
mod structure;

pub(crate) use graph::{host, key_of};

pub use form::Form;
pub use graph::{Function, Graph, Sizes, Weights, Wire};
pub use run::{Stage, Values};
pub(crate) use run::{same_form, softmax, unwritten};
pub use step::{Activation, Element, Float, Operation, Plan, Step};
pub use structure::Structure;
