//! The twins of `sources/`, written by hand from the layers: what the generated ones must equal bit for bit, by the same
//! kernels.

use crate::Seen;
use crate::sources::{
    block::DeviceBlock, family::DeviceWideUnsure, forecast::DeviceForecast, lenet::DeviceLeNet,
    modules::Modules, nested::DeviceNested, residual::DeviceResidual2, small::DeviceSmall,
};
use bayes_core::device::kernel_calls;
use bayes_core::posterior::{Family, Init, Rho};
use bayes_core::prelude::*;
use bayes_core::prior::{Gaussian, Laplace, Std};
use bayes_core::twin::{Bayes, Defaults, Name};
use tests::Rectified;

/// A configuration: what it states, and what it takes from another.
macro_rules! config {
    ($Config:ident: $Estimator:ty, $Prior:ty = $prior:expr, $posterior:expr, $moped:expr) => {
        #[derive(Clone, Copy, Debug)]
        struct $Config;

        impl Config for $Config {
            type Estimator = $Estimator;
            type Prior = $Prior;
            const PRIOR: $Prior = $prior;
            const POSTERIOR: Family = $posterior;
            const MOPED: Option<f64> = $moped;
            const INIT: Init = Init::FanIn;
        }
    };
}

const UNIT: Gaussian = Gaussian::new(0.0, Std::Value(1.0));
const FAN_IN: Family = Family::mean_field(Rho::FanIn);

type Of<L, C> = Bayes<L, f32, Cpu, C>;

/// The twin of a layer that stands at `name`.
fn twin<C: Config, L: Twin<f32, Cpu>>(plain: &L, name: &str) -> Of<L, C> {
    plain.to_bayes::<C>(&Name::ROOT.field(name)).unwrap()
}

/// A layer in a draw of the whole model.
fn at<'a, L: Bind>(layer: &'a L, draw: &Draw, name: &str) -> L::Eval<'a> {
    layer.eval(&draw.field(name))
}

/// A plain layer with the weights of draw 0 with seed 9.
fn drawn<C: Config, L: Twin<f32, Cpu>>(bayes: &Of<L, C>, name: &str) -> L {
    let draw = Draw::from(Key::new(9, 0)).field(name);
    L::from_bayes::<C>(bayes, &draw).unwrap()
}

/// What [`Seen`] asks of a model: `posteriors` are its Bayesian layers in order, `forward` runs it in a draw.
fn seen(
    posteriors: &impl Bayesian<f32, Cpu>,
    forward: impl Fn(&Draw) -> Vec<f32>,
    sampled: Vec<f32>,
) -> Seen {
    let draws = (0..4).flat_map(|sample| forward(&Draw::from(Key::new(9, sample)).joint()));
    let (outputs, kernels) = kernel_calls(|| forward(&Key::new(3, 1).into()));
    Seen {
        outputs,
        kernels,
        kl: kl::<f32, Cpu, NoneTape, _>(posteriors).unwrap().array(),
        draws: draws.collect(),
        sampled,
    }
}

config!(SmallFc1: LocalReparameterization, Gaussian = Gaussian::new(0.0, Std::FanIn), FAN_IN, Some(0.5));

pub fn small(net: &DeviceSmall<f32, Cpu>, x: &Tensor<Rank2<5, 4>, f32, Cpu>) -> Seen {
    let fc1 = twin::<SmallFc1, _>(&net.fc1, "fc1");
    let forward = |draw: &Draw| {
        let y = at(&fc1, draw, "fc1").forward(x.clone()).rectified();
        net.fc2.forward(y).as_vec()
    };
    let plain = same(&net.fc1, drawn::<SmallFc1, _>(&fc1, "fc1"));
    let sampled = net.fc2.forward(plain.forward(x.clone()).rectified());
    seen(&(fc1.clone(),), forward, sampled.as_vec())
}

