//! The size of one example on its way through a plan.

use super::step::{Element, Operation};
use crate::error::Error;
use crate::plan::{GridSizes, Sizes};
use crate::shape::Sliding;
use std::fmt;

/// More numbers than any model has in an example: a file that asks for more is damaged.
const MOST: usize = 1 << 26;

/// What one example is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A vector of features.
    Vector(usize),
    /// Feature vectors, one for each step.
    Sequence {
        /// Steps.
        steps: usize,
        /// Features of each.
        features: usize,
    },
    /// Channels over a line, an image or a volume.
    Grid {
        /// Channels.
        channels: usize,
        /// Depth, height and width; those that are not there are 1.
        sides: [usize; 3],
        /// How many of the sides are there, the last ones.
        axes: usize,
    },
    /// Numbers of words, one for each step.
    Tokens(usize),
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vector(features) => write!(f, "{features} features"),
            Self::Sequence { steps, features } => write!(f, "{steps} steps of {features} features"),
            Self::Grid {
                channels,
                sides,
                axes,
            } => {
                let sides = sides[3 - axes..].iter().map(ToString::to_string);
                let sides = sides.collect::<Vec<_>>().join("×");
                write!(f, "{channels} channels of {sides}")
            }
            Self::Tokens(steps) => write!(f, "{steps} words"),
        }
    }
}

impl Form {
    /// Channels over a grid of one to three sides; `None` for any other number of sides.
    pub fn grid(channels: usize, sides: &[usize]) -> Option<Self> {
        let axes = sides.len();
        let mut all = [1; 3];
        all[3_usize.checked_sub(axes)?..].copy_from_slice(sides);
        (axes > 0).then_some(Self::Grid {
            channels,
            sides: all,
            axes,
        })
    }

    /// Its dimensions.
    pub fn dims(&self) -> Vec<usize> {
        match *self {
            Self::Vector(n) | Self::Tokens(n) => vec![n],
            Self::Sequence { steps, features } => vec![steps, features],
            Self::Grid {
                channels,
                sides,
                axes,
            } => std::iter::once(channels)
                .chain(sides[3 - axes..].iter().copied())
                .collect(),
        }
    }

    /// Numbers in it.
    pub fn len(&self) -> usize {
        self.dims().into_iter().product()
    }

    /// Whether it holds no number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Channels or features.
    pub fn channels(&self) -> usize {
        match *self {
            Self::Vector(channels) | Self::Grid { channels, .. } => channels,
            Self::Sequence { features, .. } => features,
            Self::Tokens(_) => 1,
        }
    }

    /// Positions that each channel has: pixels or steps.
    pub fn positions(&self) -> usize {
        match *self {
            Self::Vector(_) => 1,
            Self::Sequence { steps, .. } | Self::Tokens(steps) => steps,
            Self::Grid { sides, .. } => sides.into_iter().product(),
        }
    }

    /// Depth, height and width of a grid; 0 of anything else.
    pub(crate) fn sides(&self) -> [usize; 3] {
        match *self {
            Self::Grid { sides, .. } => sides,
            _ => [0; 3],
        }
    }

    /// How many sides a grid has; 0 of anything else.
    pub(crate) fn axes(&self) -> usize {
        match *self {
            Self::Grid { axes, .. } => axes,
            _ => 0,
        }
    }

    /// Whether one weight is used at several positions of an example.
    pub(crate) fn shares_weights(&self) -> bool {
        !matches!(self, Self::Vector(_))
    }

    /// The form with other channels.
    fn with_channels(self, channels: usize) -> Self {
        match self {
            Self::Vector(_) | Self::Tokens(_) => Self::Vector(channels),
            Self::Sequence { steps, .. } => Self::Sequence {
                steps,
                features: channels,
            },
            Self::Grid { sides, axes, .. } => Self::Grid {
                channels,
                sides,
                axes,
            },
        }
    }

