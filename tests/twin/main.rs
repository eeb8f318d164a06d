//! What `#[bayesian]` makes of models of every form.

mod forms;
mod grids;
mod sequences;
mod tokens;
