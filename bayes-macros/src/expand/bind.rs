//! Views: one generic struct with the model's field names, whatever the twin and the mode.

use super::forward::Chain;
use super::rule;
use super::scope::{Scope, text};
use crate::model::Form;
use proc_macro2::TokenStream;
use quote::quote;

pub fn expand(scope: &Scope) -> TokenStream {
    let Scope { e, d, .. } = scope;
    let view = definition(scope);
    let (consts, on_device) = (scope.const_params(), scope.on_device());
    let built: Vec<_> = scope
        .fields()
        .iter()
        .map(|field| scope.built(field))
        .collect();
    let plain = bind(
        scope,
        &quote!(#consts #on_device),
        &scope.device_type(e, d),
        &built,
    );
    quote! {
        #view
        #plain
    }
}

fn definition(scope: &Scope) -> TokenStream {
    let (vis, ident, user) = (&scope.model.vis, scope.named("View"), &scope.model.ident);
    let layers = scope.per_field("F");
    let doc = format!("[`{user}`] in one draw: a view of each field.");
    let fields = scope.fields().iter().zip(&layers).map(|(field, layer)| {
        let (vis, ident) = (&field.vis, &field.ident);
        quote!(#vis #ident: #layer)
    });
    let chain = Chain::new(scope, layers.iter().map(|layer| quote!(#layer)).collect());
    let (generics, this) = (quote!(#(#layers,)*), quote!(#ident<#(#layers),*>));
    let (inherent, module) = (
        chain.inherent(&generics, &this),
        chain.module(&generics, &this),
    );
    let k = &scope.k;
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #[derive(Debug)]
        #vis struct #ident<#(#layers),*> {
            #(#fields,)*
        }

        #inherent
        #module

        #[automatically_derived]
        impl<#(#layers),*> #k::NonMutableModule for #this {}
    }
}

/// `Bind` of a struct with these layers.
pub fn bind(
    scope: &Scope,
    generics: &TokenStream,
    this: &TokenStream,
    layers: &[TokenStream],
) -> TokenStream {
    let k = &scope.k;
    let (view, bounds) = (scope.named("View"), scope.where_clause());
    let rule = match scope.model.form {
        Form::Spec => {
            let (user, args) = (&scope.model.ident, scope.const_args());
            quote!(<#user<#args> as #k::Spec>::RULE)
        }
        Form::Module { .. } => rule::chain(scope),
    };
    let idents: Vec<_> = scope.fields().iter().map(|field| &field.ident).collect();
    let names: Vec<_> = scope.fields().iter().map(text).collect();
    quote! {
        #[automatically_derived]
        impl<#generics> #k::Bind for #this #bounds {
            const RULE: #k::Rule = #rule;
            type Eval<'a> = #view<#(<#layers as #k::Bind>::Eval<'a>),*> where Self: 'a;
            type Train<'a> = #view<#(<#layers as #k::Bind>::Train<'a>),*> where Self: 'a;

            fn eval<'a>(&'a self, draw: &#k::Draw) -> Self::Eval<'a> {
                #view { #(#idents: #k::Bind::eval(&self.#idents, &draw.field(#names))),* }
            }

            fn train<'a>(&'a mut self, draw: &#k::Draw) -> Self::Train<'a> {
                #view { #(#idents: #k::Bind::train(&mut self.#idents, &draw.field(#names))),* }
            }
        }
    }
}
