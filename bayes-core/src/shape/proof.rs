//! What generated constants call: a wrong size, or an estimator where it is not defined, is a compile error.

use super::mismatch::Mismatch;
use super::path::Path;
use super::rule::{Parts, Rule};
use super::sentence::Sentence;
use super::size::Size;
use super::walk::{Step, through};
use crate::estimator::EstimatorKind;

/// What the rules say of one field of a model.
#[derive(Clone, Copy, Debug)]
pub struct Proof(Option<Mismatch>);

impl Proof {
    const FITS: Self = Self(None);

    /// Nothing where the field fits. In a constant, a compile error that says why it does not.
    ///
    /// # Panics
    /// With that sentence.
    #[track_caller]
    pub const fn check(self) {
        if let Self(Some(mismatch)) = self {
            mismatch.sentence().panic()
        }
    }
}

/// The proofs of a model's `N` fields, in order, for the input that it states: each mistake stands at its own field.
pub const fn prove<const N: usize>(model: &Rule) -> [Proof; N] {
    let mut proofs = [Proof::FITS; N];
    let Rule::Model {
        parts,
        estimator,
        proven: Some(input),
    } = model
    else {
        return proofs;
    };
    let mut size = *input;
    let mut i = 0;
    while i < parts.len() && i < N {
        let step = examine(&parts[i], *estimator, size);
        size = step.size;
        proofs[i] = Proof(step.mismatch);
        i += 1;
    }
    proofs
}

/// [`prove`] for a model that is named and not defined here, such as `Net<3>`: its first mistake, under its name.
///
/// # Panics
/// Where a field does not fit; in a constant this is a compile error.
#[track_caller]
pub const fn prove_named(name: &'static str, model: &Rule, input: Size) {
    let Rule::Model {
        parts, estimator, ..
    } = model
    else {
        return;
    };
    let mut size = input;
    let mut i = 0;
    while i < parts.len() {
        let step = examine(&parts[i], *estimator, size);
        size = step.size;
        if let Some(mismatch) = step.mismatch {
            let named = Sentence::EMPTY.text("in `").text(name).text("`, ");
            mismatch.say(named).panic()
        }
        i += 1;
    }
}

/// What the rules say of a member of a family.
#[derive(Clone, Copy, Debug)]
pub struct MemberProof {
    name: &'static str,
    mismatch: Option<Mismatch>,
}

impl MemberProof {
    /// Nothing where the member fits. In a constant, a compile error that says which of its fields does not, and why.
    ///
    /// # Panics
    /// With that sentence.
    #[track_caller]
    pub const fn check(self) {
        if let Some(mismatch) = self.mismatch {
            let named = Sentence::EMPTY.text("in `").text(self.name).text("`, ");
            mismatch.say(named).panic()
        }
    }
}

/// [`prove`] for a member of a family, with the input and the estimator that the member states: its first mistake that
/// is not one of the model's own definition.
pub const fn prove_member(
    name: &'static str,
    model: &Rule,
    input: Size,
    estimator: Option<EstimatorKind>,
) -> MemberProof {
    let fits = MemberProof {
        name,
        mismatch: None,
    };
    let Rule::Model {
        parts,
        estimator: stated,
        proven,
    } = model
    else {
        return fits;
    };
    let used = if estimator.is_some() {
        estimator
    } else {
        *stated
    };
    let (mut size, mut of_definition) = (input, *proven);
    let mut i = 0;
    while i < parts.len() {
        let step = examine(&parts[i], used, size);
        size = step.size;
        let mut reported = false;
        if let Some(size) = of_definition {
            let step = examine(&parts[i], *stated, size);
            of_definition = Some(step.size);
            reported = step.mismatch.is_some();
        }
        if step.mismatch.is_some() && !reported {
            return MemberProof {
                name,
                mismatch: step.mismatch,
            };
        }
        i += 1;
    }
    fits
}

