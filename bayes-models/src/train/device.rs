//! The devices that the trainers run on.

use bayes_core::dfdx::nn::tensor_collection::TensorCollection;
use bayes_core::optim::{self, Adam, AdamConfig};
use bayes_core::prelude::{Cpu, Gradients, Kernels};

/// A device on which models train: `Cpu` and, with the feature `cuda`, `Cuda`. They differ in where Adam's moments are.
pub trait TrainingDevice: Kernels<f32> {
    /// Whether Adam's moments are on the device, not on the host.
    const KEEPS_MOMENTS: bool;

    /// Adam with its moments where this device is fast with them.
    type Adam: std::fmt::Debug;

    /// Adam with an empty state.
    ///
    /// # Errors
    /// A setting that is out of range.
    fn adam(config: AdamConfig) -> Result<Self::Adam, optim::Error>;

    /// One step along `gradients`.
    ///
    /// # Errors
    /// A setting that is out of range; on the CPU gradients that are not finite; a device that fails.
    fn update<M: TensorCollection<f32, Self>>(
        adam: &mut Self::Adam,
        config: AdamConfig,
        model: &mut M,
        gradients: &mut Gradients<f32, Self>,
    ) -> Result<(), optim::Error>;
}

macro_rules! training_device {
    ($Device:ty: $Adam:ty, keeps moments: $keeps:literal, |$gradients:ident| $given:expr) => {
        impl TrainingDevice for $Device {
            const KEEPS_MOMENTS: bool = $keeps;
            type Adam = $Adam;

            fn adam(config: AdamConfig) -> Result<Self::Adam, optim::Error> {
                <$Adam>::new(config)
            }

            fn update<M: TensorCollection<f32, Self>>(
                adam: &mut Self::Adam,
                config: AdamConfig,
                model: &mut M,
                $gradients: &mut Gradients<f32, Self>,
            ) -> Result<(), optim::Error> {
                adam.config = config;
                adam.update(model, $given)
            }
        }
    };
}

training_device!(Cpu: Adam<f32>, keeps moments: false, |gradients| &*gradients);
#[cfg(feature = "cuda")]
training_device!(
    bayes_core::dfdx::tensor::Cuda: optim::DeviceAdam<f32, Self>,
    keeps moments: true,
    |gradients| gradients
);
