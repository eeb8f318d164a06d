//! What a layer does to the size of its input, as data: the same rules prove an annotated net at compile time, check
//! run-time sizes, and describe a model.

use super::dims::down;
use crate::estimator::EstimatorKind;
use std::fmt;

/// What a layer takes and gives.
///
/// Containers hold the rules of their parts. `#[bayesian]` runs the rules of a struct's fields, in order, through
/// [`check_field`] in constants, so that a wrong size is a compile error on the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Any size, unchanged: activations, dropout.
    Keep,
    /// Vectors of `inputs` features become vectors of `outputs`.
    Linear {
        /// Features taken.
        inputs: usize,
        /// Features given.
        outputs: usize,
    },
    /// Images of `inputs` channels become images of `outputs` channels.
    Convolution {
        /// Channels taken.
        inputs: usize,
        /// Channels given.
        outputs: usize,
        /// How the kernel moves.
        window: Sliding,
    },
    /// A pooling window over each channel.
    Pool {
        /// How the window moves.
        window: Sliding,
    },
    /// Images with this many channels, unchanged in size, with no weight that is drawn: batch normalisation.
    Norm {
        /// Channels taken.
        channels: usize,
    },
    /// Images with this many channels, unchanged in size: a bias per channel.
    Bias {
        /// Channels taken.
        channels: usize,
    },
    /// Images become one number per channel.
    GlobalPool,
    /// Images become vectors.
    Flatten,
    /// Parts one after the other: tuples and annotated structs.
    Chain {
        /// Each part with its name.
        parts: &'static [(&'static str, Rule)],
        /// The estimator that the struct states for itself, if it does.
        estimator: Option<EstimatorKind>,
    },
    /// A branch whose output is added to its input.
    Residual {
        /// The branch.
        branch: &'static Rule,
    },
    /// The same part several times.
    Repeated {
        /// The part.
        part: &'static Rule,
        /// How often.
        times: usize,
    },
    /// A layer that says nothing of sizes: nothing is proven of what follows it.
    Unknown,
}

/// How a square window moves over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sliding {
    /// Kernel size, in pixels.
    pub kernel: usize,
    /// Pixels between two positions.
    pub stride: usize,
    /// Zeros added on each side.
    pub padding: usize,
    /// Pixels between two taps of the kernel.
    pub dilation: usize,
}

impl Sliding {
    /// Output size over a dimension of `size`, or 0 where the window does not fit.
    pub const fn over(&self, size: usize) -> usize {
        let reach = 2 * self.padding as isize - (self.dilation * (self.kernel - 1)) as isize - 1;
        down(size, self.stride, reach)
    }
}

/// The size of one example, as far as it is known, and which field gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Vector or image, with its numbers.
    pub extent: Extent,
    given_by: Path,
}

/// The size of one example without its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Nothing is known.
    Unknown,
    /// A vector; its features, where known.
    Vector(Option<usize>),
    /// An image: channels, and height and width where known.
    Image(usize, Option<(usize, usize)>),
}

impl Size {
    /// A net's input of which nothing is known.
    pub const UNKNOWN: Self = Self::input(Extent::Unknown);

    const fn input(extent: Extent) -> Self {
        Self {
            extent,
            given_by: Path::INPUT,
        }
    }

    /// An input vector.
    pub const fn vector(features: usize) -> Self {
        Self::input(Extent::Vector(Some(features)))
    }

    /// An input image.
    pub const fn image(channels: usize, height: usize, width: usize) -> Self {
        Self::input(Extent::Image(channels, Some((height, width))))
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Vector(Some(features)) => write!(f, "{features}"),
            Self::Vector(None) => f.write_str("vectors"),
            Self::Image(channels, Some((height, width))) => {
                write!(f, "{channels}×{height}×{width}")
            }
            Self::Image(channels, None) => write!(f, "{channels}×?×?"),
        }
    }
}

