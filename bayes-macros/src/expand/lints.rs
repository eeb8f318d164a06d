//! Lints that the user allows on a struct are allowed on its twins; what is deprecated is used by them.

use crate::model::Model;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, File, parse_quote};

/// The attributes that generated items take from the struct.
pub fn of(model: &Model) -> Vec<Attribute> {
    let attributes = &model.item.attrs;
    let allowed = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("allow"));
    let of_fields = model.item.fields.iter().flat_map(|field| &field.attrs);
    let mut all = attributes.iter().chain(of_fields);
    let deprecated = all.any(|attribute| attribute.path().is_ident("deprecated"));
    let used: Option<Attribute> = deprecated.then(|| parse_quote!(#[allow(deprecated)]));
    allowed.cloned().chain(used).collect()
}

/// Puts the attributes above each item.
pub fn above(lints: &[Attribute], items: TokenStream) -> TokenStream {
    if lints.is_empty() {
        return items;
    }
    match syn::parse2::<File>(items.clone()) {
        Ok(File { items, .. }) => {
            let items = items.iter().map(|item| quote!(#(#lints)* #item));
            items.collect()
        }
        Err(_) => items,
    }
}
