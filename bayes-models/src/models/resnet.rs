//! Residual nets for ImageNet (He et al. 2016) as torchvision builds them, with its names.
//!
//! A convolution of 7×7, four stages of blocks, the mean over all pixels and a linear layer. ResNet-18 and -34 have
//! blocks of two convolutions, the deeper ones bottlenecks of three, whose 3×3 convolution takes the stride. Where a
//! block changes its input's size, a convolution of 1×1 does so on the shortcut.
//!
//! | net | trained numbers of the plain net | of its twin |
//! |---|---|---|
//! | [`ResNet18`] | 11 689 512 | 23 369 424 |
//! | [`ResNet34`] | 21 797 672 | 43 578 320 |
//! | [`ResNet50`] | 25 557 032 | 51 060 944 |
//! | [`ResNet101`] | 44 549 160 | 88 992 976 |
//! | [`ResNet152`] | 60 192 808 | 120 234 192 |
//!
//! Prior and posterior are those of bayesian-torch, `N(0, 0.1)` and rho = −9. [`basic`] and [`deep`] go between torchvision's
//! names and ours.

pub use super::resnet_cifar::{Branch, HalvingBranch};
use bayes_core::prelude::*;

/// What a bottleneck adds to its input: `I` channels to `C`, and `C` to `O = 4·C`, with stride `S` between them.
#[bayesian]
pub struct Bottleneck<const I: usize, const C: usize, const O: usize, const S: usize> {
    /// 1×1.
    pub conv1: Conv2D<I, C, 1>,
    /// Its normalisation.
    pub bn1: BatchNorm2D<C>,
    /// Non-linearity.
    pub act1: ReLU,
    /// 3×3 with the stride.
    pub conv2: Conv2D<C, C, 3, S, 1>,
    /// Its normalisation.
    pub bn2: BatchNorm2D<C>,
    /// Non-linearity.
    pub act2: ReLU,
    /// 1×1.
    pub conv3: Conv2D<C, O, 1>,
    /// Its normalisation.
    pub bn3: BatchNorm2D<O>,
}

/// A shortcut that changes its input's size: a convolution of 1×1 and its normalisation.
pub type Shortcut<const I: usize, const O: usize, const S: usize> =
    (Conv2D<I, O, 1, S>, BatchNorm2D<O>);

/// `max(0, x + branch(x))`.
pub type Block<const C: usize> = (Residual<Branch<C>>, ReLU);

/// `max(0, shortcut(x) + branch(x))` with half the height and width.
pub type HalvingBlock<const I: usize, const O: usize> = (
    GeneralizedResidual<HalvingBranch<I, O>, Shortcut<I, O, 2>>,
    ReLU,
);

/// `max(0, x + bottleneck(x))` of `O = 4·C` channels.
pub type DeepBlock<const C: usize, const O: usize> = (Residual<Bottleneck<O, C, O, 1>>, ReLU);

/// `max(0, shortcut(x) + bottleneck(x))`, the first of a stage.
pub type FirstDeepBlock<const I: usize, const C: usize, const O: usize, const S: usize> = (
    GeneralizedResidual<Bottleneck<I, C, O, S>, Shortcut<I, O, S>>,
    ReLU,
);

/// A net of blocks of two convolutions for 1000 classes of 224×224 colour images. `A` to `D` are the blocks behind the
/// first of each stage.
#[bayesian(
    input = (3, 224, 224),
    prior = Gaussian(0.0, 0.1),
    posterior = MeanField(rho = -9.0),
    estimator = Flipout,
    members(
        /// 18 layers.
        ResNet18 = <1, 1, 1, 1>,
        /// 34 layers.
        ResNet34 = <2, 3, 5, 2>,
    ),
    export
)]
pub struct ResNetBasic<const A: usize, const B: usize, const C: usize, const D: usize> {
    /// 64 channels of 112×112.
    pub conv1: Conv2D<3, 64, 7, 2, 3>,
    /// Their normalisation.
    pub bn1: BatchNorm2D<64>,
    /// Non-linearity.
    pub act: ReLU,
    /// 64 channels of 56×56.
    pub maxpool: MaxPool2D<3, 2, 1>,
    /// Blocks of 64 channels of 56×56.
    pub layer1: (Block<64>, Repeated<Block<64>, A>),
    /// Blocks of 128 channels of 28×28.
    pub layer2: (HalvingBlock<64, 128>, Repeated<Block<128>, B>),
    /// Blocks of 256 channels of 14×14.
    pub layer3: (HalvingBlock<128, 256>, Repeated<Block<256>, C>),
    /// Blocks of 512 channels of 7×7.
    pub layer4: (HalvingBlock<256, 512>, Repeated<Block<512>, D>),
    /// 512 features.
    pub avgpool: AvgPoolGlobal,
    /// 1000 logits.
    pub fc: Linear<512, 1000>,
}