/// A dotted field path of at most four names; the empty path is the net's input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Path {
    names: [&'static str; Self::DEPTH],
    len: usize,
}

impl Path {
    const DEPTH: usize = 4;
    const INPUT: Self = Self {
        names: [""; Self::DEPTH],
        len: 0,
    };

    const fn of(field: &'static str) -> Self {
        Self::INPUT.then(field)
    }

    const fn then(mut self, name: &'static str) -> Self {
        if self.len < Self::DEPTH {
            self.names[self.len] = name;
            self.len += 1;
        }
        self
    }

    const fn quote(&self) -> &'static str {
        if self.len == 0 { "" } else { "`" }
    }

    /// The `i`th name with the dot before it, as two strings.
    const fn segment(&self, i: usize) -> (&'static str, &'static str) {
        if i == 0 && self.len == 0 {
            ("", "the input")
        } else if i == 0 || i >= self.len {
            ("", self.names[i])
        } else {
            (".", self.names[i])
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len {
            0 => f.write_str("the input"),
            len => write!(f, "`{}`", self.names[..len].join(".")),
        }
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a layer cannot take what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// Wrong number of features.
    Features {
        /// The layer.
        field: Path,
        /// What it takes.
        takes: usize,
        /// Who gives it.
        by: Path,
        /// What it gets.
        gives: usize,
    },
    /// Wrong number of channels.
    Channels {
        /// The layer.
        field: Path,
        /// What it takes.
        takes: usize,
        /// Who gives it.
        by: Path,
        /// What it gets.
        gives: usize,
    },
    /// A layer on images gets vectors.
    NotAnImage {
        /// The layer.
        field: Path,
        /// Who gives vectors.
        by: Path,
    },
    /// A layer on vectors gets images.
    NotAVector {
        /// The layer.
        field: Path,
        /// Who gives images.
        by: Path,
    },
    /// A window larger than the padded image.
    WindowTooLarge {
        /// The layer.
        field: Path,
        /// Its kernel, in pixels, with its dilation.
        reach: usize,
        /// The padded height or width.
        padded: usize,
    },
    /// A residual branch that changes the size.
    Residual {
        /// The layer.
        field: Path,
        /// What changes.
        what: &'static str,
        /// Before.
        from: usize,
        /// After.
        to: usize,
    },
    /// Groups that do not divide the channels cannot be; a kernel, stride or dilation of zero moves nowhere.
    Degenerate {
        /// The layer.
        field: Path,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Features {
                field,
                takes,
                by,
                gives,
            } => {
                write!(f, "{field} takes {takes} features, but {by} gives {gives}")
            }
            Self::Channels {
                field,
                takes,
                by,
                gives,
            } => {
                write!(f, "{field} takes {takes} channels, but {by} gives {gives}")
            }
            Self::NotAnImage { field, by } => {
                write!(f, "{field} takes images, but {by} gives vectors")
            }
            Self::NotAVector { field, by } => {
                write!(
                    f,
                    "{field} takes vectors, but {by} gives images: put a `Flatten` before {field}"
                )
            }
            Self::WindowTooLarge {
                field,
                reach,
                padded,
            } => {
                write!(
                    f,
                    "{field}: the window covers {reach} pixels, but the padded image has {padded}"
                )
            }
            Self::Residual {
                field,
                what,
                from,
                to,
            } => {
                write!(
                    f,
                    "{field}: the residual branch turns {from} {what} into {to}"
                )
            }
            Self::Degenerate { field } => {
                write!(f, "{field}: kernel, stride and dilation must be at least 1")
            }
        }
    }
}

macro_rules! try_const {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(mismatch) => return Err(mismatch),
        }
    };
}

/// The size that a field makes of its input, or why it cannot.
pub const fn size_of(field: &'static str, rule: &Rule, input: Size) -> Result<Size, Mismatch> {
    through(Path::of(field), rule, input)
}

