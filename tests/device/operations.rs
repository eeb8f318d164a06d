//! Each operation of `Kernels` made of dfdx operations on a device, against the fused one of the CPU: values and
//! gradients, in both number types.

use crate::on_every_device;
use bayes_core::device::{
    GroupSize, Hidden, ImageSize, Initial, Kernels, LinearSize, NormSize, PoolSize, SignSize,
    Turned, composed,
};
use bayes_core::dfdx::prelude::*;
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::draw::{Key, Noise as Kind};
use bayes_core::kernels::conv::transposed::TransposedGeometry;
use bayes_core::kernels::conv::{Axis as Side, ConvGeometry};
use bayes_core::kernels::pool_axis::AxisPool;
use bayes_core::kernels::recurrent::{Cell, RecurrentGeometry};
use bayes_core::posterior::{MeanField, PriorMean};
use bayes_core::shape::Sliding;
use bayes_core::twin::{Draw, Noise};

pub(crate) type Leaf<E, D> = Tensor<(usize,), E, D>;
type Taped<E, D> = Tensor<(usize,), E, D, OwnedTape<E, D>>;

/// One operation with its sizes.
trait Operation {
    const NAME: &'static str;

    /// Elements of each input.
    fn inputs() -> Vec<usize>;

    /// The operation of the device, or the one made of dfdx operations.
    fn run<E: Dtype, D: Kernels<E>>(fused: bool, inputs: &[Leaf<E, D>]) -> Taped<E, D>;
}

/// Declares operations: their inputs as vectors on a tape, what else they need, and the call.
macro_rules! operations {
    ($($Name:ident: [$($x:ident: $len:expr),*] $({$(let $v:ident = $e:expr;)*})? => $op:ident($($arg:expr),*) $(.$field:ident)?;)*) => {$(
        struct $Name;

        impl Operation for $Name {
            const NAME: &'static str = stringify!($Name);

            fn inputs() -> Vec<usize> {
                vec![$($len),*]
            }

            fn run<E: Dtype, D: Kernels<E>>(fused: bool, inputs: &[Leaf<E, D>]) -> Taped<E, D> {
                let mut inputs = inputs.iter();
                $(let $x = inputs.next().expect("an input").leaky_trace();)*
                $($(let $v = $e;)*)?
                let y = match fused {
                    true => D::$op($($arg),*),
                    false => composed::$op($($arg),*),
                };
                flat(y.unwrap_or_else(|e| panic!("{}: {e:?}", Self::NAME))$(.$field)?)
            }
        }
    )*};
}

fn flat<S: Shape, E: Dtype, D: Device<E>, T: Tape<E, D>>(
    y: Tensor<S, E, D, T>,
) -> Tensor<(usize,), E, D, T> {
    let len = y.shape().num_elements();
    y.reshape_like(&(len,))
}

/// Numbers between −1 and 1 that look random.
pub(crate) fn numbers(seed: usize, len: usize) -> Vec<f64> {
    let number = |i: usize| ((seed * 7919 + i * 104_729) as f64 * 0.618_033_988_75).fract();
    (0..len).map(|i| 2.0 * number(i) - 1.0).collect()
}

pub(crate) fn upload<E: Dtype, D: Device<E>>(device: &D, values: &[f64]) -> Leaf<E, D> {
    let numbers = values.iter().map(|&x| E::from_f64(x).expect("a number"));
    device.tensor_from_vec(numbers.collect(), (values.len(),))
}

pub(crate) fn host<E: Dtype, D: Device<E>>(x: &Leaf<E, D>) -> Vec<f64> {
    let values = x.as_vec().into_iter();
    values.map(|x| x.to_f64().expect("a number")).collect()
}

