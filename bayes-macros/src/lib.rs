//! `#[bayesian]`: from one model definition to its Bayesian twin, at compile time.
//!
//! Use it through `bayes-core`, which re-exports it with the types that its output names.

mod check;
mod expand;
mod model;
mod parse;

use parse::Annotated;
use proc_macro::TokenStream;

// Its documentation stands where `bayes-core` re-exports it: examples there can use what its output names.
#[proc_macro_attribute]
pub fn bayesian(attr: TokenStream, item: TokenStream) -> TokenStream {
    match parse::annotated(attr.into(), item.into()) {
        Annotated::Pass(pass) => match *pass {
            Ok(pass) => expand::expand_pass(&pass),
            Err(failure) => expand::expand_failed_pass(failure),
        },
        Annotated::Deferred(deferred) => expand::expand_deferred(&deferred),
        Annotated::Model(model) => match *model {
            Ok(model) => expand::expand(&model),
            Err(failure) => expand::expand_failed(failure),
        },
    }
    .into()
}

/// What `#[bayesian]` becomes on a struct with `cfg` on its fields: a derive sees those that are left.
#[doc(hidden)]
#[proc_macro_derive(BayesianAfterCfg, attributes(bayes, bayesian_after_cfg))]
pub fn bayesian_after_cfg(item: TokenStream) -> TokenStream {
    match parse::analyse_after_cfg(item.into()) {
        Ok(model) => expand::expand_beside(&model),
        Err(failure) => expand::expand_failed(failure),
    }
    .into()
}
