//! What the attributes state, with the spans of the user's own tokens.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Path};

use super::Members;

/// `#[bayesian(..)]` on the struct.
#[derive(Debug)]
pub struct Options {
    pub input: Option<Input>,
    pub config: Config,
    pub names: Names,
    /// The forward pass is an `impl` block's, not the fields in order.
    pub own_forward: bool,
    /// The family that the struct is, if it is one.
    pub members: Option<Members>,
    /// Whether other crates may build a member by its name.
    pub export: bool,
    /// The path to `bayes_core`, by default `::bayes_core`.
    pub krate: Path,
}

/// `#[bayes(..)]` on a field.
#[derive(Debug, Default)]
pub struct FieldOptions {
    /// The layer stays deterministic.
    pub skip: bool,
    /// It is no layer but a value, and starts as this.
    pub value: Option<Box<Expr>>,
    pub config: Config,
}

/// The keys that a struct and a field share. What is `None` here is inherited from outside.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub prior: Option<Prior>,
    pub posterior: Option<Posterior>,
    pub estimator: Option<Estimator>,
    /// MOPED's delta, the ratio sigma / |w|; above zero.
    pub moped: Option<Number>,
    pub init: Option<Init>,
}

impl Config {
    /// The numbers that the user wrote.
    pub fn numbers(&self) -> impl Iterator<Item = &Number> {
        let prior = self.prior.iter().flat_map(Prior::numbers);
        let posterior = self
            .posterior
            .iter()
            .filter_map(|posterior| match &posterior.rho {
                Rho::Number(rho) => Some(rho),
                Rho::FanIn => None,
            });
        prior.chain(posterior).chain(&self.moped)
    }

    /// States what `other` states.
    pub fn add(&mut self, other: &Self) {
        let Self {
            prior,
            posterior,
            estimator,
            moped,
            init,
        } = other.clone();
        self.prior = prior.or(self.prior.take());
        self.posterior = posterior.or(self.posterior.take());
        self.estimator = estimator.or(self.estimator);
        self.moped = moped.or(self.moped.take());
        self.init = init.or(self.init);
    }

    /// Whether any key is stated.
    pub fn states(&self) -> bool {
        let Self {
            prior,
            posterior,
            estimator,
            moped,
            init,
        } = self;
        prior.is_some()
            || posterior.is_some()
            || estimator.is_some()
            || moped.is_some()
            || init.is_some()
    }
}

/// Names of the generated twins.
#[derive(Debug)]
pub struct Names {
    pub bayes: Ident,
    /// Of no use in module form, where the struct itself is the device type.
    pub device: Ident,
    /// The int8 twin.
    pub quant: Ident,
    /// The enum of the struct's members, where it has some.
    pub registry: Ident,
}

/// The shape of one example: 1 to 4 sizes.
#[derive(Clone, Debug)]
pub struct Input {
    /// The sizes that the user wrote.
    pub sizes: Vec<Size>,
}

/// p(w).
#[derive(Clone, Debug)]
pub enum Prior {
    Gaussian {
        mean: Number,
        std: Std,
    },
    Laplace {
        mean: Number,
        scale: Number,
    },
    ScaleMixture {
        pi: Number,
        stds: [Number; 2],
    },
    StudentT {
        dof: Number,
        scale: Number,
    },
    /// A type of the user's that is a `Prior`, and a value of it.
    Own {
        ty: Path,
        value: Box<Expr>,
    },
}

impl Prior {
    /// The numbers that the user wrote.
    fn numbers(&self) -> Vec<&Number> {
        match self {
            Self::Gaussian { mean, std } => match std {
                Std::FanIn => vec![mean],
                Std::Number(std) => vec![std, mean],
                Std::Learned { start, floor } => {
                    let written = start.iter().chain(floor);
                    written.chain([mean]).collect()
                }
            },
            Self::Laplace { mean, scale } => vec![mean, scale],
            Self::ScaleMixture {
                pi,
                stds: [one, two],
            } => vec![pi, one, two],
            Self::StudentT { dof, scale } => vec![dof, scale],
            Self::Own { .. } => Vec::new(),
        }
    }
}

/// The standard deviation of a prior.
#[derive(Clone, Debug)]
pub enum Std {
    /// Above zero.
    Number(Number),
    /// From the fan-in of each layer.
    FanIn,
    /// Trained with the posterior, from `start` (1 by default), above `floor` (0 by default).
    Learned {
        start: Option<Number>,
        floor: Option<Number>,
    },
}

/// q(w), with sigma = softplus(rho).
#[derive(Clone, Debug)]
pub struct Posterior {
    /// As written.
    pub ident: Ident,
    pub family: Family,
    pub rho: Rho,
}

/// How the weights of a tensor vary together.
#[derive(Clone, Debug)]
pub enum Family {
    MeanField,
    Radial,
    LowRank { rank: Size },
}

/// Where rho starts.
#[derive(Clone, Debug)]
pub enum Rho {
    Number(Number),
    FanIn,
}

/// How parameters start without pretrained weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Init {
    FanIn,
    BayesianTorch,
}

impl Init {
    pub const ALL: &[Self] = &[Self::FanIn, Self::BayesianTorch];

    pub fn name(self) -> &'static str {
        match self {
            Self::FanIn => "FanIn",
            Self::BayesianTorch => "BayesianTorch",
        }
    }
}

/// How a draw of the weights enters the forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    Reparameterization,
    Flipout,
    LocalReparameterization,
}

impl Estimator {
    pub const ALL: &[Self] = &[
        Self::Reparameterization,
        Self::Flipout,
        Self::LocalReparameterization,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Reparameterization => "Reparameterization",
            Self::Flipout => "Flipout",
            Self::LocalReparameterization => "LocalReparameterization",
        }
    }
}

/// A real number: a literal, whose value is known here and finite, or the path of an `f64` constant.
#[derive(Clone, Debug)]
pub struct Number {
    /// As written.
    pub expr: Box<Expr>,
    /// The value, unless `expr` names a constant.
    pub literal: Option<f64>,
}

impl Number {
    pub fn span(&self) -> Span {
        self.expr.span()
    }
}

/// An expression of type `f64`, whichever way the literal was written (`0`, `0.0`, `0f32`).
impl ToTokens for Number {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Some(value) = self.literal else {
            return self.expr.to_tokens(tokens);
        };
        let mut magnitude = Literal::f64_unsuffixed(value.abs());
        magnitude.set_span(self.span());
        let minus = value.is_sign_negative().then(|| quote!(-));
        tokens.extend(quote!(#minus #magnitude));
    }
}

/// A length of at least one: a literal or the path of a `usize` constant.
#[derive(Clone, Debug)]
pub struct Size {
    /// As written.
    pub expr: Box<Expr>,
    /// The value, unless `expr` names a constant.
    pub literal: Option<usize>,
}

/// An expression of type `usize`.
impl ToTokens for Size {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Some(value) = self.literal else {
            return self.expr.to_tokens(tokens);
        };
        let mut literal = Literal::usize_unsuffixed(value);
        literal.set_span(self.expr.span());
        literal.to_tokens(tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn numbers_become_f64_and_keep_their_sign() {
        let tokens = |expr: Expr, literal| {
            let expr = Box::new(expr);
            let number = Number { expr, literal };
            number.to_token_stream().to_string()
        };
        assert_eq!(tokens(parse_quote!(-3), Some(-3.0)), "- 3.0");
        assert_eq!(tokens(parse_quote!(0f32), Some(0.0)), "0.0");
        assert_eq!(tokens(parse_quote!(PRIOR), None), "PRIOR");
    }
}
