//! The forward pass of a struct: its fields one after the other, as one flat chain of bounds.

use super::scope::Scope;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Member, WhereClause};

/// One struct's chain: the layer of each field and the names of what runs between them.
pub struct Chain<'a> {
    scope: &'a Scope<'a>,
    layers: Vec<TokenStream>,
    values: Vec<Ident>,
    /// The user's where clause, where the struct has the user's parameters.
    user: Option<&'a WhereClause>,
}

impl<'a> Chain<'a> {
    pub fn new(scope: &'a Scope<'a>, layers: Vec<TokenStream>) -> Self {
        let values = scope.numbered("X", layers.len() + 1);
        Self {
            scope,
            layers,
            values,
            user: None,
        }
    }

    /// For a struct with the user's parameters.
    pub fn with_parameters(self) -> Self {
        let user = self.scope.model.generics.where_clause.as_ref();
        Self { user, ..self }
    }

    fn bounds(&self, module: &TokenStream) -> TokenStream {
        let Self {
            scope,
            layers,
            values,
            ..
        } = self;
        let Scope { k, error, .. } = scope;
        let (inputs, outputs) = (&values[..layers.len()], &values[1..]);
        quote!(#(#layers: #module<#inputs, Output = #outputs, Error = #error>,)* #error: #k::Debug)
    }

    /// `forward` and `try_forward` of `this`, where an error names the layer that does not fit.
    pub fn inherent(&self, generics: &TokenStream, this: &TokenStream) -> TokenStream {
        let Self {
            scope: Scope { k, error, .. },
            values,
            user,
            ..
        } = self;
        let bounds = self.bounds(&quote!(#k::Module));
        let (first, last) = (&values[0], &values[values.len() - 1]);
        let steps = self.steps(|field| quote!(#k::Module::try_forward(&self.#field, x)));
        quote! {
            #[allow(dead_code)]
            impl<#generics> #this #user {
                /// Runs the fields one after the other.
                ///
                /// # Panics
                /// Where `try_forward` fails.
                pub fn forward<#(#values,)* #error>(&self, x: #first) -> #last
                where
                    #bounds,
                {
                    self.try_forward(x).unwrap()
                }

                /// Runs the fields one after the other.
                ///
                /// # Errors
                /// A run-time size that a layer cannot take, or a device that fails.
                pub fn try_forward<#(#values,)* #error>(&self, x: #first) -> #k::Result<#last, #error>
                where
                    #bounds,
                {
                    #steps
                }
            }
        }
    }

    /// dfdx's `Module`, by the inherent `try_forward`.
    pub fn module(&self, generics: &TokenStream, this: &TokenStream) -> TokenStream {
        let Self {
            scope: Scope { k, error, .. },
            values,
            ..
        } = self;
        let bounds = self.bounds(&quote!(#k::Module));
        let user = self.user.iter().flat_map(|clause| &clause.predicates);
        let (first, last) = (&values[0], &values[values.len() - 1]);
        quote! {
            #[automatically_derived]
            impl<#generics #(#values,)* #error> #k::Module<#first> for #this
            where
                #bounds,
                #(#user,)*
            {
                type Output = #last;
                type Error = #error;

                fn try_forward(&self, x: #first) -> #k::Result<Self::Output, #error> {
                    Self::try_forward(self, x)
                }
            }
        }
    }

    /// dfdx's `ModuleMut`: layers that change while they train.
    pub fn module_mut(&self, generics: &TokenStream, this: &TokenStream) -> TokenStream {
        let Self {
            scope: Scope { k, error, .. },
            values,
            ..
        } = self;
        let bounds = self.bounds(&quote!(#k::ModuleMut));
        let user = self.user.iter().flat_map(|clause| &clause.predicates);
        let (first, last) = (&values[0], &values[values.len() - 1]);
        let steps = self.steps(|field| quote!(#k::ModuleMut::try_forward_mut(&mut self.#field, x)));
        quote! {
            #[automatically_derived]
            impl<#generics #(#values,)* #error> #k::ModuleMut<#first> for #this
            where
                #bounds,
                #(#user,)*
            {
                type Output = #last;
                type Error = #error;

                fn try_forward_mut(&mut self, x: #first) -> #k::Result<Self::Output, #error> {
                    #steps
                }
            }
        }
    }

    /// Calls each field by `step`, which makes a call of a borrowed field and its input.
    fn steps(&self, step: impl Fn(&Member) -> TokenStream) -> TokenStream {
        let calls: Vec<_> = self
            .scope
            .layers()
            .map(|field| step(&field.member))
            .collect();
        let k = &self.scope.k;
        match &calls[..] {
            [] => quote!(#k::Ok(x)),
            [first @ .., last] => quote!(#(let x = #first?;)* #last),
        }
    }
}
