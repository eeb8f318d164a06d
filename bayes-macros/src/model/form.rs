//! The two forms of an annotated struct, recognised by its type parameters alone.

use syn::{GenericArgument, Generics, Ident, PathArguments, PathSegment, Type, TypeParam};
use syn::{TypeParamBound, WherePredicate};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Fields are builder types: `struct Net { fc: Linear<784, 10> }`. Type parameters are layers, `L: Spec`.
    Spec,
    /// Fields are built modules: `struct Net<E: Dtype, D: Device<E>> { fc: Linear<784, 10, E, D> }`.
    Module { dtype: Ident, device: Ident },
}

impl Form {
    /// `None` where the type parameters fit neither form.
    pub fn of(generics: &Generics) -> Option<Self> {
        let params: Vec<&TypeParam> = generics.type_params().collect();
        match params[..] {
            _ if params.iter().all(|param| is_layer(generics, param)) => Some(Self::Spec),
            [e, d] if is_dtype(generics, e) && is_device_of(generics, d, &e.ident) => {
                Some(Self::Module {
                    dtype: e.ident.clone(),
                    device: d.ident.clone(),
                })
            }
            _ => None,
        }
    }
}

/// `param: ..::Dtype`, inline or in the where clause.
pub fn is_dtype(generics: &Generics, param: &TypeParam) -> bool {
    bounds(generics, param).any(|bound| bound.ident == "Dtype")
}

/// `param: ..::Spec`: a layer in builder form.
fn is_layer(generics: &Generics, param: &TypeParam) -> bool {
    bounds(generics, param).any(|bound| bound.ident == "Spec")
}

/// `param: ..::Device<dtype>`, inline or in the where clause.
pub fn is_device_of(generics: &Generics, param: &TypeParam, dtype: &Ident) -> bool {
    is_of(generics, param, "Device", dtype)
}

/// `param: ..::Kernels<dtype>`: a device that runs our layers.
pub fn has_kernels_of(generics: &Generics, param: &TypeParam, dtype: &Ident) -> bool {
    is_of(generics, param, "Kernels", dtype)
}

fn is_of(generics: &Generics, param: &TypeParam, bound: &str, dtype: &Ident) -> bool {
    bounds(generics, param).any(|found| {
        let PathArguments::AngleBracketed(arguments) = &found.arguments else {
            return false;
        };
        let first = arguments.args.first();
        found.ident == bound
            && matches!(first, Some(GenericArgument::Type(ty)) if is_param(ty, dtype))
    })
}

/// The last segments of the traits that bound `param`.
fn bounds<'a>(
    generics: &'a Generics,
    param: &'a TypeParam,
) -> impl Iterator<Item = &'a PathSegment> {
    let predicates = generics.where_clause.iter().flat_map(|w| &w.predicates);
    let in_where = predicates.filter_map(|predicate| match predicate {
        WherePredicate::Type(ty) if is_param(&ty.bounded_ty, &param.ident) => Some(&ty.bounds),
        _ => None,
    });
    let all = in_where.chain([&param.bounds]).flatten();
    all.filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    })
}

fn is_param(ty: &Type, ident: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(ident))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::format_ident;
    use syn::{ItemStruct, parse_quote};

    fn form(item: ItemStruct) -> Option<Form> {
        Form::of(&item.generics)
    }

    #[test]
    fn spec_form_may_have_const_generics() {
        let found = form(parse_quote!(
            struct Net<const N: usize>;
        ));
        assert_eq!(found, Some(Form::Spec));
    }

    #[test]
    fn type_parameters_of_spec_form_are_layers() {
        let layers: [ItemStruct; 2] = [
            parse_quote!(
                struct Net<L: twin::Spec = ReLU, const N: usize = 3>;
            ),
            parse_quote! {
                struct Net<L, M> where L: Clone + Spec, M: Spec;
            },
        ];
        for item in layers {
            assert_eq!(form(item), Some(Form::Spec));
        }
    }

    #[test]
    fn module_form_takes_any_names_and_both_places_of_bounds() {
        let module = |dtype, device| {
            let (dtype, device) = (format_ident!("{dtype}"), format_ident!("{device}"));
            Some(Form::Module { dtype, device })
        };
        let inline: ItemStruct = parse_quote!(
            struct Net<E: dfdx::prelude::Dtype + Send, D: Device<E>>;
        );
        assert_eq!(form(inline), module("E", "D"));
        let in_where: ItemStruct = parse_quote! {
            struct Net<const N: usize, Num, Dev> where Num: Dtype, Dev: dfdx::prelude::Device<Num>;
        };
        assert_eq!(form(in_where), module("Num", "Dev"));
    }

    #[test]
    fn other_type_parameters_fit_neither_form() {
        let others: [ItemStruct; 6] = [
            parse_quote!(
                struct Net<T>;
            ),
            parse_quote!(
                struct Net<E: Dtype, D>;
            ),
            parse_quote!(
                struct Net<E: Dtype, D: Device<f32>>;
            ),
            parse_quote!(
                struct Net<D: Device<E>, E: Dtype>;
            ),
            parse_quote!(
                struct Net<E: Dtype, D: Device<E>, T>;
            ),
            parse_quote!(
                struct Net<E: Dtype, D: Device<E>, L: Spec>;
            ),
        ];
        for item in others {
            assert_eq!(form(item.clone()), None, "{item:?}");
        }
    }
}
