//! Layers over lines, images and volumes: the plain layer is the kernel's function, its twin at the mean is the plain
//! layer, and sizes that are known at run time only give the same numbers.

use bayes_core::dfdx::shapes::HasShape;
use bayes_core::prelude::*;

#[bayesian(input = (4, 9), estimator = Flipout)]
struct Lines {
    norm: BatchNorm1D<4>,
    conv: Conv1D<4, 6, 3, 2, 1, 1, 2>,
    bias: Bias1D<6>,
    act: ReLU,
    up: ConvTrans1D<6, 2, 3, 2, 1, 1, 1, 1>,
    flatten: Flatten1D,
    fc: Linear<20, 3>,
}

#[bayesian(input = (2, 6, 5), estimator = Reparameterization)]
struct Images {
    conv: Conv2D<2, 4, 3, 1, 1>,
    act: ReLU,
    up: ConvTrans2D<4, 4, 2, 2, 0, 1, 4>,
    flatten: Flatten,
    fc: Linear<480, 3>,
}

#[bayesian(input = (2, 4, 5, 3), estimator = Flipout)]
struct Volumes {
    conv: Conv3D<2, 3, 3, 1, 1, 1, 1>,
    norm: BatchNorm3D<3>,
    bias: Bias3D<3>,
    act: ReLU,
    up: ConvTrans3D<3, 1, 2, 2>,
    flatten: Flatten3D,
    fc: Linear<480, 3>,
}

macro_rules! check {
    ($test:ident: $Net:ident, $Bayes:ident, $E:ty, $Static:ty, $run_time:expr) => {
        #[test]
        fn $test() {
            let dev = Cpu::seed_from_u64(0);
            let plain = dev.build_module::<$Net, $E>();
            let x: Tensor<$Static, $E, _> = dev.sample_normal();
            let y = plain.forward(x.clone());
            assert_eq!(y.shape().concrete(), [2, 3]);

            // A twin's mean is the plain net, and a sample of it what a member of a prediction is.
            let mut bayes = $Bayes::from_pretrained(&plain).expect("a twin");
            assert_eq!(
                bayes.eval(Key::MEAN).forward(x.clone()).as_vec(),
                y.as_vec()
            );
            assert_eq!(
                bayes.mean().expect("the mean").forward(x.clone()).as_vec(),
                y.as_vec()
            );
            let draws = bayes
                .predict(x.clone(), 3, 7)
                .draws()
                .expect("draws")
                .values;
            assert_ne!(draws[..6], draws[6..12]);

            // Examples by themselves are the batch.
            let dynamic = plain.forward(x.clone().reshape_like(&$run_time(2)));
            assert_eq!(dynamic.as_vec(), y.as_vec());
            let part = bayes
                .predict(x.clone().reshape_like(&$run_time(2)), 3, 7)
                .draws()
                .expect("draws");
            assert_eq!(part.values, draws);

            // Every weight has a gradient.
            let loss = bayes
                .train(Key::new(1, 0))
                .forward(x.leaky_trace())
                .square()
                .sum::<Rank0, _>();
            let gradients = loss.backward();
            let found = gradients.get(&bayes.up.weight.mu).as_vec();
            assert!(found.iter().all(|g| g.is_finite()) && found.iter().any(|g| *g != 0.0));
            let found = gradients.get(&bayes.conv.weight.rho).as_vec();
            assert!(found.iter().all(|g| g.is_finite()) && found.iter().any(|g| *g != 0.0));
        }
    };
}

check!(lines_in_f32: Lines, BayesLines, f32, Rank3<2, 4, 9>, |b: usize| (b, 4usize, 9usize));
check!(lines_in_f64: Lines, BayesLines, f64, Rank3<2, 4, 9>, |b: usize| (b, 4usize, 9usize));
check!(images_in_f32: Images, BayesImages, f32, Rank4<2, 2, 6, 5>, |b: usize| (b, 2usize, 6usize, 5usize));
check!(images_in_f64: Images, BayesImages, f64, Rank4<2, 2, 6, 5>, |b: usize| (b, 2usize, 6usize, 5usize));
check!(volumes_in_f32: Volumes, BayesVolumes, f32, Rank5<2, 2, 4, 5, 3>, |b: usize| (b, 2usize, 4usize, 5usize, 3usize));
check!(volumes_in_f64: Volumes, BayesVolumes, f64, Rank5<2, 2, 4, 5, 3>, |b: usize| (b, 2usize, 4usize, 5usize, 3usize));

/// A size that is wrong at run time is a sentence.
#[test]
fn a_wrong_size_at_run_time_is_named() {
    let dev = Cpu::seed_from_u64(0);
    let bayes = BayesLines::from_pretrained(&dev.build_module::<Lines, f32>()).expect("a twin");
    let x = dev.sample_normal_like(&(2usize, 4usize, 11usize));
    let error = bayes
        .predict(x, 1, 0)
        .draws()
        .expect_err("a line that is too long");
    assert_eq!(
        error.to_string(),
        "`fc` takes 20 features, but `flatten` gives 24"
    );
    let x = dev.sample_normal_like(&(2usize, 5usize, 9usize));
    let error = bayes
        .predict(x, 1, 0)
        .draws()
        .expect_err("too many channels");
    assert_eq!(
        error.to_string(),
        "`norm` takes 4 channels, but the input gives 5"
    );
}

/// Pooling of every kind of grid: sizes, and the value of one window.
#[test]
fn pools_have_their_sizes() {
    let dev = Cpu::seed_from_u64(0);
    let line: Tensor<Rank3<2, 3, 9>, f32, _> = dev.sample_normal();
    let image: Tensor<Rank4<2, 3, 7, 9>, f32, _> = dev.sample_normal();
    let volume: Tensor<Rank4<3, 5, 7, 9>, f32, _> = dev.sample_normal();
    macro_rules! sizes {
        ($($Pool:ty: $x:ident -> $want:expr;)*) => {$(
            let pool = dev.build_module::<$Pool, f32>();
            let y = pool.forward($x.clone());
            assert_eq!(y.shape().concrete(), $want, stringify!($Pool));
        )*};
    }
    sizes! {
        MaxPool1D<3, 2, 1>: line -> [2, 3, 5];
        AvgPool1D<2, 2>: line -> [2, 3, 4];
        AdaptiveAvgPool1D<4>: line -> [2, 3, 4];
        AdaptiveMaxPool1D<9>: line -> [2, 3, 9];
        AdaptiveAvgPool2D<3>: image -> [2, 3, 3, 3];
        AdaptiveMaxPool2D<1>: image -> [2, 3, 1, 1];
        MaxPool3D<3, 2, 1>: volume -> [3, 3, 4, 5];
        AvgPool3D<2, 2>: volume -> [3, 2, 3, 4];
        AdaptiveAvgPool3D<2>: volume -> [3, 2, 2, 2];
        AdaptiveMaxPool3D<1>: volume -> [3, 1, 1, 1];
    }
    let all = |x: &[f32]| x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let y = dev
        .build_module::<AdaptiveMaxPool3D<1>, f32>()
        .forward(volume.clone())
        .as_vec();
    let want: Vec<f32> = volume.as_vec().chunks(5 * 7 * 9).map(all).collect();
    assert_eq!(y, want);
    let y = dev
        .build_module::<AvgPool3D<2, 2>, f32>()
        .forward(volume.clone())
        .as_vec();
    let x = volume.as_vec();
    let corner = [0, 1, 9, 10, 63, 64, 72, 73]
        .map(|i| x[i])
        .iter()
        .sum::<f32>()
        / 8.0;
    assert!((y[0] - corner).abs() < 1e-6);
}
