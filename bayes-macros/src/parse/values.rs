//! Reads the value of one key.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::{Expr, ExprCall, ExprLit, ExprUnary, Ident, Lit, Path, UnOp};

use crate::check::errors::Errors;
use crate::check::keys;
use crate::check::values::{self as check, Asked, Range};
use crate::model::{
    Entry, Estimator, Family, Init, Input, Number, Posterior, Prior, Rho, Size, Std,
};

/// A prior or posterior: its name, how it is written, and what reads its arguments.
/// A new one is a line in [`PRIORS`] or [`POSTERIORS`] and its function.
struct Spelling<T: 'static> {
    name: &'static str,
    usage: &'static str,
    read: fn(&ExprCall, &'static str, &mut Errors) -> Option<T>,
}

const PRIORS: &[Spelling<Prior>] = &[
    Spelling {
        name: "Gaussian",
        usage: "Gaussian(0.0, 1.0)",
        read: gaussian,
    },
    Spelling {
        name: "Laplace",
        usage: "Laplace(0.0, 0.1)",
        read: laplace,
    },
    Spelling {
        name: "ScaleMixture",
        usage: "ScaleMixture(0.5, 1.0, 0.002)",
        read: scale_mixture,
    },
    Spelling {
        name: "StudentT",
        usage: "StudentT(4.0, 0.1)",
        read: student_t,
    },
    Spelling {
        name: "Own",
        usage: "Own(MyPrior { scale: 0.1 })",
        read: own,
    },
];

const POSTERIORS: &[Spelling<Posterior>] = &[
    Spelling {
        name: "MeanField",
        usage: "MeanField(rho = -3.0)",
        read: mean_field,
    },
    Spelling {
        name: "Radial",
        usage: "Radial(rho = -3.0)",
        read: radial,
    },
    Spelling {
        name: "LowRank",
        usage: "LowRank(rank = 2, rho = -3.0)",
        read: low_rank,
    },
];

const MEAN: Asked = Asked {
    what: "the mean of `Gaussian`",
    range: Range::Bounded,
    example: "Gaussian(0.0, 1.0)",
};
const STD: Asked = Asked {
    what: "the standard deviation of `Gaussian` (or `FanIn`, or `Learned`)",
    range: Range::Positive,
    example: "Gaussian(0.0, 1.0)",
};
const START: Asked = Asked {
    what: "the start of a `Learned` standard deviation",
    range: Range::Positive,
    example: "Learned(1.0)",
};
const FLOOR: Asked = Asked {
    what: "`floor` of a `Learned` standard deviation",
    range: Range::Positive,
    example: "Learned(1.0, floor = 0.01)",
};
const LAPLACE_MEAN: Asked = Asked {
    what: "the mean of `Laplace`",
    range: Range::Bounded,
    example: "Laplace(0.0, 0.1)",
};
const LAPLACE_SCALE: Asked = Asked {
    what: "the scale of `Laplace`",
    range: Range::Positive,
    example: "Laplace(0.0, 0.1)",
};
const PI: Asked = Asked {
    what: "the share of the first part of `ScaleMixture`",
    range: Range::Share,
    example: "ScaleMixture(0.5, 1.0, 0.002)",
};
const STD_OF_PART: Asked = Asked {
    what: "a standard deviation of `ScaleMixture`",
    range: Range::Positive,
    example: "ScaleMixture(0.5, 1.0, 0.002)",
};
const DOF: Asked = Asked {
    what: "the degrees of freedom of `StudentT`",
    range: Range::Positive,
    example: "StudentT(4.0, 0.1)",
};
const STUDENT_SCALE: Asked = Asked {
    what: "the scale of `StudentT`",
    range: Range::Positive,
    example: "StudentT(4.0, 0.1)",
};
const RHO: Asked = Asked {
    what: "`rho` (or `FanIn`)",
    range: Range::Bounded,
    example: "MeanField(rho = -3.0)",
};
const MOPED: Asked = Asked {
    what: "`moped`, the ratio of sigma to |w|,",
    range: Range::Positive,
    example: "moped = 0.5",
};

