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

/// The most numbers that a model holds of one example at once, input and outputs of its layers, as far as they are known.
pub(crate) fn most_numbers(model: &Rule, example: Extent) -> usize {
    let mut most = 0;
    watch(model, Size::input(example), &mut most);
    most
}

/// What `rule` makes of `input`; `most` grows to the numbers of all that it is and becomes on the way.
fn watch(rule: &Rule, input: Size, most: &mut usize) -> Size {
    *most = input.extent.numbers().unwrap_or(0).max(*most);
    let output = match rule {
        Rule::Chain { parts } | Rule::Model { parts, .. } => parts
            .iter()
            .fold(input, |size, (_, rule)| watch(rule, size, most)),
        Rule::Residual { branch: rule }
        | Rule::Estimated { layer: rule, .. }
        | Rule::Skipped { layer: rule } => watch(rule, input, most),
        Rule::Repeated { part, times } => {
            (0..*times).fold(input, |size, _| watch(part, size, most))
        }
        Rule::GeneralizedResidual { branch, shortcut } => {
            watch(shortcut, input, most);
            watch(branch, input, most)
        }
        Rule::Concat { first, second } => {
            watch(first, input, most);
            watch(second, input, most);
            through(Path::INPUT, rule, input).size
        }
        layer => through(Path::INPUT, layer, input).size,
    };
    *most = output.extent.numbers().unwrap_or(0).max(*most);
    output
}

