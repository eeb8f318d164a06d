//! Gradients of mu, rho and the input against central differences, through every layer and estimator.

use crate::estimators::twin;
use crate::finite_differences::assert_slopes;
use crate::parameters::spread_out;
use bayes_core::estimator::Estimator;
use bayes_core::prelude::*;
use bayes_core::twin::{Bind, Draw, Name, StandIns};

type Traced<S> = Tensor<S, f64, Cpu, OwnedTape<f64, Cpu>>;

/// `mean (y − 1)²`, which no layer leaves constant.
fn square_loss<S: Shape>(y: Traced<S>) -> Traced<Rank0> {
    (y - 1.0).square().mean()
}

/// The loss of a model that trains in one draw, with its KL.
macro_rules! train_loss {
    ($model:ident, $x:ident, $key:expr) => {{
        let data = square_loss($model.train($key).forward($x.leaky_trace()));
        elbo_loss(data, $model.kl(), 10, 0.5).expect("a loss")
    }};
}

#[bayesian]
struct Dense {
    fc1: Linear<3, 4>,
    act: Tanh,
    fc2: Linear<4, 2>,
}

fn dense<S: Estimator>() {
    let dev = Cpu::seed_from_u64(1);
    let mut net = twin::<S, _, _, _>(&dev.build_module::<Dense, f64>());
    spread_out(&mut net);
    let x: Tensor<Rank2<4, 3>, f64, _> = dev.sample_normal();
    assert_slopes(&mut net, &x, |net, x| train_loss!(net, x, Key::new(5, 0)));
    // Two draws before one backward: each has to find its own noise again.
    assert_slopes(&mut net, &x, |net, x| {
        train_loss!(net, x, Key::new(5, 0)) + train_loss!(net, x, Key::new(5, 1))
    });
}

#[test]
fn linear_reparameterization() {
    dense::<Reparameterization>();
}

#[test]
fn linear_flipout() {
    dense::<Flipout>();
}

#[test]
fn linear_local_reparameterization() {
    dense::<LocalReparameterization>();
}

/// Groups with a stride and padding, then a dilation with padding.
#[bayesian(input = (4, 7, 6))]
struct Windows {
    grouped: Conv2D<4, 4, 3, 2, 1, 1, 2>,
    bias: Bias2D<4>,
    act: Tanh,
    dilated: Conv2D<4, 2, 2, 1, 1, 2>,
}

fn windows<S: Estimator>() {
    let dev = Cpu::seed_from_u64(2);
    let mut net = twin::<S, _, _, _>(&dev.build_module::<Windows, f64>());
    spread_out(&mut net);
    let x: Tensor<Rank4<2, 4, 7, 6>, f64, _> = dev.sample_normal();
    assert_slopes(&mut net, &x, |net, x| train_loss!(net, x, Key::new(6, 0)));
    assert_slopes(&mut net, &x, |net, x| {
        train_loss!(net, x, Key::new(6, 0)) + train_loss!(net, x, Key::new(6, 1))
    });
}

#[test]
fn convolution_and_bias_reparameterization() {
    windows::<Reparameterization>();
}

#[test]
fn convolution_and_bias_flipout() {
    windows::<Flipout>();
}

/// A layer of each kind that draws nothing, between layers that do.
#[bayesian(input = (1, 8, 8))]
struct Mixed {
    conv: Conv2D<1, 2, 3, 1, 1>,
    norm: BatchNorm2D<2>,
    act: ReLU,
    max: MaxPool2D<2, 2>,
    block: Residual<(Conv2D<2, 2, 3, 1, 1>, Bias2D<2>, Tanh)>,
    average: AvgPool2D<2, 2>,
    flatten: Flatten,
    fc: Linear<8, 6>,
    repeated: Repeated<(Sigmoid, Linear<6, 6>), 2>,
    #[bayes(skip)]
    head: Linear<6, 2>,
}

