//! The members of a family: what `members(..)` states.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, Ident};

use super::{Config, Input};

/// `members(..)`, with every list written out.
#[derive(Debug)]
pub struct Members {
    /// At least one.
    pub all: Vec<Member>,
    /// As written.
    pub tokens: TokenStream,
}

/// One model of a family, under a name of its own.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its doc comments, which its types repeat.
    pub docs: Vec<Attribute>,
    pub ident: Ident,
    /// A value for each const parameter of the struct.
    pub values: Vec<Expr>,
    /// What the member states of its weights; it wins over what the struct states.
    pub config: Config,
    /// The size of one example, where it is another than the struct's.
    pub input: Option<Input>,
}

impl Member {
    /// `Bayes` makes `BayesNet` of the member `Net`.
    pub fn twin(&self, prefix: &str) -> Ident {
        let ident = self.ident.unraw();
        format_ident!("{prefix}{ident}", span = self.ident.span())
    }

    /// The configuration of the keys that it states, if it states any.
    pub fn config_ident(&self) -> Option<Ident> {
        let ident = self.ident.unraw();
        let named = || format_ident!("{ident}Config", span = self.ident.span());
        self.config.states().then(named)
    }
}
