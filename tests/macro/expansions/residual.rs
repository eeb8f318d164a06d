//! What `#[bayesian]` writes for the struct of this name in `sources/`.
use bayes_core::prelude::*;
#[allow(dead_code)]
pub(crate) struct Residual2<const C: usize> {
    pub(crate) block: Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
    pub(crate) flatten: Flatten,
    pub(crate) fc: Linear<72, 3>,
}
const RESIDUAL2_LAYERS: bool = {
    const fn known<const C: usize>() -> bool {
        ::bayes_core::__private::is_layer::<Conv2D<C, C, 3, 1, 1>>()
            && ::bayes_core::__private::is_layer::<Bias2D<C>>()
            && ::bayes_core::__private::is_layer::<Flatten>()
            && ::bayes_core::__private::is_layer::<Linear<72, 3>>()
    }
    known::<1>()
};
/// [`Residual2`] on a device: its layers with their weights.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub(crate) struct DeviceResidual2<
    const C: usize,
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
> {
    pub(crate) block: ::bayes_core::__private::Built<
        Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
        E,
        D,
        RESIDUAL2_LAYERS,
    >,
    pub(crate) flatten: ::bayes_core::__private::Built<Flatten, E, D, RESIDUAL2_LAYERS>,
    pub(crate) fc: ::bayes_core::__private::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>,
}
/// The Bayesian twin of [`Residual2`]: a posterior for each weight of the fields that are not skipped.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub(crate) struct BayesResidual2<
    const C: usize,
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C_: ::bayes_core::__private::Config = Residual2Config,
> {
    pub(crate) block: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<
            Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
            E,
            D,
            RESIDUAL2_LAYERS,
        >,
        E,
        D,
        C_,
    >,
    pub(crate) flatten: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Flatten, E, D, RESIDUAL2_LAYERS>,
        E,
        D,
        C_,
    >,
    pub(crate) fc: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>,
        E,
        D,
        C_,
    >,
}
/// [`Residual2`] in 8-bit integers, made by `quantize` of its other forms.
#[allow(dead_code)]
pub(crate) type QuantResidual2<const C: usize> =
    ::bayes_core::__private::Int8<DeviceResidual2<C, f32, ::bayes_core::__private::Cpu>>;
