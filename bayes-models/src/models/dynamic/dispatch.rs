//! From the name of a model to its types.

use super::model::{Model, Plain, Quant};
use super::net::Net;
use super::start::Anchored;
use super::{Error, PlainModel, QuantModel};
#[cfg(all(feature = "deep", not(test)))]
use crate::models::resnet::{basic, deep};
use crate::models::{
    Architecture, digits, digits_dropout, lenet, lstm, mlp, resnet, resnet_cifar, scnn, transformer,
};
use bayes_core::device::DeviceName;
#[cfg(feature = "cuda")]
use bayes_core::dfdx::tensor::Cuda;
use bayes_core::int8::{Int8, Whole};
use bayes_core::members;
use bayes_core::prelude::{BuildModule, Const, Cpu, Spec, Twin};
use bayes_core::twin::Defaults;
use std::marker::PhantomData;
use std::path::Path;

type Vector<const I: usize> = (usize, Const<I>);
#[cfg(not(test))]
type Image<const C: usize, const H: usize, const W: usize> = (usize, Const<C>, Const<H>, Const<W>);

/// The types of a model on a device.
macro_rules! net {
    ($Net:ident, $D:ty: $Spec:ty, $X:ty => $outputs:literal, $names:ident) => {
        impl Net for $Net<$D> {
            const ARCHITECTURE: Architecture = Architecture::$Net;
            type D = $D;
            type Host = $Net<Cpu>;
            type X = $X;
            type K = Const<$outputs>;
            type Plain = <$Spec as Spec>::Built<f32, $D>;
            type Bayes = <Self::Plain as Twin<f32, $D>>::Bayes<Anchored>;

            fn from_torch(name: &str) -> String {
                $names::from_torch(name)
            }

            fn to_torch(name: &str) -> String {
                $names::to_torch(name)
            }
        }
    };
}

/// The types of each model; `deep` ones only with the feature of that name, and in this crate's unit tests one alone: all of
/// them are tested from outside, where they are compiled anyway. `with_net!` runs code with those of the model that
/// is named on a device, `with_spec!` with its builder, which every build knows.
macro_rules! nets {
    ($($Net:ident: $Spec:ty, $X:ty => $outputs:literal, named by $names:ident $(if $there:meta)?;)+) => {
        $(
            $(#[cfg($there)])?
            struct $Net<D>(PhantomData<fn() -> D>);

            $(#[cfg($there)])?
            net!($Net, Cpu: $Spec, $X => $outputs, $names);
            $(#[cfg($there)])?
            #[cfg(feature = "cuda")]
            net!($Net, Cuda: $Spec, $X => $outputs, $names);
        )+

        macro_rules! with_net {
            ($architecture:expr, $D:ty, |$N:ident| $body:expr) => {
                match $architecture {
                    $(
                        $(#[cfg($there)])?
                        Architecture::$Net => {
                            type $N = $Net<$D>;
                            $body
                        }
                    )+
                    #[cfg(any(test, not(feature = "deep")))]
                    architecture => Err(Error::Feature { architecture }),
                }
            };
        }

        macro_rules! with_spec {
            ($architecture:expr, |$S:ident| $body:expr) => {
                match $architecture {
                    $(Architecture::$Net => {
                        type $S = $Spec;
                        $body
                    })+
                }
            };
        }
    };
}

nets! {
    Mlp: mlp::Mlp, Vector<784> => 10, named by mlp if not(test);
    MlpDigits: mlp::MlpDigits, Vector<64> => 10, named by mlp;
    MlpRegression: mlp::MlpRegression, Vector<16> => 2, named by mlp if not(test);
    Digits: digits::DigitsNet, Image<1, 8, 8> => 10, named by digits if not(test);
    DigitsDropout: digits_dropout::DigitsDropoutNet, Image<1, 8, 8> => 10, named by digits if not(test);
    LeNet5: lenet::LeNet5, Image<1, 28, 28> => 10, named by lenet if not(test);
    Scnn: scnn::Scnn, Image<1, 28, 28> => 10, named by scnn if not(test);
    ResNet20: resnet_cifar::ResNet20, Image<3, 32, 32> => 10, named by resnet_cifar if all(feature = "deep", not(test));
    ResNet32: resnet_cifar::ResNet32, Image<3, 32, 32> => 10, named by resnet_cifar if all(feature = "deep", not(test));
    ResNet44: resnet_cifar::ResNet44, Image<3, 32, 32> => 10, named by resnet_cifar if all(feature = "deep", not(test));
    ResNet56: resnet_cifar::ResNet56, Image<3, 32, 32> => 10, named by resnet_cifar if all(feature = "deep", not(test));
    ResNet110: resnet_cifar::ResNet110, Image<3, 32, 32> => 10, named by resnet_cifar if all(feature = "deep", not(test));
    ResNet18: resnet::ResNet18, Image<3, 224, 224> => 1000, named by basic if all(feature = "deep", not(test));
    ResNet34: resnet::ResNet34, Image<3, 224, 224> => 1000, named by basic if all(feature = "deep", not(test));
    ResNet50: resnet::ResNet50, Image<3, 224, 224> => 1000, named by deep if all(feature = "deep", not(test));
    ResNet101: resnet::ResNet101, Image<3, 224, 224> => 1000, named by deep if all(feature = "deep", not(test));
    ResNet152: resnet::ResNet152, Image<3, 224, 224> => 1000, named by deep if all(feature = "deep", not(test));
    Lstm: lstm::LstmForecaster, (usize, usize, Const<1>) => 2, named by lstm if not(test);
    Transformer: transformer::TransformerClassifier, (usize, Const<8>, Const<8>) => 10, named by transformer if not(test);
}

pub(in crate::models) fn parameters(architecture: Architecture) -> usize {
    with_spec!(architecture, |S| members::parameters::<
        f32,
        Cpu,
        <S as Spec>::Built<f32, Cpu>,
    >())
}

pub(in crate::models) fn bayes_parameters(architecture: Architecture) -> usize {
    with_spec!(architecture, |S| members::parameters::<
        f32,
        Cpu,
        <<S as Spec>::Built<f32, Cpu> as Twin<f32, Cpu>>::Bayes<Defaults>,
    >())
}

pub(in crate::models) fn plain(
    architecture: Architecture,
    device: DeviceName,
    seed: u64,
) -> Result<Box<dyn PlainModel>, Error> {
    device.check()?;
    #[cfg(feature = "cuda")]
    if device != DeviceName::Cpu {
        let device = device.open_cuda(seed)?;
        return with_net!(architecture, Cuda, |N| built::<N>(device));
    }
    with_net!(architecture, Cpu, |N| built::<N>(Cpu::seed_from_u64(seed)))
}

fn built<N: Net>(device: N::D) -> Result<Box<dyn PlainModel>, Error> {
    let plain = N::Plain::try_build(&device).map_err(Error::device)?;
    Ok(Box::new(Model::<N, Plain>::new(plain, device)))
}

pub(in crate::models) fn load_int8(
    architecture: Architecture,
    path: &Path,
) -> Result<Box<dyn QuantModel>, Error> {
    with_net!(architecture, Cpu, |N| {
        let quant = Int8::<Whole<<N as Net>::Plain>>::load(path)?;
        Ok(Box::new(Model::<N, Quant>::new(quant, Cpu::default())))
    })
}
