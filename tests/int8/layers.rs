//! Every kind of layer in 8-bit plans: the fused plan is the model, its int8 form says the same, and so does its file.

use crate::agreement::check;
use crate::models::By;
use crate::parameters::change;
use bayes_core::int8::{Int8, inspect};
use bayes_core::kernels::isa::Isa;
use bayes_core::plan::{Form, Graph, Structure, Values, Wire};
use bayes_core::predict::Tokens;
use bayes_core::prelude::*;
use bayes_core::twin::{Name, Twin};

/// Signals: strides, dilation, groups, padding, a way up again.
#[bayesian(input = (3, 20))]
pub struct Lines {
    pub conv: (Conv1D<3, 8, 5, 1, 2>, Bias1D<8>, BatchNorm1D<8>, ReLU),
    pub pool: MaxPool1D<3, 2, 1>,
    pub grouped: (Conv1D<8, 6, 3, 1, 2, 2, 2>, ReLU),
    pub mean: AvgPool1D<3, 1, 1>,
    pub up: (ConvTrans1D<6, 5, 4, 2, 1>, Bias1D<5>, Tanh),
    pub bins: (AdaptiveAvgPool1D<7>, AdaptiveMaxPool1D<4>),
    pub flatten: Flatten1D,
    pub fc: Linear<20, 3>,
}

/// Volumes.
#[bayesian(input = (2, 6, 5, 7))]
pub struct Volumes {
    pub conv: (Conv3D<2, 6, 3, 1, 1>, Bias3D<6>, BatchNorm3D<6>, ReLU),
    pub pool: MaxPool3D<2, 2>,
    pub grouped: (Conv3D<6, 4, 2, 1, 1, 1, 2>, ReLU),
    pub up: (ConvTrans3D<4, 4, 3, 2, 1, 1, 2, 1>, Bias3D<4>),
    pub mean: AvgPool3D<3, 2, 1>,
    pub bins: AdaptiveAvgPool3D<2>,
    pub flatten: Flatten3D,
    pub fc: Linear<32, 3>,
}

/// A small net in the shape of a U.
#[bayesian(input = (2, 8, 8))]
pub struct Up {
    pub skip: Concat<
        (Conv2D<2, 3, 3, 1, 1>, ReLU),
        (
            Conv2D<2, 6, 3, 2, 1>,
            ReLU,
            ConvTrans2D<6, 4, 3, 2, 1, 1, 2, 1>,
            ReLU,
        ),
    >,
    pub conv: (
        Conv2D<7, 4, 3, 1, 1>,
        Bias2D<4>,
        GroupNorm2D<2, 4>,
        LeakyReLU<f32>,
    ),
    pub bins: (
        AdaptiveMaxPool2D<3>,
        PReLU1D<Const<4>>,
        AdaptiveAvgPool2D<2>,
    ),
    pub flatten: Flatten,
    pub fc: (Linear<16, 16>, PReLU),
    pub again: Unflatten<4, 2, 2>,
    pub ends: Concat<MaxPoolGlobal, MinPoolGlobal>,
    pub head: Linear<8, 3>,
}

/// Sequences, in both directions and two layers.
#[bayesian]
pub struct Forecast {
    pub lstm: LSTM<5, 9, 2, true>,
    pub last: LastOutput,
    pub fc: Linear<18, 3>,
}

/// Sequences, without biases.
#[bayesian]
pub struct Gated {
    pub gru: GRU<5, 11, 1, false, false>,
    pub outputs: Outputs,
    pub fc: Linear<11, 6>,
    pub mean: MeanSteps,
    pub act: ReLU,
    pub head: Linear<6, 3>,
}

/// Words.
#[bayesian]
pub struct Words {
    pub embed: Embedding<30, 12>,
    pub position: PositionalEncoding,
    pub encoder: TransformerEncoder<12, 3, 20, 2>,
    pub mean: MeanSteps,
    pub head: Linear<12, 3>,
}

/// Gives normalisations something to do and every sigma this rho.
macro_rules! twin {
    ($Model:ident, $Estimator:ty, $rho:expr) => {{
        let plain = Cpu::seed_from_u64(11).build_module::<$Model, f32>();
        let mut twin = Twin::<f32, Cpu>::to_bayes::<By<$Estimator>>(&plain, &Name::ROOT).unwrap();
        change(
            &mut twin,
            &mut |name, i, old| match name.rsplit('.').next() {
                Some("rho") => $rho,
                Some("scale" | "gamma") => [1.3, -0.9, 0.7, 1.1, -1.6][i % 5],
                Some("a") => 0.3 + 0.1 * (i % 3) as f64,
                Some("beta") => 0.1 * (i % 3) as f64,
                Some("running_mean") => 0.1 * (i as f64 - 2.0),
                Some("running_var") => 0.3 + 0.2 * i as f64,
                _ => old,
            },
        );
        twin
    }};
}

/// The numbers of a batch and what each example is.
trait Numbers {
    fn numbers(&self) -> Vec<f32>;
}

impl<S: Shape> Numbers for Tensor<S, f32, Cpu> {
    fn numbers(&self) -> Vec<f32> {
        self.as_vec()
    }
}

impl<B: Dim, S: Dim> Numbers for Tensor<(B, S), usize, Cpu> {
    fn numbers(&self) -> Vec<f32> {
        self.as_vec().into_iter().map(|word| word as f32).collect()
    }
}

#[track_caller]
fn close(what: &str, got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len(), "{what}");
    let largest = want.iter().fold(0.0f32, |most, y| most.max(y.abs()));
    for (got, want) in got.iter().zip(want) {
        let error = (got - want).abs();
        assert!(error <= 2e-5 * largest, "{what}: {got} {want}");
    }
}

