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

use syn::{Attribute, Generics, Ident, ItemStruct, Type, Visibility};

/// One struct under `#[bayesian(..)]`.
#[derive(Debug)]
pub struct Model {
    /// The struct as the user wrote it, without its `#[bayes(..)]` attributes.
    pub item: ItemStruct,
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
    /// Its doc comments, which the twins repeat.
    pub docs: Vec<Attribute>,
    pub vis: Visibility,
    pub ident: Ident,
    pub ty: Type,
    pub options: FieldOptions,
}
