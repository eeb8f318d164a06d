//! Forward passes of their own: in module form, in a function, with names that generated code uses, under another path.

use bayes_core::prelude::*;

mod inner {
    pub use bayes_core as library;
}

/// Names that the macro would have taken.
mod bayes {
    pub struct Eval;
    pub type C = f64;

    pub fn one() -> C {
        1.0
    }
}
use bayes::{C, Eval};

#[bayesian(forward, crate = self::inner::library, bayes = Posterior, device = Weights)]
pub struct Named<const N: usize>
where
    Linear<4, N>: Clone,
{
    r#in: Linear<4, N>,
    #[bayes(skip)]
    out: Linear<N, 2>,
}

#[bayesian(forward, crate = self::inner::library)]
impl<const N: usize> Named<N>
where
    Linear<4, N>: Clone,
{
    const EVAL: Eval = Eval;

    fn one<E: Dtype>(_: Eval) -> E {
        let one: C = bayes::one();
        E::from_f64(one).unwrap_or_default()
    }

    fn forward<Num, Dev, T>(
        &self,
        x: Tensor<Rank1<4>, Num, Dev, T>,
    ) -> std::result::Result<Tensor<Rank1<2>, Num, Dev, T>, Dev::Err>
    where
        Num: Dtype,
        Dev: Device<Num>,
        T: Tape<Num, Dev>,
    {
        let x = self.r#in.try_forward(x)?;
        self.out
            .try_forward(x.try_mul(Self::one::<Num>(Self::EVAL))?)
    }
}

#[bayesian(forward, prior = Gaussian(0.0, FanIn))]
#[derive(Clone, Debug)]
pub struct InModuleForm<E: Dtype, D: Device<E>> {
    first: modules::Linear<4, 4, E, D>,
    drop: DropoutOneIn<2>,
    second: modules::Linear<4, 4, E, D>,
}

#[bayesian(forward)]
impl<E: Dtype, D: Device<E>> InModuleForm<E, D> {
    fn forward<B: Dim, T: Tape<E, D>>(
        &self,
        x: Tensor<(B, Const<4>), E, D, T>,
        times: usize,
    ) -> Result<Tensor<(B, Const<4>), E, D, T>, D::Err> {
        let mut x = self.first.try_forward(x)?;
        for _ in 0..times {
            x = self.second.try_forward(self.drop.try_forward(x)?)?;
        }
        Ok(x)
    }
}

#[test]
fn names_and_paths() {
    let dev = Cpu::seed_from_u64(1);
    let weights: Weights<3, f32, Cpu> = dev.build_module::<Named<3>, f32>();
    let posterior = Posterior::from_pretrained(&weights).unwrap();
    let x: Tensor<Rank1<4>, f32, Cpu> = dev.sample_normal();
    let y = weights
        .out
        .forward(weights.r#in.forward(x.clone()))
        .as_vec();
    assert_eq!(weights.forward(x.clone()).as_vec(), y);
    assert_eq!(posterior.eval(Key::MEAN).forward(x).as_vec(), y);
    assert_eq!(bayes::one(), 1.0);
}

#[test]
fn module_form() {
    let dev = Cpu::seed_from_u64(1);
    let net = InModuleForm {
        first: BuildModule::build(&dev),
        drop: DropoutOneIn,
        second: BuildModule::build(&dev),
    };
    let x: Tensor<Rank2<3, 4>, f32, Cpu> = dev.sample_normal();
    let y = net
        .second
        .forward(net.second.forward(net.first.forward(x.clone())));
    assert_eq!(net.forward((x.clone(), 2)).as_vec(), y.as_vec());
    let mut bayes = BayesInModuleForm::from_pretrained(&net).unwrap();
    let mean = bayes.eval(Key::MEAN).forward((x.clone(), 2));
    assert!((mean - y).abs().sum::<Rank0, _>().array() < 1e-4);
    let y = bayes.train(Key::new(1, 0)).forward((x.leaky_trace(), 2));
    let gradients = y.square().sum::<Rank0, _>().backward();
    let slope = gradients.get(&bayes.second.weight.rho).as_vec();
    assert!(slope.iter().any(|g| *g != 0.0));
}

#[test]
fn within_a_function() {
    #[bayesian(forward)]
    struct Local {
        fc: Linear<2, 2>,
    }

    #[bayesian(forward)]
    impl Local {
        fn forward<E: Dtype, D: Device<E>>(
            &self,
            x: Tensor<Rank1<2>, E, D>,
        ) -> Result<Tensor<Rank1<2>, E, D>, D::Err> {
            self.fc.try_forward(x)
        }
    }

    let net = Cpu::default().build_module::<Local, f32>();
    let x = Cpu::default().zeros();
    assert_eq!(net.forward(x).as_vec(), net.fc.bias.as_vec());
}
