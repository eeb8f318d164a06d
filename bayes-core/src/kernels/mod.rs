//! Numeric kernels on slices: run-time geometry, no layers and no tensors.
//!
//! One module per operation. Each holds the fast kernel and a reference of plain loops that it is
//! tested against. Kernels that profit are compiled once per [`isa::Isa`].
//!
//! Results do not depend on the number of threads. Forward passes treat every example by itself, so
//! its bits do not depend on the batch it is in. Functions that compute a gradient add to what the
//! target slice holds, but for [`relu::mask`] and [`signs::flip_onto_backward`], which work in place. A slice of the wrong length is a programming error and panics with the name
//! of the argument; nothing is read or written outside the slices.

pub mod batch_norm;
pub mod bias;
pub mod conv;
pub(crate) mod fresh;
pub mod gaussian;
pub mod gelu;
pub mod group_norm;
pub mod int8;
pub mod isa;
pub mod linear;
pub mod local_reparameterization;
pub mod matmul;
pub(crate) mod parallel;
pub mod pool2d;
pub mod pool_axis;
pub mod real;
pub mod recurrent;
pub mod relu;
pub mod signs;
pub mod sum;
#[cfg(test)]
pub(crate) mod testing;
