//! Spec form: the constant that asks whether each field is a layer at all.
//!
//! Every type that the macro writes goes through this constant. Where a field is no layer the constant does not
//! compile, and the compiler looks no further at what depends on it: the mistake is one error, at the field's type.

use super::scope::Scope;
use crate::model::Form;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{ConstParam, Type};

pub fn definition(scope: &Scope) -> TokenStream {
    if scope.model.form != Form::Spec {
        return TokenStream::new();
    }
    let (k, known) = (&scope.k, &scope.known);
    let types = scope.fields().iter().map(|field| &field.ty);
    let asked = quote!(#(#k::is_layer::<#types>())&&*);
    if !scope.is_generic() {
        return quote!(const #known: bool = #asked;);
    }
    let (params, bounds) = (scope.const_params(), scope.where_clause());
    let any = scope.model.generics.const_params().map(any_value);
    quote! {
        const #known: bool = {
            const fn known<#params>() -> bool #bounds {
                #asked
            }
            known::<#(#any),*>()
        };
    }
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
