//! Follows one example's size through rules. A mistake does not end the walk: what is known in spite of it goes on, so
//! that a second mistake is found and the first is not reported again by the layers after it.

#![expect(
    clippy::result_large_err,
    reason = "a constant function cannot box its error"
)]

use super::mismatch::Mismatch;
use super::path::Path;
use super::rule::{Parts, Rule, Sliding};
use super::size::{Extent, Size};

/// What a layer makes of its input: the size that it gives, and the first thing in it that does not fit.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub size: Size,
    pub mismatch: Option<Mismatch>,
}

impl Step {
    const fn keep(size: Size, mismatch: Option<Mismatch>) -> Self {
        Self { size, mismatch }
    }

    const fn give(field: Path, extent: Extent, mismatch: Option<Mismatch>) -> Self {
        let size = Size {
            extent,
            given_by: field,
        };
        Self { size, mismatch }
    }
}

/// The size that the layer `field` makes of `input`.
///
/// # Errors
/// Why it cannot take it.
pub const fn size_of(field: &'static str, rule: &Rule, input: Size) -> Result<Size, Mismatch> {
    let step = through(Path::of(field), rule, input);
    match step.mismatch {
        None => Ok(step.size),
        Some(mismatch) => Err(mismatch),
    }
}

/// The size that a whole model makes of one example, or which of its fields cannot take what it gets.
pub(crate) fn check_example(model: &Rule, example: Extent) -> Result<Size, Mismatch> {
    let input = Size::input(example);
    match model {
        Rule::Chain { parts } | Rule::Model { parts, .. } => parts
            .iter()
            .try_fold(input, |size, (name, rule)| size_of(name, rule, size)),
        rule => size_of("model", rule, input),
    }
}

pub(super) const fn through(field: Path, rule: &Rule, input: Size) -> Step {
    let by = input.given_by;
    match rule {
        Rule::Keep => Step::keep(input, None),
        Rule::Unknown => Step::give(field, Extent::Unknown, None),
        Rule::Linear { inputs, outputs } => Step::give(
            field,
            Extent::Vector(Some(*outputs)),
            take_features(field, *inputs, input),
        ),
        Rule::Convolution {
            inputs,
            outputs,
            window,
        } => {
            let (pixels, too_large) = slide(field, window, input);
            let mismatch = first(take_channels(field, *inputs, input), too_large);
            Step::give(field, Extent::Image(Some(*outputs), pixels), mismatch)
        }
        Rule::Pool { window } => {
            let (pixels, too_large) = slide(field, window, input);
            let (channels, mismatch) = match input.extent {
                Extent::Image(channels, _) => (channels, too_large),
                Extent::Unknown => (None, too_large),
                Extent::Vector(_) => (None, Some(Mismatch::NotAnImage { field, by })),
            };
            // The channels are still the gift of the layer before.
            Step::give(by, Extent::Image(channels, pixels), mismatch)
        }
        Rule::Norm { channels } | Rule::Bias { channels } => per_channel(field, *channels, input),
        Rule::GlobalPool => match input.extent {
            Extent::Image(channels, _) => Step::give(field, Extent::Vector(channels), None),
            Extent::Unknown => Step::give(field, Extent::Vector(None), None),
            Extent::Vector(_) => Step::keep(input, Some(Mismatch::NotAnImage { field, by })),
        },
        Rule::Flatten => match input.extent {
            Extent::Image(Some(channels), Some((height, width))) => {
                Step::give(field, Extent::Vector(Some(channels * height * width)), None)
            }
            Extent::Image(..) | Extent::Unknown => Step::give(field, Extent::Vector(None), None),
            Extent::Vector(_) => Step::keep(input, Some(Mismatch::NotAnImage { field, by })),
        },
        Rule::Chain { parts } => chain(field, parts, None, input),
        Rule::Model { parts, proven, .. } => chain(field, parts, *proven, input),
        Rule::Residual { branch } => residual(field, branch, input),
        Rule::Repeated { part, times } => repeated(field, part, *times, input),
        Rule::Estimated { layer, .. } | Rule::Skipped { layer } => through(field, layer, input),
    }
}

