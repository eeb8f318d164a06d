//! Rules for the values of keys. Numbers are judged where they are literals; a constant's value is
//! known to the compiler only.

use syn::{Error, Expr, ExprCall, ExprLit, Ident, Lit};

use super::words::{list, nearest, source};
use crate::model::{Entry, Estimator, Family, Number, Posterior};

/// Means and rhos beyond this bound are clamped at run time, so a larger one is a mistake.
const BOUND: f64 = 1e4;

/// A number that the attribute asks for: what it is, and where one is written correctly.
pub struct Asked {
    pub what: &'static str,
    pub range: Range,
    pub example: &'static str,
}

pub enum Range {
    Positive,
    /// Up to 1e4 on either side of zero.
    Bounded,
    /// Between 0 and 1.
    Share,
}

impl Asked {
    fn error(&self, expr: &Expr, expected: &str) -> Error {
        let message = format!(
            "{} must be {expected}, found {}: write `{}`",
            self.what,
            found(expr),
            self.example
        );
        Error::new_spanned(expr, message)
    }
}

/// The user's value; a string is called one, since its quotes are the mistake.
fn found(expr: &Expr) -> String {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(_), ..
        }) => {
            format!("the string `{}`", source(expr))
        }
        _ => format!("`{}`", source(expr)),
    }
}

pub fn not_a_number(expr: &Expr, asked: &Asked) -> Error {
    asked.error(expr, "a number or the path of an `f64` constant")
}

