//! Models from the checkpoint to the prediction, on a device as on the CPU.

use bayes_core::checkpoint::Checkpoint;
use bayes_core::kl::kl_in;
use bayes_core::optim::{AdamConfig, DeviceAdam};
use bayes_core::prelude::*;

#[bayesian(input = (1, 8, 8), prior = Gaussian(0.0, 0.5), estimator = Flipout, moped = 0.3)]
struct Pictures {
    conv: Conv2D<1, 4, 3, 1, 1>,
    norm: BatchNorm2D<4>,
    act: AccurateGeLU,
    halve: MaxPool2D<2, 2>,
    groups: GroupNorm2D<2, 4>,
    up: ConvTrans2D<4, 3, 2, 2>,
    pool: AdaptiveAvgPool2D<2>,
    flatten: Flatten,
    fc: Linear<12, 3>,
}

#[bayesian(input = (5, 4), posterior = MeanField(rho = -2.0))]
struct Sequences {
    lstm: LSTM<4, 6>,
    outputs: Outputs,
    gru: GRU<6, 5>,
    last: LastOutput,
    fc: Linear<5, 3>,
}

#[bayesian(input = (6), estimator = LocalReparameterization, moped = 0.2)]
struct Vectors {
    fc1: Linear<6, 16>,
    act: ReLU,
    drop: DropoutOneIn<4>,
    #[bayes(prior = Laplace(0.0, 1.0))]
    fc2: Linear<16, 3>,
}

#[bayesian(input = (5, 4), moped = 0.2)]
struct Attentive {
    encoder: TransformerEncoder<4, 2, 8, 1>,
    norm: LayerNorm1D<4>,
    mean: MeanSteps,
    fc: Linear<4, 3>,
}

#[bayesian(input = (6), estimator = Reparameterization, posterior = MeanField(rho = -2.0))]
struct Families {
    #[bayes(prior = ScaleMixture(0.5, 1.0, 0.01))]
    fc1: Linear<6, 8>,
    act1: Tanh,
    #[bayes(prior = StudentT(3.0, 1.0))]
    fc2: Linear<8, 8>,
    act2: Tanh,
    #[bayes(prior = Gaussian(0.0, Learned))]
    fc3: Linear<8, 8>,
    act3: Tanh,
    #[bayes(posterior = Radial(rho = -2.0))]
    fc4: Linear<8, 8>,
    act4: Tanh,
    #[bayes(posterior = LowRank(rank = 2, rho = -2.0))]
    fc5: Linear<8, 3>,
}

