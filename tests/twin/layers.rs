//! Layers that draw nothing, and a product without a bias, in models: twins of them, in f32 and f64, and what they say
//! when they cannot run.

use bayes_core::checkpoint::Checkpoint;
use bayes_core::dfdx::shapes::HasShape;
use bayes_core::prelude::*;

#[bayesian(input = (3, 6, 6), estimator = Flipout, moped = 0.2)]
struct Small {
    conv1: Conv2D<3, 8, 3>,
    norm: GroupNorm<4, 8>,
    act1: PReLU1D<Const<8>>,
    conv2: Conv2D<8, 8, 3, 1, 1>,
    act2: LeakyReLU<f32>,
    pool: Concat<MaxPoolGlobal, Concat<MinPoolGlobal, AvgPoolGlobal>>,
    #[bayes(estimator = LocalReparameterization)]
    fc1: UnbiasedLinear<24, 18>,
    act3: AccurateGeLU,
    grid: Unflatten<2, 3, 3>,
    up: ConvTrans2D<2, 1, 2, 2>,
    act4: PReLU,
    flatten: Flatten,
    fc2: Linear<36, 3>,
}

macro_rules! check {
    ($test:ident: $E:ty) => {
        #[test]
        fn $test() {
            let dev = Cpu::seed_from_u64(0);
            let mut plain = dev.build_module::<Small, $E>();
            let slopes = [0.1, 0.9, -0.2, 0.4, 0.7, 0.3, 0.5, 0.6];
            plain.norm.gamma.copy_from(&slopes);
            plain.act1.a.copy_from(&slopes);
            plain.act4.a.copy_from(&[0.3]);
            plain.act2.slope = 0.2;
            let x: Tensor<Rank4<2, 3, 6, 6>, $E, _> = dev.sample_normal();
            let y = plain.forward(x.clone()).as_vec();

            let mut bayes = BayesSmall::from_pretrained(&plain).expect("a twin");
            let mean = bayes.mean().expect("the mean");
            assert_eq!(bayes.eval(Key::MEAN).forward(x.clone()).as_vec(), y);
            assert_eq!(mean.forward(x.clone()).as_vec(), y);
            assert_eq!(mean.act2.slope, 0.2);

            // Draws differ, and are the same for run-time sizes.
            let draws = bayes
                .predict(x.clone(), 3, 7)
                .draws()
                .expect("draws")
                .values;
            assert_ne!(draws[..6], draws[6..12]);
            let dynamic = x.clone().reshape_like(&(2usize, 3usize, 6usize, 6usize));
            let again = bayes.predict(dynamic, 3, 7).draws().expect("draws").values;
            assert_eq!(again, draws);

            // Each tensor trains.
            let grads = bayes.alloc_grads();
            let y = bayes.train(Key::new(1, 0)).forward(x.trace(grads));
            let gradients = y.square().sum::<Rank0, _>().backward();
            let moved = |gradient: Vec<$E>| gradient.iter().any(|g| *g != 0.0);
            assert!(moved(gradients.get(&bayes.norm.gamma).as_vec()));
            assert!(moved(gradients.get(&bayes.norm.beta).as_vec()));
            assert!(moved(gradients.get(&bayes.act1.a).as_vec()));
            assert!(moved(gradients.get(&bayes.act4.a).as_vec()));
            assert!(moved(gradients.get(&bayes.fc1.weight.mu).as_vec()));
            assert!(moved(gradients.get(&bayes.fc1.weight.rho).as_vec()));
        }
    };
}

check!(small_layers_in_f32: f32);
check!(small_layers_in_f64: f64);

