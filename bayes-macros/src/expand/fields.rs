//! dfdx's walk over a struct's fields.

use super::scope::Scope;
use crate::model::Field;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Ident, Member};

/// `TensorCollection` of a struct with the model's fields: `header` is everything between `impl` and the body, `to`
/// the same type with another number type and device, `ident` its constructor.
pub fn tensor_collection(
    scope: &Scope,
    header: &TokenStream,
    to: impl Fn(&TokenStream, &TokenStream) -> TokenStream,
    ident: &Ident,
) -> TokenStream {
    let Scope { k, e, d, .. } = scope;
    let second = scope.on_second_device();
    let (v, visitor) = (scope.fresh("V"), scope.fresh("visitor"));
    let values = Values::of(scope);
    let visits = scope.layers().enumerate().map(|(i, field)| {
        let (member, name) = (&field.member, field.name());
        // Every walk begins with the first field.
        match &values {
            Some(Values { keep, .. }) if i == 0 => quote! {
                Self::module(
                    #name,
                    |s| { #keep(s); &s.#member },
                    |s| { #keep(s); &mut s.#member },
                )
            },
            _ => quote!(Self::module(#name, |s| &s.#member, |s| &mut s.#member)),
        }
    });
    let visits = by_six(visits.collect());
    let pattern = scope.layers().map(|field| local(field).into_token_stream());
    let pattern = by_six(pattern.collect());
    let fields = scope.fields().iter().map(|field| match &field.member {
        member if field.open && field.is_layer() => {
            let local = local(field);
            quote!(#member: #k::moved(#local))
        }
        Member::Named(ident) => quote!(#ident),
        member => {
            let local = local(field);
            quote!(#member: #local)
        }
    });
    let built = quote!(#ident { #(#fields),* });
    let built = if scope.has_open_layers() {
        // With a type that is no layer among the fields, what the walk gives is not known either: no second error.
        let there = to(&quote!(#v::E2), &quote!(#v::D2));
        quote!(#k::moved::<#there, _>(#built))
    } else {
        built
    };
    let to = to(&scope.e2.to_token_stream(), &scope.d2.to_token_stream());
    let (before, built) = match values {
        None => (TokenStream::new(), built),
        Some(Values {
            before, restore, ..
        }) => (before, quote!({ #restore #built })),
    };
    quote! {
        #[automatically_derived]
        #header {
            type To<#second> = #to;

            fn iter_tensors<#v: #k::ModuleVisitor<Self, #e, #d>>(
                #visitor: &mut #v,
            ) -> #k::Result<#k::Option<Self::To<#v::E2, #v::D2>>, #v::Err> {
                #before
                #visitor.visit_fields(#visits, |#pattern| #built)
            }
        }
    }
}

/// What a walk asks of layers that are parameters, as predicates; `layer` is a field's layer.
pub fn walked(
    scope: &Scope,
    layer: impl Fn(&Field) -> TokenStream,
) -> impl Iterator<Item = TokenStream> {
    let Scope { k, e, d, .. } = scope;
    scope.layers().filter(|field| field.open).map(move |field| {
        let layer = layer(field);
        quote!(#layer: #k::TensorCollection<#e, #d>)
    })
}

/// How values go through a walk, which knows tensors alone: a copy goes along with the model that is walked over. A
/// walk over no model makes a new one, whose values are those of the attribute.
struct Values {
    before: TokenStream,
    /// Takes the values of a model.
    keep: Ident,
    restore: TokenStream,
}

impl Values {
    fn of(scope: &Scope) -> Option<Self> {
        let k = &scope.k;
        let values = || scope.fields().iter().filter(|field| !field.is_layer());
        values().next()?;
        let [start, kept, keep] = ["start", "kept", "keep"].map(|name| scope.fresh(name));
        let types = values().map(|field| scope.built(field));
        let types = quote!((#(#types,)*));
        let exprs = values().map(|field| &field.options.value);
        let members = values().map(|field| &field.member);
        let locals = values().map(local);
        Some(Self {
            before: quote! {
                let #start = || -> #types { (#(#exprs,)*) };
                let #kept = #k::Cell::new(#k::None);
                let #keep = |s: &Self| #kept.set(#k::Some((#(#k::Clone::clone(&s.#members),)*)));
            },
            keep,
            restore: quote!(let (#(#locals,)*) = #kept.take().unwrap_or_else(#start);),
        })
    }
}

/// The variable of a field.
fn local(field: &Field) -> Ident {
    match &field.member {
        Member::Named(ident) => ident.clone(),
        Member::Unnamed(index) => format_ident!("f{}", index.index),
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
