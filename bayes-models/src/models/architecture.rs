//! All models of this crate, by the names that users know.

use super::dynamic::{self, BayesModel, Error, PlainModel, QuantModel, Start};
use super::task::{Input, Task};
use bayes_core::device::DeviceName;
use bayes_core::estimator::EstimatorKind;
use bayes_core::members::slips;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A model of this crate. It is written and read as its name, `resnet20`.
///
/// What is known of it is known before anything is built; [`plain`](Self::plain) builds one.
///
/// ```
/// use bayes_models::models::{Architecture, Task};
///
/// let architecture: Architecture = "resnet20".parse()?;
/// assert_eq!(architecture.task(), Task::Classification { classes: 10 });
/// assert_eq!(architecture.parameters(), 269_722);
/// assert_eq!(architecture.input().shape(), [3, 32, 32]);
///
/// let typo = "resnet21".parse::<Architecture>().unwrap_err();
/// assert!(typo.to_string().contains("did you mean `resnet20`?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Architecture {
    /// [`Mlp`](type@super::mlp::Mlp).
    Mlp,
    /// [`MlpDigits`](type@super::mlp::MlpDigits).
    MlpDigits,
    /// [`MlpRegression`](type@super::mlp::MlpRegression).
    MlpRegression,
    /// [`DigitsNet`](super::digits::DigitsNet).
    Digits,
    /// [`DigitsDropoutNet`](super::digits_dropout::DigitsDropoutNet).
    DigitsDropout,
    /// [`LeNet5`](super::lenet::LeNet5).
    LeNet5,
    /// [`Scnn`](super::scnn::Scnn).
    Scnn,
    /// [`ResNet20`](type@super::resnet_cifar::ResNet20).
    ResNet20,
    /// [`ResNet32`](type@super::resnet_cifar::ResNet32).
    ResNet32,
    /// [`ResNet44`](type@super::resnet_cifar::ResNet44).
    ResNet44,
    /// [`ResNet56`](type@super::resnet_cifar::ResNet56).
    ResNet56,
    /// [`ResNet110`](type@super::resnet_cifar::ResNet110).
    ResNet110,
    /// [`ResNet18`](type@super::resnet::ResNet18).
    ResNet18,
    /// [`ResNet34`](type@super::resnet::ResNet34).
    ResNet34,
    /// [`ResNet50`](type@super::resnet::ResNet50).
    ResNet50,
    /// [`ResNet101`](type@super::resnet::ResNet101).
    ResNet101,
    /// [`ResNet152`](type@super::resnet::ResNet152).
    ResNet152,
    /// [`LstmForecaster`](super::lstm::LstmForecaster).
    Lstm,
    /// [`TransformerClassifier`](super::transformer::TransformerClassifier).
    Transformer,
}

/// The letters of an unknown name that may differ from the one that is proposed.
const SLIPS: usize = 3;