pub fn prior(entry: &Entry, errors: &mut Errors) -> Option<Prior> {
    spelled(PRIORS, entry, errors)
}

pub fn posterior(entry: &Entry, errors: &mut Errors) -> Option<Posterior> {
    spelled(POSTERIORS, entry, errors)
}

fn spelled<T>(table: &[Spelling<T>], entry: &Entry, errors: &mut Errors) -> Option<T> {
    let expr = errors.take(expression(entry))?;
    let usages: Vec<&str> = table.iter().map(|spelling| spelling.usage).collect();
    let (callee, call) = match &expr {
        Expr::Call(call) => (&*call.func, Some(call)),
        other => (other, None),
    };
    let name = errors.take(name(callee).ok_or_else(|| check::not_a_call(entry, &expr, &usages)))?;
    let Some(spelling) = table.iter().find(|spelling| name == spelling.name) else {
        let names: Vec<&str> = table.iter().map(|spelling| spelling.name).collect();
        errors.push(check::unknown_name(entry, name, &names));
        return None;
    };
    let call =
        errors.take(call.ok_or_else(|| check::not_a_call(entry, &expr, &[spelling.usage])))?;
    (spelling.read)(call, spelling.usage, errors)
}

fn gaussian(call: &ExprCall, usage: &'static str, errors: &mut Errors) -> Option<Prior> {
    let [mean, std] = errors.take(arguments(call, usage))?;
    let mean = errors.take(number(mean, &MEAN));
    let std = standard_deviation(std, errors);
    Some(Prior::Gaussian {
        mean: mean?,
        std: std?,
    })
}

/// A number, `FanIn`, `Learned`, `Learned(start)` or `Learned(start, floor = number)`.
fn standard_deviation(expr: &Expr, errors: &mut Errors) -> Option<Std> {
    match (name(expr), ungrouped(expr)) {
        (Some(name), _) if name == "FanIn" => Some(Std::FanIn),
        (Some(name), _) if name == "Learned" => Some(Std::Learned {
            start: None,
            floor: None,
        }),
        (_, Expr::Call(call)) if name(&call.func).is_some_and(|name| name == "Learned") => {
            let mut arguments = call.args.iter().map(ungrouped);
            let start = match arguments.next() {
                Some(start) => Some(errors.take(number(start, &START))?),
                None => None,
            };
            let floor = match arguments.next() {
                Some(floor) => {
                    Some(errors.take(named_number(floor, "floor", FLOOR.example, &FLOOR))?)
                }
                None => None,
            };
            if arguments.next().is_some() {
                let given = call.args.len();
                errors.push(check::arguments(call, 2, given, FLOOR.example));
                return None;
            }
            Some(Std::Learned { start, floor })
        }
        _ => errors.take(number(expr, &STD)).map(Std::Number),
    }
}

/// Exactly as many numbers as are asked for.
fn numbers<const N: usize>(
    call: &ExprCall,
    usage: &'static str,
    asked: [&Asked; N],
    errors: &mut Errors,
) -> Option<[Number; N]> {
    let arguments: [&Expr; N] = errors.take(arguments(call, usage))?;
    let read = arguments.into_iter().zip(asked);
    let read: Vec<Option<Number>> = read
        .map(|(argument, asked)| errors.take(number(argument, asked)))
        .collect();
    let read: Option<Vec<Number>> = read.into_iter().collect();
    read?.try_into().ok()
}

fn laplace(call: &ExprCall, usage: &'static str, errors: &mut Errors) -> Option<Prior> {
    let asked = [&LAPLACE_MEAN, &LAPLACE_SCALE];
    let [mean, scale] = numbers(call, usage, asked, errors)?;
    Some(Prior::Laplace { mean, scale })
}