    /// The form with each side changed.
    fn with_sides(self, change: impl Fn(usize) -> Option<usize>) -> Option<Self> {
        let Self::Grid {
            channels,
            mut sides,
            axes,
        } = self
        else {
            return None;
        };
        for side in &mut sides[3 - axes..] {
            *side = change(*side)?;
        }
        Some(Self::Grid {
            channels,
            sides,
            axes,
        })
    }

    /// The same, unless it holds more numbers than any model has.
    fn sane(self) -> Option<Self> {
        let len = self.dims().into_iter().try_fold(1usize, usize::checked_mul);
        len.filter(|&len| len <= MOST).map(|_| self)
    }
}

impl<E: Element> Operation<E> {
    /// What the operation makes of `form` and the other values that it reads.
    ///
    /// # Errors
    /// A form that it cannot take.
    pub(crate) fn gives(&self, name: &str, form: Form, others: &[Form]) -> Result<Form, Error> {
        let found = self.made_of(form, others).and_then(Form::sane);
        found.ok_or_else(|| Error::Structure {
            layer: name.to_owned(),
            problem: format!("it takes {}, but got {form}", self.takes()),
        })
    }

    fn made_of(&self, form: Form, others: &[Form]) -> Option<Form> {
        match self {
            Self::Product(sizes, _) => product(sizes, form),
            Self::Embedding(table, _) => match form {
                Form::Tokens(steps) => Some(Form::Sequence {
                    steps,
                    features: table.features,
                }),
                _ => None,
            },
            Self::Recurrence(recurrence) => match form {
                Form::Sequence { steps, features }
                    if Some(features) == recurrence.width() && steps > 0 =>
                {
                    Some(form.with_channels(recurrence.hidden))
                }
                _ => None,
            },
            Self::Scale(_) | Self::Positions => Some(form),
            Self::Normalize(normalize) => normalize.fits(form).then_some(form),
            Self::MaxPool(window) | Self::AvgPool(window) => {
                over(window, form).filter(|_| 2 * window.padding <= window.kernel)
            }
            Self::AdaptivePool { out, .. } => {
                form.with_sides(|side| (side > 0 && *out > 0).then_some(*out))
            }
            Self::GlobalAvgPool => {
                let full = form.axes() > 0 && form.positions() > 0;
                full.then(|| Form::Vector(form.channels()))
            }
            Self::Flatten => (form.axes() > 0).then(|| Form::Vector(form.len())),
            Self::Unflatten(dims) => {
                let (channels, sides) = dims.split_first()?;
                let grid = Form::grid(*channels, sides)?.sane()?;
                let vector = matches!(form, Form::Vector(_));
                (vector && grid.len() == form.len()).then_some(grid)
            }
            Self::PadChannels([before, behind]) => {
                let channels = form.channels().checked_add(*before)?.checked_add(*behind)?;
                (form.axes() > 0).then(|| form.with_channels(channels))
            }
            Self::Softmax { .. } => {
                matches!(form, Form::Vector(_) | Form::Sequence { .. }).then_some(form)
            }
            Self::Attention { heads } => attention(*heads, form, others),
            Self::Concat => joined(form, others),
            Self::LastStep { hidden } => match form {
                Form::Sequence { steps, features } if steps > 0 => {
                    let directions = [Some(*hidden), hidden.checked_mul(2)];
                    let fits = *hidden > 0 && directions.contains(&Some(features));
                    fits.then_some(Form::Vector(features))
                }
                _ => None,
            },
            Self::MeanSteps => match form {
                Form::Sequence { steps, features } if steps > 0 => Some(Form::Vector(features)),
                _ => None,
            },
        }
    }

