//! Rules for the struct as a whole and for the types of its fields.

use syn::{
    Attribute, Error, Fields, GenericArgument, Ident, Item, ItemStruct, PathArguments, Type,
};

use super::words::mentions;
use crate::model::{Field, Form, Names};

/// Layers without parameters, of dfdx and of `bayes_core`; nothing in them can be Bayesian.
const PARAMETER_FREE: &[&str] = &[
    "Abs",
    "AccurateGeLU",
    "AdaptiveAvgPool1D",
    "AdaptiveAvgPool2D",
    "AdaptiveAvgPool3D",
    "AdaptiveMaxPool1D",
    "AdaptiveMaxPool2D",
    "AdaptiveMaxPool3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "AvgPoolGlobal",
    "Cos",
    "Dropout",
    "DropoutOneIn",
    "Exp",
    "FastGeLU",
    "Flatten",
    "Flatten1D",
    "Flatten2D",
    "Flatten3D",
    "GeLU",
    "LeakyReLU",
    "Ln",
    "LogSoftmax",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPoolGlobal",
    "MeanSteps",
    "MinPool2D",
    "MinPoolGlobal",
    "PadChannels",
    "PositionalEncoding",
    "ReLU",
    "Sigmoid",
    "Sin",
    "Softmax",
    "Sqrt",
    "Square",
    "Subsample",
    "Tanh",
    "Unflatten",
    "Unflatten1D",
    "Unflatten3D",
    "Upscale2D",
    "Upscale2DBy",
];

/// dfdx's traits are solved in time exponential in the depth of `(A, (B, (C, ..)))`.
const MAX_NESTING: usize = 8;

pub fn not_a_struct(item: &Item) -> Error {
    let kind = match item {
        Item::Enum(_) => "an enum",
        Item::Union(_) => "a union",
        Item::Fn(_) => "a function",
        Item::Trait(_) => "a trait",
        Item::Type(_) => "a type alias",
        Item::Mod(_) => "a module",
        _ => "another item",
    };
    let message = format!(
        "`#[bayesian]` expects a struct of layers, found {kind}: \
         move the attribute to the struct that holds the layers"
    );
    Error::new_spanned(item, message)
}

/// At least one field; `after_cfg` where there were some.
pub fn some_field(item: &ItemStruct, after_cfg: bool) -> syn::Result<()> {
    let name = &item.ident;
    let message = match &item.fields {
        fields if !fields.is_empty() => return Ok(()),
        Fields::Unit => format!(
            "`{name}` is a unit struct, so there is nothing to run: \
             write `struct {name} {{ fc: Linear<784, 10> }}` with the layers in the order of the forward"
        ),
        _ if after_cfg => format!(
            "`#[cfg(..)]` leaves no field of `{name}` here, so there is nothing to run: keep at least one layer in \
             every case, or put the `#[cfg(..)]` above `#[bayesian(..)]`"
        ),
        _ => format!(
            "`{name}` has no fields, so there is nothing to run: \
             add its layers in the order of the forward, `fc: Linear<784, 10>`"
        ),
    };
    Err(Error::new_spanned(name, message))
}

/// A value of a type that the walk over tensors would have to change with the number type and the device.
pub fn value_on_device(field: &Field, form: &Form) -> Option<Error> {
    let Form::Module { dtype, device } = form else {
        return None;
    };
    field.options.value.as_ref()?;
    let of = [dtype, device];
    let of = of.into_iter().find(|param| mentions(&field.ty, param))?;
    let message = format!(
        "`{}` is a value, which stays what it is when the model goes to another number type or device, but its type \
         names `{of}`: write a type without it, such as `f64`",
        field.name()
    );
    Some(Error::new_spanned(&field.ty, message))
}

/// `#[bayes(..)]` stands on fields only.
pub fn bayes_on_struct(attribute: &Attribute) -> Error {
    Error::new_spanned(
        attribute,
        "`#[bayes(..)]` belongs to a field, found it on the struct: \
         what holds for all layers goes into `#[bayesian(..)]`",
    )
}

/// The struct and its twins have different names.
pub fn distinct_names(item: &Ident, names: &Names, form: &Form) -> Vec<Error> {
    let taken = |name: &Ident, key: &str, by: &str| {
        let message = format!("`{name}` is already the name of {by}: choose another `{key}`");
        Error::new(name.span(), message)
    };
    let Names {
        bayes,
        device,
        quant,
        registry,
    } = names;
    let mut named = vec![
        (bayes, "bayes", "the Bayesian twin"),
        (quant, "quant", "the int8 twin"),
        (registry, "registry", "the registry of its members"),
    ];
    if *form == Form::Spec {
        named.insert(1, (device, "device", "the device type"));
    }
    let mut clashes = Vec::new();
    for (i, &(name, key, what)) in named.iter().enumerate() {
        if name == item {
            clashes.push(taken(name, key, "the struct itself"));
        } else if let Some(&(_, other, earlier)) =
            named[..i].iter().find(|(other, ..)| *other == name)
        {
            let message = format!(
                "{earlier} and {what} are both named `{name}`: give `{other}` and `{key}` two names"
            );
            clashes.push(Error::new(name.span(), message));
        }
    }
    clashes
}

/// In module form there is no device type to name.
pub fn device_in_module_form(ident: &Ident) -> Error {
    Error::new_spanned(
        ident,
        "`device` names the device type of a struct of builders, but this struct has \
         `<E: Dtype, D: Device<E>>` and is that type itself: remove `device`",
    )
}

