//! The constant that asks whether each field is a layer at all.
//!
//! Every type that the macro writes goes through this constant. Where a field is no layer the constant does not
//! compile, and the compiler looks no further at what depends on it: the mistake is one error, at the field's type.

use super::scope::Scope;
use crate::model::Form;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    ConstParam, GenericArgument, GenericParam, PathArguments, Type, TypeParamBound, TypePath,
};

pub fn definition(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, known, .. } = scope;
    let types = scope.layers().flat_map(|field| parts(&field.ty));
    let values = scope.fields().iter().filter(|field| !field.is_layer());
    let values = values.map(|field| &field.ty);
    let values = quote!(#(&& #k::is_value::<#values>())*);
    let (params, bounds) = (scope.params(), scope.where_clause());
    let any = any_values(scope);
    let (asked, params, any) = match &scope.model.form {
        Form::Spec => (quote!(#(#k::is_layer::<#types>())&&* #values), params, any),
        Form::Module { .. } => (
            quote!(#(#k::is_module::<#e, #d, #types>())&&* #values),
            quote!(#e: #k::Dtype, #d: #k::Device<#e>, #params),
            any.map(|any| quote!(f32, #k::Cpu, #any)),
        ),
    };
    if params.is_empty() {
        return quote!(const #known: bool = #asked;);
    }
    let (unused, known_of_any) = match any {
        Some(any) => (None, quote!(known::<#any>())),
        // Which layer has the bounds that the user asks for is not known here.
        None => (Some(quote!(#[allow(dead_code)])), quote!(true)),
    };
    quote! {
        const #known: bool = {
            #unused
            const fn known<#params>() -> bool #bounds {
                #asked
            }
            #known_of_any
        };
    }
}

/// The layers within dfdx's containers, so that an error stands at the part that is no layer; another type itself.
fn parts(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Tuple(tuple) if (1..=MAX_TUPLE).contains(&tuple.elems.len()) => {
            tuple.elems.iter().flat_map(parts).collect()
        }
        Type::Paren(inner) => parts(&inner.elem),
        Type::Path(path) => match contained(path) {
            Some(inner) => inner.into_iter().flat_map(parts).collect(),
            None => vec![ty],
        },
        other => vec![other],
    }
}

/// Longer tuples are no layers, in dfdx and here.
const MAX_TUPLE: usize = 6;

/// The layers in dfdx's and our containers: `F` of `Residual<F>`, both of `GeneralizedResidual<F, R>`.
fn contained(path: &TypePath) -> Option<Vec<&Type>> {
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let wanted = match last.ident.to_string().as_str() {
        "Residual" | "Repeated" | "SplitInto" => 1,
        "GeneralizedResidual" | "Concat" => 2,
        _ => return None,
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    });
    let types: Vec<&Type> = types.collect();
    (types.len() == wanted).then_some(types)
}

/// An argument for each parameter, where there is one for all.
fn any_values(scope: &Scope) -> Option<TokenStream> {
    let (k, generics) = (&scope.k, &scope.model.generics);
    let layers = scope.has_open_layers();
    let any = generics.params.iter().filter_map(|param| match param {
        GenericParam::Const(param) => Some(Some(any_value(param))),
        GenericParam::Type(param) if layers => {
            let traits = param.bounds.iter();
            let traits = traits.filter(|bound| matches!(bound, TypeParamBound::Trait(_)));
            let alone = traits.count() == 1 && generics.where_clause.is_none();
            Some(alone.then(|| quote!(#k::ReLU)))
        }
        GenericParam::Type(_) | GenericParam::Lifetime(_) => None,
    });
    let any: Option<Vec<TokenStream>> = any.collect();
    any.map(|any| quote!(#(#any),*))
}

/// A value of a const parameter's type: whether its fields are layers does not depend on it.
fn any_value(param: &ConstParam) -> TokenStream {
    let is = |name: &str| matches!(&param.ty, Type::Path(path) if path.path.is_ident(name));
    if is("bool") {
        quote!(false)
    } else if is("char") {
        quote!('a')
    } else {
        quote!(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;
    use syn::parse_quote;

    #[test]
    fn containers_are_asked_part_by_part() {
        let asked = |ty: Type| -> Vec<String> {
            let parts = parts(&ty).into_iter();
            parts
                .map(|part| part.to_token_stream().to_string())
                .collect()
        };
        assert_eq!(
            asked(parse_quote!((A, Residual<(B, nn::Repeated<C, 3>)>, D))),
            ["A", "B", "C", "D"]
        );
        assert_eq!(
            asked(parse_quote!((
                GeneralizedResidual<(A, B), C>,
                Concat<D, SplitInto<(E, F)>>
            ))),
            ["A", "B", "C", "D", "E", "F"]
        );
        assert_eq!(asked(parse_quote!(Linear<4, 2>)), ["Linear < 4 , 2 >"]);
        let long: Type = parse_quote!((A, A, A, A, A, A, A));
        assert_eq!(asked(long.clone()), [long.to_token_stream().to_string()]);
    }
}