fn mixed<S: Estimator>() {
    let dev = Cpu::seed_from_u64(3);
    let mut net = twin::<S, _, _, _>(&dev.build_module::<Mixed, f64>());
    spread_out(&mut net);
    let x: Tensor<Rank4<3, 1, 8, 8>, f64, _> = dev.sample_normal();
    assert_slopes(&mut net, &x, |net, x| {
        train_loss!(net, x, Key::new(7, 0)) + train_loss!(net, x, Key::new(7, 1))
    });
    // A prediction on a tape normalises by the running statistics, which the training passes have moved.
    assert_slopes(&mut net, &x, |net, x| {
        square_loss(net.eval(Key::new(7, 0)).forward(x.leaky_trace()))
    });
}

#[test]
fn mixed_net_reparameterization() {
    mixed::<Reparameterization>();
}

#[test]
fn mixed_net_flipout() {
    mixed::<Flipout>();
}

/// Groups of channels along a line, rectifiers with learned slopes, and a product without a bias.
#[bayesian(input = (4, 5))]
struct Lines {
    conv: Conv1D<4, 4, 3, 1, 1>,
    norm: GroupNorm1D<2, 4>,
    act1: PReLU1D<Const<4>>,
    flatten: Flatten1D,
    fc: UnbiasedLinear<20, 4>,
    act2: PReLU,
}

/// The same over images, with the pools of whole channels, the exact GeLU and a slope that is given.
#[bayesian(input = (2, 4, 4))]
struct Pictures {
    conv: Conv2D<2, 6, 3>,
    norm: GroupNorm<3, 6>,
    act1: AccurateGeLU,
    pool: Concat<MaxPoolGlobal, MinPoolGlobal>,
    fc: UnbiasedLinear<12, 8>,
    act2: LeakyReLU<f64>,
    grid: Unflatten<2, 2, 2>,
    up: ConvTrans2D<2, 1, 2, 2>,
}

/// One group over volumes.
#[bayesian(input = (2, 2, 3, 2))]
struct Volumes {
    norm: GroupNorm3D<1, 2>,
    flatten: Flatten3D,
    fc: UnbiasedLinear<24, 2>,
}

fn groups<S: Estimator>() {
    let dev = Cpu::seed_from_u64(12);
    let mut net = twin::<S, _, _, _>(&dev.build_module::<Lines, f64>());
    spread_out(&mut net);
    net.act1.a.copy_from(&[0.3, -0.2, 0.1, 0.6]);
    net.act2.a.copy_from(&[0.4]);
    net.norm.gamma.copy_from(&[0.5, 1.5, -0.7, 1.0]);
    let x: Tensor<Rank3<3, 4, 5>, f64, _> = dev.sample_normal();
    assert_slopes(&mut net, &x, |net, x| train_loss!(net, x, Key::new(5, 0)));

    let mut net = twin::<S, _, _, _>(&dev.build_module::<Pictures, f64>());
    spread_out(&mut net);
    let x: Tensor<Rank4<2, 2, 4, 4>, f64, _> = dev.sample_normal();
    assert_slopes(&mut net, &x, |net, x| train_loss!(net, x, Key::new(5, 0)));

    let mut net = twin::<S, _, _, _>(&dev.build_module::<Volumes, f64>());
    spread_out(&mut net);
    let x: Tensor<Rank5<2, 2, 2, 3, 2>, f64, _> = dev.sample_normal();
    assert_slopes(&mut net, &x, |net, x| {
        let loss = train_loss!(net, x, Key::new(5, 0));
        loss + square_loss(net.eval(Key::new(5, 1)).forward(x.leaky_trace()))
    });
}

#[test]
fn groups_slopes_and_products_without_a_bias_reparameterization() {
    groups::<Reparameterization>();
}

#[test]
fn groups_slopes_and_products_without_a_bias_flipout() {
    groups::<Flipout>();
}

/// A product without a bias, drawn by its outputs.
#[bayesian]
struct Unbiased {
    fc1: UnbiasedLinear<3, 4>,
    act: AccurateGeLU,
    fc2: UnbiasedLinear<4, 2>,
}

