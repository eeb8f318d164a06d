//! A Siamese net (Bromley et al. 1993): one encoder sees two inputs, and a layer that is used twice has one draw.

use super::{kl_names, trained};
use bayes_core::prelude::*;

#[bayesian]
pub struct Encoder {
    conv: Conv2D<1, 3, 3, 1, 1>,
    act: Tanh,
    pool: AvgPoolGlobal,
}

#[bayesian(forward, estimator = Reparameterization)]
pub struct Siamese {
    encoder: Encoder,
    fc: Linear<3, 4>,
    head: Linear<4, 2>,
}

#[bayesian(forward)]
impl Siamese {
    /// How far two codes are apart counts by so much.
    const SCALE: f64 = 2.0;

    fn scale<E: Dtype>() -> E {
        E::from_f64(Self::SCALE).unwrap_or_default()
    }

    /// The code of one image.
    fn code<E, D, B: Dim, H: Dim, W: Dim, T>(
        &self,
        x: Tensor<(B, Const<1>, H, W), E, D, T>,
    ) -> Result<Tensor<(B, Const<4>), E, D, T>, D::Err>
    where
        E: Dtype,
        D: Device<E>,
        T: Tape<E, D>,
    {
        self.fc
            .try_forward(self.encoder.try_forward(x)?)?
            .try_tanh()
    }

    fn forward<E: Dtype, D: Device<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>(
        &self,
        left: Tensor<(B, Const<1>, H, W), E, D, T>,
        right: Tensor<(B, Const<1>, H, W), E, D, T>,
    ) -> Result<Tensor<(B, Const<2>), E, D, T>, D::Err> {
        let apart = self.code(left)?.try_sub(self.code(right)?)?;
        self.head
            .try_forward(apart.try_abs()?.try_mul(Self::scale::<E>())?)
    }
}

#[test]
fn one_encoder_sees_two_images() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<Siamese, f64>();
    let [left, right]: [Tensor<Rank4<3, 1, 5, 5>, f64, _>; 2] =
        [dev.sample_normal(), dev.sample_normal()];
    let code = |x: &Tensor<Rank4<3, 1, 5, 5>, f64, Cpu>| {
        plain.fc.forward(plain.encoder.forward(x.clone())).tanh()
    };
    let want = plain
        .head
        .forward((code(&left) - code(&right)).abs() * Siamese::scale::<f64>());
    let y = plain.forward((left.clone(), right.clone()));
    assert_eq!(y.as_vec(), want.as_vec());

    let mut bayes = BayesSiamese::from_pretrained(&plain).expect("a twin");
    let mean = bayes.eval(Key::MEAN).forward((left.clone(), right.clone()));
    assert_eq!(mean.as_vec(), want.as_vec());
    let pair = (left.clone(), right.clone());
    let draws = bayes.predict(pair, 4, 7).draws().expect("draws");
    assert_ne!(draws.member(0), draws.member(1));
    assert_eq!((draws.rows, draws.outputs), (3, 2));

    // A layer used twice has one draw: an image is not apart from itself, and the head's bias is left.
    let view = bayes.eval(Key::new(3, 1));
    let same = view.forward((left.clone(), left.clone())).as_vec();
    assert_eq!(same[..2], same[2..4]);
    let code = || view.code(left.clone()).expect("a code").as_vec();
    assert_eq!(code(), code());
    let sampled = bayes.sample(3).expect("a sample").head.bias.as_vec();
    let first = bayes
        .eval(Key::new(3, 0))
        .forward((left.clone(), left.clone()));
    assert_eq!(first.as_vec()[..2], sampled);

    let view = bayes.train(Key::new(1, 0));
    let y = view.forward((left.leaky_trace(), right.leaky_trace()));
    let gradients = y.square().sum::<Rank0, _>().backward();
    let names = trained(&bayes, &gradients);
    let want = [
        "encoder.conv.weight",
        "fc.weight",
        "fc.bias",
        "head.weight",
        "head.bias",
    ];
    assert_eq!(names, want);
    assert_eq!(kl_names!(bayes), names);
}

#[test]
fn two_inputs_have_as_many_rows() {
    let dev = Cpu::seed_from_u64(1);
    let bayes = BayesSiamese::from_pretrained(&dev.build_module::<Siamese, f32>()).expect("a twin");
    let images = |rows: usize| dev.sample_normal_like(&(rows, Const::<1>, 5usize, 5usize));
    let error = bayes.predict((images(3), images(2)), 4, 7).draws();
    let error = error.expect_err("three and two").to_string();
    assert!(
        error.contains("3 rows of the second input") && error.contains("got 2"),
        "{error}"
    );
}
