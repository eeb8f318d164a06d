//! Containers with two sides: a branch and its shortcut, parts that are joined, parts beside each other.

use bayes_core::dfdx::shapes::HasShape;
use bayes_core::prelude::*;

#[bayesian(input = (3, 6, 8), estimator = Flipout)]
struct Block {
    block: GeneralizedResidual<
        (
            Conv2D<3, 7, 3, 2, 1>,
            BatchNorm2D<7>,
            Tanh,
            Conv2D<7, 7, 3, 1, 1>,
        ),
        (Subsample<2>, PadChannels<3, 7>),
    >,
    projected: GeneralizedResidual<Conv2D<7, 4, 3, 2, 1>, (Conv2D<7, 4, 1, 2>, BatchNorm2D<4>)>,
    flatten: Flatten,
    fc: Linear<16, 2>,
}

#[bayesian(input = (3, 6, 8), estimator = Reparameterization)]
struct Skip {
    skip: Concat<Conv2D<3, 2, 1>, (Conv2D<3, 5, 3, 1, 1>, Tanh)>,
    conv: Conv2D<7, 2, 3, 3>,
    flatten: Flatten,
    both: Concat<Linear<8, 3>, (Linear<8, 4>, Tanh)>,
    fc: Linear<7, 2>,
}

#[bayesian(input = (5), estimator = Reparameterization)]
struct Heads {
    trunk: Linear<5, 6>,
    act: Tanh,
    heads: SplitInto<(Linear<6, 2>, (Linear<6, 3>, Tanh))>,
}

/// The slope of `Σ y²` along a direction, by the tape and by a central difference.
macro_rules! assert_slope {
    ($bayes:ident, $x:ident) => {{
        let dev = Cpu::seed_from_u64(9);
        let key = Key::new(4, 2);
        let along = dev.sample_normal_like($x.shape());
        let y = $bayes.train(key).forward($x.leaky_trace());
        let gradient = y.square().sum::<Rank0, _>().backward().get(&$x);
        let slope = (gradient * along.clone()).sum::<Rank0, _>().array();
        let mut at = |step: f64| {
            let x = $x.clone() + along.clone() * step;
            $bayes
                .train(key)
                .forward(x.leaky_trace())
                .square()
                .sum::<Rank0, _>()
                .array()
        };
        let want = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!(
            (slope - want).abs() <= 1e-6 * want.abs().max(1.0),
            "{slope} instead of {want}"
        );
    }};
}

macro_rules! check {
    ($test:ident: $Net:ident, $Bayes:ident) => {
        #[test]
        fn $test() {
            let dev = Cpu::seed_from_u64(0);
            let plain = dev.build_module::<$Net, f64>();
            let x: Tensor<Rank4<2, 3, 6, 8>, f64, _> = dev.sample_normal();
            let y = plain.forward(x.clone()).as_vec();
            let mut bayes = $Bayes::from_pretrained(&plain).expect("a twin");
            assert_eq!(bayes.eval(Key::MEAN).forward(x.clone()).as_vec(), y);
            assert_eq!(
                bayes.mean().expect("the mean").forward(x.clone()).as_vec(),
                y
            );
            let dynamic = x.clone().reshape_like(&(2usize, 3usize, 6usize, 8usize));
            let draws = bayes
                .predict(x.clone(), 3, 7)
                .draws()
                .expect("draws")
                .values;
            assert_eq!(
                bayes.predict(dynamic, 3, 7).draws().expect("draws").values,
                draws
            );
            assert_slope!(bayes, x);
        }
    };
}

check!(a_branch_and_its_shortcut: Block, BayesBlock);
check!(parts_that_are_joined: Skip, BayesSkip);

/// The shortcut alone: every second pixel between channels of zeros.
#[test]
fn the_shortcut_is_a_slice_and_zeros() {
    let dev = Cpu::seed_from_u64(1);
    let shortcut = dev.build_module::<(Subsample<2>, PadChannels<3, 7>), f32>();
    let x: Tensor<Rank3<3, 5, 4>, f32, _> = dev.sample_normal();
    let y = shortcut.forward(x.clone());
    assert_eq!(y.shape().concrete(), [7, 3, 2]);
    let (x, y) = (x.as_vec(), y.as_vec());
    for (c, i, j) in (0..7).flat_map(|c| (0..3).flat_map(move |i| (0..2).map(move |j| (c, i, j)))) {
        let want = match c {
            2..5 => x[((c - 2) * 5 + 2 * i) * 4 + 2 * j],
            _ => 0.0,
        };
        assert_eq!(y[(c * 3 + i) * 2 + j], want);
    }
}

#[test]
fn heads_beside_each_other() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Heads, f64>();
    let x: Tensor<Rank2<4, 5>, f64, _> = dev.sample_normal();
    let (one, other) = plain.forward(x.clone());
    let bayes = BayesHeads::from_pretrained(&plain).expect("a twin");
    let view = bayes.eval(Key::MEAN);
    let (first, second) = view.forward(x.clone());
    assert_eq!(
        (first.as_vec(), second.as_vec()),
        (one.as_vec(), other.as_vec())
    );
    let (drawn, _) = bayes.eval(Key::new(1, 0)).forward(x);
    assert_ne!(drawn.as_vec(), one.as_vec());
    let names: Vec<String> = bayes
        .kl_per_layer()
        .expect("the KL of each")
        .into_iter()
        .map(|kl| kl.name)
        .collect();
    assert_eq!(names[2..4], ["heads.0.0.weight", "heads.0.0.bias"]);
}