/// Layers without a posterior add nothing to the divergence, whatever their numbers are.
#[test]
fn the_divergence_is_of_the_weights_alone() {
    let dev = Cpu::seed_from_u64(0);
    let mut bayes = BayesSmall::from_pretrained(&dev.build_module::<Small, f64>()).expect("a twin");
    let layers = bayes.kl_per_layer().expect("the KL of each");
    let names: Vec<&str> = layers.iter().map(|kl| kl.name.as_str()).collect();
    let weights = ["conv1.weight", "conv2.weight", "fc1.weight", "up.weight"];
    assert_eq!(names[..4], weights);
    assert_eq!(names[4..], ["fc2.weight", "fc2.bias"]);
    let before = bayes.kl_per_layer().expect("the KL of each");
    bayes.norm.gamma.copy_from(&[9.0; 8]);
    bayes.norm.beta.copy_from(&[-9.0; 8]);
    bayes.act1.a.copy_from(&[9.0; 8]);
    bayes.act4.a.copy_from(&[9.0]);
    bayes.act2.slope = 9.0;
    assert_eq!(bayes.kl_per_layer().expect("the KL of each"), before);
}

/// A slope is saved, and so is a normalisation.
#[test]
fn a_checkpoint_holds_their_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("small.safetensors");
    let dev = Cpu::seed_from_u64(0);
    let mut saved = dev.build_module::<Small, f32>();
    saved.act2.slope = 0.01;
    saved.norm.beta.copy_from(&[0.5; 8]);
    saved.act4.a.copy_from(&[0.25]);
    Checkpoint::new().save(&file, &saved).expect("a file");
    let mut loaded = dev.build_module::<Small, f32>();
    Checkpoint::new()
        .load(&file, &mut loaded)
        .expect("the model");
    assert_eq!(loaded.act2.slope, 0.01);
    assert_eq!(loaded.norm.beta.as_vec(), [0.5; 8]);
    assert_eq!(loaded.act4.a.as_vec(), [0.25]);
}

/// dfdx's own layers, on a device.
#[bayesian(input = (4), estimator = Reparameterization)]
struct Theirs<E: Dtype, D: Device<E>> {
    fc1: modules::UnbiasedLinear<4, 6, E, D>,
    act1: AccurateGeLU,
    fc2: modules::Linear<6, 3, E, D>,
    act2: LeakyReLU<E>,
}

#[test]
fn layers_of_dfdx_have_the_same_twins() {
    let dev = Cpu::seed_from_u64(0);
    let net: Theirs<f64, Cpu> = Theirs {
        fc1: BuildModule::build(&dev),
        act1: AccurateGeLU,
        fc2: BuildModule::build(&dev),
        act2: LeakyReLU(0.3),
    };
    let bayes = BayesTheirs::from_pretrained(&net).expect("a twin");
    assert_eq!(bayes.act2.slope, 0.3);
    assert_eq!(bayes.mean().expect("the mean").act2.0, 0.3);
    let x: Tensor<Rank2<5, 4>, f64, _> = dev.sample_normal();
    let hidden = net.fc1.forward(x.clone());
    let want = net
        .act2
        .forward(net.fc2.forward(net.act1.forward(hidden.clone())));
    let view = bayes.eval(Key::MEAN);
    let found = view.forward(x);
    for (found, want) in found.as_vec().iter().zip(want.as_vec()) {
        assert!((found - want).abs() < 1e-12, "{found} instead of {want}");
    }
    // The view's gradient is the slope; dfdx's own is off by up to 0.1.
    let y = view.act1.forward(hidden.leaky_trace()).sum::<Rank0, _>();
    let gradient = y.backward().get(&hidden).as_vec();
    let step = 1e-5;
    let up = view.act1.forward(hidden.clone() + step).as_vec();
    let down = view.act1.forward(hidden - step).as_vec();
    for (gradient, (up, down)) in gradient.iter().zip(up.iter().zip(down)) {
        let slope = (up - down) / (2.0 * step);
        assert!(
            (gradient - slope).abs() < 1e-9,
            "{gradient} instead of {slope}"
        );
    }
}

