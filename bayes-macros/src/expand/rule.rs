//! What the fields do to sizes, as data, and the constants that prove a net's sizes at compile time.

use super::own;
use super::scope::Scope;
use crate::model::{Estimator, Field, Form, Input};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

/// The rule of the whole struct.
pub fn of_model(scope: &Scope) -> TokenStream {
    let k = &scope.k;
    let parts = if scope.model.options.own_forward {
        own::rules(scope, |field| of_field(scope, field))
    } else {
        let rules = scope
            .layers()
            .map(|field| (field.name(), of_field(scope, field)));
        let rules = rules.map(|(name, rule)| quote!((#name, #rule)));
        quote!(#(#rules),*)
    };
    let estimator = match scope.model.options.config.estimator {
        Some(estimator) => {
            let kind = kind(scope, estimator);
            quote!(#k::Some(#kind))
        }
        None => quote!(#k::None),
    };
    // The value of a const parameter is not known here: `check_shapes!` proves the struct's members by name.
    let proven = if scope.is_generic() {
        quote!(#k::None)
    } else {
        let input = input(scope);
        quote!(#k::Some(#input))
    };
    quote! {
        #k::Rule::Model {
            parts: &[#parts],
            estimator: #estimator,
            proven: #proven,
        }
    }
}

/// The size of one example as the attribute states it.
pub fn input(scope: &Scope) -> TokenStream {
    size(scope, scope.model.options.input.as_ref())
}

/// The size of one example, where it is stated.
pub fn size(scope: &Scope, input: Option<&Input>) -> TokenStream {
    let k = &scope.k;
    match input {
        None => quote!(#k::Size::UNKNOWN),
        Some(Input { sizes }) => {
            let form = match sizes.len() {
                1 => quote!(vector),
                2 => quote!(pair),
                3 => quote!(image),
                _ => quote!(volume),
            };
            quote!(#k::Size::#form(#(#sizes),*))
        }
    }
}

fn of_field(scope: &Scope, field: &Field) -> TokenStream {
    let (k, ty) = (&scope.k, &field.ty);
    let rule = match scope.model.form {
        Form::Spec => {
            let known = &scope.known;
            quote!(<#ty as #k::Layer<#known>>::RULE)
        }
        Form::Module { .. } => {
            let known = scope.built(field);
            quote!(<#known as #k::Bind>::RULE)
        }
    };
    match field.options.config.estimator {
        _ if field.options.skip => quote!(#k::Rule::Skipped { layer: &#rule }),
        Some(estimator) => {
            let kind = kind(scope, estimator);
            quote!(#k::Rule::Estimated { layer: &#rule, estimator: #kind })
        }
        None => rule,
    }
}

pub fn kind(scope: &Scope, estimator: Estimator) -> TokenStream {
    let (k, name) = (&scope.k, format_ident!("{}", estimator.name()));
    quote!(#k::EstimatorKind::#name)
}

/// One constant per field, with the field's span: what does not fit is a compile error there.
pub fn proof(scope: &Scope) -> TokenStream {
    if scope.is_generic() {
        return TokenStream::new();
    }
    let (k, proof) = (&scope.k, scope.fresh("PROOF"));
    // The parts of a forward pass of its own are what is unknown, a field, what is unknown, and so on.
    let part = |i: usize| {
        if scope.model.options.own_forward {
            2 * i + 1
        } else {
            i
        }
    };
    let parts = match scope.layers().count() {
        0 => 0,
        fields => part(fields - 1) + 1,
    };
    let parts = Literal::usize_unsuffixed(parts);
    let model = match scope.model.form {
        Form::Spec => {
            let user = &scope.model.ident;
            quote!(<#user as #k::Spec>::RULE)
        }
        // Sizes are the same for every number type and device.
        Form::Module { .. } => {
            let any = scope.device_type(&quote!(f32), &quote!(#k::Cpu));
            quote!(<#any as #k::Bind>::RULE)
        }
    };
    let checks = scope.layers().enumerate().map(|(i, field)| {
        let span = field.span();
        let mut i = Literal::usize_unsuffixed(part(i));
        i.set_span(span);
        let proof = Ident::new(&proof.to_string(), span);
        quote_spanned!(span=> const _: () = #proof[#i].check();)
    });
    quote! {
        const #proof: [#k::Proof; #parts] = #k::prove(&#model);
        #(#checks)*
    }
}
