//! `#[bayesian]`: from one model definition to its Bayesian twin, at compile time.
//!
//! Use it through `bayes-core`, which re-exports it with the types that its output names.

mod check;
mod expand;
mod model;
mod parse;

use proc_macro::TokenStream;

// Its documentation stands where `bayes-core` re-exports it: examples there can use what its output names.
#[proc_macro_attribute]
pub fn bayesian(attr: TokenStream, item: TokenStream) -> TokenStream {
    let (attr, item) = (attr.into(), item.into());
    match parse::impl_block(item) {
        Ok(block) => match parse::analyse_pass(attr, block) {
            Ok(pass) => expand::expand_pass(&pass),
            Err(failure) => expand::expand_failed_pass(failure),
        },
        Err(item) => match parse::analyse(attr, item) {
            Ok(model) => expand::expand(&model),
            Err(failure) => expand::expand_failed(failure),
        },
    }
    .into()
}