#[bayesian(input = (5), estimator = Reparameterization)]
struct Sum {
    heads: SplitInto<(Linear<5, 3>, (Linear<5, 4>, Tanh))>,
    sum: AddInto<(Tanh, UnbiasedLinear<4, 3>)>,
    fc: Linear<3, 2>,
}

#[test]
fn parts_with_an_input_each_are_added() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Sum, f64>();
    let x: Tensor<Rank2<4, 5>, f64, _> = dev.sample_normal();
    let (one, other) = plain.heads.forward(x.clone());
    let sum = one.tanh() + plain.sum.0.1.forward(other);
    let y = plain.fc.forward(sum).as_vec();
    let mut bayes = BayesSum::from_pretrained(&plain).expect("a twin");
    assert_eq!(bayes.eval(Key::MEAN).forward(x.clone()).as_vec(), y);
    let mean = bayes.mean().expect("the mean");
    assert_eq!(mean.forward(x.clone()).as_vec(), y);
    let y = bayes.train(Key::new(1, 0)).forward(x.leaky_trace());
    let gradients = y.square().sum::<Rank0, _>().backward();
    let part = &bayes.sum.0.1.weight.rho;
    assert!(gradients.get(part).as_vec().iter().all(|g| *g != 0.0));
    let names = bayes.kl_per_layer().expect("the KL of each");
    assert_eq!(names[4].name, "sum.0.1.weight");
}

#[bayesian(input = (2, 8, 6), estimator = Flipout)]
struct UNet {
    skip: Concat<Conv2D<2, 3, 3, 1, 1>, (Conv2D<2, 4, 3, 2, 1>, ReLU, ConvTrans2D<4, 4, 2, 2>)>,
    out: Conv2D<7, 2, 1>,
}

/// A part that goes down and up again joins one that does not.
#[test]
fn a_skip_connection_in_an_up_sampling_path() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<UNet, f32>();
    let bayes = BayesUNet::from_pretrained(&plain).expect("a twin");
    let x: Tensor<Rank4<3, 2, 8, 6>, f32, _> = dev.sample_normal();
    let y = bayes.eval(Key::MEAN).forward(x.clone());
    assert_eq!(y.shape().concrete(), [3, 2, 8, 6]);
    assert_eq!(y.as_vec(), plain.forward(x.clone()).as_vec());
    let dynamic = x.reshape_like(&(3usize, 2usize, 8usize, 6usize));
    assert_eq!(plain.forward(dynamic).as_vec(), y.as_vec());

    let odd = dev.sample_normal_like(&(3usize, 2usize, 7usize, 6usize));
    assert!(plain.try_forward(odd.clone()).is_err());
    let error = bayes.predict(odd, 1, 0).draws().expect_err("odd rows");
    let sentence = "`skip`: one side gives 7 rows, the other 8";
    assert_eq!(error.to_string(), sentence);
}

#[bayesian]
struct Normalized {
    norm: GroupNorm1D<2, 4>,
    act: PReLU1D<Const<4>>,
    flatten: Flatten1D,
    fc: Linear<12, 2>,
}

#[test]
fn what_does_not_fit_is_named() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Normalized, f32>();
    let bayes = BayesNormalized::from_pretrained(&plain).expect("a twin");
    let wide = dev.sample_normal_like(&(2usize, 6usize, 3usize));
    assert!(plain.norm.try_forward(wide.clone()).is_err());
    assert!(plain.act.try_forward(wide.clone()).is_err());
    let error = bayes.predict(wide, 1, 0).draws().expect_err("6 channels");
    let sentence = "`norm` takes 4 channels, but the input gives 6";
    assert_eq!(error.to_string(), sentence);
    let vectors: Tensor<_, f32, _> = dev.sample_normal_like(&(2usize, 7usize));
    let grid = dev.build_module::<Unflatten<2, 2, 2>, f32>();
    assert!(grid.try_forward(vectors).is_err());

    let x: Tensor<Rank3<2, 4, 3>, f32, _> = dev.sample_normal();
    let quant = bayes.quantize([x.clone()]).expect("an 8-bit form");
    assert!(quant.predict(x, 1, 0).draws().is_ok());
    let wide = dev.sample_normal_like(&(2usize, 6usize, 3usize));
    let error = quant.predict(wide, 1, 0).draws().expect_err("6 channels");
    assert_eq!(error.to_string(), sentence);
}

