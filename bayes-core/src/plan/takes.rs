//! Which dimensions of a model's input are an example.

use super::form::Form;
use crate::shape::Rule;

/// What one example of a model's input is, as its first layer with a say in it takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Vectors, or sequences of them.
    Features,
    /// Sequences.
    Steps,
    /// Grids with so many sides.
    Grid(usize),
    /// Numbers of words.
    Tokens,
}

impl Takes {
    /// What a model with this rule takes.
    pub fn of(rule: &Rule) -> Self {
        first(rule).unwrap_or(Self::Features)
    }

    /// An example of these dimensions.
    pub fn example(self, dims: &[usize]) -> Option<Form> {
        match (self, dims) {
            (Self::Tokens, &[steps]) => Some(Form::Tokens(steps)),
            (Self::Features, &[features]) => Some(Form::Vector(features)),
            (Self::Features | Self::Steps, &[steps, features]) => {
                Some(Form::Sequence { steps, features })
            }
            // A model whose layers do not say what they take.
            (Self::Features, [channels, sides @ ..]) => Form::grid(*channels, sides),
            (Self::Grid(axes), [channels, sides @ ..]) if sides.len() == axes => {
                Form::grid(*channels, sides)
            }
            _ => None,
        }
    }

    /// Examples in a tensor of these dimensions and what each is, and whether the first dimension is the batch.
    pub fn batch(self, dims: &[usize]) -> Option<(usize, Form, bool)> {
        let single = match self {
            Self::Features | Self::Tokens => dims.len() == 1,
            Self::Steps => dims.len() == 2,
            Self::Grid(axes) => dims.len() == axes + 1,
        };
        if single {
            return Some((1, self.example(dims)?, false));
        }
        let (examples, example) = dims.split_first()?;
        Some((*examples, self.example(example)?, true))
    }
}

/// The first part that says what it takes.
fn first(rule: &Rule) -> Option<Takes> {
    match rule {
        Rule::Linear { .. } | Rule::Features { .. } | Rule::Unflatten { .. } => {
            Some(Takes::Features)
        }
        Rule::Recurrent { .. } | Rule::LastStep => Some(Takes::Steps),
        Rule::Embedding { .. } => Some(Takes::Tokens),
        // Batch normalisation in one dimension takes vectors too.
        Rule::Norm { sides: 1, .. } => None,
        Rule::Convolution { sides, .. }
        | Rule::Transposed { sides, .. }
        | Rule::Pool { sides, .. }
        | Rule::AdaptivePool { sides, .. }
        | Rule::Norm { sides, .. }
        | Rule::GroupNorm { sides, .. }
        | Rule::Bias { sides, .. }
        | Rule::GlobalPool { sides }
        | Rule::Flatten { sides } => Some(Takes::Grid(*sides)),
        Rule::Chain { parts } | Rule::Model { parts, .. } => {
            parts.iter().find_map(|(_, rule)| first(rule))
        }
        Rule::Residual { branch } => first(branch),
        Rule::GeneralizedResidual { branch, shortcut } => first(branch).or_else(|| first(shortcut)),
        Rule::Concat {
            first: one,
            second: other,
        } => first(one).or_else(|| first(other)),
        Rule::Repeated { part, .. } => first(part),
        Rule::Estimated { layer, .. } | Rule::Skipped { layer } => first(layer),
        // Slopes of channels are for vectors and grids.
        Rule::Channels { .. } | Rule::Keep | Rule::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_layer_that_says_something_decides() {
        const MODEL: Rule = Rule::Chain {
            parts: &[
                ("act", Rule::Keep),
                (
                    "norm",
                    Rule::Norm {
                        channels: 4,
                        sides: 1,
                    },
                ),
                ("flatten", Rule::Flatten { sides: 1 }),
                (
                    "fc",
                    Rule::Linear {
                        inputs: 8,
                        outputs: 2,
                    },
                ),
            ],
        };
        let takes = Takes::of(&MODEL);
        assert_eq!(takes, Takes::Grid(1));
        let line = Form::grid(4, &[2]).unwrap();
        assert_eq!(takes.batch(&[4, 2]), Some((1, line, false)));
        assert_eq!(takes.batch(&[7, 4, 2]), Some((7, line, true)));
        assert_eq!(takes.batch(&[7, 4, 2, 2]), None);
        let steps = Form::Sequence {
            steps: 3,
            features: 2,
        };
        assert_eq!(Takes::Features.batch(&[5, 3, 2]), Some((5, steps, true)));
        assert_eq!(Takes::Steps.batch(&[3, 2]), Some((1, steps, false)));
        assert_eq!(
            Takes::Features.batch(&[3, 2]),
            Some((3, Form::Vector(2), true))
        );
        let words = Some((2, Form::Tokens(6), true));
        assert_eq!(Takes::Tokens.batch(&[2, 6]), words);
    }
}