impl Architecture {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Mlp,
        Self::MlpDigits,
        Self::MlpRegression,
        Self::Digits,
        Self::DigitsDropout,
        Self::LeNet5,
        Self::Scnn,
        Self::ResNet20,
        Self::ResNet32,
        Self::ResNet44,
        Self::ResNet56,
        Self::ResNet110,
        Self::ResNet18,
        Self::ResNet34,
        Self::ResNet50,
        Self::ResNet101,
        Self::ResNet152,
        Self::Lstm,
        Self::Transformer,
    ];

    /// The name: small letters and digits, with a dash between words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mlp => "mlp",
            Self::MlpDigits => "mlp-digits",
            Self::MlpRegression => "mlp-regression",
            Self::Digits => "digits",
            Self::DigitsDropout => "digits-dropout",
            Self::LeNet5 => "lenet5",
            Self::Scnn => "scnn",
            Self::ResNet20 => "resnet20",
            Self::ResNet32 => "resnet32",
            Self::ResNet44 => "resnet44",
            Self::ResNet56 => "resnet56",
            Self::ResNet110 => "resnet110",
            Self::ResNet18 => "resnet18",
            Self::ResNet34 => "resnet34",
            Self::ResNet50 => "resnet50",
            Self::ResNet101 => "resnet101",
            Self::ResNet152 => "resnet152",
            Self::Lstm => "lstm",
            Self::Transformer => "transformer",
        }
    }

    /// What it is, in one line.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Mlp => "three linear layers for 28×28 images in 10 classes",
            Self::MlpDigits => "three linear layers for 8×8 images in 10 classes",
            Self::MlpRegression => {
                "three linear layers from up to 16 features to a mean and a variance"
            }
            Self::Digits => "two convolutions and two linear layers for 8×8 images in 10 classes",
            Self::DigitsDropout => "the net of `digits` with dropout of a quarter and a half",
            Self::LeNet5 => "LeNet-5 for 28×28 images in 10 classes",
            Self::Scnn => "bayesian-torch's simple CNN for 28×28 images in 10 classes",
            Self::ResNet20 => "residual net of 20 layers for CIFAR-10",
            Self::ResNet32 => "residual net of 32 layers for CIFAR-10",
            Self::ResNet44 => "residual net of 44 layers for CIFAR-10",
            Self::ResNet56 => "residual net of 56 layers for CIFAR-10",
            Self::ResNet110 => "residual net of 110 layers for CIFAR-10",
            Self::ResNet18 => "residual net of 18 layers for ImageNet",
            Self::ResNet34 => "residual net of 34 layers for ImageNet",
            Self::ResNet50 => "residual net of 50 layers for ImageNet",
            Self::ResNet101 => "residual net of 101 layers for ImageNet",
            Self::ResNet152 => "residual net of 152 layers for ImageNet",
            Self::Lstm => {
                "LSTM that forecasts the next value of a series, as a mean and a variance"
            }
            Self::Transformer => "two encoder blocks for sequences of 8 features in 10 classes",
        }
    }

    /// What it is for.
    pub const fn task(self) -> Task {
        match self {
            Self::MlpRegression => Task::Regression { targets: 1 },
            Self::Lstm => Task::Forecast { targets: 1 },
            Self::ResNet18
            | Self::ResNet34
            | Self::ResNet50
            | Self::ResNet101
            | Self::ResNet152 => Task::Classification { classes: 1000 },
            _ => Task::Classification { classes: 10 },
        }
    }

    /// What one example is.
    pub const fn input(self) -> Input {
        match self {
            Self::Mlp | Self::LeNet5 | Self::Scnn => Input::Shape(&[1, 28, 28]),
            Self::MlpDigits | Self::Digits | Self::DigitsDropout => Input::Shape(&[1, 8, 8]),
            Self::Transformer => Input::Shape(&[8, 8]),
            Self::MlpRegression => Input::Features { most: 16 },
            Self::Lstm => Input::Series { features: 1 },
            Self::ResNet20 | Self::ResNet32 | Self::ResNet44 | Self::ResNet56 | Self::ResNet110 => {
                Input::Shape(&[3, 32, 32])
            }
            Self::ResNet18
            | Self::ResNet34
            | Self::ResNet50
            | Self::ResNet101
            | Self::ResNet152 => Input::Shape(&[3, 224, 224]),
        }
    }

    /// The numbers that it gives for each example: logits, or the means and behind them the logarithms of the variances.
    pub const fn outputs(self) -> usize {
        match self.task() {
            Task::Classification { classes } => classes,
            Task::Regression { targets } | Task::Forecast { targets } => 2 * targets,
        }
    }

    /// The estimators by which its twin can be trained and drawn; the first is its own.
    pub const fn estimators(self) -> &'static [EstimatorKind] {
        use EstimatorKind::{Flipout, LocalReparameterization, Reparameterization};
        match self {
            Self::Mlp | Self::MlpDigits | Self::MlpRegression => {
                &[Flipout, Reparameterization, LocalReparameterization]
            }
            _ => &[Flipout, Reparameterization],
        }
    }

    /// The trained numbers of the plain model.
    pub fn parameters(self) -> usize {
        dynamic::parameters(self)
    }

    /// The trained numbers of the twin: mu and rho of each weight, and what is not Bayesian once.
    pub fn bayes_parameters(self) -> usize {
        dynamic::bayes_parameters(self)
    }

    /// A plain model with random weights that the seed decides.
    ///
    /// # Errors
    /// A model that is not in this build: residual nets need the feature `deep`, because the compiler takes
    /// minutes for them. No memory.
    pub fn plain(self, seed: u64) -> Result<Box<dyn PlainModel>, Error> {
        self.plain_on(DeviceName::Cpu, seed)
    }

    /// As [`plain`](Self::plain), on a device: the same weights, and what is made of the model stays there.
    ///
    /// ```
    /// use bayes_core::device::DeviceName;
    /// use bayes_models::models::{Architecture, Start};
    ///
    /// let device: DeviceName = "cpu".parse()?;
    /// let net = Architecture::MlpDigits.plain_on(device, 0)?;
    /// let twin = net.bayes(&Start::default())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`plain`](Self::plain), and a device that is not there.
    pub fn plain_on(self, device: DeviceName, seed: u64) -> Result<Box<dyn PlainModel>, Error> {
        dynamic::plain(self, device, seed)
    }

    /// A twin whose means are random weights that the seed decides.
    ///
    /// # Errors
    /// No memory; a delta that is not positive.
    pub fn bayes(self, seed: u64, start: &Start) -> Result<Box<dyn BayesModel>, Error> {
        self.plain(seed)?.bayes(start)
    }

    /// The int8 model in the file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read, is none of these, is damaged, or holds another model.
    pub fn load_int8(self, path: &Path) -> Result<Box<dyn QuantModel>, Error> {
        dynamic::load_int8(self, path)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Architecture {
    type Err = UnknownArchitecture;

    /// Reads a name in any case; dashes and underlines may be left out.
    fn from_str(name: &str) -> Result<Self, UnknownArchitecture> {
        let wanted = letters(name);
        let mut all = Self::ALL.iter().copied();
        all.find(|architecture| letters(architecture.name()) == wanted)
            .ok_or_else(|| UnknownArchitecture {
                name: name.to_owned(),
            })
    }
}

impl Serialize for Architecture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Architecture {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(de::Error::custom)
    }
}