/// One number per channel by its definition, and where equal numbers and NaN leave it.
#[test]
fn global_pools_are_their_definitions() {
    let dev = Cpu::default();
    let x = dev.tensor([[[1.0, 3.0], [3.0, -2.0]], [[-1.0, -4.0], [-4.0, -2.0]]]);
    let largest = dev.build_module::<MaxPoolGlobalOf, f32>().pool;
    let smallest = dev.build_module::<MinPoolGlobalOf, f32>().pool;
    assert_eq!(largest.forward(x.clone()).array(), [3.0, -1.0]);
    assert_eq!(smallest.forward(x.clone()).array(), [-2.0, -4.0]);
    let y = smallest.forward(x.leaky_trace());
    let gradient = y.sum::<Rank0, _>().backward().get(&x).array();
    assert_eq!(
        gradient,
        [[[0.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 0.0]]]
    );
    let hidden = dev.tensor([[[1.0, f32::NAN]]]);
    assert!(largest.forward(hidden.clone()).array()[0].is_nan());
    assert!(smallest.forward(hidden).array()[0].is_nan());
    let nothing = dev.zeros_like(&(2usize, 0usize, 3usize));
    let nothing: Tensor<_, f32, _> = nothing;
    assert!(largest.try_forward(nothing).is_err());
}

#[bayesian]
struct MaxPoolGlobalOf {
    pool: MaxPoolGlobal,
    fc: Linear<2, 1>,
}

#[bayesian]
struct MinPoolGlobalOf {
    pool: MinPoolGlobal,
    fc: Linear<2, 1>,
}

/// On images and volumes a group is what it is on lines of the same numbers; a group for each channel and one for all.
#[test]
fn groups_are_the_same_in_every_space() {
    let dev = Cpu::seed_from_u64(2);
    let volume: Tensor<Rank5<2, 4, 2, 3, 2>, f64, _> = dev.sample_normal();
    let image: Tensor<Rank4<2, 4, 4, 3>, f64, _> = volume.clone().reshape();
    let line: Tensor<Rank3<2, 4, 12>, f64, _> = volume.clone().reshape();
    let one: Tensor<Rank2<4, 12>, f64, _> = line
        .clone()
        .slice((0..1, .., ..))
        .reshape_like(&(Const, Const));
    macro_rules! normalized {
        ($Norm:ty, $x:expr) => {
            dev.build_module::<$Norm, f64>()
                .forward($x.clone())
                .as_vec()
        };
    }
    let want = normalized!(GroupNorm1D<2, 4>, line);
    assert_eq!(normalized!(GroupNorm2D<2, 4>, image), want);
    assert_eq!(normalized!(GroupNorm<2, 4>, image), want);
    assert_eq!(normalized!(GroupNorm3D<2, 4>, volume), want);
    assert_eq!(normalized!(GroupNorm1D<2, 4>, one), want[..48]);
    for (row, len) in [
        (normalized!(GroupNorm1D<4, 4>, line), 12),
        (normalized!(GroupNorm1D<1, 4>, line), 48),
    ] {
        for group in row.chunks(len) {
            let mean = group.iter().sum::<f64>() / len as f64;
            let square = group.iter().map(|y| y * y).sum::<f64>() / len as f64;
            assert!(mean.abs() < 1e-12, "a mean of {mean}");
            assert!((square - 1.0).abs() < 1e-4, "a variance of {square}");
        }
    }
}