fn scale_mixture(call: &ExprCall, usage: &'static str, errors: &mut Errors) -> Option<Prior> {
    let asked = [&PI, &STD_OF_PART, &STD_OF_PART];
    let [pi, one, two] = numbers(call, usage, asked, errors)?;
    Some(Prior::ScaleMixture {
        pi,
        stds: [one, two],
    })
}

fn student_t(call: &ExprCall, usage: &'static str, errors: &mut Errors) -> Option<Prior> {
    let [dof, scale] = numbers(call, usage, [&DOF, &STUDENT_SCALE], errors)?;
    Some(Prior::StudentT { dof, scale })
}

/// A value whose type can be read from it: `MyPrior`, `MyPrior(..)`, `MyPrior { .. }` or `MyPrior::new(..)`.
fn own(call: &ExprCall, usage: &'static str, errors: &mut Errors) -> Option<Prior> {
    let [value] = errors.take(arguments(call, usage))?;
    let ty = match value {
        Expr::Struct(value) if value.qself.is_none() => Some(value.path.clone()),
        Expr::Path(value) if value.qself.is_none() => Some(value.path.clone()),
        Expr::Call(value) => match ungrouped(&value.func) {
            Expr::Path(function) if function.qself.is_none() => Some(type_of_call(&function.path)),
            _ => None,
        },
        _ => None,
    };
    let ty = errors.take(ty.ok_or_else(|| check::not_a_prior_of_ones_own(value, usage)))?;
    Some(Prior::Own {
        ty,
        value: Box::new(value.clone()),
    })
}

/// `MyPrior` of `MyPrior(..)` and of `MyPrior::new(..)`.
fn type_of_call(function: &Path) -> Path {
    let mut path = function.clone();
    let is_function = path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        name.starts_with(|first: char| first.is_lowercase())
    });
    if is_function && path.segments.len() > 1 {
        path.segments.pop();
        path.segments.pop_punct();
    }
    path
}

fn mean_field(call: &ExprCall, usage: &'static str, errors: &mut Errors) -> Option<Posterior> {
    let [rho] = errors.take(arguments(call, usage))?;
    of_family(call, Family::MeanField, start_of_rho(rho, usage, errors))
}

fn radial(call: &ExprCall, usage: &'static str, errors: &mut Errors) -> Option<Posterior> {
    let [rho] = errors.take(arguments(call, usage))?;
    of_family(call, Family::Radial, start_of_rho(rho, usage, errors))
}

fn low_rank(call: &ExprCall, usage: &'static str, errors: &mut Errors) -> Option<Posterior> {
    let [rank, rho] = errors.take(arguments(call, usage))?;
    let rank = errors.take(named(rank, "rank", usage).and_then(rank_of));
    let rho = start_of_rho(rho, usage, errors);
    of_family(call, Family::LowRank { rank: rank? }, rho)
}

fn of_family(call: &ExprCall, family: Family, rho: Option<Rho>) -> Option<Posterior> {
    Some(Posterior {
        ident: name(&call.func)?.clone(),
        family,
        rho: rho?,
    })
}

fn rank_of(expr: &Expr) -> syn::Result<Size> {
    size(expr).map_err(|_| check::not_a_rank(expr))
}

/// `rho = number` or `rho = FanIn`.
fn start_of_rho(argument: &Expr, usage: &str, errors: &mut Errors) -> Option<Rho> {
    let value = errors.take(named(argument, "rho", usage))?;
    match name(value) {
        Some(name) if name == "FanIn" => Some(Rho::FanIn),
        _ => errors.take(number(value, &RHO)).map(Rho::Number),
    }
}

/// The value of `name = value`.
fn named<'a>(argument: &'a Expr, wanted: &str, usage: &str) -> syn::Result<&'a Expr> {
    match argument {
        Expr::Assign(assign) if name(&assign.left).is_some_and(|name| name == wanted) => {
            Ok(&assign.right)
        }
        _ => Err(check::argument_name(argument, wanted, usage)),
    }
}

