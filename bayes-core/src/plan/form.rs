//! The size of one example on its way through a plan.

use super::graph::Sizes;
use super::step::Operation;
use crate::error::Error;
use crate::shape::Sliding;
use std::fmt;

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
    /// An image.
    Image {
        /// Channels.
        channels: usize,
        /// Height.
        height: usize,
        /// Width.
        width: usize,
    },
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vector(features) => write!(f, "{features} features"),
            Self::Sequence { steps, features } => write!(f, "{steps} steps of {features} features"),
            Self::Image {
                channels,
                height,
                width,
            } => write!(f, "{channels} channels of {height}×{width}"),
        }
    }
}

impl Form {
    /// The form of an example with these dimensions.
    pub fn of(dims: &[usize]) -> Option<Self> {
        match *dims {
            [features] => Some(Self::Vector(features)),
            [steps, features] => Some(Self::Sequence { steps, features }),
            [channels, height, width] => Some(Self::Image {
                channels,
                height,
                width,
            }),
            _ => None,
        }
    }

    /// Its dimensions.
    pub fn dims(&self) -> Vec<usize> {
        match *self {
            Self::Vector(features) => vec![features],
            Self::Sequence { steps, features } => vec![steps, features],
            Self::Image {
                channels,
                height,
                width,
            } => vec![channels, height, width],
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
            Self::Vector(channels) => channels,
            Self::Sequence { features, .. } => features,
            Self::Image { channels, .. } => channels,
        }
    }

    /// Positions that each channel has: pixels or steps.
    pub fn positions(&self) -> usize {
        match *self {
            Self::Vector(_) => 1,
            Self::Sequence { steps, .. } => steps,
            Self::Image { height, width, .. } => height * width,
        }
    }

    /// Height and width of an image; 0 of anything else.
    pub(crate) fn sides(&self) -> (usize, usize) {
        match *self {
            Self::Image { height, width, .. } => (height, width),
            Self::Vector(_) | Self::Sequence { .. } => (0, 0),
        }
    }

    /// The form with other channels.
    fn with_channels(self, channels: usize) -> Self {
        match self {
            Self::Vector(_) => Self::Vector(channels),
            Self::Sequence { steps, .. } => Self::Sequence {
                steps,
                features: channels,
            },
            Self::Image { height, width, .. } => Self::Image {
                channels,
                height,
                width,
            },
        }
    }
}

impl<P> Operation<P> {
    /// What the operation makes of `form`.
    ///
    /// # Errors
    /// A form that it cannot take.
    pub(crate) fn gives(&self, name: &str, form: Form) -> Result<Form, Error> {
        let misfit = |takes: String| Error::Structure {
            layer: name.to_owned(),
            problem: format!("it takes {takes}, but got {form}"),
        };
        match (self, form) {
            (
                Self::Product(Sizes::Linear { inputs, outputs }, _),
                Form::Vector(_) | Form::Sequence { .. },
            ) if form.channels() == *inputs => Ok(form.with_channels(*outputs)),
            (Self::Product(Sizes::Linear { inputs, .. }, _), _) => {
                Err(misfit(format!("{inputs} features")))
            }
            (
                Self::Product(
                    Sizes::Convolution {
                        inputs,
                        outputs,
                        window,
                        ..
                    },
                    _,
                ),
                _,
            ) => slide(window, form, *outputs)
                .filter(|_| form.channels() == *inputs)
                .ok_or_else(|| {
                    misfit(format!(
                        "images of {inputs} channels and at least {0}×{0} pixels with their border",
                        window.reach()
                    ))
                }),
            (Self::Scale(_), _) => Ok(form),
            (Self::MaxPool(window) | Self::AvgPool(window), _) => {
                slide(window, form, form.channels())
                    .filter(|_| 2 * window.padding <= window.kernel)
                    .ok_or_else(|| {
                        misfit(format!(
                            "images of at least {0}×{0} pixels with their border",
                            window.reach()
                        ))
                    })
            }
            (Self::GlobalAvgPool, Form::Image { channels, .. }) if form.positions() > 0 => {
                Ok(Form::Vector(channels))
            }
            (Self::Flatten, Form::Image { .. }) => Ok(Form::Vector(form.len())),
            (Self::PadChannels([before, behind]), Form::Image { channels, .. }) => channels
                .checked_add(*before)
                .and_then(|channels| channels.checked_add(*behind))
                .map(|channels| form.with_channels(channels))
                .ok_or_else(|| misfit("fewer channels".to_owned())),
            (Self::Softmax { .. }, Form::Vector(_) | Form::Sequence { .. }) => Ok(form),
            (Self::GlobalAvgPool | Self::Flatten | Self::PadChannels(_), _) => {
                Err(misfit("images".to_owned()))
            }
            (Self::Softmax { .. }, _) => Err(misfit("vectors".to_owned())),
        }
    }
}

fn slide(window: &Sliding, form: Form, channels: usize) -> Option<Form> {
    let Form::Image { height, width, .. } = form else {
        return None;
    };
    let over = |size: usize| {
        let room = size.checked_add(window.padding.checked_mul(2)?)?;
        let room = room.checked_sub(window.reach())?;
        Some(room.checked_div(window.stride)? + 1)
    };
    Some(Form::Image {
        channels,
        height: over(height)?,
        width: over(width)?,
    })
}
