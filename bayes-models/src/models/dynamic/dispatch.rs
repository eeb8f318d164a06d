//! From the name of a model to its types.

use super::model::{Model, Plain, Quant};
use super::net::Net;
use super::start::Anchored;
use super::{Error, PlainModel, QuantModel};
use crate::models::{
    Architecture, digits, lenet, lstm, mlp, resnet,
    resnet::{basic, deep},
    resnet_cifar, scnn, transformer,
};
use bayes_core::int8::{Int8, Whole};
use bayes_core::members;
use bayes_core::prelude::{BuildModule, Const, Cpu, Spec, Twin};
use std::path::Path;

type Vector<const I: usize> = (usize, Const<I>);
type Image<const C: usize, const H: usize, const W: usize> = (usize, Const<C>, Const<H>, Const<W>);

/// The types of each model, and code with those of the one that is named.
macro_rules! nets {
    ($($Net:ident: $Spec:ty, $X:ty => $outputs:literal, named by $names:ident;)+) => {
        $(
            #[derive(Debug)]
            struct $Net;

            impl Net for $Net {
                const ARCHITECTURE: Architecture = Architecture::$Net;
                type X = $X;
                type K = Const<$outputs>;
                type Plain = <$Spec as Spec>::Built<f32, Cpu>;
                type Bayes = <Self::Plain as Twin<f32, Cpu>>::Bayes<Anchored>;

                fn from_torch(name: &str) -> String {
                    $names::from_torch(name)
                }

                fn to_torch(name: &str) -> String {
                    $names::to_torch(name)
                }
            }
        )+

        macro_rules! with_net {
            ($architecture:expr, |$N:ident| $body:expr) => {
                match $architecture {
                    $(Architecture::$Net => {
                        type $N = $Net;
                        $body
                    })+
                }
            };
        }
    };
}

nets! {
    Mlp: mlp::Mlp, Vector<784> => 10, named by mlp;
    MlpDigits: mlp::MlpDigits, Vector<64> => 10, named by mlp;
    MlpRegression: mlp::MlpRegression, Vector<16> => 2, named by mlp;
    Digits: digits::DigitsNet, Image<1, 8, 8> => 10, named by digits;
    LeNet5: lenet::LeNet5, Image<1, 28, 28> => 10, named by lenet;
    Scnn: scnn::Scnn, Image<1, 28, 28> => 10, named by scnn;
    ResNet20: resnet_cifar::ResNet20, Image<3, 32, 32> => 10, named by resnet_cifar;
    ResNet32: resnet_cifar::ResNet32, Image<3, 32, 32> => 10, named by resnet_cifar;
    ResNet44: resnet_cifar::ResNet44, Image<3, 32, 32> => 10, named by resnet_cifar;
    ResNet56: resnet_cifar::ResNet56, Image<3, 32, 32> => 10, named by resnet_cifar;
    ResNet110: resnet_cifar::ResNet110, Image<3, 32, 32> => 10, named by resnet_cifar;
    ResNet18: resnet::ResNet18, Image<3, 224, 224> => 1000, named by basic;
    ResNet34: resnet::ResNet34, Image<3, 224, 224> => 1000, named by basic;
    ResNet50: resnet::ResNet50, Image<3, 224, 224> => 1000, named by deep;
    ResNet101: resnet::ResNet101, Image<3, 224, 224> => 1000, named by deep;
    ResNet152: resnet::ResNet152, Image<3, 224, 224> => 1000, named by deep;
    Lstm: lstm::LstmForecaster, (usize, usize, Const<1>) => 2, named by lstm;
    Transformer: transformer::TransformerClassifier, (usize, Const<8>, Const<8>) => 10, named by transformer;
}

pub(in crate::models) fn parameters(architecture: Architecture) -> usize {
    with_net!(architecture, |N| members::parameters::<
        f32,
        Cpu,
        <N as Net>::Plain,
    >())
}

pub(in crate::models) fn bayes_parameters(architecture: Architecture) -> usize {
    with_net!(architecture, |N| members::parameters::<
        f32,
        Cpu,
        <N as Net>::Bayes,
    >())
}

pub(in crate::models) fn plain(
    architecture: Architecture,
    seed: u64,
) -> Result<Box<dyn PlainModel>, Error> {
    let device = Cpu::seed_from_u64(seed);
    with_net!(architecture, |N| {
        let plain = <N as Net>::Plain::try_build(&device)?;
        Ok(Box::new(Model::<N, Plain>::new(plain)))
    })
}

pub(in crate::models) fn load_int8(
    architecture: Architecture,
    path: &Path,
) -> Result<Box<dyn QuantModel>, Error> {
    with_net!(architecture, |N| {
        let quant = Int8::<Whole<<N as Net>::Plain>>::load(path)?;
        Ok(Box::new(Model::<N, Quant>::new(quant)))
    })
}