/// A net of bottlenecks for 1000 classes of 224×224 colour images. `A` to `D` are the blocks behind the first of each
/// stage.
#[bayesian(
    input = (3, 224, 224),
    prior = Gaussian(0.0, 0.1),
    posterior = MeanField(rho = -9.0),
    estimator = Flipout,
    members(
        /// 50 layers.
        ResNet50 = <2, 3, 5, 2>,
        /// 101 layers.
        ResNet101 = <2, 3, 22, 2>,
        /// 152 layers.
        ResNet152 = <2, 7, 35, 2>,
    ),
    export
)]
pub struct ResNetDeep<const A: usize, const B: usize, const C: usize, const D: usize> {
    /// 64 channels of 112×112.
    pub conv1: Conv2D<3, 64, 7, 2, 3>,
    /// Their normalisation.
    pub bn1: BatchNorm2D<64>,
    /// Non-linearity.
    pub act: ReLU,
    /// 64 channels of 56×56.
    pub maxpool: MaxPool2D<3, 2, 1>,
    /// Blocks of 256 channels of 56×56.
    pub layer1: (
        FirstDeepBlock<64, 64, 256, 1>,
        Repeated<DeepBlock<64, 256>, A>,
    ),
    /// Blocks of 512 channels of 28×28.
    pub layer2: (
        FirstDeepBlock<256, 128, 512, 2>,
        Repeated<DeepBlock<128, 512>, B>,
    ),
    /// Blocks of 1024 channels of 14×14.
    pub layer3: (
        FirstDeepBlock<512, 256, 1024, 2>,
        Repeated<DeepBlock<256, 1024>, C>,
    ),
    /// Blocks of 2048 channels of 7×7.
    pub layer4: (
        FirstDeepBlock<1024, 512, 2048, 2>,
        Repeated<DeepBlock<512, 2048>, D>,
    ),
    /// 2048 features.
    pub avgpool: AvgPoolGlobal,
    /// 1000 logits.
    pub fc: Linear<2048, 1000>,
}

/// Names of the tensors of ResNet-18 and -34.
pub mod basic {
    /// Our name of a tensor that torchvision names `name`: for a plain net, and for a twin that
    /// [`load_bayesian_torch`](bayes_core::checkpoint::Checkpoint::load_bayesian_torch) loads.
    ///
    /// ```
    /// use bayes_models::models::resnet::basic::from_torch;
    ///
    /// assert_eq!(from_torch("layer1.0.conv1.weight"), "layer1.0.0.0.conv1.weight");
    /// assert_eq!(from_torch("layer2.0.conv1.weight"), "layer2.0.0.f.conv1.weight");
    /// assert_eq!(from_torch("layer2.0.downsample.1.bias"), "layer2.0.0.r.1.bias");
    /// assert_eq!(from_torch("layer2.1.bn1.bias"), "layer2.1.0.0.0.bn1.bias");
    /// ```
    pub fn from_torch(name: &str) -> String {
        super::from_torch(name, |stage| if stage == "layer1" { "0" } else { "f" })
    }

    pub use super::to_torch;
}

/// Names of the tensors of ResNet-50, -101 and -152.
pub mod deep {
    /// Our name of a tensor that torchvision names `name`: for a plain net, and for a twin that
    /// [`load_bayesian_torch`](bayes_core::checkpoint::Checkpoint::load_bayesian_torch) loads.
    ///
    /// ```
    /// use bayes_models::models::resnet::deep::from_torch;
    ///
    /// assert_eq!(from_torch("layer1.0.conv3.weight"), "layer1.0.0.f.conv3.weight");
    /// assert_eq!(from_torch("layer1.0.downsample.0.weight"), "layer1.0.0.r.0.weight");
    /// ```
    pub fn from_torch(name: &str) -> String {
        super::from_torch(name, |_| "f")
    }

    pub use super::to_torch;
}

/// Block 0 of a stage is its part 0, block k the repeated block k − 1 of part 1. A block that changes its input's size has
/// its branch as `f` and its shortcut as `r`, another one its branch as `0`: `first` says which block 0 of a stage is.
fn from_torch(name: &str, first: impl Fn(&str) -> &'static str) -> String {
    let renamed = || {
        let (stage, rest) = name.split_once('.')?;
        stage.strip_prefix("layer")?;
        let (block, rest) = rest.split_once('.')?;
        let block: usize = block.parse().ok()?;
        Some(match (block, rest.strip_prefix("downsample.")) {
            (0, Some(shortcut)) => format!("{stage}.0.0.r.{shortcut}"),
            (0, None) => format!("{stage}.0.0.{}.{rest}", first(stage)),
            (block, _) => format!("{stage}.1.{}.0.0.{rest}", block - 1),
        })
    };
    renamed().unwrap_or_else(|| name.to_owned())
}

/// The name that torchvision has for our tensor `name`.
///
/// ```
/// use bayes_models::models::resnet::to_torch;
///
/// assert_eq!(to_torch("layer2.1.0.0.0.bn1.bias"), "layer2.1.bn1.bias");
/// assert_eq!(to_torch("layer2.0.0.r.1.bias"), "layer2.0.downsample.1.bias");
/// ```
pub fn to_torch(name: &str) -> String {
    let renamed = || {
        let (stage, rest) = name.split_once('.')?;
        stage.strip_prefix("layer")?;
        let (part, rest) = rest.split_once('.')?;
        let (block, rest) = match part {
            "0" => (0, rest),
            _ => {
                let (repeated, rest) = rest.split_once('.')?;
                (repeated.parse::<usize>().ok()? + 1, rest)
            }
        };
        let (branch, rest) = rest.strip_prefix("0.")?.split_once('.')?;
        Some(match branch {
            "r" => format!("{stage}.{block}.downsample.{rest}"),
            _ => format!("{stage}.{block}.{rest}"),
        })
    };
    renamed().unwrap_or_else(|| name.to_owned())
}