/// Parts one after the other. Where the same parts fail on the input `proven` too, the mistake is reported there.
const fn chain(field: Path, parts: Parts, proven: Option<Size>, input: Size) -> Step {
    let (mut size, mut mismatch) = (input, None);
    let mut own = proven;
    let mut i = 0;
    while i < parts.len() {
        let (name, rule) = &parts[i];
        let step = through(field.then(name), rule, size);
        size = step.size;
        let mut known = false;
        if let Some(before) = own {
            let proof = through(Path::of(name), rule, before);
            known = proof.mismatch.is_some();
            own = Some(proof.size);
        }
        if !known {
            mismatch = first(mismatch, step.mismatch);
        }
        i += 1;
    }
    // A neighbour reads better under the name of the field than of a part of it.
    if !size.given_by.is(&input.given_by) {
        size.given_by = field;
    }
    Step::keep(size, mismatch)
}

const fn residual(field: Path, branch: &Rule, input: Size) -> Step {
    let step = through(field, branch, input);
    if step.mismatch.is_some() {
        return step;
    }
    let changed = change(field, input.extent, step.size.extent);
    let extent = match input.extent {
        // Only one of the two is what was meant, and the layers after it may be right.
        _ if changed.is_some() => Extent::Unknown,
        Extent::Unknown => step.size.extent,
        known => known,
    };
    Step::give(field, extent, changed)
}

const fn repeated(field: Path, part: &Rule, times: usize, input: Size) -> Step {
    let mut step = Step::keep(input, None);
    let mut i = 0;
    while i < times && step.mismatch.is_none() {
        step = through(field, part, step.size);
        i += 1;
    }
    step
}

const fn per_channel(field: Path, channels: usize, input: Size) -> Step {
    let mismatch = take_channels(field, channels, input);
    match (input.extent, mismatch) {
        (Extent::Image(Some(_), _), None) => Step::keep(input, None),
        (Extent::Image(None, pixels), None) => {
            Step::give(field, Extent::Image(Some(channels), pixels), None)
        }
        // Either number may be the wrong one.
        (Extent::Image(_, pixels), Some(_)) => {
            Step::give(field, Extent::Image(None, pixels), mismatch)
        }
        _ => Step::give(field, Extent::Image(Some(channels), None), mismatch),
    }
}

const fn first(a: Option<Mismatch>, b: Option<Mismatch>) -> Option<Mismatch> {
    if a.is_some() { a } else { b }
}

const fn take_features(field: Path, takes: usize, input: Size) -> Option<Mismatch> {
    let by = input.given_by;
    match input.extent {
        Extent::Vector(Some(gives)) if gives != takes => Some(Mismatch::Features {
            field,
            takes,
            by,
            gives,
        }),
        Extent::Image(..) => Some(Mismatch::NotAVector { field, by }),
        Extent::Vector(_) | Extent::Unknown => None,
    }
}

const fn take_channels(field: Path, takes: usize, input: Size) -> Option<Mismatch> {
    let by = input.given_by;
    match input.extent {
        Extent::Image(Some(gives), _) if gives != takes => Some(Mismatch::Channels {
            field,
            takes,
            by,
            gives,
        }),
        Extent::Vector(_) => Some(Mismatch::NotAnImage { field, by }),
        Extent::Image(..) | Extent::Unknown => None,
    }
}

/// Height and width after a window has moved over an image, where they are known.
const fn slide(
    field: Path,
    window: &Sliding,
    input: Size,
) -> (Option<(usize, usize)>, Option<Mismatch>) {
    if window.kernel == 0 || window.stride == 0 || window.dilation == 0 {
        return (None, Some(Mismatch::Degenerate { field }));
    }
    let Extent::Image(_, Some(pixels)) = input.extent else {
        return (None, None);
    };
    let (height, width) = (window.over(pixels.0), window.over(pixels.1));
    if height == 0 || width == 0 {
        let too_large = Mismatch::WindowTooLarge {
            field,
            reach: window.reach(),
            padding: window.padding,
            by: input.given_by,
            pixels,
        };
        return (None, Some(too_large));
    }
    (Some((height, width)), None)
}

