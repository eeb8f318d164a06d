//! Rules for a forward pass of one's own.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Error, FnArg, GenericParam, Generics, Ident, ImplItem, ImplItemFn, ItemImpl, Pat, Receiver,
    Signature, Type,
};

use super::words::{mentions, written};
use crate::model::Numbers;

/// The form of a forward pass, as messages show it.
const FORM: &str = "fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(&self, x: Tensor<(B, Const<4>), E, D, T>) \
     -> Result<Tensor<(B, Const<3>), E, D, T>, D::Err>";

/// Which type parameter is not there.
pub enum Missing {
    Dtype,
    /// With the name of the number type.
    Device(Ident),
}

impl Missing {
    pub fn error(&self, sig: &Signature) -> Error {
        let message = match self {
            Self::Dtype => "`forward` runs with every number type on every device, but has no parameter for the \
                            number type: write `fn forward<E: Dtype, D: Device<E>, ..>`"
                .to_owned(),
            Self::Device(dtype) => format!(
                "`forward` runs on every device, but has no parameter for it: write `D: Device<{dtype}>` \
                 beside `{dtype}: Dtype`"
            ),
        };
        Error::new_spanned(&sig.ident, message)
    }
}

/// `#[bayesian(crate = ..)] impl`, without `forward`.
pub fn without_the_word(block: &ItemImpl) -> Error {
    Error::new_spanned(
        &block.self_ty,
        "on an `impl` block the attribute says that it holds the forward pass: write `#[bayesian(forward)]`; \
         all other keys belong to the struct",
    )
}

/// `impl Trait for Net`.
pub fn of_a_trait(block: &ItemImpl) -> Option<Error> {
    let (_, path, _) = block.trait_.as_ref()?;
    let path = &path.segments.last()?.ident;
    let message = format!(
        "a forward pass is a method of the struct itself, found one of `{}`: write `impl {} {{ .. }}`; \
         `Module` of each twin is made from it",
        written(path),
        written(&block.self_ty)
    );
    Some(Error::new_spanned(path, message))
}

pub fn not_a_struct(ty: &Type) -> Error {
    let message = format!(
        "expected the name of an annotated struct, found `{}`: write `impl Net {{ .. }}`",
        written(ty)
    );
    Error::new_spanned(ty, message)
}

/// A macro call, or what a later edition may have in an `impl` block.
pub fn not_an_item(item: &ImplItem) -> Error {
    Error::new_spanned(
        item,
        "expected methods, functions and constants: what this stands for is not known when the forward pass is \
         written for each twin; write it out, or move it to an `impl` block without the attribute",
    )
}

/// What cannot happen: something is missing and nothing was said of it.
pub fn unreadable() -> Error {
    Error::new(
        proc_macro2::Span::call_site(),
        "cannot read this `impl` block as a forward pass",
    )
}

pub fn no_forward(ty: &Type, methods: &[Ident]) -> Error {
    let found = match methods.iter().find(|name| *name == "try_forward") {
        Some(_) => " but `try_forward`, which is made from it: name it `forward`".to_owned(),
        None => format!(": write `{FORM}`"),
    };
    let message = format!("`{}` has no method `forward`{found}", written(ty));
    Error::new_spanned(ty, message)
}

pub fn second_forward(item: &ImplItemFn) -> Error {
    let message =
        "`forward` is defined twice: keep one; several inputs are several arguments of it";
    Error::new_spanned(&item.sig.ident, message)
}

/// A method whose name each view has already.
pub fn of_every_view(item: &ImplItemFn) -> Option<Error> {
    let message =
        "`try_forward` is made from `forward`, for each twin: give this method another name";
    (item.sig.ident == "try_forward").then(|| Error::new_spanned(&item.sig.ident, message))
}

/// `async`, `const`, `unsafe` and `extern` functions, which `Module` cannot be made from.
pub fn qualified(sig: &Signature) -> Vec<Error> {
    let Signature {
        constness,
        asyncness,
        unsafety,
        abi,
        ..
    } = sig;
    let found: [(&str, Option<TokenStream>, &str); 4] = [
        (
            "const",
            constness.map(ToTokens::into_token_stream),
            "layers do not run in constants",
        ),
        (
            "async",
            asyncness.map(ToTokens::into_token_stream),
            "layers do not wait",
        ),
        (
            "unsafe",
            unsafety.map(ToTokens::into_token_stream),
            "it is called by safe code",
        ),
        (
            "extern",
            abi.as_ref().map(ToTokens::to_token_stream),
            "it is called by Rust code",
        ),
    ];
    let errors = found.into_iter().filter_map(|(word, tokens, why)| {
        let message =
            format!("`forward` becomes dfdx's `Module::try_forward`, and {why}: remove `{word}`");
        Some(Error::new_spanned(tokens?, message))
    });
    errors.collect()
}