/// What a device computed: names and numbers.
type Report = Vec<(&'static str, Vec<f64>)>;

fn widen(values: Vec<f32>) -> Vec<f64> {
    values.into_iter().map(f64::from).collect()
}

/// The integers of a twin on a device are those of the same on the CPU; of posteriors that draw weights together there are none.
macro_rules! integers {
    (int8, $moved:ident, $twin:ident, $batch:expr, $x:expr) => {
        let [quant, from_there] = [$moved.quantize([$batch]), $twin.quantize([$x])].map(|quant| {
            quant
                .expect("integers")
                .predict($batch, 4, 1)
                .classify()
                .expect("a prediction")
        });
        assert_eq!(quant.predicted().len(), 6);
        assert_eq!(quant.probabilities, from_there.probabilities);
    };
    (f32, $moved:ident, $twin:ident, $batch:expr, $x:expr) => {
        assert!($moved.quantize([$batch]).is_err());
        assert!($twin.quantize([$x]).is_err());
    };
}

/// The report of a net on `$device`, of type `$D`.
macro_rules! report {
    ($Net:ident, $BayesNet:ident, [$($side:literal),+], $form:ident, $D:ty, $device:expr) => {{
        let device: &$D = $device;
        let mut seen: Report = Vec::new();
        // Weights come from the CPU, through a file.
        let file = tempfile::NamedTempFile::new().expect("a file");
        let made = Cpu::seed_from_u64(5).build_module::<$Net, f32>();
        Checkpoint::new().save(file.path(), &made).expect("a checkpoint");
        let mut net = device.build_module::<$Net, f32>();
        Checkpoint::new().load(file.path(), &mut net).expect("its weights");

        let rows = 6;
        let len = rows * [$($side),+].into_iter().product::<usize>();
        let pixels = (0..len).map(|i| ((i * 37 % 101) as f32) / 50.0 - 1.0).collect::<Vec<f32>>();
        let x = || device.tensor_from_vec(pixels.clone(), (rows, $(Const::<$side>),+));
        let labels: Vec<f32> = (0..rows * 3).map(|i| f32::from(u8::from(i % 3 == i / 3 % 3))).collect();
        let targets = || device.tensor_from_vec(labels.clone(), (rows, Const::<3>));
        seen.push(("plain", widen(net.forward(x()).as_vec())));

        let mut twin = $BayesNet::from_pretrained(&net).expect("a twin");
        seen.push(("mean", widen(twin.eval(Key::MEAN).forward(x()).as_vec())));
        seen.push(("draw", widen(twin.eval(&Draw::from(Key::new(2, 3)).joint()).forward(x()).as_vec())));

        let mut adam = DeviceAdam::new(AdamConfig { lr: 1e-2, ..AdamConfig::default() }).expect("Adam");
        let mut grads = twin.alloc_grads();
        for step in 0..4 {
            let draw = Draw::from(Key::new(1, step));
            let logits = twin.train(&draw).forward(x().trace(grads));
            let nll = cross_entropy_with_logits_loss(logits, targets());
            let loss = elbo_loss(nll, kl_in(&twin, &draw).expect("a KL"), 100, 0.5).expect("a loss");
            seen.push(("loss", vec![f64::from(loss.array())]));
            grads = loss.backward();
            adam.update(&mut twin, &mut grads).expect("a step");
            twin.zero_grads(&mut grads);
        }
        let state = adam.state().expect("a state");
        for moments in state.moments.values().take(2) {
            seen.push(("moments", widen(moments.first.clone())));
        }
        let classified = twin.predict(x(), 5, 7).classify().expect("a prediction");
        seen.push(("probabilities", classified.probabilities));
        seen.push(("mutual information", classified.mutual_information));

        // Saved and read again it is the same; on the CPU it becomes integers.
        Checkpoint::new().save(file.path(), &twin).expect("a checkpoint");
        let mut host = $BayesNet::from_pretrained(&made).expect("a twin");
        Checkpoint::new().load(file.path(), &mut host).expect("its weights");
        let moved = twin.to_device(&Cpu::default());
        let batch = Cpu::default().tensor_from_vec(pixels.clone(), (rows, $(Const::<$side>),+));
        let same = |y: &[f32], z: &[f32]| assert_eq!(y, z, "moved and loaded");
        same(
            &moved.eval(Key::MEAN).forward(batch.clone()).as_vec(),
            &host.eval(Key::MEAN).forward(batch.clone()).as_vec(),
        );
        // Its integers are there in one call, too, and are the same.
        integers!($form, moved, twin, batch.clone(), x());
        seen
    }};
}

/// The loss falls and probabilities add up.
fn assert_plausible(report: &Report) {
    let losses: Vec<f64> = all(report, "loss");
    assert!(losses[3] < losses[0], "{losses:?}");
    for row in all(report, "probabilities").chunks(3) {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{row:?}");
    }
}

fn all(report: &Report, what: &str) -> Vec<f64> {
    let named = report.iter().filter(|(name, _)| *name == what);
    named.flat_map(|(_, values)| values.clone()).collect()
}

/// As close as single precision allows after four steps of Adam, which divides by the size of a gradient.
#[cfg(feature = "cuda")]
fn assert_agree(got: &Report, want: &Report) {
    assert_eq!(got.len(), want.len());
    for ((what, got), (_, want)) in got.iter().zip(want) {
        assert_eq!(got.len(), want.len(), "{what}");
        let largest = want.iter().fold(1e-3, |a: f64, b| a.max(b.abs()));
        for (i, (got, want)) in got.iter().zip(want).enumerate() {
            let error = (got - want).abs();
            assert!(
                error <= 2e-3 * largest,
                "{what}: element {i} is {got} instead of {want}"
            );
        }
    }
}

/// Declares for each net a test on the CPU, and one on a GPU that compares.
macro_rules! on_devices {
    ($($test:ident: $Net:ident, $BayesNet:ident, [$($side:literal),+], $form:ident;)*) => {$(
        mod $test {
            use super::*;

            fn on_cpu() -> Report {
                report!($Net, $BayesNet, [$($side),+], $form, Cpu, &Cpu::seed_from_u64(0))
            }

            #[test]
            fn cpu() {
                assert_plausible(&on_cpu());
            }

            #[cfg(feature = "cuda")]
            #[test]
            fn cuda() {
                if let Some(device) = crate::cuda() {
                    let report = report!($Net, $BayesNet, [$($side),+], $form, bayes_core::dfdx::tensor::Cuda, &device);
                    assert_plausible(&report);
                    assert_agree(&report, &on_cpu());
                }
            }
        }
    )*};
}

on_devices! {
    pictures: Pictures, BayesPictures, [1, 8, 8], int8;
    sequences: Sequences, BayesSequences, [5, 4], int8;
    vectors: Vectors, BayesVectors, [6], int8;
    attention: Attentive, BayesAttentive, [5, 4], int8;
    families: Families, BayesFamilies, [6], f32;
}