fn named_number(argument: &Expr, wanted: &str, usage: &str, asked: &Asked) -> syn::Result<Number> {
    number(named(argument, wanted, usage)?, asked)
}

/// Exactly `N` arguments.
fn arguments<'a, const N: usize>(call: &'a ExprCall, usage: &str) -> syn::Result<[&'a Expr; N]> {
    let arguments: Vec<&Expr> = call.args.iter().map(ungrouped).collect();
    let given = arguments.len();
    let arguments = arguments.try_into();
    arguments.map_err(|_| check::arguments(call, N, given, usage))
}

pub fn estimator(entry: &Entry) -> syn::Result<Estimator> {
    one_of(entry, Estimator::ALL, Estimator::name)
}

pub fn init(entry: &Entry) -> syn::Result<Init> {
    one_of(entry, Init::ALL, Init::name)
}

/// The one of `all` that is named.
fn one_of<T: Copy>(entry: &Entry, all: &[T], named: fn(T) -> &'static str) -> syn::Result<T> {
    let expr = expression(entry)?;
    let names: Vec<&str> = all.iter().map(|&one| named(one)).collect();
    let name = name(&expr).ok_or_else(|| check::not_a_name(entry, &expr, &names))?;
    let found = all.iter().find(|&&one| name == named(one));
    found
        .copied()
        .ok_or_else(|| check::unknown_name(entry, name, &names))
}

/// What a field that is no layer starts as.
pub fn value(entry: &Entry) -> syn::Result<Expr> {
    expression(entry)
}

pub fn moped(entry: &Entry) -> syn::Result<Number> {
    number(&expression(entry)?, &MOPED)
}

pub fn input(entry: &Entry, errors: &mut Errors) -> Option<Input> {
    let expr = errors.take(expression(entry))?;
    let parts: Vec<&Expr> = match &expr {
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        Expr::Paren(paren) => vec![&paren.expr],
        other => vec![other],
    };
    let sizes: Vec<Option<Size>> = parts.iter().map(|part| errors.take(size(part))).collect();
    if !(1..=4).contains(&sizes.len()) {
        errors.push(check::input_arity(&expr, sizes.len()));
        return None;
    }
    Some(Input {
        sizes: sizes.into_iter().collect::<Option<_>>()?,
    })
}

fn size(expr: &Expr) -> syn::Result<Size> {
    let expr = ungrouped(expr);
    let literal = match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) => int.base10_parse().ok(),
        _ => None,
    };
    let constant = matches!(expr, Expr::Path(_));
    if !constant && literal.is_none_or(|size| size == 0) {
        return Err(check::not_a_size(expr));
    }
    let expr = Box::new(expr.clone());
    Ok(Size { expr, literal })
}

/// A literal within what is asked, negated or not, or the path of a constant.
fn number(expr: &Expr, asked: &Asked) -> syn::Result<Number> {
    let expr = ungrouped(expr);
    let literal = literal(expr);
    if literal.is_none() && !is_constant(expr) {
        return Err(check::not_a_number(expr, asked));
    }
    let expr = Box::new(expr.clone());
    let number = Number { expr, literal };
    check::finite(&number, asked)?;
    check::in_range(&number, asked)?;
    Ok(number)
}

fn literal(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Float(float),
            ..
        }) => float.base10_parse().ok(),
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) => int.base10_parse().ok(),
        _ => literal(negated(expr)?).map(|value| -value),
    }
}

fn is_constant(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(_)) || negated(expr).is_some_and(is_constant)
}

/// `x` of `-x`.
fn negated(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => Some(ungrouped(expr)),
        _ => None,
    }
}