/// [`Residual2`] in one draw: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub(crate) struct Residual2View<F0, F1, F2> {
    pub(crate) block: F0,
    pub(crate) flatten: F1,
    pub(crate) fc: F2,
}
/// What `#[bayesian]` states for [`Residual2`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residual2Config<C_ = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C_>,
);
const _: () = {
    use ::bayes_core::__private as bayes;
    #[automatically_derived]
    impl<const C: usize> bayes::Spec for Residual2<C> {
        type Built<E: bayes::Dtype, D: bayes::Device<E>> = DeviceResidual2<C, E, D>;
        const RULE: bayes::Rule = bayes::Rule::Model {
            parts: &[
                (
                    "block",
                    <Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)> as bayes::Layer<
                        RESIDUAL2_LAYERS,
                    >>::RULE,
                ),
                ("flatten", <Flatten as bayes::Layer<RESIDUAL2_LAYERS>>::RULE),
                (
                    "fc",
                    <Linear<72, 3> as bayes::Layer<RESIDUAL2_LAYERS>>::RULE,
                ),
            ],
            estimator: bayes::None,
            proven: bayes::None,
        };
        const INPUT: bayes::Size = bayes::Size::image(C, 6, 6);
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::BuildOnDevice<D, E>
        for Residual2<C>
    {
        type Built = DeviceResidual2<C, E, D>;
        fn try_build_on_device(device: &D) -> bayes::Result<Self::Built, D::Err> {
            bayes::BuildModule::try_build(device)
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::TensorCollection<E, D>
        for DeviceResidual2<C, E, D>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = DeviceResidual2<C, E2, D2>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("block", |s| &s.block, |s| &mut s.block),
                    Self::module("flatten", |s| &s.flatten, |s| &mut s.flatten),
                    Self::module("fc", |s| &s.fc, |s| &mut s.fc),
                ),
                |(block, flatten, fc)| DeviceResidual2 { block, flatten, fc },
            )
        }
    }
    #[allow(dead_code)]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>> DeviceResidual2<C, E, D> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, Er>(&self, x: X0) -> X3
        where
            bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>:
                bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the fields one after the other.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X0, X1, X2, X3, Er>(&self, x: X0) -> bayes::Result<X3, Er>
        where
            bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>:
                bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.block, x)?;
            let x = bayes::Module::try_forward(&self.flatten, x)?;
            bayes::Module::try_forward(&self.fc, x)
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, Er> bayes::Module<X0>
        for DeviceResidual2<C, E, D>
    where
        bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>:
            bayes::Module<X0, Output = X1, Error = Er>,
        bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>:
            bayes::Module<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, Er>
        bayes::ModuleMut<X0> for DeviceResidual2<C, E, D>
    where
        bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>:
            bayes::ModuleMut<X0, Output = X1, Error = Er>,
        bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>:
            bayes::ModuleMut<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>:
            bayes::ModuleMut<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward_mut(&mut self, x: X0) -> bayes::Result<Self::Output, Er> {
            let x = bayes::ModuleMut::try_forward_mut(&mut self.block, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.flatten, x)?;
            bayes::ModuleMut::try_forward_mut(&mut self.fc, x)
        }
    }
    #[allow(dead_code)]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>>
        BayesResidual2<C, E, D, Residual2Config>
    {
        /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
        ///
        /// # Errors
        /// A weight that is not finite, by name.
        pub fn from_pretrained(
            plain: &DeviceResidual2<C, E, D>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(plain, &bayes::Name::ROOT)
        }
    }
    #[allow(dead_code)]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Kernels<E>, C_: bayes::Config>
        BayesResidual2<C, E, D, C_>
    {
        /// The plain model with the posterior means: nothing is drawn.
        ///
        /// # Errors
        /// A device that fails.
        pub fn mean(&self) -> bayes::Result<DeviceResidual2<C, E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::MEAN.into())
        }
        /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
        ///
        /// # Errors
        /// A device that fails.
        pub fn sample(&self, seed: u64) -> bayes::Result<DeviceResidual2<C, E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::new(seed, 0).into())
        }
        /// The model in a draw, for prediction.
        pub fn eval(&self, draw: impl bayes::Into<bayes::Draw>) -> <Self as bayes::Bind>::Eval<'_> {
            bayes::Bind::eval(self, &draw.into())
        }
        /// The model in a draw, for training.
        pub fn train(
            &mut self,
            draw: impl bayes::Into<bayes::Draw>,
        ) -> <Self as bayes::Bind>::Train<'_> {
            bayes::Bind::train(self, &draw.into())
        }
        /// `KL(posterior ‖ prior)` summed over all weights, in nats, on a tape.
        ///
        /// # Panics
        /// Where a prior has no closed form, for which there is `kl_in`; where the device fails.
        pub fn kl<T: bayes::Tape<E, D>>(&self) -> bayes::Tensor<bayes::Rank0, E, D, T> {
            bayes::expect(bayes::kl(self))
        }
        /// `kl` in one draw: sampled where a prior has no closed form.
        ///
        /// # Panics
        /// Where `draw` is the mean and a prior has no closed form; where the device fails.
        pub fn kl_in<T: bayes::Tape<E, D>>(
            &self,
            draw: impl bayes::Into<bayes::Draw>,
        ) -> bayes::Tensor<bayes::Rank0, E, D, T> {
            bayes::expect(bayes::kl_in(self, draw))
        }
        /// The KL of each tensor.
        ///
        /// # Errors
        /// A device that fails.
        pub fn kl_per_layer(&self) -> bayes::Result<bayes::Vec<bayes::TensorKl>, bayes::Error> {
            bayes::kl_per_layer::<E, D, Self>(self)
        }
        /// `samples` draws on the batch `x`; reduce them with `classify` or keep them with `draws`.
        pub fn predict<X>(
            &self,
            x: X,
            samples: usize,
            seed: u64,
        ) -> bayes::Predictive<'_, Self, X> {
            bayes::predict(self, x, samples, seed)
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::Twin<E, D>
        for DeviceResidual2<C, E, D>
    {
        type Bayes<C_: bayes::Config> = BayesResidual2<C, E, D, Residual2Config<C_>>;
        fn to_bayes<C_: bayes::Config>(
            &self,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self::Bayes<C_>, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(self, name)
        }
        fn from_bayes<C_: bayes::Config>(
            twin: &Self::Bayes<C_>,
            draw: &bayes::Draw,
        ) -> bayes::Result<Self, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::FromPretrained::<E, D>::plain_in(twin, draw)
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>, C_: bayes::Config>
        bayes::FromPretrained<E, D> for BayesResidual2<C, E, D, C_>
    {
        type Plain = DeviceResidual2<C, E, D>;
        fn around(
            plain: &DeviceResidual2<C, E, D>,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::Ok(BayesResidual2 {
                block: bayes::Twin::<E, D>::to_bayes::<C_>(&plain.block, &name.field("block"))?,
                flatten: bayes::Twin::<E, D>::to_bayes::<C_>(
                    &plain.flatten,
                    &name.field("flatten"),
                )?,
                fc: bayes::Twin::<E, D>::to_bayes::<C_>(&plain.fc, &name.field("fc"))?,
            })
        }
        fn plain_in(
            &self,
            draw: &bayes::Draw,
        ) -> bayes::Result<DeviceResidual2<C, E, D>, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::Ok(DeviceResidual2 {
                block: bayes::Twin::<E, D>::from_bayes::<C_>(&self.block, &draw.field("block"))?,
                flatten: bayes::Twin::<E, D>::from_bayes::<C_>(
                    &self.flatten,
                    &draw.field("flatten"),
                )?,
                fc: bayes::Twin::<E, D>::from_bayes::<C_>(&self.fc, &draw.field("fc"))?,
            })
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>, C_: bayes::Config>
        bayes::TensorCollection<E, D> for BayesResidual2<C, E, D, C_>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = BayesResidual2<C, E2, D2, C_>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("block", |s| &s.block, |s| &mut s.block),
                    Self::module("flatten", |s| &s.flatten, |s| &mut s.flatten),
                    Self::module("fc", |s| &s.fc, |s| &mut s.fc),
                ),
                |(block, flatten, fc)| BayesResidual2 { block, flatten, fc },
            )
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>, C_: bayes::Config> bayes::Bind
        for BayesResidual2<C, E, D, C_>
    {
        const RULE: bayes::Rule = <Residual2<C> as bayes::Spec>::RULE;
        type Eval<'a>
            = Residual2View<
            bayes::Eval<
                'a,
                bayes::Bayes<
                    bayes::Built<
                        Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
                        E,
                        D,
                        RESIDUAL2_LAYERS,
                    >,
                    E,
                    D,
                    C_,
                >,
            >,
            bayes::Eval<'a, bayes::Bayes<bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>, E, D, C_>>,
            bayes::Eval<
                'a,
                bayes::Bayes<bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>, E, D, C_>,
            >,
        >
        where
            Self: 'a;
        type Train<'a>
            = Residual2View<
            bayes::Train<
                'a,
                bayes::Bayes<
                    bayes::Built<
                        Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
                        E,
                        D,
                        RESIDUAL2_LAYERS,
                    >,
                    E,
                    D,
                    C_,
                >,
            >,
            bayes::Train<'a, bayes::Bayes<bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>, E, D, C_>>,
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>, E, D, C_>,
            >,
        >
        where
            Self: 'a;
        type Int8<'a> = bayes::InInt8<'a, DeviceResidual2<C, E, D>>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            Residual2View {
                block: bayes::Bind::eval(&self.block, &draw.field("block")),
                flatten: bayes::Bind::eval(&self.flatten, &draw.field("flatten")),
                fc: bayes::Bind::eval(&self.fc, &draw.field("fc")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            Residual2View {
                block: bayes::Bind::train(&mut self.block, &draw.field("block")),
                flatten: bayes::Bind::train(&mut self.flatten, &draw.field("flatten")),
                fc: bayes::Bind::train(&mut self.fc, &draw.field("fc")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            <DeviceResidual2<C, E, D> as bayes::Bind>::int8(stand_ins, name)
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>, C_: bayes::Config>
        bayes::Bayesian<E, D> for BayesResidual2<C, E, D, C_>
    {
        fn visit_posteriors<V: bayes::VisitPosteriors<E, D>>(
            &self,
            name: &bayes::Name<'_>,
            visitor: &mut V,
        ) -> bayes::Result<(), V::Err> {
            bayes::Bayesian::<E, D>::visit_posteriors(&self.block, &name.field("block"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(
                &self.flatten,
                &name.field("flatten"),
                visitor,
            )?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.fc, &name.field("fc"), visitor)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<F0, F1, F2> Residual2View<F0, F1, F2> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, Er>(&self, x: X0) -> X3
        where
            F0: bayes::Module<X0, Output = X1, Error = Er>,
            F1: bayes::Module<X1, Output = X2, Error = Er>,
            F2: bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            self.try_forward(x).unwrap()
        }
        /// Runs the fields one after the other.
        ///
        /// # Errors
        /// A run-time size that a layer cannot take, or a device that fails.
        pub fn try_forward<X0, X1, X2, X3, Er>(&self, x: X0) -> bayes::Result<X3, Er>
        where
            F0: bayes::Module<X0, Output = X1, Error = Er>,
            F1: bayes::Module<X1, Output = X2, Error = Er>,
            F2: bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.block, x)?;
            let x = bayes::Module::try_forward(&self.flatten, x)?;
            bayes::Module::try_forward(&self.fc, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2, X0, X1, X2, X3, Er> bayes::Module<X0> for Residual2View<F0, F1, F2>
    where
        F0: bayes::Module<X0, Output = X1, Error = Er>,
        F1: bayes::Module<X1, Output = X2, Error = Er>,
        F2: bayes::Module<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2> bayes::NonMutableModule for Residual2View<F0, F1, F2> {}
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::Bind
        for DeviceResidual2<C, E, D>
    {
        const RULE: bayes::Rule = <Residual2<C> as bayes::Spec>::RULE;
        type Eval<'a>
            = Residual2View<
            bayes::Eval<
                'a,
                bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>,
            >,
            bayes::Eval<'a, bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>>,
            bayes::Eval<'a, bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = Residual2View<
            bayes::Train<
                'a,
                bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>,
            >,
            bayes::Train<'a, bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>>,
            bayes::Train<'a, bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = Residual2View<
            bayes::InInt8<
                'a,
                bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>,
            >,
            bayes::InInt8<'a, bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>>,
        >;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            Residual2View {
                block: bayes::Bind::eval(&self.block, &draw.field("block")),
                flatten: bayes::Bind::eval(&self.flatten, &draw.field("flatten")),
                fc: bayes::Bind::eval(&self.fc, &draw.field("fc")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            Residual2View {
                block: bayes::Bind::train(&mut self.block, &draw.field("block")),
                flatten: bayes::Bind::train(&mut self.flatten, &draw.field("flatten")),
                fc: bayes::Bind::train(&mut self.fc, &draw.field("fc")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            Residual2View {
                block: <bayes::Built<
                    Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
                    E,
                    D,
                    RESIDUAL2_LAYERS,
                > as bayes::Bind>::int8(stand_ins, &name.field("block")),
                flatten: <bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("flatten"),
                ),
                fc: <bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("fc"),
                ),
            }
        }
    }
    #[automatically_derived]
    impl<C_: bayes::Config> bayes::Config for Residual2Config<C_> {
        type Estimator = C_::Estimator;
        type Prior = C_::Prior;
        const PRIOR: Self::Prior = C_::PRIOR;
        const POSTERIOR: bayes::Family = C_::POSTERIOR;
        const MOPED: bayes::Option<f64> = C_::MOPED;
        const INIT: bayes::Init = C_::INIT;
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::Structure<E>
        for DeviceResidual2<C, E, D>
    where
        bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>:
            bayes::Structure<E>,
        bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>: bayes::Structure<E>,
        bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Built<
            Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
            E,
            D,
            RESIDUAL2_LAYERS,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS> as bayes::Structure<E>>::WHOLE
            && <bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS> as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.block, &name.field("block"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.flatten, &name.field("flatten"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.fc, &name.field("fc"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.block, &name.field("block"), plans)?;
            bayes::Structure::<E>::layers(&self.flatten, &name.field("flatten"), plans)?;
            bayes::Structure::<E>::layers(&self.fc, &name.field("fc"), plans)?;
            bayes::Ok(())
        }
    }
    #[automatically_derived]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Device<E>, C_: bayes::Config>
        bayes::Structure<E> for BayesResidual2<C, E, D, C_>
    where
        bayes::Bayes<
            bayes::Built<Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>, E, D, RESIDUAL2_LAYERS>,
            E,
            D,
            C_,
        >: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>, E, D, C_>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>, E, D, C_>:
            bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Bayes<
            bayes::Built<
                Residual<(Conv2D<C, C, 3, 1, 1>, Bias2D<C>)>,
                E,
                D,
                RESIDUAL2_LAYERS,
            >,
            E,
            D,
            C_,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<Flatten, E, D, RESIDUAL2_LAYERS>,
                E,
                D,
                C_,
            > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<Linear<72, 3>, E, D, RESIDUAL2_LAYERS>,
                E,
                D,
                C_,
            > as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.block, &name.field("block"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.flatten, &name.field("flatten"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.fc, &name.field("fc"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.block, &name.field("block"), plans)?;
            bayes::Structure::<E>::layers(&self.flatten, &name.field("flatten"), plans)?;
            bayes::Structure::<E>::layers(&self.fc, &name.field("fc"), plans)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<const C: usize, E: bayes::Dtype, D: bayes::Kernels<E>, C_: bayes::Config>
        BayesResidual2<C, E, D, C_>
    {
        /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
        ///
        /// # Errors
        /// No rows, rows that do not fit the model, a weight or a value that is not finite.
        pub fn quantize<X>(
            &self,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantResidual2<C>, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            self.quantize_with(&bayes::Calibration::default(), batches)
        }
        /// The same with ranges and draws as `calibration` says.
        ///
        /// # Errors
        /// As `quantize`, and a calibration without draws or with a percentile that is none.
        pub fn quantize_with<X>(
            &self,
            calibration: &bayes::Calibration,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantResidual2<C>, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            bayes::quantize(self, calibration, batches)
        }
    }
};
