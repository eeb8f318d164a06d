//! The intermediate representation: one annotated struct, read and checked, as every generator sees it.

mod form;
mod key;
mod options;

pub use form::{Form, is_device_of, is_dtype};
pub use key::{Entry, Key};
pub use options::{
    Config, Estimator, FieldOptions, Input, Names, Number, Options, Posterior, Prior, Size,
    Spanned, Std,
};

use syn::{Attribute, Generics, Ident, ItemStruct, Type, Visibility};

/// One struct under `#[bayesian(..)]`.
#[derive(Debug)]
pub struct Model {
    /// The struct as the user wrote it, without its `#[bayes(..)]` attributes.
    pub item: ItemStruct,
    pub attrs: Attrs,
    pub vis: Visibility,
    pub ident: Ident,
    /// As written: const parameters, and in module form the two type parameters that [`Form`] names.
    pub generics: Generics,
    pub form: Form,
    /// In the order of the forward.
    pub fields: Vec<Field>,
    pub options: Options,
}

/// One field: a layer, a container of layers, or another annotated struct.
#[derive(Debug)]
pub struct Field {
    /// Without `#[bayes(..)]`.
    pub attrs: Attrs,
    pub vis: Visibility,
    pub ident: Ident,
    pub ty: Type,
    pub options: FieldOptions,
}

/// Attributes by what a generator does with them: twins repeat `doc` and `cfg`, and nothing else.
#[derive(Debug, Default)]
pub struct Attrs {
    pub doc: Vec<Attribute>,
    pub cfg: Vec<Attribute>,
    pub derive: Vec<Attribute>,
    pub other: Vec<Attribute>,
}

impl Attrs {
    pub fn split(attributes: &[Attribute]) -> Self {
        let mut attrs = Self::default();
        for attribute in attributes {
            let path = attribute.path();
            let kind = if path.is_ident("doc") {
                &mut attrs.doc
            } else if path.is_ident("cfg") {
                &mut attrs.cfg
            } else if path.is_ident("derive") {
                &mut attrs.derive
            } else {
                &mut attrs.other
            };
            kind.push(attribute.clone());
        }
        attrs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn attributes_are_split_by_kind_in_order() {
        let item: ItemStruct = parse_quote! {
            /// One.
            #[cfg(unix)]
            #[derive(Debug)]
            /// Two.
            #[must_use]
            #[cfg_attr(unix, derive(Clone))]
            struct Net;
        };
        let attrs = Attrs::split(&item.attrs);
        assert_eq!(attrs.doc, [item.attrs[0].clone(), item.attrs[3].clone()]);
        assert_eq!(attrs.cfg, [item.attrs[1].clone()]);
        assert_eq!(attrs.derive, [item.attrs[2].clone()]);
        assert_eq!(attrs.other, item.attrs[4..]);
    }
}