/// What it gives and the gradients of `Σ y·g`.
fn outcome<O: Operation, E: Dtype, D: Kernels<E>>(device: &D, fused: bool) -> Vec<Vec<f64>> {
    let lens = O::inputs().into_iter().enumerate();
    let inputs: Vec<Leaf<E, D>> = lens
        .map(|(i, len)| upload(device, &numbers(i + 1, len)))
        .collect();
    let y = O::run::<E, D>(fused, &inputs);
    let (y, tape) = y.split_tape();
    let values = host(&y);
    let g = upload::<E, D>(device, &numbers(99, values.len()));
    let gradients = (y.put_tape(tape) * g).sum().backward();
    let gradients = inputs.iter().map(|x| host(&gradients.get(x)));
    std::iter::once(values).chain(gradients).collect()
}

/// `|got − want| ≤ tolerance·max(1, |want|)`, the largest.
fn assert_close(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}: length");
    let largest = want.iter().fold(1.0, |a: f64, b| a.max(b.abs()));
    let bound = tolerance * largest;
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let error = (got - want).abs();
        assert!(
            error <= bound,
            "{what}: element {i} is {got} instead of {want}"
        );
    }
}

fn agrees_in<O: Operation, E: Dtype, D: Kernels<E>>(device: &D, tolerance: f64)
where
    Cpu: Kernels<E>,
{
    let want = outcome::<O, E, Cpu>(&Cpu::default(), true);
    let got = outcome::<O, E, D>(device, false);
    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
        let of = if i == 0 {
            "y".to_owned()
        } else {
            format!("the gradient of input {i}")
        };
        let what = format!("{} in {}, {of}", O::NAME, std::any::type_name::<E>());
        assert_close(&what, got, want, tolerance);
    }
}

fn agrees<O: Operation, D: Kernels<f32> + Kernels<f64>>(device: &D) {
    agrees_in::<O, f64, D>(device, 1e-9);
    agrees_in::<O, f32, D>(device, 2e-5);
}

