//! From the model to the code that users read with `cargo expand`: one file per product.

mod bayes;
mod bind;
mod config;
mod device;
mod fields;
mod forward;
mod rule;
mod scope;

use crate::model::{Form, Model};
use crate::parse::Failure;
use proc_macro2::TokenStream;
use quote::quote;
use scope::Scope;

/// The struct as written, and everything generated from it.
pub fn expand(model: &Model) -> TokenStream {
    let item = &model.item;
    let generated = generate(model);
    // A spec is never built itself: its fields are read by its twins.
    let allow = matches!(model.form, Form::Spec).then(|| quote!(#[allow(dead_code)]));
    quote! {
        #allow
        #item
        #generated
    }
}

/// The struct and, as far as it was understood, its twins, so that the only errors are the user's own.
pub fn expand_failed(failure: Failure) -> TokenStream {
    let item = failure.item;
    let generated = failure.model.as_deref().map(generate);
    let errors = failure.errors.to_compile_error();
    quote! {
        #item
        #generated
        #errors
    }
}

fn generate(model: &Model) -> TokenStream {
    let scope = Scope::of(model);
    let device = match model.form {
        Form::Spec => device::expand(&scope),
        Form::Module { .. } => TokenStream::new(),
    };
    let view = bind::expand(&scope);
    let config = config::expand(&scope);
    let bayes = bayes::expand(&scope);
    let proof = rule::expand_proof(&scope);
    quote! {
        #device
        #view
        #config
        #bayes
        #proof
    }
}
