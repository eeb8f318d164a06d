//! Structs with `cfg` on their fields. An attribute sees a field before the compiler judges its `cfg`, a derive after:
//! the attribute hands its keys to a derive.

use proc_macro2::TokenStream;
use syn::{Attribute, GenericParam, ItemStruct, Meta, Path, parse_quote};

use super::entries::entries;
use super::{Failure, values};
use crate::check::errors::Errors;
use crate::model::{Form, Key, Model};

/// The derive's own attribute, which carries the keys.
const CARRIER: &str = "bayesian_after_cfg";

/// An annotated struct on its way to the derive.
pub struct Deferred {
    /// The struct as written, with its `#[bayes(..)]` attributes, which the derive declares.
    pub item: ItemStruct,
    pub form: Option<Form>,
    /// The path to `bayes_core`.
    pub krate: Path,
    /// What the derive's own attribute carries.
    pub keys: TokenStream,
}

/// Whether a field or a parameter has a `cfg`. The compiler judges one on the struct itself before the attribute.
pub fn has_cfg(item: &ItemStruct) -> bool {
    let on_fields = item.fields.iter().map(|field| &field.attrs);
    let on_params = item.generics.params.iter().map(|param| match param {
        GenericParam::Lifetime(param) => &param.attrs,
        GenericParam::Type(param) => &param.attrs,
        GenericParam::Const(param) => &param.attrs,
    });
    on_fields.chain(on_params).flatten().any(|attribute| {
        let path = attribute.path();
        path.is_ident("cfg") || path.is_ident("cfg_attr")
    })
}

/// What is handed to the derive.
pub fn before_cfg(attr: TokenStream, item: ItemStruct) -> Deferred {
    Deferred {
        form: Form::of(&item.generics),
        krate: krate(attr.clone()),
        keys: attr,
        item,
    }
}

/// What `crate` states, as far as it can be read: mistakes are for the derive to report.
fn krate(attr: TokenStream) -> Path {
    let mut errors = Errors::default();
    let entries = entries(attr, Key::ON_STRUCT, &mut errors);
    // What is wrong is found again.
    drop(errors.finish());
    let stated = entries.iter().find(|entry| entry.key == Key::Crate);
    let stated = stated.and_then(|entry| values::crate_path(entry).ok());
    stated.unwrap_or_else(|| parse_quote!(::bayes_core))
}

/// Reads what the derive sees.
pub fn analyse_after_cfg(item: TokenStream) -> Result<Model, Failure> {
    let unreadable = |errors| Failure {
        item: None,
        model: None,
        errors,
    };
    let mut item: ItemStruct = syn::parse2(item).map_err(unreadable)?;
    let carrier = |attribute: &mut Attribute| attribute.path().is_ident(CARRIER);
    let attr = match item.attrs.extract_if(.., carrier).next() {
        Some(Attribute {
            meta: Meta::List(list),
            ..
        }) => list.tokens,
        _ => TokenStream::new(),
    };
    super::analyse_struct(attr, item, true).map_err(|failure| Failure {
        // The derive's struct stands where it is.
        item: None,
        ..failure
    })
}