pub fn residual(
    net: &DeviceResidual2<2, f32, Cpu>,
    x: &Tensor<Rank4<5, 2, 6, 6>, f32, Cpu>,
) -> Seen {
    let conv = twin::<Defaults, _>(&net.block.0.0, "block.0.0");
    let bias = twin::<Defaults, _>(&net.block.0.1, "block.0.1");
    let fc = twin::<Defaults, _>(&net.fc, "fc");
    let forward = |draw: &Draw| {
        let block = draw.field("block").index(0);
        let y = conv.eval(&block.index(0)).forward(x.clone());
        let y = bias.eval(&block.index(1)).forward(y);
        let y = Cpu::sum(y, x.clone()).unwrap();
        at(&fc, draw, "fc").forward(net.flatten.forward(y)).as_vec()
    };
    let draw = Draw::from(Key::new(9, 0)).field("block").index(0);
    let block = (
        Twin::<f32, Cpu>::from_bayes::<Defaults>(&conv, &draw.index(0)).unwrap(),
        Twin::<f32, Cpu>::from_bayes::<Defaults>(&bias, &draw.index(1)).unwrap(),
    );
    let block: (_, _) = same(&net.block.0, block);
    let y = block.1.forward(block.0.forward(x.clone())) + x.clone();
    let fc_drawn = same(&net.fc, drawn::<Defaults, _>(&fc, "fc"));
    let sampled = fc_drawn.forward(net.flatten.forward(y));
    let posteriors = (conv.clone(), bias.clone(), fc.clone());
    seen(&posteriors, forward, sampled.as_vec())
}

/// Says that a layer is of another's type.
fn same<L>(_: &L, layer: L) -> L {
    layer
}

config!(OfBlock: Reparameterization, Gaussian = UNIT, FAN_IN, None);
config!(OfConv2: Reparameterization, Gaussian = UNIT, FAN_IN, Some(0.1));

pub fn block(net: &DeviceBlock<f32, Cpu>, x: &Tensor<Rank4<5, 2, 6, 6>, f32, Cpu>) -> Seen {
    let conv1 = twin::<OfBlock, _>(&net.conv1, "conv1");
    let conv2 = twin::<OfConv2, _>(&net.conv2, "conv2");
    let forward = |draw: &Draw| {
        let y = net.bn1.forward(x.clone()).relu();
        let y = at(&conv1, draw, "conv1").forward(y).relu();
        (x.clone() + at(&conv2, draw, "conv2").forward(y)).as_vec()
    };
    let one = same(&net.conv1, drawn::<OfBlock, _>(&conv1, "conv1"));
    let two = same(&net.conv2, drawn::<OfConv2, _>(&conv2, "conv2"));
    let y = two.forward(one.forward(net.bn1.forward(x.clone()).relu()).relu());
    let sampled = x.clone() + y;
    seen(&(conv1.clone(), conv2.clone()), forward, sampled.as_vec())
}

config!(OfLeNet: Reparameterization, Gaussian = UNIT, FAN_IN, Some(0.2));

pub fn lenet(net: &DeviceLeNet<f32, Cpu>, x: &Tensor<Rank4<5, 1, 8, 8>, f32, Cpu>) -> Seen {
    let conv = twin::<OfLeNet, _>(&net.conv1.0, "conv1.0");
    let bias = twin::<OfLeNet, _>(&net.conv1.1, "conv1.1");
    let fc = twin::<OfLeNet, _>(&net.fc1, "fc1");
    // Dropout drops nothing in a prediction.
    let behind = |y| {
        net.flatten
            .forward(net.pool1.forward(net.conv1.2.forward(y).rectified()))
    };
    let forward = |draw: &Draw| {
        let conv1 = draw.field("conv1");
        let y = conv.eval(&conv1.index(0)).forward(x.clone());
        let y = bias.eval(&conv1.index(1)).forward(y);
        at(&fc, draw, "fc1").forward(behind(y)).as_vec()
    };
    let draw = Draw::from(Key::new(9, 0)).field("conv1");
    let conv_drawn = Twin::<f32, Cpu>::from_bayes::<OfLeNet>(&conv, &draw.index(0)).unwrap();
    let bias_drawn = Twin::<f32, Cpu>::from_bayes::<OfLeNet>(&bias, &draw.index(1)).unwrap();
    let y = same(&net.conv1.0, conv_drawn).forward(x.clone());
    let y = same(&net.conv1.1, bias_drawn).forward(y);
    let sampled = same(&net.fc1, drawn::<OfLeNet, _>(&fc, "fc1")).forward(behind(y));
    let posteriors = (conv.clone(), bias.clone(), fc.clone());
    seen(&posteriors, forward, sampled.as_vec())
}

config!(OfForecast: Flipout, Gaussian = UNIT, Family::mean_field(Rho::Value(-2.0)), None);

