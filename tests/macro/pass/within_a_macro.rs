//! The attribute within `macro_rules!`: names, types, sizes and values come as fragments, in invisible groups.

use bayes_core::prelude::*;

macro_rules! classifier {
    (
        $(#[$meta:meta])* $vis:vis struct $name:ident;
        $first:ident: $ty:ty, $($rest:ident: $rest_ty:ty),*;
        $value:ident: $value_ty:ty = $start:expr;
        $size:literal, $mean:literal, $std:expr, $moped:expr, $estimator:ident, $prior:expr
    ) => {
        #[bayesian(
            input = ($size),
            prior = Gaussian($mean, $std),
            posterior = MeanField(rho = -$moped),
            estimator = $estimator,
            moped = $moped
        )]
        $(#[$meta])*
        $vis struct $name {
            #[bayes(prior = $prior)]
            pub $first: $ty,
            $($rest: $rest_ty,)*
            #[bayes(value = $start)]
            $value: $value_ty,
        }
    };
}

const STD: f64 = 0.5;

classifier! {
    /// A classifier.
    #[allow(dead_code)]
    pub(crate) struct Net;
    fc1: Linear<4, 8>, act: ReLU, fc2: (Linear<8, 8>, Tanh), fc3: Linear<8, 2>;
    temperature: f32 = 0.5 + 0.5;
    4, -0.0, STD, 0.5, Flipout, Laplace(0.0, 0.1)
}

macro_rules! generic {
    ($name:ident<$n:ident>, $input:expr, $inner:ty, $path:path) => {
        #[bayesian(input = $input, crate = $path)]
        struct $name<const $n: usize>($inner, #[bayes(skip)] Linear<$n, 2>);
    };
}

generic!(Generic<N>, (4), (Linear<4, N>, ReLU), ::bayes_core);

macro_rules! module {
    ($name:ident<$e:ident, $d:ident>, $($ty:ty),*) => {
        #[bayesian]
        #[derive(Clone, Debug)]
        struct $name<$e: Dtype, $d: Device<$e>>($($ty),*);
    };
}

module!(Written<Num, Dev>, modules::Linear<4, 8, Num, Dev>, ReLU, modules::Linear<8, 2, Num, Dev>);

macro_rules! own_forward {
    ($name:ident, $field:ident: $ty:ty, $in:literal => $out:expr) => {
        #[bayesian(forward)]
        struct $name {
            $field: $ty,
        }

        #[bayesian(forward)]
        impl $name {
            fn forward<E: Dtype, D: Device<E>, B: Dim, T: Tape<E, D>>(
                &self,
                x: Tensor<(B, Const<$in>), E, D, T>,
            ) -> Result<Tensor<(B, Const<$out>), E, D, T>, D::Err> {
                self.$field.try_forward(x)
            }
        }
    };
}

own_forward!(Own, layer: Linear<4, 2>, 4 => 2);

/// A layer as a parameter, and a `cfg` on a field.
macro_rules! over {
    ($name:ident<$l:ident: $bound:path>, $ty:ty, $cfg:meta) => {
        #[bayesian(moped = 0.1)]
        struct $name<$l: $bound> {
            inner: $l,
            #[cfg($cfg)]
            act: $ty,
            #[cfg_attr(all(), bayes(skip))]
            fc: Linear<8, 2>,
        }
    };
}

over!(Over<L: Spec>, ReLU, all());

type Row = Tensor<Rank2<2, 4>, f32, Cpu>;

#[test]
fn fragments_are_read_as_written() {
    let dev = Cpu::seed_from_u64(1);
    let x: Row = dev.sample_normal();
    let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>()).unwrap();
    assert_eq!(bayes.temperature, 1.0);
    assert_eq!(
        bayes.predict(x.clone(), 2, 1).classify().unwrap().classes,
        2
    );

    let bayes = BayesGeneric::from_pretrained(&dev.build_module::<Generic<6>, f32>()).unwrap();
    assert_eq!(
        bayes.predict(x.clone(), 2, 1).classify().unwrap().classes,
        2
    );
    let net = Written(BuildModule::build(&dev), ReLU, BuildModule::build(&dev));
    let bayes = BayesWritten::from_pretrained(&net).unwrap();
    assert_eq!(
        bayes.predict(x.clone(), 2, 1).classify().unwrap().classes,
        2
    );
    let bayes = BayesOwn::from_pretrained(&dev.build_module::<Own, f32>()).unwrap();
    assert_eq!(
        bayes.predict(x.clone(), 2, 1).classify().unwrap().classes,
        2
    );
    let net = dev.build_module::<Over<Linear<4, 8>>, f32>();
    let bayes = BayesOver::from_pretrained(&net).unwrap();
    assert_eq!(bayes.predict(x, 2, 1).classify().unwrap().classes, 2);
}
