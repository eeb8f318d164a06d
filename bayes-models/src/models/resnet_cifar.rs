//! Residual nets for CIFAR-10 (He et al. 2016, section 4.2), with PyTorch's names.
//!
//! A convolution, three stages of `n` blocks with 16, 32 and 64 channels, the mean over all pixels and a linear layer:
//! `6n + 2` layers with weights. The shortcuts have none ("option A": every second pixel and channels of zeros), and
//! convolutions have no biases.
//!
//! | net | blocks per stage | trained numbers of the plain net | of its twin |
//! |---|---|---|---|
//! | [`ResNet20`] | 3 | 269 722 | 538 068 |
//! | [`ResNet32`] | 5 | 464 154 | 926 036 |
//! | [`ResNet44`] | 7 | 658 586 | 1 314 004 |
//! | [`ResNet56`] | 9 | 853 018 | 1 701 972 |
//! | [`ResNet110`] | 18 | 1 727 962 | 3 447 828 |
//!
//! A twin has mu and rho for each weight of a convolution and of the linear layer, and the factors and offsets of
//! batch normalisation once: they are not Bayesian. Prior and posterior are those of bayesian-torch, `N(0, 1)` and
//! rho = −3.
//!
//! [`ResNet20Moped`] is [`ResNet20`] with a twin that starts as MOPED says (Krishnan et al. 2020). [`ResNetCifarMember`]
//! is the registry of all, and [`with_res_net_cifar!`] builds one by its name:
//!
//! ```
//! use bayes_core::prelude::*;
//! use bayes_models::models::resnet_cifar::{ResNetCifarMember, with_res_net_cifar};
//!
//! let member: ResNetCifarMember = "ResNet20Moped".parse()?;
//! let trained = with_res_net_cifar!(member, |Net, BayesNet| {
//!     let net = Cpu::seed_from_u64(0).build_module::<Net, f32>();
//!     BayesNet::from_pretrained(&net)?.num_trainable_params()
//! });
//! assert_eq!(trained, member.bayes_parameters());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Weights that PyTorch trained are loaded under the names of the usual CIFAR code (`conv1.weight`,
//! `layer1.0.bn1.running_mean`, `linear.bias`), which [`from_torch`] makes ours:
//!
//! ```no_run
//! use bayes_core::checkpoint::Checkpoint;
//! use bayes_core::prelude::*;
//! use bayes_models::models::resnet_cifar::{BayesResNetCifar, ResNet20, from_torch};
//!
//! let mut net = Cpu::seed_from_u64(0).build_module::<ResNet20, f32>();
//! let loaded = Checkpoint::load_torch("resnet20.safetensors", &mut net, from_torch)?;
//! println!("{loaded}");
//! let twin = BayesResNetCifar::from_pretrained(&net)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use bayes_core::prelude::*;

/// What a block of `C` channels adds to its input: two convolutions of 3×3 with batch normalisation.
#[bayesian]
pub struct Branch<const C: usize> {
    /// First convolution.
    pub conv1: Conv2D<C, C, 3, 1, 1>,
    /// Its normalisation.
    pub bn1: BatchNorm2D<C>,
    /// Non-linearity.
    pub act: ReLU,
    /// Second convolution.
    pub conv2: Conv2D<C, C, 3, 1, 1>,
    /// Its normalisation.
    pub bn2: BatchNorm2D<C>,
}

/// As [`Branch`], from `I` to `O` channels and half the height and width.
#[bayesian]
pub struct HalvingBranch<const I: usize, const O: usize> {
    /// First convolution, on every second pixel.
    pub conv1: Conv2D<I, O, 3, 2, 1>,
    /// Its normalisation.
    pub bn1: BatchNorm2D<O>,
    /// Non-linearity.
    pub act: ReLU,
    /// Second convolution.
    pub conv2: Conv2D<O, O, 3, 1, 1>,
    /// Its normalisation.
    pub bn2: BatchNorm2D<O>,
}

/// `max(0, x + branch(x))`.
#[bayesian]
pub struct Block<const C: usize> {
    /// The sum.
    pub residual: Residual<Branch<C>>,
    /// Non-linearity.
    pub act: ReLU,
}

/// `max(0, shortcut(x) + branch(x))`, where the shortcut is every second pixel and zeros for the channels that are new.
#[bayesian]
pub struct HalvingBlock<const I: usize, const O: usize> {
    /// The sum.
    pub residual: GeneralizedResidual<HalvingBranch<I, O>, (Subsample<2>, PadChannels<I, O>)>,
    /// Non-linearity.
    pub act: ReLU,
}

