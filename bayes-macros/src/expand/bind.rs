//! Views: one generic struct with the model's field names, whatever the twin and the mode.

use super::forward::Chain;
use super::rule;
use super::scope::{Scope, text};
use crate::model::Form;
use proc_macro2::TokenStream;
use quote::quote;

pub fn definition(scope: &Scope) -> TokenStream {
    let (vis, ident, user) = (&scope.model.vis, scope.named("View"), &scope.model.ident);
    let layers = scope.numbered("F", scope.fields().len());
    let doc = format!(" [`{user}`] in one draw: a view of each field.");
    let fields = scope.fields().iter().zip(&layers).map(|(field, layer)| {
        let (vis, ident) = (&field.vis, &field.ident);
        quote!(#vis #ident: #layer)
    });
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #[derive(Debug)]
        #vis struct #ident<#(#layers),*> {
            #(#fields,)*
        }
    }
}

/// The view's forward pass, and `Bind` of the plain model.
pub fn impls(scope: &Scope) -> TokenStream {
    let (k, ident) = (&scope.k, scope.named("View"));
    let layers = scope.numbered("F", scope.fields().len());
    let chain = Chain::new(scope, layers.iter().map(|layer| quote!(#layer)).collect());
    let (generics, this) = (quote!(#(#layers,)*), quote!(#ident<#(#layers),*>));
    let inherent = chain.inherent(&generics, &this);
    let module = chain.module(&generics, &this);
    let rule = match scope.model.form {
        Form::Spec => of_spec(scope),
        Form::Module { .. } => rule::of_model(scope),
    };
    let fields = scope.fields().iter();
    let method = |name| {
        fields
            .clone()
            .map(move |field| scope.bind_method(field, name))
    };
    let bound = Bound {
        generics: scope.plain_generics(),
        this: scope.device_type(&scope.e, &scope.d),
        layers: fields.clone().map(|field| scope.built(field)).collect(),
        eval: method("eval").collect(),
        train: method("train").collect(),
        rule,
    };
    let plain = bind(scope, &bound);
    quote! {
        #inherent
        #module

        #[automatically_derived]
        impl<#(#layers),*> #k::NonMutableModule for #this {}

        #plain
    }
}

/// `Bind` of the Bayesian model.
pub fn of_bayes(scope: &Scope) -> TokenStream {
    let (k, c) = (&scope.k, &scope.c);
    let rule = match scope.model.form {
        Form::Spec => of_spec(scope),
        Form::Module { .. } => {
            let plain = scope.device_type(&scope.e, &scope.d);
            quote!(<#plain as #k::Bind>::RULE)
        }
    };
    let fields = scope.fields();
    let bound = Bound {
        generics: scope.bayes_generics(),
        this: scope.bayes_type(&scope.e, &scope.d, &quote!(#c)),
        layers: fields
            .iter()
            .map(|field| scope.bayes(field, &quote!(#c)))
            .collect(),
        eval: vec![quote!(#k::Bind::eval); fields.len()],
        train: vec![quote!(#k::Bind::train); fields.len()],
        rule,
    };
    bind(scope, &bound)
}

fn of_spec(scope: &Scope) -> TokenStream {
    let (k, user, args) = (&scope.k, &scope.model.ident, scope.const_args());
    quote!(<#user<#args> as #k::Spec>::RULE)
}

/// A struct that can be looked at in a draw.
struct Bound {
    generics: TokenStream,
    this: TokenStream,
    layers: Vec<TokenStream>,
    /// `Bind::eval` and `Bind::train` of each field.
    eval: Vec<TokenStream>,
    train: Vec<TokenStream>,
    rule: TokenStream,
}

fn bind(scope: &Scope, bound: &Bound) -> TokenStream {
    let Bound {
        generics,
        this,
        layers,
        eval,
        train,
        rule,
    } = bound;
    let k = &scope.k;
    let (view, bounds) = (scope.named("View"), scope.where_clause());
    let idents: Vec<_> = scope.fields().iter().map(|field| &field.ident).collect();
    let names: Vec<_> = scope.fields().iter().map(text).collect();
    quote! {
        #[automatically_derived]
        impl<#generics> #k::Bind for #this #bounds {
            const RULE: #k::Rule = #rule;
            type Eval<'a> = #view<#(#k::Eval<'a, #layers>),*> where Self: 'a;
            type Train<'a> = #view<#(#k::Train<'a, #layers>),*> where Self: 'a;

            fn eval<'a>(&'a self, draw: &#k::Draw) -> Self::Eval<'a> {
                #view { #(#idents: #eval(&self.#idents, &draw.field(#names))),* }
            }

            fn train<'a>(&'a mut self, draw: &#k::Draw) -> Self::Train<'a> {
                #view { #(#idents: #train(&mut self.#idents, &draw.field(#names))),* }
            }
        }
    }
}