/// A lone identifier.
fn name(expr: &Expr) -> Option<&Ident> {
    match ungrouped(expr) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

pub fn type_name(entry: &Entry) -> syn::Result<Ident> {
    let parsed = syn::parse2(tokens(entry)?.clone());
    parsed.map_err(|_| check::not_a_type_name(entry))
}

pub fn crate_path(entry: &Entry) -> syn::Result<Path> {
    let parsed = Path::parse_mod_style.parse2(tokens(entry)?.clone());
    // `Self` is no place of a crate.
    let of_no_type = parsed
        .ok()
        .filter(|path| path.segments.iter().all(|segment| segment.ident != "Self"));
    of_no_type.ok_or_else(|| check::not_a_crate_path(entry))
}

fn expression(entry: &Entry) -> syn::Result<Expr> {
    let tokens = tokens(entry)?.clone();
    let expr: Expr = syn::parse2(tokens).map_err(|error| keys::unreadable(entry, &error))?;
    Ok(ungrouped(&expr).clone())
}

fn tokens(entry: &Entry) -> syn::Result<&TokenStream> {
    let value = entry.value.as_ref().filter(|value| !value.is_empty());
    value.ok_or_else(|| keys::without_value(entry))
}

/// Without the invisible groups around what a `macro_rules!` macro passed on.
fn ungrouped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungrouped(&group.expr),
        _ => expr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Key;
    use quote::{ToTokens, format_ident, quote};

    fn entry(key: Key, value: TokenStream) -> Entry {
        Entry {
            key,
            ident: format_ident!("key"),
            value: Some(value),
        }
    }

    /// What `key` says to each of the values.
    fn messages<const N: usize>(key: Key, values: [TokenStream; N]) -> [String; N] {
        values.map(|value| {
            let entry = entry(key, value);
            let mut errors = Errors::default();
            match key {
                Key::Input => drop(input(&entry, &mut errors)),
                Key::Prior => drop(prior(&entry, &mut errors)),
                Key::Posterior => drop(posterior(&entry, &mut errors)),
                Key::Estimator => drop(errors.take(estimator(&entry))),
                _ => drop(errors.take(moped(&entry))),
            }
            let errors = errors.finish().err().into_iter().flatten();
            let messages: Vec<String> = errors.map(|error| error.to_string()).collect();
            messages.join(" | ")
        })
    }

    #[test]
    fn good_values_are_read() {
        let mut errors = Errors::default();
        let gaussian = prior(&entry(Key::Prior, quote!(Gaussian(-1, STD))), &mut errors);
        let Some(Prior::Gaussian {
            mean,
            std: Std::Number(std),
        }) = gaussian
        else {
            panic!("expected a Gaussian");
        };
        assert_eq!(mean.literal, Some(-1.0));
        assert_eq!(std.to_token_stream().to_string(), "STD");
        let image = input(&entry(Key::Input, quote!((1, H, 28))), &mut errors);
        let literals = image.map(|input| input.sizes.iter().map(|size| size.literal).collect());
        assert_eq!(literals, Some(vec![Some(1), None, Some(28)]));
        assert!(errors.finish().is_ok());

        let good = [quote!(0.5), quote!(1e-3), quote!(1), quote!(self::DELTA)];
        assert_eq!(messages(Key::Moped, good), [""; 4]);
        let good = [
            quote!(7),
            quote!((7)),
            quote!((7,)),
            quote!((1, 2)),
            quote!((1, 2, N)),
            quote!((1, 2, 3, 4)),
        ];
        assert_eq!(messages(Key::Input, good), [""; 6]);
        let good = [
            quote!(Gaussian(0, FanIn)),
            quote!(Gaussian(-MEAN, 2.5,)),
            quote!(Gaussian(0, Learned)),
            quote!(Gaussian(0, Learned(0.5, floor = FLOOR))),
            quote!(Laplace(0, SCALE)),
            quote!(ScaleMixture(0.5, 1, 0.002)),
            quote!(StudentT(4, 0.1)),
        ];
        assert_eq!(messages(Key::Prior, good), [""; 7]);
        let good = [
            quote!(MeanField(rho = -1e4)),
            quote!(MeanField(rho = RHO)),
            quote!(MeanField(rho = FanIn)),
            quote!(Radial(rho = -3)),
            quote!(LowRank(rank = RANK, rho = FanIn)),
        ];
        assert_eq!(messages(Key::Posterior, good), [""; 5]);
    }

    #[test]
    fn moped_is_positive_and_finite() {
        let bad = [
            quote!(0),
            quote!(-0.5),
            quote!(f64::NAN),
            quote!(1e999),
            quote!("0.5"),
            quote!(0.1 + 0.2),
            quote!(0.5 estimator = Flipout),
            quote!(),
        ];
        let subject = "`moped`, the ratio of sigma to |w|,";
        let number = "a number or the path of an `f64` constant";
        assert_eq!(
            messages(Key::Moped, bad),
            [
                format!("{subject} must be above 0, found `0`: write `moped = 0.5`"),
                format!("{subject} must be above 0, found `-0.5`: write `moped = 0.5`"),
                format!("{subject} must be finite, found `f64::NAN`: write `moped = 0.5`"),
                format!("{subject} must be finite, found `1e999`: write `moped = 0.5`"),
                format!(
                    "{subject} must be {number}, found the string `\"0.5\"`: write `moped = 0.5`"
                ),
                format!("{subject} must be {number}, found `0.1 + 0.2`: write `moped = 0.5`"),
                "cannot read `0.5 estimator = Flipout` as the value of `moped` (unexpected token): \
                 write `moped = 0.5`, with a comma before the next key"
                    .into(),
                "`moped` has no value: write `moped = 0.5`".into(),
            ]
        );
    }

    #[test]
    fn a_prior_is_a_known_call_with_good_numbers() {
        let bad = [
            quote!(Gaussian(0.0)),
            quote!(Gaussian),
            quote!(0.5),
            quote!(gausian(0.0, 1.0)),
            quote!(Cauchy(1.0)),
            quote!(Gaussian(1e5, -1)),
            quote!(Gaussian("0", FanIn)),
            quote!(ScaleMixture(1.5, 1.0, 0)),
            quote!(Gaussian(0.0, Learned(1.0, 0.1))),
            quote!(Own(0.5)),
        ];
        assert_eq!(
            messages(Key::Prior, bad),
            [
                "expected 2 arguments, found 1: write `Gaussian(0.0, 1.0)`",
                "`prior` must be `Gaussian(0.0, 1.0)`, found `Gaussian`",
                "`prior` must be `Gaussian(0.0, 1.0)`, `Laplace(0.0, 0.1)`, \
                 `ScaleMixture(0.5, 1.0, 0.002)`, `StudentT(4.0, 0.1)` or `Own(MyPrior { scale: 0.1 })`, found `0.5`",
                "unknown prior `gausian`: did you mean `Gaussian`? \
                 the priors are `Gaussian`, `Laplace`, `ScaleMixture`, `StudentT` and `Own`",
                "unknown prior `Cauchy`: \
                 the priors are `Gaussian`, `Laplace`, `ScaleMixture`, `StudentT` and `Own`",
                "the mean of `Gaussian` must be between -1e4 and 1e4, found `1e5`: \
                 write `Gaussian(0.0, 1.0)` | \
                 the standard deviation of `Gaussian` (or `FanIn`, or `Learned`) must be above 0, found `-1`: \
                 write `Gaussian(0.0, 1.0)`",
                "the mean of `Gaussian` must be a number or the path of an `f64` constant, \
                 found the string `\"0\"`: write `Gaussian(0.0, 1.0)`",
                "the share of the first part of `ScaleMixture` must be between 0 and 1, found `1.5`: \
                 write `ScaleMixture(0.5, 1.0, 0.002)` | \
                 a standard deviation of `ScaleMixture` must be above 0, found `0`: \
                 write `ScaleMixture(0.5, 1.0, 0.002)`",
                "expected the argument `floor = ..`, found `0.1`: write `Learned(1.0, floor = 0.01)`",
                "`Own` takes a value that names its type, `MyPrior`, `MyPrior(..)`, `MyPrior { .. }` or \
                 `MyPrior::new(..)`, found `0.5`: write `Own(MyPrior { scale: 0.1 })`",
            ]
        );
    }

    #[test]
    fn a_prior_of_ones_own_names_its_type() {
        let ty = |value: TokenStream| {
            let mut errors = Errors::default();
            match prior(&entry(Key::Prior, quote!(Own(#value))), &mut errors) {
                Some(Prior::Own { ty, .. }) => ty.to_token_stream().to_string(),
                _ => panic!("expected a prior of one's own"),
            }
        };
        assert_eq!(ty(quote!(Unit)), "Unit");
        assert_eq!(ty(quote!(Tuple(0.5))), "Tuple");
        assert_eq!(ty(quote!(my::Fields { scale: 0.5 })), "my :: Fields");
        assert_eq!(ty(quote!(my::Prior::new(0.5))), "my :: Prior");
    }

    #[test]
    fn a_posterior_names_its_rho() {
        let bad = [
            quote!(MeanField(-3.0)),
            quote!(MeanField()),
            quote!(MeanField(rho = 20000)),
            quote!(Meanfield2(rho = 1)),
            quote!(LowRank(2, rho = -3)),
            quote!(LowRank(rank = 0, rho = FanIn)),
        ];
        assert_eq!(
            messages(Key::Posterior, bad),
            [
                "expected the argument `rho = ..`, found `-3.0`: write `MeanField(rho = -3.0)`",
                "expected 1 argument, found 0: write `MeanField(rho = -3.0)`",
                "`rho` (or `FanIn`) must be between -1e4 and 1e4, found `20000`: \
                 write `MeanField(rho = -3.0)`",
                "unknown posterior `Meanfield2`: did you mean `MeanField`? \
                 the posteriors are `MeanField`, `Radial` and `LowRank`",
                "expected the argument `rank = ..`, found `2`: write `LowRank(rank = 2, rho = -3.0)`",
                "`rank` of `LowRank` must be a whole number above 0 or the path of a `usize` constant, \
                 found `0`: write `LowRank(rank = 2, rho = -3.0)`",
            ]
        );
    }

    #[test]
    fn an_estimator_is_one_known_name() {
        let names = "`Reparameterization`, `Flipout`";
        let bad = [
            quote!(Flipuot),
            quote!((Flipout, Reparameterization)),
            quote!(Flipout()),
        ];
        assert_eq!(
            messages(Key::Estimator, bad),
            [
                format!(
                    "unknown estimator `Flipuot`: did you mean `Flipout`? \
                     the estimators are {names} and `LocalReparameterization`"
                ),
                format!(
                    "`estimator` must be one name of {names} or `LocalReparameterization`, \
                     found `(Flipout , Reparameterization)`: write `estimator = Flipout`"
                ),
                format!(
                    "`estimator` must be one name of {names} or `LocalReparameterization`, \
                     found `Flipout ()`: write `estimator = Flipout`"
                ),
            ]
        );
    }

    #[test]
    fn an_input_has_one_to_four_sizes_above_zero() {
        let arity = |sizes| {
            format!(
                "`input` takes the 1 to 4 sizes of an example without its batch, `(features)`, \
                 `(steps, features)`, `(channels, height, width)`; found {sizes}: write `input = (784)` or \
                 `input = (1, 28, 28)`"
            )
        };
        let size = |found| {
            format!(
                "a size in `input` must be a whole number above 0 or the path of a `usize` \
                 constant, found {found}: write `input = (1, 28, 28)`"
            )
        };
        let bad = [
            quote!(()),
            quote!((64, 1, 8, 28, 28)),
            quote!((1, 0, 28)),
            quote!(28.0),
            quote!((1, "28", -28)),
        ];
        assert_eq!(
            messages(Key::Input, bad),
            [
                arity(0),
                arity(5),
                size("`0`"),
                size("`28.0`"),
                format!("{} | {}", size("the string `\"28\"`"), size("`-28`")),
            ]
        );
    }
}
