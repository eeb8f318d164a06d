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
        /// Its kernel with its dilation, in pixels.
        reach: usize,
        /// The zeros that it adds on each side.
        padding: usize,
        /// Who gives the image.
        by: Path,
        /// Height and width of the image.
        pixels: (usize, usize),
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
            Self::NotAnImage { field, by } => by
                .say(field.say(start).text(" takes images, but "))
                .text(" gives vectors"),
            Self::NotAVector { field, by } => field.say(
                by.say(field.say(start).text(" takes vectors, but "))
                    .text(" gives images: put a `Flatten` before "),
            ),
            Self::WindowTooLarge {
                field,
                reach,
                padding,
                by,
                pixels,
            } => too_large(start, field, reach, padding, by, pixels),
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
    reach: usize,
    padding: usize,
    by: Path,
    (height, width): (usize, usize),
) -> Sentence {
    let window = field
        .say(start)
        .text(": the window covers ")
        .number(reach)
        .text("×")
        .number(reach)
        .text(" pixels, but ");
    let image = by
        .say(window)
        .text(" gives ")
        .number(height)
        .text("×")
        .number(width);
    if padding == 0 {
        image
    } else {
        image
            .text(" (")
            .number(height + 2 * padding)
            .text("×")
            .number(width + 2 * padding)
            .text(" with its padding)")
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}
