//! Two models that quantization is tested on, with weights that leave nothing at its default.

use crate::parameters::change;
use bayes_core::estimator::Estimator;
use bayes_core::posterior::{Family, Init};
use bayes_core::prelude::*;
use bayes_core::prior;
use bayes_core::twin::{Defaults, Name};
use std::marker::PhantomData;

/// Half the pixels and more channels, with the shortcut that has no weights.
type Shrinking = GeneralizedResidual<
    (Conv2D<6, 10, 3, 2, 1>, BatchNorm2D<10>),
    (Subsample<2>, PadChannels<6, 10>),
>;

/// Every kind of layer, with strides, dilation, groups, padding and channels that are no multiple of four.
#[bayesian(input = (3, 10, 9), estimator = Reparameterization)]
pub struct Images {
    pub conv: (Conv2D<3, 6, 3, 1, 1>, Bias2D<6>, BatchNorm2D<6>, ReLU),
    pub block: Residual<(
        Conv2D<6, 6, 3, 1, 1>,
        BatchNorm2D<6>,
        FastGeLU,
        Conv2D<6, 6, 3, 1, 1, 1, 2>,
        BatchNorm2D<6>,
    )>,
    pub act: ReLU,
    pub strided: (Shrinking, Tanh),
    pub dilated: (Conv2D<10, 10, 3, 1, 2, 2, 10>, Bias2D<10>, ReLU),
    pub mean: AvgPool2D<3, 1, 1>,
    pub pool: MaxPool2D<2, 2>,
    pub drop: Dropout,
    pub flatten: Flatten,
    pub fc1: (Linear<40, 11>, Sigmoid),
    pub more: Repeated<(Linear<11, 11>, ReLU), 2>,
    pub fc2: Linear<11, 4>,
}

/// A perceptron whose estimator is its configuration's.
#[bayesian]
pub struct Dense {
    pub fc1: Linear<20, 37>,
    pub act: ReLU,
    pub fc2: Linear<37, 5>,
}

/// A configuration that states an estimator alone.
#[derive(Clone, Copy, Debug)]
pub struct By<Est>(PhantomData<Est>);

impl<Est: Estimator> Config for By<Est> {
    type Estimator = Est;
    type Prior = prior::Gaussian;
    const INIT: Init = Init::FanIn;
    const PRIOR: prior::Gaussian = Defaults::PRIOR;
    const POSTERIOR: Family = Defaults::POSTERIOR;
    const MOPED: Option<f64> = None;
}

pub type Batch4 = Tensor<(usize, Const<3>, Const<10>, Const<9>), f32, Cpu>;

/// The images' twin with this rho everywhere, and images. Batch normalisation has seen something, and turns signs.
pub fn images(rho: f64, rows: usize) -> (BayesImages<f32, Cpu>, Batch4) {
    let dev = Cpu::seed_from_u64(3);
    let mut twin = BayesImages::from_pretrained(&dev.build_module::<Images, f32>()).unwrap();
    change(
        &mut twin,
        &mut |name, i, old| match name.rsplit('.').next() {
            Some("rho") => rho,
            Some("scale") => [1.3, -0.9, 0.7, 1.1, -1.6][i % 5],
            Some("running_mean") => 0.1 * (i as f64 - 2.0),
            Some("running_var") => 0.3 + 0.2 * i as f64,
            Some("bias") => 0.05 * i as f64,
            _ => old,
        },
    );
    (twin, dev.sample_normal_like(&(rows, Const, Const, Const)))
}

pub type Vectors = Tensor<(usize, Const<20>), f32, Cpu>;

/// The perceptron's twin by this estimator, and vectors.
pub fn dense<Est: Estimator>(
    rho: f64,
    rows: usize,
) -> (BayesDense<f32, Cpu, DenseConfig<By<Est>>>, Vectors) {
    let dev = Cpu::seed_from_u64(4);
    let plain = dev.build_module::<Dense, f32>();
    let mut twin = Twin::<f32, Cpu>::to_bayes::<By<Est>>(&plain, &Name::ROOT).unwrap();
    change(&mut twin, &mut |name, _, old| {
        if name.ends_with("rho") { rho } else { old }
    });
    (twin, dev.sample_normal_like(&(rows, Const)))
}