/// The size that a whole model makes of one example, or which of its fields cannot take what it gets.
pub(crate) fn check_example(model: &Rule, example: Extent) -> Result<Size, Mismatch> {
    let input = Size::input(example);
    match model {
        Rule::Chain { parts, .. } => parts
            .iter()
            .try_fold(input, |size, (name, rule)| size_of(name, rule, size)),
        rule => size_of("model", rule, input),
    }
}

const fn through(field: Path, rule: &Rule, input: Size) -> Result<Size, Mismatch> {
    let extent = match rule {
        Rule::Keep => return Ok(input),
        Rule::Linear { inputs, outputs } => {
            try_const!(take_features(field, *inputs, input));
            Extent::Vector(Some(*outputs))
        }
        Rule::Convolution {
            inputs,
            outputs,
            window,
        } => {
            try_const!(take_channels(field, *inputs, input));
            Extent::Image(*outputs, try_const!(slide(field, window, input)))
        }
        Rule::Pool { window } => match input.extent {
            Extent::Unknown => return Ok(input),
            Extent::Vector(_) => {
                return Err(Mismatch::NotAnImage {
                    field,
                    by: input.given_by,
                });
            }
            Extent::Image(channels, _) => {
                // The channels are still the gift of the layer before.
                let extent = Extent::Image(channels, try_const!(slide(field, window, input)));
                return Ok(Size {
                    extent,
                    given_by: input.given_by,
                });
            }
        },
        Rule::Norm { channels } | Rule::Bias { channels } => {
            try_const!(take_channels(field, *channels, input));
            return Ok(match input.extent {
                Extent::Unknown => Size {
                    extent: Extent::Image(*channels, None),
                    given_by: field,
                },
                _ => input,
            });
        }
        Rule::GlobalPool => match input.extent {
            Extent::Unknown => Extent::Vector(None),
            Extent::Vector(_) => {
                return Err(Mismatch::NotAnImage {
                    field,
                    by: input.given_by,
                });
            }
            Extent::Image(channels, _) => Extent::Vector(Some(channels)),
        },
        Rule::Flatten => match input.extent {
            Extent::Image(channels, Some((height, width))) => {
                Extent::Vector(Some(channels * height * width))
            }
            Extent::Image(_, None) | Extent::Unknown => Extent::Vector(None),
            Extent::Vector(_) => {
                return Err(Mismatch::NotAnImage {
                    field,
                    by: input.given_by,
                });
            }
        },
        Rule::Chain { parts, .. } => return chain(field, parts, input),
        Rule::Residual { branch } => {
            let output = try_const!(through(field, branch, input));
            try_const!(same_size(field, input.extent, output.extent));
            return Ok(match input.extent {
                Extent::Unknown => Size {
                    extent: output.extent,
                    given_by: field,
                },
                _ => input,
            });
        }
        Rule::Repeated { part, times } => {
            let mut size = input;
            let mut i = 0;
            while i < *times {
                size = try_const!(through(field, part, size));
                i += 1;
            }
            return Ok(size);
        }
        Rule::Unknown => Extent::Unknown,
    };
    Ok(Size {
        extent,
        given_by: field,
    })
}

const fn chain(
    field: Path,
    parts: &'static [(&'static str, Rule)],
    input: Size,
) -> Result<Size, Mismatch> {
    let mut size = input;
    let mut i = 0;
    while i < parts.len() {
        let (name, rule) = &parts[i];
        size = try_const!(through(field.then(name), rule, size));
        i += 1;
    }
    // A neighbour reads better under the name of the field than of a part of it.
    if !size.given_by.is(&input.given_by) {
        size.given_by = field;
    }
    Ok(size)
}

impl Path {
    const fn is(&self, other: &Self) -> bool {
        if self.len != other.len {
            return false;
        }
        let mut i = 0;
        while i < self.len {
            if !same_name(self.names[i].as_bytes(), other.names[i].as_bytes()) {
                return false;
            }
            i += 1;
        }
        true
    }
}

