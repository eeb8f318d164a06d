//! From the model to the code that users read with `cargo expand`: one file per product.

mod bayes;
mod bind;
mod config;
mod copies;
mod device;
#[cfg(test)]
mod expansion;
mod fields;
mod forward;
mod known;
mod lints;
mod members;
mod own;
mod pass;
mod quant;
mod rule;
mod scope;

pub use pass::{expand as expand_pass, expand_failed as expand_failed_pass};

use crate::model::{Form, Model};
use crate::parse::{Deferred, Failure};
use proc_macro2::TokenStream;
use quote::quote;
use scope::Scope;
use syn::parse_quote;

/// The struct as written, and everything generated from it.
pub fn expand(model: &Model) -> TokenStream {
    let mut item = model.item.clone();
    if model.form == Form::Spec {
        // A spec is never built itself: its fields are read by its twins.
        item.attrs.push(parse_quote!(#[allow(dead_code)]));
    }
    let generated = generate(model);
    quote! {
        #item
        #generated
    }
}

/// What is generated for a struct that stands where it is.
pub fn expand_beside(model: &Model) -> TokenStream {
    generate(model)
}

/// The struct as written, under the derive that reads what `cfg` leaves of it.
pub fn expand_deferred(deferred: &Deferred) -> TokenStream {
    let Deferred {
        item,
        form,
        krate,
        keys,
    } = deferred;
    let allow = (*form == Some(Form::Spec)).then(|| quote!(#[allow(dead_code)]));
    quote! {
        #[derive(#krate::__private::BayesianAfterCfg)]
        #[bayesian_after_cfg(#keys)]
        #allow
        #item
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

/// The types, then everything that they do in one block, where what it calls has a short name.
fn generate(model: &Model) -> TokenStream {
    let scope = Scope::of(model);
    let lints = lints::of(model);
    let types = lints::above(&lints, types(&scope.outside()));
    let impls = impls(&scope);
    let (proof, members) = (rule::proof(&scope), members::proofs(&scope));
    let (path, short) = (scope.path(), &scope.k);
    quote! {
        #types

        #(#lints)*
        const _: () = {
            use #path as #short;

            #impls
            #proof
            #members
        };
    }
}

fn types(scope: &Scope) -> TokenStream {
    let known = known::definition(scope);
    let device = match scope.model.form {
        Form::Spec => device::definition(scope),
        Form::Module { .. } => TokenStream::new(),
    };
    let bayes = bayes::definition(scope);
    let view = bind::definition(scope);
    let configs = config::definitions(scope);
    let quant = quant::definition(scope);
    let members = members::definitions(scope);
    quote!(#known #device #bayes #quant #view #configs #members)
}

fn impls(scope: &Scope) -> TokenStream {
    let device = match scope.model.form {
        Form::Spec => device::impls(scope),
        Form::Module { .. } => TokenStream::new(),
    };
    let bayes = bayes::impls(scope);
    let view = bind::impls(scope);
    let configs = config::impls(scope);
    let quant = quant::impls(scope);
    let members = members::impls(scope);
    quote!(#device #bayes #view #configs #quant #members)
}
