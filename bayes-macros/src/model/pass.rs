//! One `impl` block under `#[bayesian(forward)]`, and the views that it is re-emitted for.

use syn::punctuated::Punctuated;
use syn::{
    Attribute, GenericArgument, Generics, Ident, ImplItem, ImplItemFn, Pat, Path, Token, Type,
};

/// A forward pass as the user wrote it, for the struct that it belongs to.
#[derive(Debug)]
pub struct Pass {
    pub owner: Owner,
    pub forward: Forward,
    /// The other methods on `&self`, which the forward pass may call.
    pub methods: Vec<Method>,
    /// Constants and functions without `self`.
    pub shared: Vec<ImplItem>,
}

/// Whose forward pass it is.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The path to `bayes_core`, by default `::bayes_core`.
    pub krate: Path,
    /// The struct's type as the block names it.
    pub ty: Type,
    /// The path of the struct, without arguments.
    pub path: Path,
    /// Its arguments, without the number type and the device of the module form.
    pub args: Vec<GenericArgument>,
    /// The block's own parameters.
    pub generics: Generics,
    /// What stands above the block, besides its documentation: lints.
    pub attrs: Vec<Attribute>,
}

/// A method on `&self` with the names of its number type and device.
#[derive(Debug)]
pub struct Method {
    pub item: ImplItemFn,
    /// `None` where neither the method nor the block has them.
    pub numbers: Option<Numbers>,
}

/// The type parameters of a number type and a device.
#[derive(Clone, Debug)]
pub struct Numbers {
    pub dtype: Ident,
    pub device: Ident,
}

/// The method `forward`.
#[derive(Debug)]
pub struct Forward {
    pub item: ImplItemFn,
    pub numbers: Numbers,
    /// Patterns and types of what it takes besides `&self`.
    pub inputs: Vec<(Pat, Type)>,
    /// `Y` and `D::Err` of `Result<Y, D::Err>`.
    pub output: Type,
    pub error: Type,
}

impl Forward {
    /// What it takes, as one type: several inputs are a tuple.
    pub fn input(&self) -> Type {
        match &self.inputs[..] {
            [(_, ty)] => ty.clone(),
            inputs => {
                let types: Punctuated<&Type, Token![,]> = inputs.iter().map(|(_, ty)| ty).collect();
                syn::parse_quote!((#types))
            }
        }
    }

    /// What it takes, as one pattern.
    pub fn pattern(&self) -> Pat {
        match &self.inputs[..] {
            [(pattern, _)] => pattern.clone(),
            inputs => {
                let patterns: Punctuated<&Pat, Token![,]> =
                    inputs.iter().map(|(pattern, _)| pattern).collect();
                syn::parse_quote!((#patterns))
            }
        }
    }
}

/// What a forward pass of its own runs on: a twin's fields in one mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    pub twin: Twin,
    pub mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    Plain,
    Bayes,
    /// In 8-bit integers, for prediction alone.
    Int8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Eval,
    Train,
}

impl View {
    /// In 8-bit integers.
    pub const INT8: Self = Self::new(Twin::Int8, Mode::Eval);

    pub const ALL: [Self; 5] = [
        Self::new(Twin::Plain, Mode::Eval),
        Self::new(Twin::Plain, Mode::Train),
        Self::new(Twin::Bayes, Mode::Eval),
        Self::new(Twin::Bayes, Mode::Train),
        Self::INT8,
    ];

    pub const fn new(twin: Twin, mode: Mode) -> Self {
        Self { twin, mode }
    }

    /// What follows the struct's name in the view's.
    pub fn suffix(self) -> &'static str {
        match (self.twin, self.mode) {
            (Twin::Plain, Mode::Eval) => "Eval",
            (Twin::Plain, Mode::Train) => "Train",
            (Twin::Bayes, Mode::Eval) => "BayesEval",
            (Twin::Bayes, Mode::Train) => "BayesTrain",
            (Twin::Int8, _) => "Int8",
        }
    }
}