/// The plan's f32 form gives what the layers give in one draw for all examples; the int8 form says the same as the f32
/// twin in 128 draws, with as much variance; and its file gives the same numbers on every instruction set.
macro_rules! agrees {
    ($what:expr, $twin:expr, $x:expr, $input:expr, $form:expr) => {{
        let (twin, x) = (&$twin, &$x);
        let mut graph = Graph::default();
        let output = Structure::<f32>::trace(twin, &Name::ROOT, &mut graph, Wire::INPUT).unwrap();
        let plan = graph.fuse(output);
        let values = x.numbers();
        let input = Values {
            examples: values.len() / $form.len(),
            form: $form,
            values,
        };
        // Weights of a draw, shared by all examples whatever the estimator.
        let plain = [(Key::MEAN, twin.mean()), (Key::new(7, 0), twin.sample(7))];
        for (key, plain) in plain {
            let got = plan.run(key, input.clone(), |_, _, _| {}).unwrap().values;
            let want = plain.unwrap().forward(x.clone()).as_vec();
            close(&format!("{} in {key:?}", $what), &got, &want);
        }
        let quant = twin.quantize([$input(x.clone())]).unwrap();
        let want = twin.predict($input(x.clone()), 128, 1).draws().unwrap();
        let got = quant.predict($input(x.clone()), 128, 1).draws().unwrap();
        check(&$what, &want, &got);
        let loaded = Int8::from_bytes(&quant.to_bytes().unwrap()).unwrap();
        let mut same = quant.clone();
        for isa in Isa::available() {
            same = loaded.on(isa);
            let again = same.predict($input(x.clone()), 2, 1).draws().unwrap();
            let first = &got.values[..again.values.len()];
            assert_eq!(again.values, first, "{} on {isa}", $what);
        }
        inspect(&same)
    }};
}

fn same<X>(x: X) -> X {
    x
}

fn what(net: &str, rho: f64) -> String {
    format!("{net}, rho {rho}")
}

// Each estimator is compiled anew with its models, so Flipout is tried where it takes a path of its own.

#[test]
fn lines_and_volumes() {
    let dev = Cpu::seed_from_u64(5);
    let x: Tensor<(usize, Const<3>, Const<20>), f32, _> =
        dev.sample_normal_like(&(30, Const, Const));
    let of_lines = Form::grid(3, &[20]).unwrap();
    let y: Tensor<(usize, Const<2>, Const<6>, Const<5>, Const<7>), f32, _> =
        dev.sample_normal_like(&(20, Const, Const, Const, Const));
    let of_volumes = Form::grid(2, &[6, 5, 7]).unwrap();
    for rho in [-8.0, -4.0] {
        let lines = twin!(Lines, Reparameterization, rho);
        let inspection = agrees!(what("lines", rho), lines, x, same, of_lines);
        assert_eq!(inspection.dequantized(), 0);
        let volumes = twin!(Volumes, Reparameterization, rho);
        let inspection = agrees!(what("volumes", rho), volumes, y, same, of_volumes);
        assert_eq!(inspection.dequantized(), 0);
    }
}

#[test]
fn images_down_and_up_again() {
    let x: Tensor<(usize, Const<2>, Const<8>, Const<8>), f32, _> =
        Cpu::seed_from_u64(5).sample_normal_like(&(30, Const, Const, Const));
    let form = Form::grid(2, &[8, 8]).unwrap();
    for rho in [-8.0, -4.0] {
        let up = twin!(Up, Reparameterization, rho);
        agrees!(what("up", rho), up, x, same, form);
    }
    let up = twin!(Up, Flipout, -4.0);
    agrees!("up, by Flipout", up, x, same, form);
}

#[test]
fn sequences() {
    let x: Tensor<(usize, usize, Const<5>), f32, _> =
        Cpu::seed_from_u64(6).sample_normal_like(&(24, 7, Const));
    let form = Form::Sequence {
        steps: 7,
        features: 5,
    };
    for rho in [-8.0, -4.0] {
        let gated = twin!(Gated, Reparameterization, rho);
        agrees!(what("GRU", rho), gated, x, same, form);
        let forecast = twin!(Forecast, Flipout, rho);
        let inspection = agrees!(what("LSTM, by Flipout", rho), forecast, x, same, form);
        let table = inspection.to_string();
        assert!(table.contains("steps of LSTM 9, in reverse"), "{table}");
    }
}

#[test]
fn words() {
    let words = (0..24 * 6).map(|i| (7 * i + i / 5) % 30).collect();
    let x: Tensor<(usize, usize), usize, _> = Cpu::seed_from_u64(6).tensor_from_vec(words, (24, 6));
    let form = Form::Tokens(6);
    for rho in [-8.0, -4.0] {
        let words = twin!(Words, Flipout, rho);
        let inspection = agrees!(what("words, by Flipout", rho), words, x, Tokens, form);
        // Two blocks of an attention and two normalisations, and the positions.
        assert_eq!(inspection.dequantized(), 7);
    }
}

#[test]
fn words_beyond_the_table_are_errors() {
    let dev = Cpu::seed_from_u64(7);
    let twin = twin!(Words, Flipout, -4.0);
    let words: Tensor<(usize, usize), usize, _> = dev.tensor_from_vec(vec![3; 12], (2, 6));
    let quant = twin.quantize([Tokens(words)]).unwrap();
    let words: Tensor<(usize, usize), usize, _> = dev.tensor_from_vec(vec![30; 6], (1, 6));
    let problem = quant
        .predict(Tokens(words.clone()), 2, 1)
        .draws()
        .unwrap_err();
    assert!(problem.to_string().contains("words below 30"), "{problem}");
    assert!(twin.quantize([Tokens(words)]).is_err());
}
