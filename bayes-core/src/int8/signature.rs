//! A model's structure as text, so that a file can be told from another model's.

use crate::shape::Rule;
use std::fmt::Write;

/// Names and sizes of all layers, as the model's type says them.
pub(super) fn signature(rule: &Rule) -> String {
    let mut text = String::new();
    write(rule, &mut text);
    text
}

fn write(rule: &Rule, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = match rule {
        Rule::Keep => write!(text, "keep"),
        Rule::Linear { inputs, outputs } => write!(text, "linear {inputs} {outputs}"),
        Rule::Convolution {
            inputs,
            outputs,
            window,
            sides,
        } => write!(
            text,
            "conv{} {inputs} {outputs} {} {} {} {}",
            of(*sides),
            window.kernel,
            window.stride,
            window.padding,
            window.dilation
        ),
        Rule::Transposed {
            inputs,
            outputs,
            window,
            extra,
            sides,
        } => write!(
            text,
            "back{} {inputs} {outputs} {} {} {} {} {extra}",
            of(*sides),
            window.kernel,
            window.stride,
            window.padding,
            window.dilation
        ),
        Rule::Pool { window, sides } => {
            write!(
                text,
                "pool{} {} {} {}",
                of(*sides),
                window.kernel,
                window.stride,
                window.padding
            )
        }
        Rule::AdaptivePool { out, sides } => write!(text, "bins{} {out}", of(*sides)),
        Rule::Norm { channels, sides } => write!(text, "norm{} {channels}", of(*sides)),
        Rule::GroupNorm {
            groups,
            channels,
            sides,
        } => write!(text, "groups{} {groups} {channels}", of(*sides)),
        Rule::Channels { channels } => write!(text, "channels {channels}"),
        Rule::Bias { channels, sides } => write!(text, "bias{} {channels}", of(*sides)),
        Rule::GlobalPool { sides } => write!(text, "mean{}", of(*sides)),
        Rule::Flatten { sides } => write!(text, "flatten{}", of(*sides)),
        Rule::Unflatten { extent } => write!(text, "unflatten {extent}"),
        Rule::Recurrent { inputs, outputs } => write!(text, "recurrent {inputs} {outputs}"),
        Rule::Features { features } => write!(text, "features {features}"),
        Rule::Embedding { outputs } => write!(text, "embedding {outputs}"),
        Rule::LastStep => write!(text, "last"),
        Rule::Chain { parts } | Rule::Model { parts, .. } => {
            text.push('(');
            for (i, (name, rule)) in parts.iter().enumerate() {
                let separator = if i > 0 { ", " } else { "" };
                let _ = write!(text, "{separator}{name}: ");
                write(rule, text);
            }
            write!(text, ")")
        }
        Rule::Residual { branch } => {
            text.push_str("residual ");
            write(branch, text);
            Ok(())
        }
        Rule::GeneralizedResidual {
            branch: first,
            shortcut: second,
        } => {
            text.push_str("sum ");
            write(first, text);
            text.push_str(" and ");
            write(second, text);
            Ok(())
        }
        Rule::Concat { first, second } => {
            text.push_str("join ");
            write(first, text);
            text.push_str(" and ");
            write(second, text);
            Ok(())
        }
        Rule::Repeated { part, times } => {
            let _ = write!(text, "{times} times ");
            write(part, text);
            Ok(())
        }
        Rule::Estimated { layer, .. } | Rule::Skipped { layer } => {
            write(layer, text);
            Ok(())
        }
        Rule::Unknown => write!(text, "unknown"),
    };
}

/// The sides of a layer on grids, unless they are an image's two.
fn of(sides: usize) -> &'static str {
    match sides {
        1 => "1",
        3 => "3",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Sliding;

    #[test]
    fn says_names_and_sizes() {
        const CONV: Rule = Rule::Convolution {
            inputs: 1,
            outputs: 2,
            window: Sliding {
                kernel: 3,
                stride: 1,
                padding: 1,
                dilation: 1,
            },
            sides: 2,
        };
        const MODEL: Rule = Rule::Chain {
            parts: &[
                ("a", Rule::Residual { branch: &CONV }),
                ("b", Rule::Flatten { sides: 2 }),
            ],
        };
        assert_eq!(
            signature(&MODEL),
            "(a: residual conv 1 2 3 1 1 1, b: flatten)"
        );
    }
}
