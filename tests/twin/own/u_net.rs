//! A U-Net of one level (Ronneberger, Fischer and Brox 2015): what goes down is joined with what comes up.

use super::{kl_names, trained};
use bayes_core::prelude::*;

#[bayesian(forward, estimator = Flipout)]
pub struct UNet {
    down: (Conv2D<1, 4, 3, 1, 1>, ReLU),
    pool: MaxPool2D<2, 2>,
    middle: (Conv2D<4, 8, 3, 1, 1>, ReLU),
    up: ConvTrans2D<8, 4, 2, 2>,
    head: Conv2D<8, 2, 3, 1, 1>,
}

#[bayesian(forward)]
impl UNet {
    /// `(batch, 1, H, W)` to `(batch, 2, H, W)`, for even H and W.
    fn forward<E: Dtype, D: Device<E>, B: Dim, H: Dim, W: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<1>, H, W), E, D, T>,
    ) -> Result<Tensor<(B, Const<2>, H, W), E, D, T>, D::Err> {
        let skip = self.down.try_forward(x)?;
        let deep = self.pool.try_forward(skip.retaped::<T>())?;
        let up = self.up.try_forward(self.middle.try_forward(deep)?)?;
        // Of `ConcatDim<Const<4>, Const<4>>` channels, which the head takes for 8.
        self.head.try_forward(join(skip, up)?)
    }
}

#[test]
fn static_and_run_time_sizes_are_one() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<UNet, f64>();
    let x: Tensor<Rank4<3, 1, 6, 8>, f64, _> = dev.sample_normal();
    let y: Tensor<Rank4<3, 2, 6, 8>, f64, _> = plain.forward(x.clone());
    let skip = plain.down.forward(x.clone());
    let up = plain
        .up
        .forward(plain.middle.forward(plain.pool.forward(skip.clone())));
    let up: Tensor<Rank4<3, 4, 6, 8>, f64, _> = up.reshape();
    let want = plain.head.forward(join(skip, up).expect("one size"));
    assert_eq!(y.as_vec(), want.as_vec());

    let mut bayes = BayesUNet::from_pretrained(&plain).expect("a twin");
    assert_eq!(
        bayes.eval(Key::MEAN).forward(x.clone()).as_vec(),
        y.as_vec()
    );
    let dynamic = x
        .clone()
        .reshape_like(&(3usize, Const::<1>, 6usize, 8usize));
    let draws = bayes.predict(x.clone(), 3, 7).draws().expect("draws");
    assert_eq!(bayes.predict(dynamic, 3, 7).draws().expect("draws"), draws);
    assert_ne!(draws.member(0), draws.member(1));

    let y = bayes.train(Key::new(1, 0)).forward(x.leaky_trace());
    let gradients = y.square().sum::<Rank0, _>().backward();
    let names = trained(&bayes, &gradients);
    assert_eq!(
        names,
        [
            "down.0.weight",
            "middle.0.weight",
            "up.weight",
            "head.weight"
        ]
    );
    assert_eq!(kl_names!(bayes), names);
}

#[test]
fn a_size_that_does_not_come_back_is_an_error() {
    let dev = Cpu::seed_from_u64(1);
    let plain = dev.build_module::<UNet, f32>();
    let odd: Tensor<(usize, Const<1>, usize, usize), f32, _> =
        dev.sample_normal_like(&(1, Const, 5, 8));
    assert!(plain.try_forward(odd).is_err());
}
