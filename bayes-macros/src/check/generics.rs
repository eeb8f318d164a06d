//! Rules for lifetimes and type parameters.

use syn::{Error, Generics, LifetimeParam, TypeParam};

use super::words::{list, source};
use crate::model::{Form, is_device_of, is_dtype};

const FORMS: &str = "`#[bayesian]` takes two forms: builder types and no type parameters \
    (`struct Net { fc: Linear<784, 10> }`), or built modules and exactly two of them \
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

/// What two parameters lack to be those of the module form.
fn near_miss(generics: &Generics, params: &[&TypeParam]) -> Option<String> {
    let &[e, d] = params else {
        return None;
    };
    if is_dtype(generics, d) && is_device_of(generics, e, &d.ident) {
        return Some(format!("put `{}` before `{}`", d.ident, e.ident));
    }
    match (is_dtype(generics, e), is_device_of(generics, d, &e.ident)) {
        (true, false) => Some(format!(
            "write `{}: Device<{}>` for `{}`",
            d.ident,
            e.ident,
            source(d)
        )),
        (false, true) => Some(format!("write `{}: Dtype` for `{}`", e.ident, source(e))),
        _ => None,
    }
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
            struct Net<T>;
        ));
        assert!(message.starts_with("the type parameters fit neither form, found `T`. "));
        assert!(message.contains("struct Net { fc: Linear<784, 10> }"));
        assert!(message.contains("struct Net<E: Dtype, D: Device<E>>"));
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