/// Methods take `&self`: they run on views, which are only read.
pub fn receiver(sig: &Signature) -> Option<Error> {
    let name = &sig.ident;
    let why = "it runs on views of the model in a draw, which are shared; write `&self`";
    let (at, found) = match sig.receiver() {
        None => {
            let message = format!("`{name}` must be a method: write `&self` before its arguments");
            return Some(Error::new_spanned(name, message));
        }
        Some(Receiver {
            reference: Some(_),
            mutability: None,
            colon_token: None,
            ..
        }) => return None,
        Some(receiver) => (receiver, written(receiver)),
    };
    let message = format!("`{name}` takes `&self`, found `{found}`: {why}");
    Some(Error::new_spanned(at, message))
}

/// A reference, or `impl Trait`, which cannot be the input of a `Module`.
pub fn not_by_value(ty: &Type) -> Option<Error> {
    let message = match ty {
        Type::Reference(_) => format!(
            "`forward` takes its inputs by value, as dfdx's `Module` does, found `{}`: remove the `&`",
            written(ty)
        ),
        Type::ImplTrait(_) => format!(
            "the types of the inputs are those of a `Module`, so they need names, found `{}`: \
             make it a type parameter",
            written(ty)
        ),
        _ => return None,
    };
    Some(Error::new_spanned(ty, message))
}

/// At least one input is a tensor on the device; one of word numbers does not name the number type.
pub fn no_tensor(sig: &Signature, inputs: &[(Pat, Type)], numbers: &Numbers) -> Option<Error> {
    let Numbers { dtype, device } = numbers;
    let tensor = format!("write `x: Tensor<(B, Const<4>), {dtype}, {device}, T>`");
    if inputs.is_empty() {
        let message = format!("`forward` takes no input: {tensor}");
        return Some(Error::new_spanned(&sig.ident, message));
    }
    if inputs.iter().any(|(_, ty)| mentions(ty, device)) {
        return None;
    }
    let message = format!("no input of `forward` is a tensor on `{device}`: {tensor}");
    let typed = sig
        .inputs
        .iter()
        .find(|input| matches!(input, FnArg::Typed(_)));
    Some(Error::new_spanned(typed, message))
}

/// Parameters that no input says, so that a call could not say what they are.
pub fn unbound(generics: &Generics, inputs: &[(Pat, Type)], numbers: &Numbers) -> Vec<Error> {
    let said = |name: &Ident| {
        let mut types = inputs.iter();
        types.any(|(_, ty)| mentions(ty, name)) || in_bounds(generics, name)
    };
    let unsaid = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        _ => None,
    });
    // Without its numbers there is no tensor, which is an error of its own.
    let unsaid =
        unsaid.filter(|name| **name != numbers.dtype && **name != numbers.device && !said(name));
    let error = |name: &Ident| {
        let message = format!(
            "no input of `forward` says what `{name}` is: name it in an input's type, or remove it"
        );
        Error::new_spanned(name, message)
    };
    unsaid.map(error).collect()
}

/// Whether a bound of another parameter, or of a type, names this one.
fn in_bounds(generics: &Generics, name: &Ident) -> bool {
    let mut others = generics.type_params().filter(|param| param.ident != *name);
    mentions(&generics.where_clause, name) || others.any(|other| mentions(&other.bounds, name))
}

pub fn not_a_result(sig: &Signature) -> Error {
    let message =
        "`forward` gives `Result<Y, D::Err>` with the output and the device's error, written out";
    match &sig.output {
        syn::ReturnType::Type(_, ty) => {
            Error::new_spanned(ty, format!("{message}, found `{}`", written(ty)))
        }
        syn::ReturnType::Default => {
            Error::new_spanned(&sig.ident, format!("{message}, found nothing"))
        }
    }
}

/// The error is `D::Err`: containers of layers ask for it.
pub fn other_error(error: &Type, Numbers { device, .. }: &Numbers) -> Option<Error> {
    if let Type::Path(path) = error {
        let last = path.path.segments.last();
        let of_device = match &path.qself {
            Some(qself) => mentions(&qself.ty, device),
            None => {
                let segments = &path.path.segments;
                segments.len() == 2 && segments[0].ident == *device
            }
        };
        if of_device && last.is_some_and(|last| last.ident == "Err") {
            return None;
        }
    }
    let message = format!(
        "the error of a forward pass is its device's, so that it fits between dfdx's layers, found `{}`: \
         write `{device}::Err`",
        written(error)
    );
    Some(Error::new_spanned(error, message))
}
