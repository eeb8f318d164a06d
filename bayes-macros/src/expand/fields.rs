//! dfdx's walk over a struct's fields.

use super::scope::{Scope, text};
use proc_macro2::TokenStream;
use quote::quote;

/// `TensorCollection` of a struct with the model's fields: `header` is everything between `impl` and the body, `to`
/// the same type elsewhere, `ident` its constructor.
pub fn tensor_collection(
    scope: &Scope,
    header: &TokenStream,
    to: &TokenStream,
    ident: &syn::Ident,
) -> TokenStream {
    let Scope { k, e, d, .. } = scope;
    let second = scope.on_second_device();
    let idents: Vec<_> = scope.fields().iter().map(|field| &field.ident).collect();
    let visits = scope.fields().iter().map(|field| {
        let (ident, name) = (&field.ident, text(field));
        quote!(Self::module(#name, |s| &s.#ident, |s| &mut s.#ident))
    });
    let visits = by_six(visits.collect());
    let pattern = by_six(idents.iter().map(|ident| quote!(#ident)).collect());
    quote! {
        #[automatically_derived]
        #header {
            type To<#second> = #to;

            fn iter_tensors<V: #k::ModuleVisitor<Self, #e, #d>>(
                visitor: &mut V,
            ) -> #k::Result<#k::Option<Self::To<V::E2, V::D2>>, V::Err> {
                visitor.visit_fields(#visits, |#pattern| #ident { #(#idents),* })
            }
        }
    }
}

/// dfdx walks tuples of up to six fields, which may be tuples themselves.
fn by_six(items: Vec<TokenStream>) -> TokenStream {
    if items.len() <= 6 {
        return quote!((#(#items,)*));
    }
    by_six(
        items
            .chunks(6)
            .map(|items| by_six(items.to_vec()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::format_ident;

    #[test]
    fn fields_nest_by_six() {
        let fields = |n: usize| {
            by_six(
                (0..n)
                    .map(|i| format_ident!("f{i}"))
                    .map(|ident| quote!(#ident))
                    .collect(),
            )
        };
        assert_eq!(fields(2).to_string(), quote!((f0, f1,)).to_string());
        assert_eq!(
            fields(7).to_string(),
            quote!(((f0, f1, f2, f3, f4, f5,), (f6,),)).to_string()
        );
        assert_eq!(fields(37).into_iter().count(), 1);
    }
}