/// A residual net for 10 classes of 32×32 colour images, with `MORE` blocks behind the first one of each stage:
/// `6·MORE + 8` layers.
#[bayesian(
    input = (3, 32, 32),
    prior = Gaussian(0.0, 1.0),
    posterior = MeanField(rho = -3.0),
    estimator = Flipout,
    members(
        /// 20 layers.
        ResNet20 = <2>,
        /// 20 layers; the twin starts around pretrained weights, with a tenth of each as its sigma.
        ResNet20Moped = <2>(moped = 0.1),
        /// 32 layers.
        ResNet32 = <4>,
        /// 44 layers.
        ResNet44 = <6>,
        /// 56 layers.
        ResNet56 = <8>,
        /// 110 layers.
        ResNet110 = <17>,
    ),
    export
)]
pub struct ResNetCifar<const MORE: usize> {
    /// 16 channels of 32×32.
    pub conv1: Conv2D<3, 16, 3, 1, 1>,
    /// Their normalisation.
    pub bn1: BatchNorm2D<16>,
    /// Non-linearity.
    pub act: ReLU,
    /// Blocks of 16 channels of 32×32.
    pub layer1: (Block<16>, Repeated<Block<16>, MORE>),
    /// Blocks of 32 channels of 16×16.
    pub layer2: (HalvingBlock<16, 32>, Repeated<Block<32>, MORE>),
    /// Blocks of 64 channels of 8×8.
    pub layer3: (HalvingBlock<32, 64>, Repeated<Block<64>, MORE>),
    /// 64 features.
    pub pool: AvgPoolGlobal,
    /// 10 logits.
    pub linear: Linear<64, 10>,
}

/// Our name of a tensor that PyTorch's code names `name`: for a plain net, and for a twin that
/// [`load_bayesian_torch`](bayes_core::checkpoint::Checkpoint::load_bayesian_torch) loads.
///
/// Block k of a stage is its part 0 or the repeated block k − 1 of part 1, and its branch is part of a residual:
///
/// ```
/// use bayes_models::models::resnet_cifar::from_torch;
///
/// assert_eq!(from_torch("layer1.0.conv1.weight"), "layer1.0.residual.0.conv1.weight");
/// assert_eq!(from_torch("layer2.0.conv1.weight"), "layer2.0.residual.f.conv1.weight");
/// assert_eq!(from_torch("layer2.2.bn1.bias"), "layer2.1.1.residual.0.bn1.bias");
/// assert_eq!(from_torch("linear.weight"), "linear.weight");
/// ```
pub fn from_torch(name: &str) -> String {
    let renamed = || {
        let (stage, rest) = name.split_once('.')?;
        let number = stage.strip_prefix("layer")?;
        let (block, rest) = rest.split_once('.')?;
        let block: usize = block.parse().ok()?;
        let halving = block == 0 && number != "1";
        let branch = if halving { "f" } else { "0" };
        let at = match block {
            0 => "0".to_owned(),
            block => format!("1.{}", block - 1),
        };
        Some(format!("{stage}.{at}.residual.{branch}.{rest}"))
    };
    renamed().unwrap_or_else(|| name.to_owned())
}

/// The name that PyTorch's code has for our tensor `name`: what [`from_torch`] is given.
///
/// ```
/// use bayes_models::models::resnet_cifar::to_torch;
///
/// assert_eq!(to_torch("layer2.1.1.residual.0.bn1.bias"), "layer2.2.bn1.bias");
/// ```
pub fn to_torch(name: &str) -> String {
    let renamed = || {
        let (block, branch) = name.split_once(".residual.")?;
        let (_, rest) = branch.split_once('.')?;
        let (stage, at) = block.split_once('.')?;
        let block = match at.split_once('.') {
            None => 0,
            Some((_, repeated)) => repeated.parse::<usize>().ok()? + 1,
        };
        Some(format!("{stage}.{block}.{rest}"))
    };
    renamed().unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the layers' shapes: 9·I·O of a convolution, 2·C of a normalisation, 65·10 of the head.
    #[test]
    fn the_registry_knows_the_numbers_without_building() {
        let numbers = ResNetCifarMember::ALL.iter().map(|member| {
            (
                member.name(),
                member.parameters(),
                member.bayes_parameters(),
            )
        });
        assert_eq!(
            numbers.collect::<Vec<_>>(),
            [
                ("ResNet20", 269_722, 538_068),
                ("ResNet20Moped", 269_722, 538_068),
                ("ResNet32", 464_154, 926_036),
                ("ResNet44", 658_586, 1_314_004),
                ("ResNet56", 853_018, 1_701_972),
                ("ResNet110", 1_727_962, 3_447_828),
            ]
        );
    }

    #[test]
    fn each_member_is_built_with_its_numbers() {
        for &member in ResNetCifarMember::ALL {
            let trained = with_res_net_cifar!(member, |Net, Twin| {
                let net = Cpu::seed_from_u64(0).build_module::<Net, f32>();
                let twin = Twin::from_pretrained(&net).unwrap();
                [net.num_trainable_params(), twin.num_trainable_params()]
            });
            assert_eq!(
                trained,
                [member.parameters(), member.bayes_parameters()],
                "{member}"
            );
        }
    }

    #[test]
    fn names_go_to_torch_and_back() {
        for (theirs, ours) in [
            ("bn1.running_var", "bn1.running_var"),
            ("linear.bias", "linear.bias"),
            ("layer1.0.bn2.weight", "layer1.0.residual.0.bn2.weight"),
            (
                "layer1.17.conv2.weight",
                "layer1.1.16.residual.0.conv2.weight",
            ),
            (
                "layer3.0.conv1.weight.mu",
                "layer3.0.residual.f.conv1.weight.mu",
            ),
            (
                "layer3.1.conv1.weight.rho",
                "layer3.1.0.residual.0.conv1.weight.rho",
            ),
        ] {
            assert_eq!(from_torch(theirs), ours);
            assert_eq!(to_torch(ours), theirs);
        }
    }
}