#[test]
fn products_without_a_bias_local_reparameterization() {
    let dev = Cpu::seed_from_u64(13);
    let plain = dev.build_module::<Unbiased, f64>();
    let mut net = twin::<LocalReparameterization, _, _, _>(&plain);
    spread_out(&mut net);
    let x: Tensor<Rank2<4, 3>, f64, _> = dev.sample_normal();
    assert_slopes(&mut net, &x, |net, x| train_loss!(net, x, Key::new(5, 0)));
}

#[bayesian]
struct GlobalPool {
    conv: Conv2D<1, 3, 3, 1, 1>,
    act: Tanh,
    pool: AvgPoolGlobal,
    fc: Linear<3, 2>,
}

#[test]
fn global_pool_and_the_posterior_mean() {
    let dev = Cpu::seed_from_u64(4);
    let plain = dev.build_module::<GlobalPool, f64>();
    let mut net = twin::<Flipout, _, _, _>(&plain);
    spread_out(&mut net);
    let x: Tensor<Rank4<2, 1, 4, 5>, f64, _> = dev.sample_normal();
    assert_slopes(&mut net, &x, |net, x| {
        train_loss!(net, x, Key::new(8, 0)) + train_loss!(net, x, Key::MEAN)
    });
}

#[bayesian]
struct Square {
    fc: Linear<3, 3>,
}

fn used_twice<S: Estimator>() {
    let dev = Cpu::seed_from_u64(5);
    let mut net = twin::<S, _, _, _>(&dev.build_module::<Square, f64>());
    spread_out(&mut net);
    let x: Tensor<Rank2<4, 3>, f64, _> = dev.sample_normal();
    let view = net.eval(Key::new(9, 0));
    assert_eq!(
        view.fc.forward(x.clone()).as_vec(),
        view.fc.forward(x.clone()).as_vec()
    );
    assert_slopes(&mut net, &x, |net, x| {
        let view = net.train(Key::new(9, 0));
        let hidden = view.fc.forward(x.leaky_trace()).tanh();
        square_loss(view.fc.forward(hidden))
    });
}

#[test]
fn a_layer_used_twice_in_one_view_has_one_draw() {
    used_twice::<Reparameterization>();
    used_twice::<Flipout>();
}

/// A model that runs its layer twice.
struct Twice<L>(L);

struct TwiceView<V>(V);

impl<L: Bind> Bind for Twice<L> {
    type Eval<'a>
        = TwiceView<L::Eval<'a>>
    where
        L: 'a;
    type Train<'a>
        = TwiceView<L::Train<'a>>
    where
        L: 'a;

    fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
        TwiceView(self.0.eval(draw))
    }

    fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
        TwiceView(self.0.train(draw))
    }

    type Int8<'a> = TwiceView<L::Int8<'a>>;

    fn int8<'a>(stand_ins: &StandIns<'a>, name: &Name<'_>) -> Self::Int8<'a> {
        TwiceView(L::int8(stand_ins, name))
    }
}

impl<X, V: Module<X, Output = X>> Module<X> for TwiceView<V> {
    type Output = X;
    type Error = V::Error;

    fn try_forward(&self, x: X) -> Result<X, V::Error> {
        self.0.try_forward(self.0.try_forward(x)?)
    }
}

/// Its noise is that of an output, not of a weight: a second use could not share it.
#[test]
fn a_second_use_by_local_reparameterization_is_an_error() {
    let dev = Cpu::seed_from_u64(6);
    let net = twin::<LocalReparameterization, _, _, _>(&dev.build_module::<Square, f64>());
    let mut twice = Twice(net);
    let x: Tensor<(usize, Const<3>), f64, _> = dev.sample_normal_like(&(4, Const));
    let error = predict(&twice, x.clone(), 2, 1)
        .classify()
        .expect_err("a second use");
    assert!(
        error
            .to_string()
            .contains("LocalReparameterization was used twice"),
        "{error}"
    );
    let draws = predict(&twice, x.clone(), 2, 1).draws();
    assert!(draws.is_ok(), "joint draws share their weights: {draws:?}");
    let view = twice.train(&Key::new(1, 0).into());
    assert!(view.try_forward(x.leaky_trace()).is_err(), "training");
}
