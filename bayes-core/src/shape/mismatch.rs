//! Why a layer cannot be where it is, with the sentence that the user reads.

use super::path::Path;
use super::sentence::Sentence;
use std::fmt;

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
    /// A layer on grids gets something else.
    NotAGrid {
        /// The layer.
        field: Path,
        /// What it takes.
        takes: &'static str,
        /// Who gives it.
        by: Path,
        /// What it gets.
        gives: &'static str,
    },
    /// A layer on vectors gets images.
    NotAVector {
        /// The layer.
        field: Path,
        /// Who gives images.
        by: Path,
        /// What it gets.
        gives: &'static str,
        /// What would make vectors of them.
        flatten: &'static str,
    },
    /// A window larger than the padded image.
    WindowTooLarge {
        /// The layer.
        field: Path,
        /// Its kernel with its dilation, in pixels.
        reach: usize,
        /// The zeros that it adds on each side.
        padding: usize,
        /// Who gives the image.
        by: Path,
        /// Sides of the grid: 1, 2 or 3.
        sides: usize,
        /// Depth, height and width; 1 for those that there are not.
        size: [usize; 3],
    },
    /// A transposed convolution of whose output nothing is left.
    NothingLeft {
        /// The layer.
        field: Path,
    },
    /// A transposed convolution that adds to its output what its stride does not leave open.
    OutputPadding {
        /// The layer.
        field: Path,
        /// What is added.
        extra: usize,
        /// The stride.
        stride: usize,
    },
    /// A residual branch that changes the number of features or channels, the rows or the columns.
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
    /// A residual branch that makes vectors of images, or the other way round.
    ResidualKind {
        /// The layer.
        field: Path,
        /// Before.
        from: &'static str,
        /// After.
        to: &'static str,
    },
    /// Two sides, a branch and its shortcut or two parts to be joined, that differ in a number.
    Sides {
        /// The layer.
        field: Path,
        /// What differs.
        what: &'static str,
        /// What the first gives.
        gives: usize,
        /// What the second gives.
        other: usize,
    },
    /// Two sides that differ in what they give.
    SidesKind {
        /// The layer.
        field: Path,
        /// What the first gives.
        gives: &'static str,
        /// What the second gives.
        other: &'static str,
    },
    /// Groups that do not divide the channels.
    Groups {
        /// The layer.
        field: Path,
        /// The groups.
        groups: usize,
        /// The channels.
        channels: usize,
    },
    /// A kernel, stride or dilation of zero, which moves nowhere.
    Degenerate {
        /// The layer.
        field: Path,
    },
    /// Local reparameterisation of a layer that applies one weight at several positions: its outputs share their
    /// weights, so noise of their own would be wrong.
    SharedWeights {
        /// The layer.
        field: Path,
    },
}

impl Mismatch {
    pub(super) const fn sentence(&self) -> Sentence {
        self.say(Sentence::EMPTY)
    }

    pub(super) const fn say(&self, start: Sentence) -> Sentence {
        match *self {
            Self::Features {
                field,
                takes,
                by,
                gives,
            } => counts_differ(start, field, takes, "feature", by, gives),
            Self::Channels {
                field,
                takes,
                by,
                gives,
            } => counts_differ(start, field, takes, "channel", by, gives),
            Self::NotAGrid {
                field,
                takes,
                by,
                gives,
            } => by
                .say(field.say(start).text(" takes ").text(takes).text(", but "))
                .text(" gives ")
                .text(gives),
            Self::NotAVector {
                field,
                by,
                gives,
                flatten,
            } => field.say(
                by.say(field.say(start).text(" takes vectors, but "))
                    .text(" gives ")
                    .text(gives)
                    .text(": put a `")
                    .text(flatten)
                    .text("` before "),
            ),
            Self::NothingLeft { field } => field
                .say(start)
                .text(": its padding leaves nothing of the output"),
            Self::OutputPadding {
                field,
                extra,
                stride,
            } => field
                .say(start)
                .text(": an output padding of ")
                .number(extra)
                .text(" must be below the stride of ")
                .number(stride),
            Self::WindowTooLarge {
                field,
                reach,
                padding,
                by,
                sides,
                size,
            } => too_large(start, field, (reach, padding), by, (sides, size)),
            Self::Residual {
                field,
                what,
                from,
                to,
            } => field
                .say(start)
                .text(": the residual branch turns ")
                .count(from, what)
                .text(" into ")
                .number(to),
            Self::ResidualKind { field, from, to } => field
                .say(start)
                .text(": the residual branch turns ")
                .text(from)
                .text(" into ")
                .text(to),
            Self::Sides {
                field,
                what,
                gives,
                other,
            } => field
                .say(start)
                .text(": one side gives ")
                .count(gives, what)
                .text(", the other ")
                .number(other),
            Self::SidesKind {
                field,
                gives,
                other,
            } => field
                .say(start)
                .text(": one side gives ")
                .text(gives)
                .text(", the other ")
                .text(other),
            Self::Groups {
                field,
                groups,
                channels,
            } => field
                .say(start)
                .text(": ")
                .count(channels, "channel")
                .text(" cannot be shared by ")
                .count(groups, "group"),
            Self::Degenerate { field } => field
                .say(start)
                .text(": kernel, stride and dilation must be at least 1"),
            Self::SharedWeights { field } => field.say(start).text(
                ": LocalReparameterization is for Linear; write #[bayes(estimator = Flipout)] or \
                 #[bayes(estimator = Reparameterization)] on this field",
            ),
        }
    }
}

const fn counts_differ(
    start: Sentence,
    field: Path,
    takes: usize,
    noun: &'static str,
    by: Path,
    gives: usize,
) -> Sentence {
    let takes = field
        .say(start)
        .text(" takes ")
        .count(takes, noun)
        .text(", but ");
    by.say(takes).text(" gives ").number(gives)
}

const fn too_large(
    start: Sentence,
    field: Path,
    (reach, padding): (usize, usize),
    by: Path,
    (sides, size): (usize, [usize; 3]),
) -> Sentence {
    let window = field.say(start).text(": the window covers ");
    let window = grid(window, sides, [reach; 3]).text(match sides {
        2 => " pixels, but ",
        _ => " positions, but ",
    });
    let image = grid(by.say(window).text(" gives "), sides, size);
    if padding == 0 {
        return image;
    }
    let [depth, height, width] = size;
    let padded = [
        depth + 2 * padding,
        height + 2 * padding,
        width + 2 * padding,
    ];
    grid(image.text(" ("), sides, padded).text(" with its padding)")
}

/// The last `sides` of three numbers.
const fn grid(start: Sentence, sides: usize, size: [usize; 3]) -> Sentence {
    let (mut sentence, mut i) = (start, 3 - sides);
    while i < 3 {
        sentence = sentence.number(size[i]);
        if i < 2 {
            sentence = sentence.text("×");
        }
        i += 1;
    }
    sentence
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}