/// What a residual branch changes, which it must not.
const fn change(field: Path, before: Extent, after: Extent) -> Option<Mismatch> {
    let (what, from, to) = match (before, after) {
        (Extent::Vector(Some(from)), Extent::Vector(Some(to))) if from != to => {
            ("feature", from, to)
        }
        (Extent::Image(Some(from), _), Extent::Image(Some(to), _)) if from != to => {
            ("channel", from, to)
        }
        (Extent::Image(_, Some((from, _))), Extent::Image(_, Some((to, _)))) if from != to => {
            ("row", from, to)
        }
        (Extent::Image(_, Some((_, from))), Extent::Image(_, Some((_, to)))) if from != to => {
            ("column", from, to)
        }
        (Extent::Image(..), Extent::Vector(_)) => {
            let (from, to) = ("images", "vectors");
            return Some(Mismatch::ResidualKind { field, from, to });
        }
        (Extent::Vector(_), Extent::Image(..)) => {
            let (from, to) = ("vectors", "images");
            return Some(Mismatch::ResidualKind { field, from, to });
        }
        _ => return None,
    };
    Some(Mismatch::Residual {
        field,
        what,
        from,
        to,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: Sliding = Sliding {
        kernel: 3,
        stride: 1,
        padding: 1,
        dilation: 1,
    };
    const POOL: Sliding = Sliding {
        kernel: 2,
        stride: 2,
        padding: 0,
        dilation: 1,
    };

    const fn conv(inputs: usize, outputs: usize) -> Rule {
        Rule::Convolution {
            inputs,
            outputs,
            window: SAME,
        }
    }

    const fn linear(inputs: usize, outputs: usize) -> Rule {
        Rule::Linear { inputs, outputs }
    }

    fn run(input: Size, rules: &[(&'static str, Rule)]) -> Result<Extent, String> {
        rules
            .iter()
            .try_fold(input, |size, (name, rule)| size_of(name, rule, size))
            .map(|size| size.extent)
            .map_err(|mismatch| mismatch.to_string())
    }

    /// Every mistake of a net, where each is reported once.
    fn mistakes(input: Size, rules: &[(&'static str, Rule)]) -> Vec<String> {
        let mut size = input;
        let steps = rules.iter().filter_map(|(name, rule)| {
            let step = through(Path::of(name), rule, size);
            size = step.size;
            step.mismatch.map(|mismatch| mismatch.to_string())
        });
        steps.collect()
    }

    #[test]
    fn a_net_of_right_sizes_passes() {
        let net = [
            ("conv1", conv(1, 16)),
            ("relu", Rule::Keep),
            ("pool", Rule::Pool { window: POOL }),
            ("flatten", Rule::Flatten),
            ("fc", linear(256, 10)),
        ];
        assert_eq!(
            run(Size::image(1, 8, 8), &net),
            Ok(Extent::Vector(Some(10)))
        );
    }

    #[test]
    fn each_mistake_has_its_sentence() {
        let flat = [
            ("conv1", conv(1, 9)),
            ("flatten", Rule::Flatten),
            ("fc1", linear(400, 9)),
        ];
        assert_eq!(
            run(Size::image(1, 32, 32), &flat).unwrap_err(),
            "`fc1` takes 400 features, but `flatten` gives 9216"
        );
        assert_eq!(
            run(Size::image(3, 8, 8), &flat).unwrap_err(),
            "`conv1` takes 1 channel, but the input gives 3"
        );
        let neighbours = [
            ("conv1", conv(1, 6)),
            ("relu", Rule::Keep),
            ("conv2", conv(8, 4)),
        ];
        assert_eq!(
            run(Size::UNKNOWN, &neighbours).unwrap_err(),
            "`conv2` takes 8 channels, but `conv1` gives 6"
        );
        let no_flatten = [("conv1", conv(1, 6)), ("fc", linear(6, 2))];
        assert_eq!(
            run(Size::UNKNOWN, &no_flatten).unwrap_err(),
            "`fc` takes vectors, but `conv1` gives images: put a `Flatten` before `fc`"
        );
        assert_eq!(
            run(Size::vector(3), &[("conv", conv(3, 3))]).unwrap_err(),
            "`conv` takes images, but the input gives vectors"
        );
    }

    #[test]
    fn a_window_must_fit_into_its_padded_input() {
        let pool = |padding| {
            let window = Sliding {
                kernel: 7,
                stride: 1,
                padding,
                dilation: 1,
            };
            run(Size::image(1, 8, 4), &[("pool", Rule::Pool { window })])
        };
        assert_eq!(
            pool(0).unwrap_err(),
            "`pool`: the window covers 7×7 pixels, but the input gives 8×4"
        );
        assert_eq!(
            pool(1).unwrap_err(),
            "`pool`: the window covers 7×7 pixels, but the input gives 8×4 (10×6 with its padding)"
        );
        assert_eq!(pool(2), Ok(Extent::Image(Some(1), Some((6, 2)))));
        let nowhere = Sliding { stride: 0, ..SAME };
        assert_eq!(
            run(Size::UNKNOWN, &[("pool", Rule::Pool { window: nowhere })]).unwrap_err(),
            "`pool`: kernel, stride and dilation must be at least 1"
        );
    }

    #[test]
    fn a_residual_branch_keeps_the_size() {
        const WIDER: Rule = Rule::Chain {
            parts: &[("0", conv(10, 10)), ("1", conv(10, 12))],
        };
        const SMALLER: Rule = Rule::Pool { window: POOL };
        const FLAT: Rule = Rule::Flatten;
        let mistake = |branch| run(Size::image(10, 4, 4), &[("res", Rule::Residual { branch })]);
        assert_eq!(
            mistake(&WIDER).unwrap_err(),
            "`res`: the residual branch turns 10 channels into 12"
        );
        assert_eq!(
            mistake(&SMALLER).unwrap_err(),
            "`res`: the residual branch turns 4 rows into 2"
        );
        assert_eq!(
            mistake(&FLAT).unwrap_err(),
            "`res`: the residual branch turns images into vectors"
        );
    }

    #[test]
    fn a_part_is_named_by_its_path_and_a_neighbour_by_its_field() {
        const BLOCK: Rule = Rule::Chain {
            parts: &[("conv", conv(4, 8)), ("bias", Rule::Bias { channels: 9 })],
        };
        assert_eq!(
            run(Size::UNKNOWN, &[("block", BLOCK)]).unwrap_err(),
            "`block.bias` takes 9 channels, but `block.conv` gives 8"
        );
        const PAIR: Rule = Rule::Chain {
            parts: &[("0", conv(4, 8)), ("1", Rule::Keep)],
        };
        assert_eq!(
            run(Size::UNKNOWN, &[("pair", PAIR), ("next", conv(9, 9))]).unwrap_err(),
            "`next` takes 9 channels, but `pair` gives 8"
        );
    }

    #[test]
    fn an_unknown_layer_proves_nothing() {
        let net = [
            ("conv1", conv(1, 6)),
            ("own", Rule::Unknown),
            ("fc", linear(3, 2)),
        ];
        assert_eq!(run(Size::image(1, 8, 8), &net), Ok(Extent::Vector(Some(2))));
    }

    #[test]
    fn independent_mistakes_are_all_found_and_none_twice() {
        let net = [
            ("conv1", conv(3, 6)),
            ("norm", Rule::Norm { channels: 8 }),
            ("conv2", conv(8, 2)),
            ("pool", Rule::Pool { window: POOL }),
            ("flatten", Rule::Flatten),
            ("fc1", linear(33, 5)),
            ("fc2", linear(6, 2)),
            ("fc3", linear(2, 1)),
        ];
        assert_eq!(
            mistakes(Size::image(1, 8, 8), &net),
            [
                "`conv1` takes 3 channels, but the input gives 1",
                "`norm` takes 8 channels, but `conv1` gives 6",
                "`fc1` takes 33 features, but `flatten` gives 32",
                "`fc2` takes 6 features, but `fc1` gives 5",
            ]
        );
    }

    #[test]
    fn a_struct_that_is_proven_by_itself_is_not_reported_again() {
        const PARTS: Parts = &[("fc1", linear(4, 5)), ("fc2", linear(6, 2))];
        let inner = |proven| Rule::Model {
            parts: PARTS,
            estimator: None,
            proven,
        };
        let outer = |proven| [("inner", inner(proven)), ("head", linear(2, 2))];
        let generic = mistakes(Size::vector(4), &outer(None));
        assert_eq!(
            generic,
            ["`inner.fc2` takes 6 features, but `inner.fc1` gives 5"]
        );
        let itself = outer(Some(Size::UNKNOWN));
        assert!(mistakes(Size::vector(4), &itself).is_empty());
        assert_eq!(
            mistakes(Size::vector(3), &itself),
            ["`inner.fc1` takes 4 features, but the input gives 3"]
        );
    }
}