fn side(size: usize, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Side {
    Side {
        size,
        kernel,
        stride,
        padding,
        dilation,
    }
}

/// Two examples of four channels of 7×6, a kernel of 3×2 with holes, two groups.
fn image() -> ConvGeometry {
    ConvGeometry {
        batch: 2,
        in_channels: 4,
        out_channels: 6,
        axes: [Side::NONE, side(7, 3, 2, 2, 2), side(6, 2, 1, 0, 1)],
        groups: 2,
    }
}

/// Three lines of 9, no padding.
fn line() -> ConvGeometry {
    ConvGeometry {
        batch: 3,
        in_channels: 2,
        out_channels: 5,
        axes: [Side::NONE, Side::NONE, side(9, 4, 1, 0, 1)],
        groups: 1,
    }
}

fn volume() -> ConvGeometry {
    let axis = side(4, 3, 1, 1, 1);
    ConvGeometry {
        batch: 2,
        in_channels: 2,
        out_channels: 3,
        axes: [axis; 3],
        groups: 1,
    }
}

/// From 4 channels to 3 in two groups, on 5×4 with stride 2.
fn transposed() -> TransposedGeometry {
    let taken = ConvGeometry {
        batch: 2,
        in_channels: 4,
        out_channels: 6,
        axes: [Side::NONE, side(5, 3, 2, 1, 1), side(4, 2, 2, 0, 1)],
        groups: 2,
    };
    TransposedGeometry::new(taken, [0, 1, 0]).expect("a transposed convolution")
}

const IMAGE: ImageSize = ImageSize {
    examples: 3,
    channels: 4,
    pixels: 6,
};
const NORM: NormSize = NormSize {
    image: IMAGE,
    epsilon: 1e-5,
};
const GROUPS: GroupSize = GroupSize {
    image: IMAGE,
    groups: 2,
    epsilon: 1e-5,
};
const LINEAR: LinearSize = LinearSize {
    rows: 5,
    inputs: 7,
    outputs: 3,
};
const SIGNS: SignSize = SignSize {
    examples: 3,
    steps: 2,
    channels: 5,
    pixels: 4,
};

fn pool(padding: usize) -> PoolSize {
    PoolSize {
        planes: 6,
        height: 7,
        width: 5,
        window: Sliding {
            kernel: 3,
            stride: 2,
            padding,
            dilation: 1,
        },
    }
}

fn outputs(pool: PoolSize) -> (usize,) {
    let (height, width) = pool.output();
    (pool.planes * height * width,)
}

fn bins() -> AxisPool {
    AxisPool::adaptive([2, 7, 3], 3).expect("bins")
}

fn sliding() -> AxisPool {
    AxisPool::sliding([2, 7, 3], 3, 2, 1).expect("windows")
}

fn lstm() -> RecurrentGeometry {
    RecurrentGeometry {
        cell: Cell::Lstm,
        batch: 3,
        steps: 4,
        hidden: 5,
        reverse: false,
    }
}

fn gru() -> RecurrentGeometry {
    RecurrentGeometry {
        cell: Cell::Gru,
        reverse: true,
        ..lstm()
    }
}

fn draw() -> Draw {
    Draw::from(Key::new(3, 1)).field("layer")
}

fn weight_noise() -> Noise {
    draw().weight_noise("weight").expect("a draw")
}

fn example_noise(kind: Kind, examples: usize) -> Noise {
    draw().example_noise(kind, examples).expect("a draw")
}

fn signs() -> [Noise; 2] {
    [
        example_noise(Kind::SignIn, 3),
        example_noise(Kind::SignOut, 3),
    ]
}

operations! {
    Linear: [x: 35, w: 21, b: 3] => linear(x, w, Some(b), LINEAR, (15,));
    Image: [x: 2 * 4 * 42, w: 6 * 2 * 6] => conv(x, w, image(), (image().output_len(),));
    Line: [x: 3 * 2 * 9, w: 5 * 2 * 4] => conv(x, w, line(), (line().output_len(),));
    Volume: [x: 2 * 2 * 64, w: 3 * 2 * 27] => conv(x, w, volume(), (volume().output_len(),));
    Transposed: [x: 2 * 4 * 20, w: 4 * 3 * 6]
        => conv_transposed(x, w, transposed(), (transposed().back().input_len(),));
    AddBias: [x: 72, b: 4] => add_bias(x, b, IMAGE);
    AddBiasFlipped: [x: 72, m: 4, d: 4] => add_bias_flipped(x, [m, d], example_noise(Kind::SignOut, 3), IMAGE);
    MaxPool: [x: 6 * 35] => max_pool2d(x, pool(1), outputs(pool(1)));
    MaxPoolWithin: [x: 6 * 35] => max_pool2d(x, pool(0), outputs(pool(0)));
    AvgPool: [x: 6 * 35] => avg_pool2d(x, pool(1), outputs(pool(1)));
    AxisMax: [x: 42] => axis_max(x.reshape_like(&(2, 7, 3)), bins());
    AxisMean: [x: 42] => axis_mean(x.reshape_like(&(2, 7, 3)), sliding());
    GlobalAverage: [x: 72] => avg_pool_global(x, IMAGE, (12,));
    BatchNorm: [x: 72, scale: 4, bias: 4] => batch_norm(x, scale, bias, NORM).output;
    BatchNormEval: [x: 72, scale: 4, bias: 4] {
        let device = x.device().clone();
        let mean = upload::<E, D>(&device, &[0.1, -0.2, 0.3, 0.0]);
        let var = upload::<E, D>(&device, &[0.5, 1.0, 2.0, 0.25]);
    } => batch_norm_eval(x, scale, bias, (&mean, &var), NORM);
    GroupNorm: [x: 72, scale: 4, bias: 4] => group_norm(x, scale, bias, GROUPS);
    Gelu: [x: 50] => accurate_gelu(x * E::from_f64(5.0).expect("a number"));
    Lstm: [pre: 240, w: 100, b: 20, dw: 100, db: 20, h: 15, c: 15] => recurrence(
        pre.reshape_like(&(3, 4, 20)),
        Hidden {
            weight: w.reshape_like(&(20, 5)),
            bias: Some(b),
            turned: Some(Turned { weight: dw.reshape_like(&(20, 5)), bias: Some(db), signs: signs() }),
        },
        Initial { h: Some(h.reshape_like(&(3, 5))), c: Some(c.reshape_like(&(3, 5))) },
        lstm()
    );
    Gru: [pre: 180, w: 75, b: 15] => recurrence(
        pre.reshape_like(&(3, 4, 15)),
        Hidden { weight: w.reshape_like(&(15, 5)), bias: Some(b), turned: None },
        Initial { h: None, c: None },
        gru()
    );
    DrawWeights: [mu: 600, rho: 600] => draw_weights(mu, rho, weight_noise());
    Deviation: [rho: 600] => deviation(rho, weight_noise());
    Variance: [rho: 50] => variance(rho);
    FlipSigns: [x: 120] => flip_signs(x, example_noise(Kind::SignIn, 3), SIGNS);
    FlipOnto: [mean: 120, x: 120] => flip_onto(mean, x, example_noise(Kind::SignOut, 3), SIGNS);
    Sum: [x: 120, y: 120] => sum(x, y);
    LocalNoise: [mean: 60, v: 60] => local_noise(mean, v.square(), example_noise(Kind::Local, 3));
    Dropout: [x: 600] => dropout(x, 0.3, example_noise(Kind::Dropout, 3));
}

struct GaussianKl;

impl Operation for GaussianKl {
    const NAME: &'static str = "GaussianKl";

    fn inputs() -> Vec<usize> {
        vec![200, 200]
    }

    fn run<E: Dtype, D: Kernels<E>>(fused: bool, inputs: &[Leaf<E, D>]) -> Taped<E, D> {
        let [mu, rho] = inputs else {
            panic!("mu and rho")
        };
        let prior_mean = upload(mu.device(), &numbers(3, 200));
        let posterior = MeanField {
            mu,
            rho,
            prior_mean: PriorMean::Tensor(&prior_mean),
            prior_std: 0.7,
        };
        let kl: Tensor<Rank0, E, D, OwnedTape<E, D>> = match fused {
            true => D::gaussian_kl(posterior),
            false => composed::gaussian_kl(posterior),
        }
        .unwrap_or_else(|e| panic!("{e:?}"));
        flat(kl)
    }
}

fn running_statistics_follow<D: Kernels<f32>>(device: &D) {
    let mut running = upload::<f32, D>(device, &[1.0, -2.0, 0.5]);
    D::follow(&mut running, upload(device, &[3.0, 0.0, 0.5]), 0.1)
        .unwrap_or_else(|e| panic!("{e:?}"));
    assert_close("running", &host(&running), &[1.2, -1.8, 0.5], 1e-6);
}

on_every_device! {
    linear => agrees::<Linear, _>;
    convolution_of_images => agrees::<Image, _>;
    convolution_of_lines => agrees::<Line, _>;
    convolution_of_volumes => agrees::<Volume, _>;
    transposed_convolution => agrees::<Transposed, _>;
    bias => agrees::<AddBias, _>;
    bias_by_flipout => agrees::<AddBiasFlipped, _>;
    largest_of_windows => agrees::<MaxPool, _>;
    largest_of_windows_without_padding => agrees::<MaxPoolWithin, _>;
    mean_of_windows => agrees::<AvgPool, _>;
    largest_along_an_axis => agrees::<AxisMax, _>;
    mean_along_an_axis => agrees::<AxisMean, _>;
    mean_of_an_image => agrees::<GlobalAverage, _>;
    batch_norm_in_training => agrees::<BatchNorm, _>;
    batch_norm_in_prediction => agrees::<BatchNormEval, _>;
    running_statistics => running_statistics_follow;
    group_norm => agrees::<GroupNorm, _>;
    gelu => agrees::<Gelu, _>;
    lstm_by_flipout => agrees::<Lstm, _>;
    gru_from_the_end => agrees::<Gru, _>;
    weights_of_a_draw => agrees::<DrawWeights, _>;
    deviation_of_a_draw => agrees::<Deviation, _>;
    variance => agrees::<Variance, _>;
    signs => agrees::<FlipSigns, _>;
    sum_of_flipout => agrees::<FlipOnto, _>;
    sum => agrees::<Sum, _>;
    local_noise => agrees::<LocalNoise, _>;
    dropout => agrees::<Dropout, _>;
    kl => agrees::<GaussianKl, _>;
}