pub(super) const fn through(field: Path, rule: &Rule, input: Size) -> Step {
    let by = input.given_by;
    match rule {
        Rule::Keep => Step::keep(input, None),
        Rule::Unknown => Step::give(field, Extent::Unknown, None),
        Rule::Linear { inputs, outputs } => {
            let extent = match input.extent {
                Extent::Pair(steps, _) => Extent::Pair(steps, Some(*outputs)),
                _ => Extent::Vector(Some(*outputs)),
            };
            Step::give(field, extent, take_features(field, *inputs, input))
        }
        Rule::Convolution {
            inputs,
            outputs,
            window,
            sides,
        } => {
            let (size, too_large) = slide(field, window, *sides, input);
            let mismatch = first(take_channels(field, *inputs, *sides, input), too_large);
            Step::give(field, extent(*sides, Some(*outputs), size), mismatch)
        }
        Rule::Transposed {
            inputs,
            outputs,
            window,
            extra,
            sides,
        } => {
            let (size, wrong) = slide_back(field, window, *extra, *sides, input);
            let mismatch = first(take_channels(field, *inputs, *sides, input), wrong);
            Step::give(field, extent(*sides, Some(*outputs), size), mismatch)
        }
        Rule::Pool { window, sides } => {
            let (size, too_large) = slide(field, window, *sides, input);
            let (channels, other) = match grid(*sides, input.extent) {
                Grid::Is(channels, _) => (channels, None),
                Grid::Unknown => (None, None),
                Grid::Other(gives) => (None, Some(not_a_grid(field, *sides, by, gives))),
            };
            // The channels are still the gift of the layer before.
            Step::give(by, extent(*sides, channels, size), first(other, too_large))
        }
        Rule::AdaptivePool { out, sides } => {
            let mut size = [1; 3];
            let mut i = 3 - *sides;
            while i < 3 {
                size[i] = *out;
                i += 1;
            }
            let (channels, other) = match grid(*sides, input.extent) {
                Grid::Is(channels, _) => (channels, None),
                Grid::Unknown => (None, None),
                Grid::Other(gives) => (None, Some(not_a_grid(field, *sides, by, gives))),
            };
            Step::give(by, extent(*sides, channels, Some(size)), other)
        }
        Rule::Norm { channels, sides } | Rule::Bias { channels, sides } => {
            per_channel(field, *channels, *sides, input)
        }
        Rule::GroupNorm {
            groups,
            channels,
            sides,
        } => {
            let mut step = on_channels(field, *channels, *sides, input);
            if *groups == 0 || !channels.is_multiple_of(*groups) {
                step.mismatch = Some(Mismatch::Groups {
                    field,
                    groups: *groups,
                    channels: *channels,
                });
            }
            step
        }
        Rule::Channels { channels } => match input.extent {
            Extent::Unknown => Step::give(field, Extent::Unknown, None),
            Extent::Image(..) => on_channels(field, *channels, 2, input),
            Extent::Volume(..) => on_channels(field, *channels, 3, input),
            Extent::Vector(_) | Extent::Pair(..) => per_channel(field, *channels, 1, input),
        },
        Rule::GlobalPool { sides } => match grid(*sides, input.extent) {
            Grid::Is(channels, _) => Step::give(field, Extent::Vector(channels), None),
            Grid::Unknown => Step::give(field, Extent::Vector(None), None),
            Grid::Other(gives) => Step::keep(input, Some(not_a_grid(field, *sides, by, gives))),
        },
        Rule::Flatten { sides } => match grid(*sides, input.extent) {
            Grid::Is(Some(channels), Some([depth, height, width])) => {
                let features = channels * depth * height * width;
                Step::give(field, Extent::Vector(Some(features)), None)
            }
            Grid::Is(..) | Grid::Unknown => Step::give(field, Extent::Vector(None), None),
            Grid::Other(gives) => Step::keep(input, Some(not_a_grid(field, *sides, by, gives))),
        },
        Rule::Unflatten { extent } => {
            let mismatch = match input.extent {
                Extent::Pair(..) => {
                    let gives = "sequences";
                    let takes = "vectors";
                    Some(Mismatch::NotAGrid {
                        field,
                        takes,
                        by,
                        gives,
                    })
                }
                _ => take_features(field, numbers(*extent), input),
            };
            Step::give(field, *extent, mismatch)
        }
        Rule::Recurrent { inputs, outputs } => {
            let steps = match input.extent {
                Extent::Pair(steps, _) => steps,
                _ => None,
            };
            let mismatch = match input.extent {
                Extent::Unknown | Extent::Pair(..) => take_features(field, *inputs, input),
                other => Some(not_a_grid(field, 1, by, called(other))),
            };
            Step::give(field, Extent::Pair(steps, Some(*outputs)), mismatch)
        }
        Rule::Features { features } => {
            let mismatch = take_features(field, *features, input);
            match (input.extent, mismatch) {
                (Extent::Unknown, None) => Step::give(field, Extent::Unknown, None),
                (_, None) => Step::keep(input, None),
                (Extent::Pair(steps, _), Some(_)) => {
                    Step::give(field, Extent::Pair(steps, None), mismatch)
                }
                (_, Some(_)) => Step::give(field, Extent::Vector(None), mismatch),
            }
        }
        Rule::Embedding { outputs } => match input.extent {
            Extent::Vector(steps) => Step::give(field, Extent::Pair(steps, Some(*outputs)), None),
            Extent::Unknown => Step::give(field, Extent::Pair(None, Some(*outputs)), None),
            other => {
                let gives = called(other);
                let takes = "token numbers";
                let mismatch = Mismatch::NotAGrid {
                    field,
                    takes,
                    by,
                    gives,
                };
                Step::give(field, Extent::Pair(None, Some(*outputs)), Some(mismatch))
            }
        },
        Rule::LastStep => match input.extent {
            // The features are still the gift of the layer before.
            Extent::Pair(_, features) => Step::give(by, Extent::Vector(features), None),
            Extent::Unknown => Step::give(field, Extent::Vector(None), None),
            other => Step::keep(input, Some(not_a_grid(field, 1, by, called(other)))),
        },
        Rule::Chain { parts } => chain(field, parts, None, input),
        Rule::Model { parts, proven, .. } => chain(field, parts, *proven, input),
        Rule::Residual { branch } => residual(field, branch, input),
        Rule::GeneralizedResidual { branch, shortcut } => {
            let (extents, mismatch) =
                side_by_side(field, [*branch, *shortcut], ["f", "r"], true, input);
            let extent = match (mismatch, extents) {
                (Some(_), _) => Extent::Unknown,
                (None, [Extent::Unknown, known]) => known,
                (None, [known, _]) => known,
            };
            Step::give(field, extent, mismatch)
        }
        Rule::Concat { first, second } => {
            let (extents, mismatch) =
                side_by_side(field, [*first, *second], ["0", "1"], false, input);
            let extent = match mismatch {
                Some(_) => Extent::Unknown,
                None => joined(extents[0], extents[1]),
            };
            Step::give(field, extent, mismatch)
        }
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

const fn per_channel(field: Path, channels: usize, sides: usize, input: Size) -> Step {
    // Along a line, vectors are channels of one position.
    if let (1, Extent::Vector(_)) = (sides, input.extent) {
        let mismatch = take_features(field, channels, input);
        return match mismatch {
            None => Step::keep(input, None),
            Some(_) => Step::give(field, Extent::Vector(None), mismatch),
        };
    }
    on_channels(field, channels, sides, input)
}

/// What keeps the size of grids with so many channels.
const fn on_channels(field: Path, channels: usize, sides: usize, input: Size) -> Step {
    let mismatch = take_channels(field, channels, sides, input);
    match (grid(sides, input.extent), mismatch) {
        (Grid::Is(Some(_), _), None) => Step::keep(input, None),
        (Grid::Is(None, size), None) => {
            Step::give(field, extent(sides, Some(channels), size), None)
        }
        // Either number may be the wrong one.
        (Grid::Is(_, size), Some(_)) => Step::give(field, extent(sides, None, size), mismatch),
        _ => Step::give(field, extent(sides, Some(channels), None), mismatch),
    }
}

/// An extent as a layer on grids of so many sides sees it.
enum Grid {
    /// Nothing is known.
    Unknown,
    /// Channels, and depth, height and width, where known.
    Is(Option<usize>, Option<[usize; 3]>),
    /// Something else, which is called so.
    Other(&'static str),
}

const fn grid(sides: usize, extent: Extent) -> Grid {
    match (sides, extent) {
        (_, Extent::Unknown) => Grid::Unknown,
        (1, Extent::Pair(channels, Some(length))) => Grid::Is(channels, Some([1, 1, length])),
        (1, Extent::Pair(channels, None)) => Grid::Is(channels, None),
        (2, Extent::Image(channels, Some((height, width)))) => {
            Grid::Is(channels, Some([1, height, width]))
        }
        (2, Extent::Image(channels, None)) => Grid::Is(channels, None),
        (3, Extent::Volume(channels, size)) => Grid::Is(channels, size),
        _ => Grid::Other(called(extent)),
    }
}

const fn extent(sides: usize, channels: Option<usize>, size: Option<[usize; 3]>) -> Extent {
    match (sides, size) {
        (1, Some([_, _, length])) => Extent::Pair(channels, Some(length)),
        (1, None) => Extent::Pair(channels, None),
        (2, Some([_, height, width])) => Extent::Image(channels, Some((height, width))),
        (2, None) => Extent::Image(channels, None),
        (_, size) => Extent::Volume(channels, size),
    }
}

/// How many numbers an extent has; 0 where that is not known.
const fn numbers(extent: Extent) -> usize {
    match extent {
        Extent::Vector(Some(features)) => features,
        Extent::Pair(Some(first), Some(last)) => first * last,
        Extent::Image(Some(channels), Some((height, width))) => channels * height * width,
        Extent::Volume(Some(channels), Some([depth, height, width])) => {
            channels * depth * height * width
        }
        _ => 0,
    }
}

const fn called(extent: Extent) -> &'static str {
    match extent {
        Extent::Unknown => "something unknown",
        Extent::Vector(_) => "vectors",
        Extent::Pair(..) => "sequences",
        Extent::Image(..) => "images",
        Extent::Volume(..) => "volumes",
    }
}

const fn not_a_grid(field: Path, sides: usize, by: Path, gives: &'static str) -> Mismatch {
    Mismatch::NotAGrid {
        field,
        takes: called(extent(sides, None, None)),
        by,
        gives,
    }
}

const fn first(a: Option<Mismatch>, b: Option<Mismatch>) -> Option<Mismatch> {
    if a.is_some() { a } else { b }
}

const fn take_features(field: Path, takes: usize, input: Size) -> Option<Mismatch> {
    let by = input.given_by;
    match input.extent {
        Extent::Vector(Some(gives)) | Extent::Pair(_, Some(gives)) if gives != takes => {
            Some(Mismatch::Features {
                field,
                takes,
                by,
                gives,
            })
        }
        Extent::Image(..) => Some(Mismatch::NotAVector {
            field,
            by,
            gives: "images",
            flatten: "Flatten",
        }),
        Extent::Volume(..) => Some(Mismatch::NotAVector {
            field,
            by,
            gives: "volumes",
            flatten: "Flatten3D",
        }),
        Extent::Vector(_) | Extent::Pair(..) | Extent::Unknown => None,
    }
}

const fn take_channels(field: Path, takes: usize, sides: usize, input: Size) -> Option<Mismatch> {
    let by = input.given_by;
    match grid(sides, input.extent) {
        Grid::Is(Some(gives), _) if gives != takes => Some(Mismatch::Channels {
            field,
            takes,
            by,
            gives,
        }),
        Grid::Other(gives) => Some(not_a_grid(field, sides, by, gives)),
        Grid::Is(..) | Grid::Unknown => None,
    }
}

/// Depth, height and width after a layer, where they are known, and what is wrong with it.
type Slid = (Option<[usize; 3]>, Option<Mismatch>);

/// After a window has moved over a grid.
const fn slide(field: Path, window: &Sliding, sides: usize, input: Size) -> Slid {
    if window.kernel == 0 || window.stride == 0 || window.dilation == 0 {
        return (None, Some(Mismatch::Degenerate { field }));
    }
    let Grid::Is(_, Some(size)) = grid(sides, input.extent) else {
        return (None, None);
    };
    let (mut out, mut i) = ([1; 3], 3 - sides);
    while i < 3 {
        out[i] = window.over(size[i]);
        if out[i] == 0 {
            let too_large = Mismatch::WindowTooLarge {
                field,
                reach: window.reach(),
                padding: window.padding,
                by: input.given_by,
                sides,
                size,
            };
            return (None, Some(too_large));
        }
        i += 1;
    }
    (Some(out), None)
}

/// After a window has moved back over the output.
const fn slide_back(
    field: Path,
    window: &Sliding,
    extra: usize,
    sides: usize,
    input: Size,
) -> Slid {
    if window.kernel == 0 || window.stride == 0 || window.dilation == 0 {
        return (None, Some(Mismatch::Degenerate { field }));
    }
    if extra > 0 && extra >= window.stride {
        let stride = window.stride;
        let wrong = Mismatch::OutputPadding {
            field,
            extra,
            stride,
        };
        return (None, Some(wrong));
    }
    let Grid::Is(_, Some(size)) = grid(sides, input.extent) else {
        return (None, None);
    };
    let (mut out, mut i) = ([1; 3], 3 - sides);
    while i < 3 {
        out[i] = window.back_over(size[i], extra);
        if out[i] == 0 {
            return (None, Some(Mismatch::NothingLeft { field }));
        }
        i += 1;
    }
    (Some(out), None)
}

/// In what two extents differ.
#[derive(Clone, Copy)]
enum Difference {
    /// A number, called so.
    Number(&'static str, usize, usize),
    /// What they are.
    Kind(&'static str, &'static str),
}

/// In what two extents differ, the channels or features only where `channels` asks for it.
const fn difference(a: Extent, b: Extent, channels: bool) -> Option<Difference> {
    let (what, from, to) = match (a, b) {
        (Extent::Vector(Some(from)), Extent::Vector(Some(to))) if channels && from != to => {
            ("feature", from, to)
        }
        (Extent::Image(Some(from), _), Extent::Image(Some(to), _))
        | (Extent::Volume(Some(from), _), Extent::Volume(Some(to), _))
            if channels && from != to =>
        {
            ("channel", from, to)
        }
        (Extent::Image(_, Some((from, _))), Extent::Image(_, Some((to, _)))) if from != to => {
            ("row", from, to)
        }
        (Extent::Image(_, Some((_, from))), Extent::Image(_, Some((_, to)))) if from != to => {
            ("column", from, to)
        }
        (Extent::Pair(Some(from), _), Extent::Pair(Some(to), _)) if channels && from != to => {
            ("row", from, to)
        }
        (Extent::Pair(_, Some(from)), Extent::Pair(_, Some(to))) if from != to => {
            ("column", from, to)
        }
        (Extent::Volume(_, Some(from)), Extent::Volume(_, Some(to))) => {
            if from[0] != to[0] {
                ("layer", from[0], to[0])
            } else if from[1] != to[1] {
                ("row", from[1], to[1])
            } else if from[2] != to[2] {
                ("column", from[2], to[2])
            } else {
                return None;
            }
        }
        (Extent::Unknown, _)
        | (_, Extent::Unknown)
        | (Extent::Vector(_), Extent::Vector(_))
        | (Extent::Pair(..), Extent::Pair(..))
        | (Extent::Image(..), Extent::Image(..))
        | (Extent::Volume(..), Extent::Volume(..)) => return None,
        _ => return Some(Difference::Kind(called(a), called(b))),
    };
    Some(Difference::Number(what, from, to))
}

/// What a residual branch changes, which it must not.
const fn change(field: Path, before: Extent, after: Extent) -> Option<Mismatch> {
    match difference(before, after, true) {
        None => None,
        Some(Difference::Number(what, from, to)) => Some(Mismatch::Residual {
            field,
            what,
            from,
            to,
        }),
        Some(Difference::Kind(from, to)) => Some(Mismatch::ResidualKind { field, from, to }),
    }
}

/// Two parts with one input, whose outputs must agree; `channels` as well, where they are added.
const fn side_by_side(
    field: Path,
    [first, second]: [&Rule; 2],
    names: [&'static str; 2],
    channels: bool,
    input: Size,
) -> ([Extent; 2], Option<Mismatch>) {
    let one = through(field.then(names[0]), first, input);
    let other = through(field.then(names[1]), second, input);
    let extents = [one.size.extent, other.size.extent];
    if one.mismatch.is_some() {
        return (extents, one.mismatch);
    }
    if other.mismatch.is_some() {
        return (extents, other.mismatch);
    }
    let mismatch = match difference(extents[0], extents[1], channels) {
        None => None,
        Some(Difference::Number(what, gives, other)) => Some(Mismatch::Sides {
            field,
            what,
            gives,
            other,
        }),
        Some(Difference::Kind(gives, other)) => Some(Mismatch::SidesKind {
            field,
            gives,
            other,
        }),
    };
    (extents, mismatch)
}

const fn joined(a: Extent, b: Extent) -> Extent {
    const fn sum(a: Option<usize>, b: Option<usize>) -> Option<usize> {
        match (a, b) {
            (Some(a), Some(b)) => Some(a + b),
            _ => None,
        }
    }
    match (a, b) {
        (Extent::Vector(a), Extent::Vector(b)) => Extent::Vector(sum(a, b)),
        (Extent::Image(a, size), Extent::Image(b, _)) => Extent::Image(sum(a, b), size),
        _ => Extent::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimator::EstimatorKind;

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
            sides: 2,
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
            (
                "pool",
                Rule::Pool {
                    window: POOL,
                    sides: 2,
                },
            ),
            ("flatten", Rule::Flatten { sides: 2 }),
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
            ("flatten", Rule::Flatten { sides: 2 }),
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
    fn lines_and_volumes_have_sentences_of_their_own() {
        let line = Rule::Convolution {
            inputs: 2,
            outputs: 4,
            window: SAME,
            sides: 1,
        };
        let back = |stride, extra| Rule::Transposed {
            inputs: 4,
            outputs: 2,
            window: Sliding { stride, ..SAME },
            extra,
            sides: 1,
        };
        let net = [("conv", line), ("up", back(2, 1)), ("fc", linear(20, 3))];
        assert_eq!(
            run(Size::pair(2, 10), &net),
            Ok(Extent::Pair(Some(2), Some(3)))
        );
        assert_eq!(
            run(Size::pair(3, 10), &net).unwrap_err(),
            "`conv` takes 2 channels, but the input gives 3"
        );
        assert_eq!(
            run(Size::image(2, 10, 10), &net).unwrap_err(),
            "`conv` takes sequences, but the input gives images"
        );
        assert_eq!(
            run(Size::pair(4, 10), &[("up", back(2, 2))]).unwrap_err(),
            "`up`: an output padding of 2 must be below the stride of 2"
        );
        let wide = Sliding {
            kernel: 5,
            padding: 0,
            ..SAME
        };
        let pool = [(
            "pool",
            Rule::Pool {
                window: wide,
                sides: 3,
            },
        )];
        assert_eq!(
            run(Size::volume(1, 3, 8, 8), &pool).unwrap_err(),
            "`pool`: the window covers 5×5×5 positions, but the input gives 3×8×8"
        );
        let flat = [("fc", linear(20, 3))];
        assert_eq!(
            run(Size::volume(1, 3, 8, 8), &flat).unwrap_err(),
            "`fc` takes vectors, but the input gives volumes: put a `Flatten3D` before `fc`"
        );
    }

    #[test]
    fn groups_share_the_channels() {
        let norm = |groups| Rule::GroupNorm {
            groups,
            channels: 6,
            sides: 1,
        };
        let run = |input, rule| run(input, &[("norm", rule)]);
        let line = Size::pair(6, 9);
        assert_eq!(run(line, norm(3)), Ok(line.extent));
        assert_eq!(
            run(line, norm(4)).unwrap_err(),
            "`norm`: 6 channels cannot be shared by 4 groups"
        );
        assert_eq!(
            run(Size::UNKNOWN, norm(0)).unwrap_err(),
            "`norm`: 6 channels cannot be shared by 0 groups"
        );
        assert_eq!(
            run(Size::pair(4, 9), norm(3)).unwrap_err(),
            "`norm` takes 6 channels, but the input gives 4"
        );
        assert_eq!(
            run(Size::vector(6), norm(3)).unwrap_err(),
            "`norm` takes sequences, but the input gives vectors"
        );
    }

    #[test]
    fn a_number_per_channel_suits_vectors_and_grids() {
        let rule = Rule::Channels { channels: 4 };
        let run = |input| run(input, &[("act", rule)]);
        let fit = [
            Size::vector(4),
            Size::pair(4, 2),
            Size::image(4, 2, 3),
            Size::volume(4, 2, 3, 5),
        ];
        for input in fit {
            assert_eq!(run(input), Ok(input.extent));
        }
        assert_eq!(
            run(Size::image(3, 4, 4)).unwrap_err(),
            "`act` takes 4 channels, but the input gives 3"
        );
        assert_eq!(
            run(Size::vector(5)).unwrap_err(),
            "`act` takes 4 features, but the input gives 5"
        );
    }

    #[test]
    fn vectors_become_grids_of_as_many_numbers() {
        let grid = |extent| [("fc", linear(3, 24)), ("grid", Rule::Unflatten { extent })];
        let image = Extent::Image(Some(2), Some((3, 4)));
        assert_eq!(run(Size::vector(3), &grid(image)), Ok(image));
        assert_eq!(
            run(Size::vector(3), &grid(Extent::Pair(Some(5), Some(5)))).unwrap_err(),
            "`grid` takes 25 features, but `fc` gives 24"
        );
        assert_eq!(
            run(Size::pair(2, 3), &grid(image)).unwrap_err(),
            "`grid` takes vectors, but `fc` gives sequences"
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
            run(
                Size::image(1, 8, 4),
                &[("pool", Rule::Pool { window, sides: 2 })],
            )
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
            run(
                Size::UNKNOWN,
                &[(
                    "pool",
                    Rule::Pool {
                        window: nowhere,
                        sides: 2
                    }
                )]
            )
            .unwrap_err(),
            "`pool`: kernel, stride and dilation must be at least 1"
        );
    }

    #[test]
    fn a_residual_branch_keeps_the_size() {
        const WIDER: Rule = Rule::Chain {
            parts: &[("0", conv(10, 10)), ("1", conv(10, 12))],
        };
        const SMALLER: Rule = Rule::Pool {
            window: POOL,
            sides: 2,
        };
        const FLAT: Rule = Rule::Flatten { sides: 2 };
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
    fn branch_and_shortcut_give_the_same() {
        const SMALLER: Rule = Rule::Pool {
            window: POOL,
            sides: 2,
        };
        const WIDER: Rule = conv(4, 8);
        const KEEP: Rule = Rule::Keep;
        const FLAT: Rule = Rule::Flatten { sides: 2 };
        let run = |rule| run(Size::image(4, 6, 6), &[("res", rule)]);
        let added = |branch, shortcut| run(Rule::GeneralizedResidual { branch, shortcut });
        assert_eq!(
            added(&SMALLER, &SMALLER),
            Ok(Extent::Image(Some(4), Some((3, 3))))
        );
        assert_eq!(
            added(&WIDER, &KEEP).unwrap_err(),
            "`res`: one side gives 8 channels, the other 4"
        );
        assert_eq!(
            added(&SMALLER, &KEEP).unwrap_err(),
            "`res`: one side gives 3 rows, the other 6"
        );
        assert_eq!(
            added(&KEEP, &FLAT).unwrap_err(),
            "`res`: one side gives images, the other vectors"
        );
        let joined = |first, second| run_concat(first, second);
        fn run_concat(first: &'static Rule, second: &'static Rule) -> Result<Extent, String> {
            super::size_of("cat", &Rule::Concat { first, second }, Size::image(4, 6, 6))
                .map(|size| size.extent)
                .map_err(|mismatch| mismatch.to_string())
        }
        assert_eq!(
            joined(&WIDER, &KEEP),
            Ok(Extent::Image(Some(12), Some((6, 6))))
        );
        assert_eq!(
            joined(&WIDER, &SMALLER).unwrap_err(),
            "`cat`: one side gives 6 rows, the other 3"
        );
    }

    #[test]
    fn a_part_is_named_by_its_path_and_a_neighbour_by_its_field() {
        const BLOCK: Rule = Rule::Chain {
            parts: &[
                ("conv", conv(4, 8)),
                (
                    "bias",
                    Rule::Bias {
                        channels: 9,
                        sides: 2,
                    },
                ),
            ],
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
            (
                "norm",
                Rule::Norm {
                    channels: 8,
                    sides: 2,
                },
            ),
            ("conv2", conv(8, 2)),
            (
                "pool",
                Rule::Pool {
                    window: POOL,
                    sides: 2,
                },
            ),
            ("flatten", Rule::Flatten { sides: 2 }),
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

    #[test]
    fn the_most_numbers_are_those_of_the_widest_layer() {
        const POOLING: Rule = Rule::Pool {
            window: POOL,
            sides: 2,
        };
        const WIDE: Rule = Rule::Residual {
            branch: &Rule::Chain {
                parts: &[("0", conv(8, 40)), ("1", conv(40, 8))],
            },
        };
        const CASES: [(Rule, usize); 6] = [
            (
                Rule::Model {
                    parts: &[("conv", conv(3, 8)), ("pool", POOLING)],
                    estimator: None,
                    proven: None,
                },
                800,
            ),
            (POOLING, 300),
            (
                Rule::Chain {
                    parts: &[
                        ("conv", conv(3, 8)),
                        (
                            "deep",
                            Rule::Repeated {
                                part: &Rule::Estimated {
                                    layer: &WIDE,
                                    estimator: EstimatorKind::Flipout,
                                },
                                times: 2,
                            },
                        ),
                    ],
                },
                4000,
            ),
            (
                Rule::Concat {
                    first: &conv(3, 4),
                    second: &conv(3, 5),
                },
                900,
            ),
            (
                Rule::GeneralizedResidual {
                    branch: &conv(3, 4),
                    shortcut: &Rule::Skipped { layer: &WIDE },
                },
                4000,
            ),
            (Rule::Unknown, 300),
        ];
        for (model, most) in CASES {
            let image = Extent::Image(Some(3), Some((10, 10)));
            assert_eq!(most_numbers(&model, image), most, "{model:?}");
        }
        assert_eq!(most_numbers(&Rule::Keep, Extent::Unknown), 0);
    }
}