const fn same_name(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn take_features(field: Path, takes: usize, input: Size) -> Result<(), Mismatch> {
    match input.extent {
        Extent::Unknown | Extent::Vector(None) => Ok(()),
        Extent::Vector(Some(gives)) if gives == takes => Ok(()),
        Extent::Vector(Some(gives)) => Err(Mismatch::Features {
            field,
            takes,
            by: input.given_by,
            gives,
        }),
        Extent::Image(..) => Err(Mismatch::NotAVector {
            field,
            by: input.given_by,
        }),
    }
}

const fn take_channels(field: Path, takes: usize, input: Size) -> Result<(), Mismatch> {
    match input.extent {
        Extent::Unknown => Ok(()),
        Extent::Vector(_) => Err(Mismatch::NotAnImage {
            field,
            by: input.given_by,
        }),
        Extent::Image(gives, _) if gives == takes => Ok(()),
        Extent::Image(gives, _) => Err(Mismatch::Channels {
            field,
            takes,
            by: input.given_by,
            gives,
        }),
    }
}

const fn slide(
    field: Path,
    window: &Sliding,
    input: Size,
) -> Result<Option<(usize, usize)>, Mismatch> {
    if window.kernel == 0 || window.stride == 0 || window.dilation == 0 {
        return Err(Mismatch::Degenerate { field });
    }
    let Extent::Image(_, Some((height, width))) = input.extent else {
        return Ok(None);
    };
    let (out_height, out_width) = (window.over(height), window.over(width));
    if out_height == 0 || out_width == 0 {
        let smaller = if height < width { height } else { width };
        return Err(Mismatch::WindowTooLarge {
            field,
            reach: window.dilation * (window.kernel - 1) + 1,
            padded: smaller + 2 * window.padding,
        });
    }
    Ok(Some((out_height, out_width)))
}

const fn same_size(field: Path, before: Extent, after: Extent) -> Result<(), Mismatch> {
    let (what, from, to) = match (before, after) {
        (Extent::Vector(Some(from)), Extent::Vector(Some(to))) => ("features", from, to),
        (Extent::Image(from, _), Extent::Image(to, _)) if from != to => ("channels", from, to),
        (Extent::Image(_, Some((from, _))), Extent::Image(_, Some((to, _)))) if from != to => {
            ("rows", from, to)
        }
        (Extent::Image(_, Some((_, from))), Extent::Image(_, Some((_, to)))) => {
            ("columns", from, to)
        }
        (Extent::Image(..), Extent::Vector(_)) => ("image", 1, 0),
        _ => return Ok(()),
    };
    if from == to {
        Ok(())
    } else {
        Err(Mismatch::Residual {
            field,
            what,
            from,
            to,
        })
    }
}

/// [`size_of`] for constants: a mismatch is a compile error.
#[track_caller]
pub const fn check_field(field: &'static str, rule: Rule, input: Size) -> Size {
    match size_of(field, &rule, input) {
        Ok(size) => size,
        Err(mismatch) => refuse(&mismatch),
    }
}

/// Panics with the sentence of `mismatch`, in a constant.
#[track_caller]
const fn refuse(mismatch: &Mismatch) -> ! {
    match *mismatch {
        Mismatch::Features {
            field,
            takes,
            by,
            gives,
        } => say(&field, " takes ", takes, " features, but ", &by, gives),
        Mismatch::Channels {
            field,
            takes,
            by,
            gives,
        } => say(&field, " takes ", takes, " channels, but ", &by, gives),
        Mismatch::NotAnImage { field, by } => {
            say_of(&field, " takes images, but ", &by, " gives vectors")
        }
        Mismatch::NotAVector { field, by } => say_of(
            &field,
            " takes vectors, but ",
            &by,
            " gives images: put a `Flatten` between them",
        ),
        Mismatch::WindowTooLarge {
            field,
            reach,
            padded,
        } => {
            let [(_, a), (d1, b), (d2, c), (d3, d)] = segments(&field);
            const_panic::concat_panic!(
                display: "`", display: a, display: d1, display: b, display: d2, display: c, display: d3, display: d,
                display: "`: the window covers ", reach, display: " pixels, but the padded image has ", padded
            )
        }
        Mismatch::Residual {
            field,
            what,
            from,
            to,
        } => {
            let [(_, a), (d1, b), (d2, c), (d3, d)] = segments(&field);
            const_panic::concat_panic!(
                display: "`", display: a, display: d1, display: b, display: d2, display: c, display: d3, display: d,
                display: "`: the residual branch turns ", from, display: " ", display: what, display: " into ", to
            )
        }
        Mismatch::Degenerate { field } => {
            let [(_, a), (d1, b), (d2, c), (d3, d)] = segments(&field);
            const_panic::concat_panic!(
                display: "`", display: a, display: d1, display: b, display: d2, display: c, display: d3, display: d,
                display: "`: kernel, stride and dilation must be at least 1"
            )
        }
    }
}

const fn segments(path: &Path) -> [(&'static str, &'static str); Path::DEPTH] {
    [
        path.segment(0),
        path.segment(1),
        path.segment(2),
        path.segment(3),
    ]
}

/// "`field` takes 3 channels, but `by` gives 4".
#[track_caller]
const fn say(field: &Path, verb: &str, takes: usize, what: &str, by: &Path, gives: usize) -> ! {
    let [(_, a), (d1, b), (d2, c), (d3, d)] = segments(field);
    let [(_, e), (d4, f), (d5, g), (d6, h)] = segments(by);
    let quote = by.quote();
    const_panic::concat_panic!(
        display: "`", display: a, display: d1, display: b, display: d2, display: c, display: d3, display: d,
        display: "`", display: verb, takes, display: what, display: quote, display: e, display: d4, display: f,
        display: d5, display: g, display: d6, display: h, display: quote, display: " gives ", gives
    )
}

/// "`field` takes images, but `by` gives vectors".
#[track_caller]
const fn say_of(field: &Path, takes: &str, by: &Path, gives: &str) -> ! {
    let [(_, a), (d1, b), (d2, c), (d3, d)] = segments(field);
    let [(_, e), (d4, f), (d5, g), (d6, h)] = segments(by);
    let quote = by.quote();
    const_panic::concat_panic!(
        display: "`", display: a, display: d1, display: b, display: d2, display: c, display: d3, display: d,
        display: "`", display: takes, display: quote, display: e, display: d4, display: f, display: d5, display: g,
        display: d6, display: h, display: quote, display: gives
    )
}

/// For constants: a compile error where `field` holds a layer on which `estimator` is not defined.
///
/// [`LocalReparameterization`](crate::estimator::LocalReparameterization) needs one input vector per example; on a
/// convolution or a bias over positions the outputs of one example share their weights, so it would be wrong.
#[track_caller]
pub const fn check_estimator(field: &'static str, rule: Rule, estimator: EstimatorKind) {
    if let EstimatorKind::LocalReparameterization = estimator
        && shares_weights(&rule)
    {
        const_panic::concat_panic!(
            display: "`", display: field,
            display: "`: LocalReparameterization is for Linear; write #[bayes(estimator = Flipout)] or \
                      #[bayes(estimator = Reparameterization)] on this field"
        )
    }
}

/// Whether a layer within `rule` that takes its estimator from outside applies one weight at several positions.
const fn shares_weights(rule: &Rule) -> bool {
    match rule {
        Rule::Convolution { .. } | Rule::Bias { .. } => true,
        Rule::Chain {
            parts,
            estimator: None,
        } => {
            let mut i = 0;
            while i < parts.len() {
                if shares_weights(&parts[i].1) {
                    return true;
                }
                i += 1;
            }
            false
        }
        Rule::Residual { branch } => shares_weights(branch),
        Rule::Repeated { part, .. } => shares_weights(part),
        _ => false,
    }
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

    fn run(input: Size, rules: &[(&'static str, Rule)]) -> Result<Extent, String> {
        rules
            .iter()
            .try_fold(input, |size, (name, rule)| size_of(name, rule, size))
            .map(|size| size.extent)
            .map_err(|mismatch| mismatch.to_string())
    }

    #[test]
    fn a_net_of_right_sizes_passes() {
        let net = [
            ("conv1", conv(1, 16)),
            ("relu", Rule::Keep),
            ("pool", Rule::Pool { window: POOL }),
            ("flatten", Rule::Flatten),
            (
                "fc",
                Rule::Linear {
                    inputs: 256,
                    outputs: 10,
                },
            ),
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
            (
                "fc1",
                Rule::Linear {
                    inputs: 400,
                    outputs: 9,
                },
            ),
        ];
        assert_eq!(
            run(Size::image(1, 32, 32), &flat).unwrap_err(),
            "`fc1` takes 400 features, but `flatten` gives 9216"
        );
        assert_eq!(
            run(Size::image(3, 8, 8), &flat).unwrap_err(),
            "`conv1` takes 1 channels, but the input gives 3"
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
        const BRANCH: Rule = Rule::Chain {
            parts: &[("0", conv(10, 10)), ("1", conv(10, 12))],
            estimator: None,
        };
        let residual = [("res", Rule::Residual { branch: &BRANCH })];
        assert_eq!(
            run(Size::image(10, 4, 4), &residual).unwrap_err(),
            "`res`: the residual branch turns 10 channels into 12"
        );
        let no_flatten = [
            ("conv1", conv(1, 6)),
            (
                "fc",
                Rule::Linear {
                    inputs: 6,
                    outputs: 2,
                },
            ),
        ];
        assert_eq!(
            run(Size::UNKNOWN, &no_flatten).unwrap_err(),
            "`fc` takes vectors, but `conv1` gives images: put a `Flatten` before `fc`"
        );
        let large = Sliding {
            kernel: 5,
            stride: 1,
            padding: 0,
            dilation: 1,
        };
        assert_eq!(
            run(
                Size::image(1, 8, 4),
                &[("pool", Rule::Pool { window: large })]
            )
            .unwrap_err(),
            "`pool`: the window covers 5 pixels, but the padded image has 4"
        );
        assert_eq!(
            run(Size::vector(3), &[("conv", conv(3, 3))]).unwrap_err(),
            "`conv` takes images, but the input gives vectors"
        );
    }

    #[test]
    fn a_part_is_named_by_its_path_and_a_neighbour_by_its_field() {
        const BLOCK: Rule = Rule::Chain {
            parts: &[("conv", conv(4, 8)), ("bias", Rule::Bias { channels: 9 })],
            estimator: None,
        };
        assert_eq!(
            run(Size::UNKNOWN, &[("block", BLOCK)]).unwrap_err(),
            "`block.bias` takes 9 channels, but `block.conv` gives 8"
        );
        const PAIR: Rule = Rule::Chain {
            parts: &[("0", conv(4, 8)), ("1", Rule::Keep)],
            estimator: None,
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
            (
                "fc",
                Rule::Linear {
                    inputs: 3,
                    outputs: 2,
                },
            ),
        ];
        assert_eq!(run(Size::image(1, 8, 8), &net), Ok(Extent::Vector(Some(2))));
    }

    #[test]
    fn local_reparameterization_is_refused_where_weights_are_shared() {
        const OWN: Rule = Rule::Chain {
            parts: &[("0", conv(1, 1))],
            estimator: Some(EstimatorKind::Flipout),
        };
        const INHERITS: Rule = Rule::Chain {
            parts: &[("0", conv(1, 1))],
            estimator: None,
        };
        assert!(!shares_weights(&OWN) && shares_weights(&INHERITS));
        assert!(!shares_weights(&Rule::Linear {
            inputs: 1,
            outputs: 1
        }));
        assert!(shares_weights(&Rule::Residual { branch: &INHERITS }));
    }
}
