//! What the fields do to sizes, as data, and the constants that prove a net's sizes at compile time.

use super::scope::{Scope, text};
use crate::model::{Estimator, Field, Form, Input};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

/// The rule of the whole struct.
pub fn chain(scope: &Scope) -> TokenStream {
    let k = &scope.k;
    let names = scope.fields().iter().map(text);
    let rules = scope.fields().iter().map(|field| of_field(scope, field));
    let estimator = match stated_estimator(scope) {
        Some(estimator) => {
            let name = format_ident!("{}", estimator.name());
            quote!(::core::option::Option::Some(#k::EstimatorKind::#name))
        }
        None => quote!(::core::option::Option::None),
    };
    quote!(#k::Rule::Chain { parts: &[#((#names, #rules)),*], estimator: #estimator })
}

/// The size of one example as the attribute states it.
pub fn input(scope: &Scope) -> TokenStream {
    let k = &scope.k;
    match scope.model.options.input.as_ref().map(|input| &input.value) {
        None => quote!(#k::Size::UNKNOWN),
        Some(Input::Features(features)) => quote!(#k::Size::vector(#features)),
        Some(Input::Image {
            channels,
            height,
            width,
        }) => quote!(#k::Size::image(#channels, #height, #width)),
    }
}

fn of_field(scope: &Scope, field: &Field) -> TokenStream {
    let (k, ty) = (&scope.k, &field.ty);
    match scope.model.form {
        Form::Spec => quote!(<#ty as #k::Spec>::RULE),
        Form::Module { .. } => quote!(<#ty as #k::Bind>::RULE),
    }
}

fn stated_estimator(scope: &Scope) -> Option<Estimator> {
    scope
        .model
        .options
        .config
        .estimator
        .as_ref()
        .map(|estimator| estimator.value)
}

/// One constant per field, with the field's span: a size that does not fit is a compile error there.
///
/// Const parameters have no value here; their structs are proven by name with `check_shapes!`.
pub fn expand_proof(scope: &Scope) -> TokenStream {
    if scope.is_generic() {
        return TokenStream::new();
    }
    let k = &scope.k;
    let input = input(scope);
    let mut before = format_ident!("INPUT");
    let sizes = scope.fields().iter().enumerate().map(|(i, field)| {
        let last = i + 1 == scope.fields().len();
        let after = if last { format_ident!("_") } else { after(field) };
        let (name, rule) = (text(field), of_field(scope, field));
        let size = quote_spanned!(field.ident.span()=> const #after: #k::Size = #k::check_field(#name, #rule, #before););
        before = after;
        size
    });
    let sizes: TokenStream = sizes.collect();
    let estimators = scope
        .fields()
        .iter()
        .filter_map(|field| estimator(scope, field));
    let aliases = device_aliases(scope);
    quote! {
        const _: () = {
            #aliases
            const INPUT: #k::Size = #input;
            #sizes
            #(#estimators)*
        };
    }
}

fn after(field: &Field) -> Ident {
    format_ident!("AFTER_{}", field.ident.unraw().to_string().to_uppercase())
}

/// In module form the field types name the number type and the device: any will do for sizes.
fn device_aliases(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, model, .. } = scope;
    match model.form {
        Form::Spec => TokenStream::new(),
        Form::Module { .. } => quote! {
            type #e = f32;
            type #d = #k::Cpu;
        },
    }
}

/// Only local reparameterisation is not defined on every layer.
fn estimator(scope: &Scope, field: &Field) -> Option<TokenStream> {
    let own = field
        .options
        .config
        .estimator
        .as_ref()
        .map(|estimator| estimator.value);
    let estimator = own.or_else(|| stated_estimator(scope))?;
    if estimator != Estimator::LocalReparameterization || field.options.skip.is_some() {
        return None;
    }
    let k = &scope.k;
    let (name, rule, kind) = (
        text(field),
        of_field(scope, field),
        format_ident!("{}", estimator.name()),
    );
    Some(quote_spanned! {field.ident.span()=>
        const _: () = #k::check_estimator(#name, #rule, #k::EstimatorKind::#kind);
    })
}
