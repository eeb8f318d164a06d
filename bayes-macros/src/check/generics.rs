//! Rules for lifetimes and type parameters.

use syn::{Error, Generics, LifetimeParam, TypeParam};

use super::words::{list, written};
use crate::model::{Form, is_device_of, is_dtype};

const FORMS: &str = "`#[bayesian]` takes two forms: builder types, where a type parameter is a layer \
    (`struct Net<L: Spec> { inner: L, fc: Linear<784, 10> }`), or built modules and exactly two type parameters \
    (`struct Net<E: Dtype, D: Device<E>> { fc: Linear<784, 10, E, D> }`)";

/// The form of the struct.
pub fn form(generics: &Generics) -> syn::Result<Form> {
    if let Some(lifetime) = generics.lifetimes().next() {
        return Err(has_lifetime(lifetime));
    }
    Form::of(generics).ok_or_else(|| fits_neither_form(generics))
}

fn has_lifetime(param: &LifetimeParam) -> Error {
    let lifetime = &param.lifetime;
    let message =
        format!("a model owns its layers, found the lifetime `{lifetime}`: remove it. {FORMS}");
    Error::new_spanned(lifetime, message)
}

fn fits_neither_form(generics: &Generics) -> Error {
    let params: Vec<&TypeParam> = generics.type_params().collect();
    let names: Vec<String> = params.iter().map(|param| param.ident.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = list(&names, "and");
    let message = match near_miss(generics, &params) {
        Some(advice) => {
            format!("the type parameters fit neither form, found {found}: {advice}")
        }
        None => format!("the type parameters fit neither form, found {found}. {FORMS}"),
    };
    Error::new_spanned(&generics.params, message)
}

/// What the parameters lack to be layers, or those of the module form.
fn near_miss(generics: &Generics, params: &[&TypeParam]) -> Option<String> {
    if let Some(advice) = beside_a_device(generics, params) {
        return Some(advice);
    }
    let &[e, d] = params else {
        let [layer] = params else {
            return None;
        };
        return (!is_dtype(generics, layer)).then(|| {
            format!(
                "a type parameter of a struct of builder types is a layer: write `{}: Spec`",
                layer.ident
            )
        });
    };
    if is_dtype(generics, d) && is_device_of(generics, e, &d.ident) {
        return Some(format!("put `{}` before `{}`", d.ident, e.ident));
    }
    match (is_dtype(generics, e), is_device_of(generics, d, &e.ident)) {
        (true, false) => Some(format!(
            "write `{}: Device<{}>` for `{}`",
            d.ident,
            e.ident,
            written(d)
        )),
        (false, true) => Some(format!("write `{}: Dtype` for `{}`", e.ident, written(e))),
        _ => None,
    }
}

/// A layer as a parameter of a struct with a number type and a device.
fn beside_a_device(generics: &Generics, params: &[&TypeParam]) -> Option<String> {
    let e = params.iter().find(|param| is_dtype(generics, param))?;
    let d = params
        .iter()
        .find(|param| is_device_of(generics, param, &e.ident))?;
    let other = params
        .iter()
        .find(|param| param.ident != e.ident && param.ident != d.ident)?;
    Some(format!(
        "beside `{}` and `{}` there is no third: write the layer's type for `{other}`, or all fields as builder types, \
         with `{other}: Spec`",
        e.ident,
        d.ident,
        other = other.ident
    ))
}

/// A forward pass of its own over a layer that is a parameter.
pub fn forward_over_layers(param: &TypeParam) -> Error {
    let name = &param.ident;
    let message = format!(
        "a forward pass of its own is compiled for each view, and cannot say what the layer `{name}` takes and gives in \
         each: write the layer's type for `{name}`, or let the fields run in order, without `forward`"
    );
    Error::new_spanned(name, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::{ItemStruct, parse_quote};

    fn message(item: ItemStruct) -> String {
        form(&item.generics).unwrap_err().to_string()
    }

    #[test]
    fn both_forms_are_explained() {
        let message = message(parse_quote!(
            struct Net<T: Clone, U>;
        ));
        assert!(message.starts_with("the type parameters fit neither form, found `T` and `U`. "));
        assert!(message.contains("struct Net<L: Spec> { inner: L, fc: Linear<784, 10> }"));
        assert!(message.contains("struct Net<E: Dtype, D: Device<E>>"));
    }

    #[test]
    fn a_layer_has_a_bound() {
        let message = message(parse_quote!(
            struct Net<L>;
        ));
        assert!(message.ends_with("is a layer: write `L: Spec`"));
    }

    #[test]
    fn a_layer_has_no_place_beside_a_device() {
        let message = message(parse_quote!(
            struct Net<E: Dtype, D: Device<E>, L: Spec>;
        ));
        assert!(
            message
                .contains(": beside `E` and `D` there is no third: write the layer's type for `L`")
        );
    }

    #[test]
    fn lifetimes_fit_no_form() {
        let message = message(parse_quote!(
            struct Net<'a, E: Dtype, D: Device<E>>;
        ));
        assert!(message.starts_with("a model owns its layers, found the lifetime `'a`"));
    }

    #[test]
    fn a_near_miss_is_named() {
        let reversed = message(parse_quote!(
            struct Net<D: Device<E>, E: Dtype>;
        ));
        assert!(reversed.contains("found `D` and `E`: put `E` before `D`"));
        let no_device = message(parse_quote!(
            struct Net<E: Dtype, D>;
        ));
        assert!(no_device.contains(": write `D: Device<E>` for `D`"));
        let no_dtype = message(parse_quote!(
            struct Net<E, D: Device<E>>;
        ));
        assert!(no_dtype.contains(": write `E: Dtype` for `E`"));
    }
}