    /// What it takes, in words.
    fn takes(&self) -> String {
        match self {
            Self::Product(sizes, _) => wanted(sizes),
            Self::Embedding(..) => "words".to_owned(),
            Self::Recurrence(recurrence) => {
                format!("steps with gates of {} numbers", recurrence.hidden)
            }
            Self::Scale(_) | Self::Positions => "fewer numbers".to_owned(),
            Self::Normalize(normalize) => {
                format!("channels in {} equal groups", normalize.groups.max(1))
            }
            Self::MaxPool(window) | Self::AvgPool(window) => format!(
                "grids of at least {} positions a side with their border",
                window.reach()
            ),
            Self::AdaptivePool { .. }
            | Self::GlobalAvgPool
            | Self::Flatten
            | Self::PadChannels(_) => "grids".to_owned(),
            Self::Unflatten(dims) => format!("as many features as {dims:?} hold"),
            Self::Softmax { .. } => "vectors".to_owned(),
            Self::Attention { heads } => {
                format!("queries, keys and values in {heads} equal heads")
            }
            Self::Concat => "values with the same sides".to_owned(),
            Self::LastStep { hidden } => format!("steps of one or two states of {hidden}"),
            Self::MeanSteps => "at least one step".to_owned(),
        }
    }
}

fn wanted(sizes: &Sizes) -> String {
    match sizes {
        Sizes::Linear { inputs, .. } => format!("{inputs} features"),
        Sizes::Convolution(grid) => {
            let window = vec![grid.window.reach().to_string(); grid.sides].join("×");
            format!(
                "{} channels and at least {window} positions with their border",
                grid.inputs
            )
        }
        Sizes::Transposed { grid, .. } => {
            format!("{} channels over {} sides", grid.inputs, grid.sides)
        }
    }
}

fn product(sizes: &Sizes, form: Form) -> Option<Form> {
    if form.channels() != sizes.inputs() || form.channels() == 0 {
        return None;
    }
    let grid_of = |grid: &GridSizes| (form.axes() == grid.sides).then_some(());
    let out = match sizes {
        Sizes::Linear { .. } => {
            matches!(form, Form::Vector(_) | Form::Sequence { .. }).then_some(form)
        }
        Sizes::Convolution(grid) => grid_of(grid).and_then(|()| over(&grid.window, form)),
        Sizes::Transposed { grid, extra } => {
            grid_of(grid)?;
            let Sliding {
                kernel,
                stride,
                padding,
                dilation,
            } = grid.window;
            let reach = dilation.checked_mul(kernel.checked_sub(1)?)? + 1 + extra;
            let back = |side: usize| {
                let steps = side.checked_sub(1)?.checked_mul(stride)?;
                let size = (steps + reach).checked_sub(2 * padding)?;
                (size > 0).then_some(size)
            };
            form.with_sides(back)
                .filter(|_| *extra == 0 || *extra < stride)
        }
    };
    let out = out?.with_channels(sizes.outputs()).sane()?;
    let taps = sizes.fan_in()?.checked_div(form.channels())?;
    let sums = out.positions().checked_mul(taps.max(1))?;
    (sums <= MOST).then_some(out)
}

fn over(window: &Sliding, form: Form) -> Option<Form> {
    form.with_sides(|size| {
        if size == 0 {
            return None;
        }
        let room = size.checked_add(window.padding.checked_mul(2)?)?;
        let room = room.checked_sub(window.reach())?;
        Some(room.checked_div(window.stride)? + 1)
    })
}

fn attention(heads: usize, form: Form, others: &[Form]) -> Option<Form> {
    let [
        Form::Sequence {
            steps: tokens,
            features: key,
        },
        Form::Sequence {
            steps: of_values,
            features: value,
        },
    ] = *others
    else {
        return None;
    };
    let Form::Sequence { features, .. } = form else {
        return None;
    };
    let divides = |n: usize| heads > 0 && n.is_multiple_of(heads);
    let fits = features == key && tokens == of_values && tokens > 0;
    (fits && divides(key) && divides(value)).then(|| form.with_channels(value))
}

fn joined(form: Form, others: &[Form]) -> Option<Form> {
    let same = |other: &Form| form.with_channels(0) == other.with_channels(0);
    let channels = others.iter().try_fold(form.channels(), |sum, other| {
        same(other).then(|| sum.checked_add(other.channels()))?
    })?;
    let tokens = matches!(form, Form::Tokens(_));
    (!tokens).then(|| form.with_channels(channels))
}