/// At least one field may hold weights that are not skipped.
pub fn some_field_is_bayesian(item: &Ident, fields: &[Field]) -> syn::Result<()> {
    let bayesian =
        |field: &Field| field.is_layer() && !field.options.skip && may_have_parameters(&field.ty);
    if fields.is_empty() || fields.iter().any(bayesian) {
        return Ok(());
    }
    let message = if !fields.iter().any(Field::is_layer) {
        format!(
            "every field of `{item}` is a value, so there is nothing to run: \
             add a layer with weights, such as `fc: Linear<784, 10>`"
        )
    } else if fields.iter().all(|field| field.options.skip) {
        format!(
            "every field of `{item}` is skipped, so nothing is left to be Bayesian: \
             remove `#[bayes(skip)]` from at least one layer"
        )
    } else if fields.iter().any(|field| field.options.skip) {
        format!(
            "every layer of `{item}` with parameters is skipped, so nothing is left to be Bayesian: \
             remove `#[bayes(skip)]` from at least one of them"
        )
    } else {
        format!(
            "no field of `{item}` has parameters, so there is nothing to be Bayesian: \
             add a layer with weights, such as `fc: Linear<784, 10>`"
        )
    };
    Err(Error::new_spanned(item, message))
}

fn may_have_parameters(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_none_or(|last| !PARAMETER_FREE.iter().any(|name| last.ident == name))
        }
        Type::Tuple(tuple) => tuple.elems.iter().any(may_have_parameters),
        Type::Paren(inner) => may_have_parameters(&inner.elem),
        Type::Group(inner) => may_have_parameters(&inner.elem),
        _ => true,
    }
}

/// No `(A, (B, (C, ..)))` nested deeper than `MAX_NESTING`, not even inside `Residual<..>`.
pub fn flat_tuples(ty: &Type) -> syn::Result<()> {
    if right_nesting(ty) <= MAX_NESTING {
        return parts(ty).into_iter().try_for_each(flat_tuples);
    }
    let message = format!(
        "tuples nested to the right more than {MAX_NESTING} deep take the compiler minutes: \
         write the layers as fields of a struct, or as one flat tuple `(A, B, C, ..)`"
    );
    Err(Error::new_spanned(ty, message))
}

fn right_nesting(ty: &Type) -> usize {
    match ty {
        Type::Tuple(tuple) => 1 + tuple.elems.last().map_or(0, right_nesting),
        Type::Paren(inner) => right_nesting(&inner.elem),
        Type::Group(inner) => right_nesting(&inner.elem),
        _ => 0,
    }
}

/// The types written inside `ty`.
fn parts(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        Type::Paren(inner) => vec![&inner.elem],
        Type::Group(inner) => vec![&inner.elem],
        Type::Path(path) => {
            let segments = path.path.segments.iter();
            let arguments = segments.filter_map(|segment| match &segment.arguments {
                PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
                _ => None,
            });
            let types = arguments.flatten().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            types.collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::format_ident;
    use syn::parse_quote;

    #[test]
    fn parameters_are_found_by_the_last_segment() {
        for (ty, want) in [
            (parse_quote!(ReLU), false),
            (parse_quote!(dfdx::nn::builders::MaxPool2D<2, 2>), false),
            (parse_quote!((ReLU, Dropout)), false),
            (parse_quote!((ReLU, Linear<2, 3>)), true),
            (parse_quote!(Residual<ReLU>), true),
            (parse_quote!(MyLayer), true),
            (parse_quote!([Linear<2, 3>; 4]), true),
        ] {
            assert_eq!(may_have_parameters(&ty), want, "{ty:?}");
        }
    }

    #[test]
    fn only_deep_right_nesting_is_refused() {
        let nested = |depth: usize| {
            (0..depth).fold(parse_quote!(ReLU), |ty: Type, _| parse_quote!((Tanh, #ty)))
        };
        assert!(flat_tuples(&nested(8)).is_ok());
        let deep = nested(9);
        let message = flat_tuples(&deep).unwrap_err().to_string();
        assert!(message.starts_with("tuples nested to the right more than 8 deep"));
        assert!(flat_tuples(&parse_quote!(Residual<#deep>)).is_err());
        let left = (0..20).fold(parse_quote!(ReLU), |ty: Type, _| parse_quote!((#ty, Tanh)));
        assert!(flat_tuples(&left).is_ok());
    }

    #[test]
    fn names_clash_with_the_struct_and_with_each_other() {
        let clashes = |bayes: &str, device: &str, form: &Form| {
            let names = Names {
                bayes: format_ident!("{bayes}"),
                device: format_ident!("{device}"),
                quant: format_ident!("QuantNet"),
                registry: format_ident!("NetMember"),
            };
            distinct_names(&format_ident!("Net"), &names, form).len()
        };
        assert_eq!(clashes("BayesNet", "DeviceNet", &Form::Spec), 0);
        assert_eq!(clashes("Net", "DeviceNet", &Form::Spec), 1);
        assert_eq!(clashes("Net", "Net", &Form::Spec), 2);
        assert_eq!(clashes("Twin", "Twin", &Form::Spec), 1);
        let module = Form::Module {
            dtype: format_ident!("E"),
            device: format_ident!("D"),
        };
        assert_eq!(clashes("DeviceNet", "DeviceNet", &module), 0);
    }
}
