//! `#[bayesian]`: from one model definition to its Bayesian twin, at compile time.
//!
//! Use it through `bayes-core`, which re-exports it with the types that its output names.

mod check;
mod expand;
mod model;
mod parse;

use proc_macro::TokenStream;

/// Makes the Bayesian twin of a struct of dfdx layers; the fields, in order, are the forward pass.
///
/// See `bayes_core::bayesian` for what it generates and for each key.
#[proc_macro_attribute]
pub fn bayesian(attr: TokenStream, item: TokenStream) -> TokenStream {
    match parse::analyse(attr.into(), item.into()) {
        Ok(model) => expand::expand(&model),
        Err(failure) => expand::expand_failed(failure),
    }
    .into()
}