/// A name that no model has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownArchitecture {
    name: String,
}

impl UnknownArchitecture {
    /// The model that was probably meant.
    pub fn nearest(&self) -> Option<Architecture> {
        let wanted = letters(&self.name);
        let ranked = Architecture::ALL
            .iter()
            .map(|&other| (slips(&wanted, &letters(other.name())), other));
        let (slips, nearest) = ranked.min_by_key(|&(slips, _)| slips)?;
        (slips <= SLIPS && slips < wanted.chars().count()).then_some(nearest)
    }
}

impl fmt::Display for UnknownArchitecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no model `{}`:", self.name)?;
        if let Some(nearest) = self.nearest() {
            write!(f, " did you mean `{nearest}`?")?;
        }
        let names: Vec<&str> = Architecture::ALL.iter().map(|one| one.name()).collect();
        write!(f, " the models are {}", names.join(", "))
    }
}

impl std::error::Error for UnknownArchitecture {}

/// What counts of a name.
fn letters(name: &str) -> String {
    name.to_lowercase().replace(['-', '_', ' '], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_read_as_it_is_written() {
        for &architecture in Architecture::ALL {
            assert_eq!(architecture.name().parse(), Ok(architecture));
            let json = serde_json::to_string(&architecture).unwrap();
            assert_eq!(json, format!("\"{architecture}\""));
            let read: Architecture = serde_json::from_str(&json).unwrap();
            assert_eq!(read, architecture);
        }
        assert_eq!("LeNet-5".parse(), Ok(Architecture::LeNet5));
        assert_eq!("mlp_regression".parse(), Ok(Architecture::MlpRegression));
    }

    #[test]
    fn the_error_names_the_nearest_and_all() {
        let error = "resnett18".parse::<Architecture>().unwrap_err();
        assert_eq!(error.nearest(), Some(Architecture::ResNet18));
        let sentence = error.to_string();
        assert!(
            sentence.starts_with(
                "there is no model `resnett18`: did you mean `resnet18`? the models are mlp, "
            ),
            "{sentence}"
        );
        for name in ["", "x", "alexnet-large"] {
            assert_eq!(
                name.parse::<Architecture>().unwrap_err().nearest(),
                None,
                "{name}"
            );
        }
        assert!(serde_json::from_str::<Architecture>("\"resnet2\"").is_err());
    }
}