/// One field of a model: its size, then its estimator.
const fn examine(
    (name, rule): &(&'static str, Rule),
    estimator: Option<EstimatorKind>,
    input: Size,
) -> Step {
    let mut step = through(Path::of(name), rule, input);
    if step.mismatch.is_none() {
        step.mismatch = misused(Path::of(name), rule, estimator);
    }
    step
}

/// Proves at compile time the sizes of structs whose sizes are const parameters.
///
/// A struct `Net<const H: usize>` can be right for one `H` and wrong for another, so its definition proves nothing.
/// Name the members that the program uses:
///
/// ```
/// use bayes_core::prelude::*;
///
/// #[bayesian(input = (C, 8, 8))]
/// struct Net<const C: usize, const H: usize> {
///     conv: Conv2D<C, 4, 3>,
///     act: ReLU,
///     flatten: Flatten,
///     fc1: Linear<144, H>,
///     fc2: Linear<H, 10>,
/// }
///
/// check_shapes!(Net<1, 32>, Net<3, 64>);
/// ```
///
/// A member that does not fit is an error at its name, under `cargo check`:
///
/// ```compile_fail,E0080
/// # use bayes_core::prelude::*;
/// #[bayesian(input = (4))]
/// struct Net<const H: usize> {
///     fc1: Linear<4, H>,
///     fc2: Linear<16, 10>,
/// }
///
/// check_shapes!(Net<16>, Net<32>); // in `Net<32>`, `fc2` takes 16 features, but `fc1` gives 32
/// ```
///
/// It takes structs in spec form. Sizes in module form are checked when an input arrives.
#[macro_export]
macro_rules! check_shapes {
    ($($model:ty),+ $(,)?) => {$(
        const _: () = $crate::__private::prove_named(
            ::core::stringify!($model),
            &<$model as $crate::__private::Spec>::RULE,
            <$model as $crate::__private::Spec>::INPUT,
        );
    )+};
}

/// The first layer within `rule` on which local reparameterisation would land, where it is not defined.
const fn misused(field: Path, rule: &Rule, estimator: Option<EstimatorKind>) -> Option<Mismatch> {
    match rule {
        Rule::Convolution { .. }
        | Rule::Transposed { .. }
        | Rule::Bias { .. }
        | Rule::Recurrent { .. }
        | Rule::Embedding { .. } => match estimator {
            Some(EstimatorKind::LocalReparameterization) => Some(Mismatch::SharedWeights { field }),
            _ => None,
        },
        Rule::Estimated { layer, estimator } => misused(field, layer, Some(*estimator)),
        Rule::Chain { parts } => misused_part(field, parts, estimator),
        Rule::Model {
            parts,
            estimator: stated,
            proven,
        } => {
            let inner = if stated.is_some() { *stated } else { estimator };
            // A struct that is proven by itself has reported what it states.
            if proven.is_some() && misused_part(field, parts, *stated).is_some() {
                None
            } else {
                misused_part(field, parts, inner)
            }
        }
        Rule::Residual { branch } => misused(field, branch, estimator),
        Rule::Repeated { part, .. } => misused(field, part, estimator),
        Rule::GeneralizedResidual {
            branch: first,
            shortcut: second,
        }
        | Rule::Concat { first, second } => {
            let found = misused(field, first, estimator);
            if found.is_some() {
                found
            } else {
                misused(field, second, estimator)
            }
        }
        _ => None,
    }
}

const fn misused_part(
    field: Path,
    parts: Parts,
    estimator: Option<EstimatorKind>,
) -> Option<Mismatch> {
    let mut i = 0;
    while i < parts.len() {
        let (name, rule) = &parts[i];
        let found = misused(field.then(name), rule, estimator);
        if found.is_some() {
            return found;
        }
        i += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::rule::Sliding;
    use super::*;

    const LOCAL: Option<EstimatorKind> = Some(EstimatorKind::LocalReparameterization);
    const CONV: Rule = Rule::Convolution {
        inputs: 1,
        outputs: 1,
        window: Sliding {
            kernel: 1,
            stride: 1,
            padding: 0,
            dilation: 1,
        },
        sides: 2,
    };

    const fn model(parts: Parts, estimator: Option<EstimatorKind>, proven: Option<Size>) -> Rule {
        Rule::Model {
            parts,
            estimator,
            proven,
        }
    }

    fn mistakes<const N: usize>(rule: &Rule) -> Vec<Option<String>> {
        let proofs = prove::<N>(rule);
        let sentence = |Proof(mismatch): Proof| mismatch.map(|mismatch| mismatch.to_string());
        proofs.map(sentence).to_vec()
    }

    #[test]
    fn local_reparameterization_is_refused_where_weights_are_shared() {
        let net = model(
            &[
                ("conv", CONV),
                (
                    "pair",
                    Rule::Chain {
                        parts: &[("0", CONV), ("1", Rule::Keep)],
                    },
                ),
                (
                    "own",
                    Rule::Estimated {
                        layer: &CONV,
                        estimator: EstimatorKind::Flipout,
                    },
                ),
                ("skipped", Rule::Skipped { layer: &CONV }),
                ("res", Rule::Residual { branch: &CONV }),
            ],
            LOCAL,
            Some(Size::UNKNOWN),
        );
        let found = mistakes::<5>(&net);
        let refused: Vec<bool> = found.iter().map(Option::is_some).collect();
        assert_eq!(refused, [true, true, false, false, true]);
        let sentence = "`pair.0`: LocalReparameterization is for Linear; write \
                        #[bayes(estimator = Flipout)] or #[bayes(estimator = Reparameterization)] on this field";
        assert_eq!(found[1].as_deref(), Some(sentence));
    }

    #[test]
    fn a_struct_answers_for_what_it_states_itself() {
        const PARTS: Parts = &[("conv", CONV)];
        const ANY: Option<Size> = Some(Size::UNKNOWN);
        for (inner, outer, want) in [
            (model(PARTS, None, ANY), LOCAL, true),
            (model(PARTS, LOCAL, ANY), None, false),
            (model(PARTS, LOCAL, None), None, true),
            (
                model(PARTS, Some(EstimatorKind::Flipout), ANY),
                LOCAL,
                false,
            ),
        ] {
            let found = misused(Path::of("inner"), &inner, outer);
            assert_eq!(found.is_some(), want, "{inner:?} in {outer:?}");
        }
    }

    #[test]
    #[should_panic(expected = "in `Net<3>`, `fc2` takes 3 features, but `fc1` gives 2")]
    fn a_named_model_is_named() {
        const PARTS: Parts = &[
            (
                "fc1",
                Rule::Linear {
                    inputs: 1,
                    outputs: 2,
                },
            ),
            (
                "fc2",
                Rule::Linear {
                    inputs: 3,
                    outputs: 4,
                },
            ),
        ];
        prove_named("Net<3>", &model(PARTS, None, None), Size::vector(1));
    }

    #[test]
    fn a_member_answers_for_what_it_states_alone() {
        const LINEAR: Rule = Rule::Linear {
            inputs: 4,
            outputs: 2,
        };
        let said = |rule: &Rule, input, estimator| {
            let proof = prove_member("Small", rule, input, estimator);
            proof.mismatch.map(|mismatch| mismatch.to_string())
        };
        let generic = model(&[("fc", LINEAR)], None, None);
        assert_eq!(said(&generic, Size::vector(4), LOCAL), None);
        assert!(said(&generic, Size::vector(3), None).is_some());
        // The definition of a struct without parameters has said so itself.
        let wrong = model(&[("fc", LINEAR)], None, Some(Size::vector(3)));
        assert_eq!(said(&wrong, Size::vector(3), None), None);
        let shared = model(&[("conv", CONV)], None, Some(Size::image(1, 8, 8)));
        assert_eq!(said(&shared, Size::image(1, 8, 8), None), None);
        let local = said(&shared, Size::image(1, 8, 8), LOCAL);
        assert!(local.is_some_and(|sentence| sentence.contains("LocalReparameterization")));
        let right = model(&[("fc", LINEAR)], LOCAL, Some(Size::vector(4)));
        assert_eq!(said(&right, Size::vector(4), None), None);
        assert!(said(&right, Size::vector(5), None).is_some());
    }
}
