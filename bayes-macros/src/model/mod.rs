//! The intermediate representation: one annotated struct, read and checked, as every generator sees it.

mod form;
mod key;
mod members;
mod options;
mod pass;

pub use form::{Form, has_kernels_of, is_device_of, is_dtype};
pub use key::{Entry, Key};
pub use members::{Member, Members};
pub use options::{
    Config, Estimator, Family, FieldOptions, Init, Input, Names, Number, Options, Posterior, Prior,
    Rho, Size, Std,
};
pub use pass::{Forward, Method, Mode, Numbers, Owner, Pass, Twin, View};

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Generics, Ident, ItemStruct, Type, Visibility};

/// One struct under `#[bayesian(..)]`.
#[derive(Debug)]
pub struct Model {
    /// The struct as the user wrote it, without its `#[bayes(..)]` attributes.
    pub item: ItemStruct,
    pub vis: Visibility,
    pub ident: Ident,
    /// As written: const parameters, in spec form layers that are `'static`, in module form the two type parameters that [`Form`] names.
    pub generics: Generics,
    pub form: Form,
    /// In the order of the forward.
    pub fields: Vec<Field>,
    pub options: Options,
}

/// One field: a layer, a container of layers, another annotated struct, or a value.
#[derive(Debug)]
pub struct Field {
    /// Its doc comments, which the twins repeat.
    pub docs: Vec<Attribute>,
    pub vis: Visibility,
    /// Its name, or its place in a tuple struct.
    pub member: syn::Member,
    pub ty: Type,
    /// Whether the type names a layer that is a parameter of the struct, so that what it is is not known here.
    pub open: bool,
    pub options: FieldOptions,
}

impl Field {
    /// As the names of its tensors begin: without `r#`.
    pub fn name(&self) -> String {
        match &self.member {
            syn::Member::Named(ident) => ident.unraw().to_string(),
            syn::Member::Unnamed(index) => index.index.to_string(),
        }
    }

    pub fn span(&self) -> Span {
        match &self.member {
            syn::Member::Named(ident) => ident.span(),
            syn::Member::Unnamed(index) => index.span,
        }
    }

    /// Whether it runs; what does not is a value.
    pub fn is_layer(&self) -> bool {
        self.options.value.is_none()
    }
}