/// Neither NaN nor infinite, as a literal too large for `f64` or as a constant of that name.
pub fn finite(number: &Number, asked: &Asked) -> syn::Result<()> {
    const NOT_FINITE: &[&str] = &["nan", "inf", "infinity", "neg_infinity"];
    let mut expr = &*number.expr;
    while let Expr::Unary(negated) = expr {
        expr = &negated.expr;
    }
    let named = match expr {
        Expr::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let name = named.map(|segment| segment.ident.to_string().to_lowercase());
    let by_name = name.is_some_and(|name| NOT_FINITE.contains(&name.as_str()));
    if by_name || number.literal.is_some_and(|value| !value.is_finite()) {
        return Err(asked.error(&number.expr, "finite"));
    }
    Ok(())
}

pub fn in_range(number: &Number, asked: &Asked) -> syn::Result<()> {
    let Some(value) = number.literal else {
        return Ok(());
    };
    match asked.range {
        Range::Positive if value <= 0.0 => Err(asked.error(&number.expr, "above 0")),
        Range::Bounded if value.abs() > BOUND => {
            Err(asked.error(&number.expr, "between -1e4 and 1e4"))
        }
        Range::Share if value <= 0.0 || value >= 1.0 => {
            Err(asked.error(&number.expr, "between 0 and 1"))
        }
        _ => Ok(()),
    }
}

/// `input` without sizes, or with more than four.
pub fn input_arity(expr: &Expr, sizes: usize) -> Error {
    let message = format!(
        "`input` takes the 1 to 4 sizes of an example without its batch, `(features)`, \
         `(steps, features)`, `(channels, height, width)`; found {sizes}: write `input = (784)` or \
         `input = (1, 28, 28)`"
    );
    Error::new_spanned(expr, message)
}

pub fn not_a_size(expr: &Expr) -> Error {
    let message = format!(
        "a size in `input` must be a whole number above 0 or the path of a `usize` constant, \
         found {}: write `input = (1, 28, 28)`",
        found(expr)
    );
    Error::new_spanned(expr, message)
}

/// `prior` or `posterior` with a value that is neither a name nor a call.
pub fn not_a_call(entry: &Entry, expr: &Expr, usages: &[&str]) -> Error {
    let message = format!(
        "`{}` must be {}, found {}",
        entry.key.name(),
        list(usages, "or"),
        found(expr)
    );
    Error::new_spanned(expr, message)
}

/// A key whose value is one of a few names.
pub fn not_a_name(entry: &Entry, expr: &Expr, names: &[&str]) -> Error {
    let message = format!(
        "`{}` must be one name of {}, found {}: write `{}`",
        entry.key.name(),
        list(names, "or"),
        found(expr),
        entry.key.example()
    );
    Error::new_spanned(expr, message)
}

pub fn not_a_rank(expr: &Expr) -> Error {
    let message = format!(
        "`rank` of `LowRank` must be a whole number above 0 or the path of a `usize` constant, \
         found {}: write `LowRank(rank = 2, rho = -3.0)`",
        found(expr)
    );
    Error::new_spanned(expr, message)
}

/// A prior of the user's whose type cannot be read from its value.
pub fn not_a_prior_of_ones_own(expr: &Expr, usage: &str) -> Error {
    let message = format!(
        "`Own` takes a value that names its type, `MyPrior`, `MyPrior(..)`, `MyPrior {{ .. }}` or \
         `MyPrior::new(..)`, found {}: write `{usage}`",
        found(expr)
    );
    Error::new_spanned(expr, message)
}

/// A posterior with an estimator that cannot draw it.
pub fn posterior_and_estimator(posterior: &Posterior, stated: Option<Estimator>) -> Option<Error> {
    let takes: &[Estimator] = match posterior.family {
        Family::MeanField => return None,
        Family::Radial => &[Estimator::Reparameterization, Estimator::Flipout],
        Family::LowRank { .. } => &[Estimator::Reparameterization],
    };
    let inherited = stated.is_none() && takes.contains(&Estimator::Flipout);
    if inherited || stated.is_some_and(|stated| takes.contains(&stated)) {
        return None;
    }
    let found = match stated {
        Some(stated) => format!("not with `{}`", stated.name()),
        None => "and none is stated here".to_owned(),
    };
    let ident = &posterior.ident;
    let names: Vec<&str> = takes.iter().map(|estimator| estimator.name()).collect();
    let message = format!(
        "`{ident}` is drawn with {}, {found}: its weights are not independent; \
         write `estimator = Reparameterization` beside it",
        list(&names, "or")
    );
    Some(Error::new_spanned(ident, message))
}

/// A prior, posterior or estimator that does not exist.
pub fn unknown_name(entry: &Entry, name: &Ident, names: &[&str]) -> Error {
    let kind = entry.key.name();
    let meant = match nearest(&name.to_string(), names) {
        Some(nearest) => format!(" did you mean `{nearest}`?"),
        None => String::new(),
    };
    let choice = match names {
        [only] => format!("the only {kind} is `{only}`"),
        _ => format!("the {kind}s are {}", list(names, "and")),
    };
    Error::new_spanned(name, format!("unknown {kind} `{name}`:{meant} {choice}"))
}

pub fn arguments(call: &ExprCall, wanted: usize, given: usize, usage: &str) -> Error {
    let plural = if wanted == 1 { "" } else { "s" };
    let message = format!("expected {wanted} argument{plural}, found {given}: write `{usage}`");
    Error::new_spanned(call, message)
}

/// An argument that is written `name = value`.
pub fn argument_name(argument: &Expr, name: &str, usage: &str) -> Error {
    let message = format!(
        "expected the argument `{name} = ..`, found {}: write `{usage}`",
        found(argument)
    );
    Error::new_spanned(argument, message)
}

/// `bayes` or `device` with a value that is no name.
pub fn not_a_type_name(entry: &Entry) -> Error {
    let message = format!(
        "`{}` must be the name of a new type, found `{}`: write `{}`",
        entry.key.name(),
        source(&entry.value),
        entry.key.example()
    );
    Error::new_spanned(&entry.value, message)
}

pub fn not_a_crate_path(entry: &Entry) -> Error {
    let message = format!(
        "`crate` must be the path of the crate `bayes_core`, found `{}`: write `crate = ::bayes_core`",
        source(&entry.value)
    );
    Error::new_spanned(&entry.value, message)
}
