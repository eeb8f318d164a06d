//! `Clone` and `Debug` of a model: derived, or where a layer is a parameter by the layers that it makes, since a
//! derive would ask the builder.

use super::scope::Scope;
use crate::model::Field;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Fields, Ident};

/// What stands above the struct.
pub fn derives(scope: &Scope) -> Option<TokenStream> {
    (!scope.has_open_layers()).then(|| quote!(#[derive(Clone, Debug)]))
}

/// The impls for `this`, whose constructor is `ident`, where they are not derived.
pub fn impls(
    scope: &Scope,
    generics: &TokenStream,
    this: &TokenStream,
    ident: &Ident,
    layer: impl Fn(&Field) -> TokenStream,
) -> TokenStream {
    if !scope.has_open_layers() {
        return TokenStream::new();
    }
    let k = &scope.k;
    let all = |asked: TokenStream| {
        let layers = scope.fields().iter().map(&layer);
        scope.where_clause_and(layers.map(|layer| quote!(#layer: #asked)))
    };
    let (cloned, shown) = (all(quote!(#k::Clone)), all(quote!(#k::Debug)));
    let members = || scope.fields().iter().map(|field| &field.member);
    let (copied, name) = (members(), ident.unraw().to_string());
    let show = match scope.model.item.fields {
        Fields::Unnamed(_) => {
            let members = members();
            quote!(f.debug_tuple(#name) #(.field(&self.#members))*)
        }
        _ => {
            let (members, names) = (members(), scope.fields().iter().map(Field::name));
            quote!(f.debug_struct(#name) #(.field(#names, &self.#members))*)
        }
    };
    quote! {
        #[automatically_derived]
        impl<#generics> #k::Clone for #this #cloned {
            fn clone(&self) -> Self {
                Self { #(#copied: #k::Clone::clone(&self.#copied)),* }
            }
        }

        #[automatically_derived]
        impl<#generics> #k::Debug for #this #shown {
            fn fmt(&self, f: &mut #k::Formatter<'_>) -> #k::FormatResult {
                #show.finish()
            }
        }
    }
}
