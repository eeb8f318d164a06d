//! The keys of `#[bayesian(..)]` and `#[bayes(..)]`, and one `key = value` as written.

use proc_macro2::TokenStream;
use syn::Ident;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Input,
    Prior,
    Posterior,
    Estimator,
    Moped,
    Init,
    Bayes,
    Quant,
    Device,
    Crate,
    Forward,
    Members,
    Registry,
    Export,
    Skip,
    Value,
}

impl Key {
    /// What `#[bayesian(..)]` on a struct takes.
    pub const ON_STRUCT: &[Self] = &[
        Self::Input,
        Self::Prior,
        Self::Posterior,
        Self::Estimator,
        Self::Moped,
        Self::Init,
        Self::Bayes,
        Self::Quant,
        Self::Device,
        Self::Crate,
        Self::Forward,
        Self::Members,
        Self::Registry,
        Self::Export,
    ];

    /// What a member in `members(..)` takes.
    pub const ON_MEMBER: &[Self] = &[
        Self::Prior,
        Self::Posterior,
        Self::Estimator,
        Self::Moped,
        Self::Init,
        Self::Input,
    ];

    /// What `#[bayesian(..)]` on an `impl` block takes.
    pub const ON_IMPL: &[Self] = &[Self::Forward, Self::Crate];

    /// What `#[bayes(..)]` on a field takes.
    pub const ON_FIELD: &[Self] = &[
        Self::Skip,
        Self::Value,
        Self::Prior,
        Self::Posterior,
        Self::Estimator,
        Self::Moped,
        Self::Init,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Prior => "prior",
            Self::Posterior => "posterior",
            Self::Estimator => "estimator",
            Self::Moped => "moped",
            Self::Init => "init",
            Self::Bayes => "bayes",
            Self::Quant => "quant",
            Self::Device => "device",
            Self::Crate => "crate",
            Self::Forward => "forward",
            Self::Members => "members",
            Self::Registry => "registry",
            Self::Export => "export",
            Self::Skip => "skip",
            Self::Value => "value",
        }
    }

    /// The key as a message shows it to a user who has to write it.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Input => "input = (1, 28, 28)",
            Self::Prior => "prior = Gaussian(0.0, 1.0)",
            Self::Posterior => "posterior = MeanField(rho = -3.0)",
            Self::Estimator => "estimator = Flipout",
            Self::Moped => "moped = 0.5",
            Self::Init => "init = BayesianTorch",
            Self::Bayes => "bayes = BayesNet",
            Self::Quant => "quant = QuantNet",
            Self::Device => "device = DeviceNet",
            Self::Crate => "crate = ::bayes_core",
            Self::Forward => "forward",
            Self::Members => "members(Small = <2>, Large = <8>)",
            Self::Registry => "registry = NetMember",
            Self::Export => "export",
            Self::Skip => "skip",
            Self::Value => "value = 0.5",
        }
    }

    pub fn named(ident: &Ident) -> Option<Self> {
        let mut keys = Self::ON_STRUCT.iter().chain(Self::ON_FIELD);
        keys.find(|key| ident == key.name()).copied()
    }
}

/// One comma-separated part of an attribute.
#[derive(Debug)]
pub struct Entry {
    pub key: Key,
    pub ident: Ident,
    /// What follows `=`, or the parentheses behind `members`; `None` where there is neither.
    pub value: Option<TokenStream>,
}