pub fn forecast(net: &DeviceForecast<f32, Cpu>, x: &Tensor<Rank3<5, 4, 2>, f32, Cpu>) -> Seen {
    let lstm = twin::<OfForecast, _>(&net.lstm, "lstm");
    let head = twin::<OfForecast, _>(&net.head, "head");
    let forward = |draw: &Draw| {
        let y = net.last.forward(at(&lstm, draw, "lstm").forward(x.clone()));
        at(&head, draw, "head").forward(y).as_vec()
    };
    let lstm_drawn = same(&net.lstm, drawn::<OfForecast, _>(&lstm, "lstm"));
    let head_drawn = same(&net.head, drawn::<OfForecast, _>(&head, "head"));
    let sampled = head_drawn.forward(net.last.forward(lstm_drawn.forward(x.clone())));
    seen(&(lstm.clone(), head.clone()), forward, sampled.as_vec())
}

config!(OfModules: Flipout, Laplace = Laplace::new(0.0, 0.5), FAN_IN, None);
config!(OfFc2: Reparameterization, Laplace = Laplace::new(0.0, 0.5), FAN_IN, None);

pub fn modules(net: &Modules<f32, Cpu, 6>, x: &Tensor<Rank2<5, 4>, f32, Cpu>) -> Seen {
    let fc1 = twin::<OfModules, _>(&net.fc1, "fc1");
    let fc2 = twin::<OfFc2, _>(&net.fc2, "fc2");
    let forward = |draw: &Draw| {
        let y = at(&fc1, draw, "fc1").forward(x.clone()).tanh();
        at(&fc2, draw, "fc2").forward(y).as_vec()
    };
    let one = same(&net.fc1, drawn::<OfModules, _>(&fc1, "fc1"));
    let two = same(&net.fc2, drawn::<OfFc2, _>(&fc2, "fc2"));
    let sampled = two.forward(one.forward(x.clone()).tanh());
    seen(&(fc1.clone(), fc2.clone()), forward, sampled.as_vec())
}

config!(OfNested: Flipout, Gaussian = Gaussian::new(0.0, Std::Value(0.5)), FAN_IN, Some(0.3));
config!(OfLayer: Reparameterization, Gaussian = Gaussian::new(0.0, Std::Value(0.5)), FAN_IN, Some(0.3));

pub fn nested(net: &DeviceNested<f32, Cpu>, x: &Tensor<Rank2<5, 4>, f32, Cpu>) -> Seen {
    let stem = twin::<OfNested, _>(&net.stem, "stem");
    let layers: Vec<_> = net.layers.modules.iter().collect();
    let [first, second] = layers[..] else {
        panic!("two layers")
    };
    let fcs = [first, second].map(|layer| twin::<OfLayer, _>(&layer.fc, "layers.i.fc"));
    let forward = |draw: &Draw| {
        let mut y = at(&stem, draw, "stem").forward(x.clone());
        for (i, fc) in fcs.iter().enumerate() {
            let draw = draw.field("layers").index(i);
            y = at(fc, &draw, "fc").forward(y).rectified();
        }
        net.head.forward(y).as_vec()
    };
    let mut y = same(&net.stem, drawn::<OfNested, _>(&stem, "stem")).forward(x.clone());
    for (i, fc) in fcs.iter().enumerate() {
        let draw = Draw::from(Key::new(9, 0)).field("layers").index(i);
        let fc = Twin::<f32, Cpu>::from_bayes::<OfLayer>(fc, &draw.field("fc")).unwrap();
        y = same(&first.fc, fc).forward(y).rectified();
    }
    let [one, two] = fcs.clone();
    let posteriors = (stem.clone(), one, two);
    seen(&posteriors, forward, net.head.forward(y).as_vec())
}

config!(OfWideUnsure: Flipout, Gaussian = UNIT, FAN_IN, Some(0.5));

pub fn family(net: &DeviceWideUnsure<f32, Cpu>, x: &Tensor<Rank2<5, 4>, f32, Cpu>) -> Seen {
    let fc1 = twin::<OfWideUnsure, _>(&net.fc1, "fc1");
    let fc2 = twin::<OfWideUnsure, _>(&net.fc2, "fc2");
    let forward = |draw: &Draw| {
        let y = at(&fc1, draw, "fc1").forward(x.clone()).rectified();
        at(&fc2, draw, "fc2").forward(y).as_vec()
    };
    let one = same(&net.fc1, drawn::<OfWideUnsure, _>(&fc1, "fc1"));
    let two = same(&net.fc2, drawn::<OfWideUnsure, _>(&fc2, "fc2"));
    let sampled = two.forward(one.forward(x.clone()).rectified());
    seen(&(fc1.clone(), fc2.clone()), forward, sampled.as_vec())
}
