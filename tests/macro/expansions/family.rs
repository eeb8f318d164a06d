//! What `#[bayesian]` writes for the struct of this name in `sources/`.
use bayes_core::prelude::*;
/// A classifier of four measurements.
#[allow(dead_code)]
pub struct Family<const H: usize> {
    pub fc1: Linear<4, H>,
    pub act: ReLU,
    pub fc2: Linear<H, 3>,
}
const FAMILY_LAYERS: bool = {
    const fn known<const H: usize>() -> bool {
        ::bayes_core::__private::is_layer::<Linear<4, H>>()
            && ::bayes_core::__private::is_layer::<ReLU>()
            && ::bayes_core::__private::is_layer::<Linear<H, 3>>()
    }
    known::<1>()
};
/// [`Family`] on a device: its layers with their weights.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct DeviceFamily<
    const H: usize,
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
> {
    pub fc1: ::bayes_core::__private::Built<Linear<4, H>, E, D, FAMILY_LAYERS>,
    pub act: ::bayes_core::__private::Built<ReLU, E, D, FAMILY_LAYERS>,
    pub fc2: ::bayes_core::__private::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>,
}
/// The Bayesian twin of [`Family`]: a posterior for each weight of the fields that are not skipped.
#[allow(dead_code)]
#[derive(Clone, Debug)]
pub struct BayesFamily<
    const H: usize,
    E: ::bayes_core::__private::Dtype,
    D: ::bayes_core::__private::Device<E>,
    C: ::bayes_core::__private::Config = FamilyConfig,
> {
    pub fc1: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Linear<4, H>, E, D, FAMILY_LAYERS>,
        E,
        D,
        C,
    >,
    pub act: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<ReLU, E, D, FAMILY_LAYERS>,
        E,
        D,
        C,
    >,
    pub fc2: ::bayes_core::__private::Bayes<
        ::bayes_core::__private::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>,
        E,
        D,
        C,
    >,
}
/// [`Family`] in 8-bit integers, made by `quantize` of its other forms.
#[allow(dead_code)]
pub type QuantFamily<const H: usize> =
    ::bayes_core::__private::Int8<DeviceFamily<H, f32, ::bayes_core::__private::Cpu>>;
/// [`Family`] in one draw: a view of each field.
#[allow(dead_code)]
#[derive(Debug)]
pub struct FamilyView<F0, F1, F2> {
    pub fc1: F0,
    pub act: F1,
    pub fc2: F2,
}
/// What `#[bayesian]` states for [`Family`]; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct FamilyConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
/// What the member [`WideSure`] of [`Family`] states; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct WideSureConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
/// What the member [`WideUnsure`] of [`Family`] states; what it leaves open is `C`'s.
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub struct WideUnsureConfig<C = ::bayes_core::__private::Defaults>(
    ::bayes_core::__private::PhantomData<C>,
);
/// Enough for most.
///
/// `Family<4>`, a member of [`Family`].
#[allow(dead_code)]
pub type Small = Family<4>;
/// [`Small`] on a device.
#[allow(dead_code)]
pub type DeviceSmall<E, D> = DeviceFamily<4, E, D>;
/// The Bayesian twin of [`Small`].
#[allow(dead_code)]
pub type BayesSmall<E, D> = BayesFamily<4, E, D>;
/// [`Small`] in 8-bit integers.
#[allow(dead_code)]
pub type QuantSmall = QuantFamily<4>;
/// `Family<16>`, a member of [`Family`].
#[allow(dead_code)]
pub type WideSure = Family<16>;
/// [`WideSure`] on a device.
#[allow(dead_code)]
pub type DeviceWideSure<E, D> = DeviceFamily<16, E, D>;
/// The Bayesian twin of [`WideSure`].
#[allow(dead_code)]
pub type BayesWideSure<E, D> = BayesFamily<16, E, D, WideSureConfig<FamilyConfig>>;
/// [`WideSure`] in 8-bit integers.
#[allow(dead_code)]
pub type QuantWideSure = QuantFamily<16>;
/// `Family<16>`, a member of [`Family`].
#[allow(dead_code)]
pub type WideUnsure = Family<16>;
/// [`WideUnsure`] on a device.
#[allow(dead_code)]
pub type DeviceWideUnsure<E, D> = DeviceFamily<16, E, D>;
/// The Bayesian twin of [`WideUnsure`].
#[allow(dead_code)]
pub type BayesWideUnsure<E, D> = BayesFamily<16, E, D, WideUnsureConfig<FamilyConfig>>;
/// [`WideUnsure`] in 8-bit integers.
#[allow(dead_code)]
pub type QuantWideUnsure = QuantFamily<16>;
/// The members of the family [`Family`], by name.
#[allow(dead_code, clippy::enum_variant_names)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FamilyMember {
    /// Enough for most.
    ///
    /// [`Small`](type@Small): `Family<4>`.
    Small,
    /// [`WideSure`](type@WideSure): `Family<16>`.
    WideSure,
    /// [`WideUnsure`](type@WideUnsure): `Family<16>`.
    WideUnsure,
}
/// Runs code with the types of a member of [`Family`]: `with_family!(member, |Net, BayesNet, QuantNet| { .. })`, where `FamilyMember` is in scope.
#[allow(unused_macros)]
macro_rules! with_family {
    ($member:expr, | $($name:ident),+ $(,)? | $body:expr $(,)?) => {
        match $member { FamilyMember::Small => {
        ::bayes_core::__private::with_types!(spec FamilyMember, 0, [$($name),+], $body) }
        FamilyMember::WideSure => { ::bayes_core::__private::with_types!(spec
        FamilyMember, 1, [$($name),+], $body) } FamilyMember::WideUnsure => {
        ::bayes_core::__private::with_types!(spec FamilyMember, 2, [$($name),+], $body) }
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!("expected `with_family!(member, |Net, BayesNet, QuantNet| { .. })`")
    };
}
#[allow(unused_imports)]
pub(crate) use with_family;
const _: () = {
    use ::bayes_core::__private as bayes;
    #[automatically_derived]
    impl<const H: usize> bayes::Spec for Family<H> {
        type Built<E: bayes::Dtype, D: bayes::Device<E>> = DeviceFamily<H, E, D>;
        const RULE: bayes::Rule = bayes::Rule::Model {
            parts: &[
                ("fc1", <Linear<4, H> as bayes::Layer<FAMILY_LAYERS>>::RULE),
                ("act", <ReLU as bayes::Layer<FAMILY_LAYERS>>::RULE),
                ("fc2", <Linear<H, 3> as bayes::Layer<FAMILY_LAYERS>>::RULE),
            ],
            estimator: bayes::None,
            proven: bayes::None,
        };
        const INPUT: bayes::Size = bayes::Size::vector(4);
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::BuildOnDevice<D, E>
        for Family<H>
    {
        type Built = DeviceFamily<H, E, D>;
        fn try_build_on_device(device: &D) -> bayes::Result<Self::Built, D::Err> {
            bayes::BuildModule::try_build(device)
        }
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::TensorCollection<E, D>
        for DeviceFamily<H, E, D>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = DeviceFamily<H, E2, D2>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("fc1", |s| &s.fc1, |s| &mut s.fc1),
                    Self::module("act", |s| &s.act, |s| &mut s.act),
                    Self::module("fc2", |s| &s.fc2, |s| &mut s.fc2),
                ),
                |(fc1, act, fc2)| DeviceFamily { fc1, act, fc2 },
            )
        }
    }
    #[allow(dead_code)]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>> DeviceFamily<H, E, D> {
        /// Runs the fields one after the other.
        ///
        /// # Panics
        /// Where `try_forward` fails.
        pub fn forward<X0, X1, X2, X3, Er>(&self, x: X0) -> X3
        where
            bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<ReLU, E, D, FAMILY_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>:
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
            bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>:
                bayes::Module<X0, Output = X1, Error = Er>,
            bayes::Built<ReLU, E, D, FAMILY_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
            bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>:
                bayes::Module<X2, Output = X3, Error = Er>,
            Er: bayes::Debug,
        {
            let x = bayes::Module::try_forward(&self.fc1, x)?;
            let x = bayes::Module::try_forward(&self.act, x)?;
            bayes::Module::try_forward(&self.fc2, x)
        }
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, Er> bayes::Module<X0>
        for DeviceFamily<H, E, D>
    where
        bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>: bayes::Module<X0, Output = X1, Error = Er>,
        bayes::Built<ReLU, E, D, FAMILY_LAYERS>: bayes::Module<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>: bayes::Module<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward(&self, x: X0) -> bayes::Result<Self::Output, Er> {
            Self::try_forward(self, x)
        }
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>, X0, X1, X2, X3, Er>
        bayes::ModuleMut<X0> for DeviceFamily<H, E, D>
    where
        bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>:
            bayes::ModuleMut<X0, Output = X1, Error = Er>,
        bayes::Built<ReLU, E, D, FAMILY_LAYERS>: bayes::ModuleMut<X1, Output = X2, Error = Er>,
        bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>:
            bayes::ModuleMut<X2, Output = X3, Error = Er>,
        Er: bayes::Debug,
    {
        type Output = X3;
        type Error = Er;
        fn try_forward_mut(&mut self, x: X0) -> bayes::Result<Self::Output, Er> {
            let x = bayes::ModuleMut::try_forward_mut(&mut self.fc1, x)?;
            let x = bayes::ModuleMut::try_forward_mut(&mut self.act, x)?;
            bayes::ModuleMut::try_forward_mut(&mut self.fc2, x)
        }
    }
    #[allow(dead_code)]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>> BayesFamily<H, E, D, FamilyConfig> {
        /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
        ///
        /// # Errors
        /// A weight that is not finite, by name.
        pub fn from_pretrained(plain: &DeviceFamily<H, E, D>) -> bayes::Result<Self, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(plain, &bayes::Name::ROOT)
        }
    }
    #[allow(dead_code)]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config>
        BayesFamily<H, E, D, C>
    {
        /// The plain model with the posterior means: nothing is drawn.
        ///
        /// # Errors
        /// A device that fails.
        pub fn mean(&self) -> bayes::Result<DeviceFamily<H, E, D>, bayes::Error> {
            bayes::FromPretrained::<E, D>::plain_in(self, &bayes::Key::MEAN.into())
        }
        /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
        ///
        /// # Errors
        /// A device that fails.
        pub fn sample(&self, seed: u64) -> bayes::Result<DeviceFamily<H, E, D>, bayes::Error> {
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
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::Twin<E, D>
        for DeviceFamily<H, E, D>
    {
        type Bayes<C: bayes::Config> = BayesFamily<H, E, D, FamilyConfig<C>>;
        fn to_bayes<C: bayes::Config>(
            &self,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self::Bayes<C>, bayes::Error> {
            bayes::FromPretrained::<E, D>::around(self, name)
        }
        fn from_bayes<C: bayes::Config>(
            twin: &Self::Bayes<C>,
            draw: &bayes::Draw,
        ) -> bayes::Result<Self, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::FromPretrained::<E, D>::plain_in(twin, draw)
        }
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config>
        bayes::FromPretrained<E, D> for BayesFamily<H, E, D, C>
    {
        type Plain = DeviceFamily<H, E, D>;
        fn around(
            plain: &DeviceFamily<H, E, D>,
            name: &bayes::Name<'_>,
        ) -> bayes::Result<Self, bayes::Error> {
            bayes::Ok(BayesFamily {
                fc1: bayes::Twin::<E, D>::to_bayes::<C>(&plain.fc1, &name.field("fc1"))?,
                act: bayes::Twin::<E, D>::to_bayes::<C>(&plain.act, &name.field("act"))?,
                fc2: bayes::Twin::<E, D>::to_bayes::<C>(&plain.fc2, &name.field("fc2"))?,
            })
        }
        fn plain_in(&self, draw: &bayes::Draw) -> bayes::Result<DeviceFamily<H, E, D>, bayes::Error>
        where
            D: bayes::Kernels<E>,
        {
            bayes::Ok(DeviceFamily {
                fc1: bayes::Twin::<E, D>::from_bayes::<C>(&self.fc1, &draw.field("fc1"))?,
                act: bayes::Twin::<E, D>::from_bayes::<C>(&self.act, &draw.field("act"))?,
                fc2: bayes::Twin::<E, D>::from_bayes::<C>(&self.fc2, &draw.field("fc2"))?,
            })
        }
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config>
        bayes::TensorCollection<E, D> for BayesFamily<H, E, D, C>
    {
        type To<E2: bayes::Dtype, D2: bayes::Device<E2>> = BayesFamily<H, E2, D2, C>;
        fn iter_tensors<V: bayes::ModuleVisitor<Self, E, D>>(
            visitor: &mut V,
        ) -> bayes::Result<bayes::Option<Self::To<V::E2, V::D2>>, V::Err> {
            visitor.visit_fields(
                (
                    Self::module("fc1", |s| &s.fc1, |s| &mut s.fc1),
                    Self::module("act", |s| &s.act, |s| &mut s.act),
                    Self::module("fc2", |s| &s.fc2, |s| &mut s.fc2),
                ),
                |(fc1, act, fc2)| BayesFamily { fc1, act, fc2 },
            )
        }
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Bind
        for BayesFamily<H, E, D, C>
    {
        const RULE: bayes::Rule = <Family<H> as bayes::Spec>::RULE;
        type Eval<'a>
            = FamilyView<
            bayes::Eval<'a, bayes::Bayes<bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>, E, D, C>>,
            bayes::Eval<'a, bayes::Bayes<bayes::Built<ReLU, E, D, FAMILY_LAYERS>, E, D, C>>,
            bayes::Eval<'a, bayes::Bayes<bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>, E, D, C>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = FamilyView<
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>, E, D, C>,
            >,
            bayes::Train<'a, bayes::Bayes<bayes::Built<ReLU, E, D, FAMILY_LAYERS>, E, D, C>>,
            bayes::Train<
                'a,
                bayes::Bayes<bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>, E, D, C>,
            >,
        >
        where
            Self: 'a;
        type Int8<'a> = bayes::InInt8<'a, DeviceFamily<H, E, D>>;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            FamilyView {
                fc1: bayes::Bind::eval(&self.fc1, &draw.field("fc1")),
                act: bayes::Bind::eval(&self.act, &draw.field("act")),
                fc2: bayes::Bind::eval(&self.fc2, &draw.field("fc2")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            FamilyView {
                fc1: bayes::Bind::train(&mut self.fc1, &draw.field("fc1")),
                act: bayes::Bind::train(&mut self.act, &draw.field("act")),
                fc2: bayes::Bind::train(&mut self.fc2, &draw.field("fc2")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            <DeviceFamily<H, E, D> as bayes::Bind>::int8(stand_ins, name)
        }
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config>
        bayes::Bayesian<E, D> for BayesFamily<H, E, D, C>
    {
        fn visit_posteriors<V: bayes::VisitPosteriors<E, D>>(
            &self,
            name: &bayes::Name<'_>,
            visitor: &mut V,
        ) -> bayes::Result<(), V::Err> {
            bayes::Bayesian::<E, D>::visit_posteriors(&self.fc1, &name.field("fc1"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.act, &name.field("act"), visitor)?;
            bayes::Bayesian::<E, D>::visit_posteriors(&self.fc2, &name.field("fc2"), visitor)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<F0, F1, F2> FamilyView<F0, F1, F2> {
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
            let x = bayes::Module::try_forward(&self.fc1, x)?;
            let x = bayes::Module::try_forward(&self.act, x)?;
            bayes::Module::try_forward(&self.fc2, x)
        }
    }
    #[automatically_derived]
    impl<F0, F1, F2, X0, X1, X2, X3, Er> bayes::Module<X0> for FamilyView<F0, F1, F2>
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
    impl<F0, F1, F2> bayes::NonMutableModule for FamilyView<F0, F1, F2> {}
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::Bind for DeviceFamily<H, E, D> {
        const RULE: bayes::Rule = <Family<H> as bayes::Spec>::RULE;
        type Eval<'a>
            = FamilyView<
            bayes::Eval<'a, bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>>,
            bayes::Eval<'a, bayes::Built<ReLU, E, D, FAMILY_LAYERS>>,
            bayes::Eval<'a, bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>>,
        >
        where
            Self: 'a;
        type Train<'a>
            = FamilyView<
            bayes::Train<'a, bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>>,
            bayes::Train<'a, bayes::Built<ReLU, E, D, FAMILY_LAYERS>>,
            bayes::Train<'a, bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>>,
        >
        where
            Self: 'a;
        type Int8<'a> = FamilyView<
            bayes::InInt8<'a, bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<ReLU, E, D, FAMILY_LAYERS>>,
            bayes::InInt8<'a, bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>>,
        >;
        fn eval<'a>(&'a self, draw: &bayes::Draw) -> Self::Eval<'a> {
            FamilyView {
                fc1: bayes::Bind::eval(&self.fc1, &draw.field("fc1")),
                act: bayes::Bind::eval(&self.act, &draw.field("act")),
                fc2: bayes::Bind::eval(&self.fc2, &draw.field("fc2")),
            }
        }
        fn train<'a>(&'a mut self, draw: &bayes::Draw) -> Self::Train<'a> {
            FamilyView {
                fc1: bayes::Bind::train(&mut self.fc1, &draw.field("fc1")),
                act: bayes::Bind::train(&mut self.act, &draw.field("act")),
                fc2: bayes::Bind::train(&mut self.fc2, &draw.field("fc2")),
            }
        }
        fn int8<'a>(stand_ins: &bayes::StandIns<'a>, name: &bayes::Name<'_>) -> Self::Int8<'a> {
            FamilyView {
                fc1: <bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("fc1"),
                ),
                act: <bayes::Built<ReLU, E, D, FAMILY_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("act"),
                ),
                fc2: <bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS> as bayes::Bind>::int8(
                    stand_ins,
                    &name.field("fc2"),
                ),
            }
        }
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for FamilyConfig<C> {
        type Estimator = C::Estimator;
        type Prior = C::Prior;
        const PRIOR: Self::Prior = C::PRIOR;
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = C::MOPED;
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for WideSureConfig<C> {
        type Estimator = C::Estimator;
        type Prior = C::Prior;
        const PRIOR: Self::Prior = C::PRIOR;
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = bayes::Some(0.01);
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<C: bayes::Config> bayes::Config for WideUnsureConfig<C> {
        type Estimator = C::Estimator;
        type Prior = C::Prior;
        const PRIOR: Self::Prior = C::PRIOR;
        const POSTERIOR: bayes::Family = C::POSTERIOR;
        const MOPED: bayes::Option<f64> = bayes::Some(0.5);
        const INIT: bayes::Init = C::INIT;
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>> bayes::Structure<E>
        for DeviceFamily<H, E, D>
    where
        bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>: bayes::Structure<E>,
        bayes::Built<ReLU, E, D, FAMILY_LAYERS>: bayes::Structure<E>,
        bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>: bayes::Structure<E>,
    {
        const WHOLE: bool =
            <bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS> as bayes::Structure<E>>::WHOLE
                && <bayes::Built<ReLU, E, D, FAMILY_LAYERS> as bayes::Structure<E>>::WHOLE
                && <bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS> as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.fc1, &name.field("fc1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.act, &name.field("act"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.fc2, &name.field("fc2"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.fc1, &name.field("fc1"), plans)?;
            bayes::Structure::<E>::layers(&self.act, &name.field("act"), plans)?;
            bayes::Structure::<E>::layers(&self.fc2, &name.field("fc2"), plans)?;
            bayes::Ok(())
        }
    }
    #[automatically_derived]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Device<E>, C: bayes::Config> bayes::Structure<E>
        for BayesFamily<H, E, D, C>
    where
        bayes::Bayes<bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<ReLU, E, D, FAMILY_LAYERS>, E, D, C>: bayes::Structure<E>,
        bayes::Bayes<bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>, E, D, C>: bayes::Structure<E>,
    {
        const WHOLE: bool = <bayes::Bayes<
            bayes::Built<Linear<4, H>, E, D, FAMILY_LAYERS>,
            E,
            D,
            C,
        > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<ReLU, E, D, FAMILY_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE
            && <bayes::Bayes<
                bayes::Built<Linear<H, 3>, E, D, FAMILY_LAYERS>,
                E,
                D,
                C,
            > as bayes::Structure<E>>::WHOLE;
        fn trace(
            &self,
            name: &bayes::Name<'_>,
            graph: &mut bayes::Graph,
            x: bayes::Wire,
        ) -> bayes::Result<bayes::Wire, bayes::Error> {
            let x = bayes::Structure::<E>::trace(&self.fc1, &name.field("fc1"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.act, &name.field("act"), graph, x)?;
            let x = bayes::Structure::<E>::trace(&self.fc2, &name.field("fc2"), graph, x)?;
            bayes::Ok(x)
        }
        fn layers(
            &self,
            name: &bayes::Name<'_>,
            plans: &mut bayes::Plans,
        ) -> bayes::Result<(), bayes::Error> {
            bayes::Structure::<E>::layers(&self.fc1, &name.field("fc1"), plans)?;
            bayes::Structure::<E>::layers(&self.act, &name.field("act"), plans)?;
            bayes::Structure::<E>::layers(&self.fc2, &name.field("fc2"), plans)?;
            bayes::Ok(())
        }
    }
    #[allow(dead_code)]
    impl<const H: usize, E: bayes::Dtype, D: bayes::Kernels<E>, C: bayes::Config>
        BayesFamily<H, E, D, C>
    {
        /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
        ///
        /// # Errors
        /// No rows, rows that do not fit the model, a weight or a value that is not finite.
        pub fn quantize<X>(
            &self,
            batches: impl bayes::IntoIterator<Item = X>,
        ) -> bayes::Result<QuantFamily<H>, bayes::Error>
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
        ) -> bayes::Result<QuantFamily<H>, bayes::Error>
        where
            Self: bayes::Structure<E>,
            X: bayes::Batch<E, D>,
            for<'a> bayes::InInt8<'a, Self>: bayes::Module<X::Part>,
        {
            bayes::quantize(self, calibration, batches)
        }
    }
    #[allow(dead_code)]
    impl FamilyMember {
        /// All members, in the order of the attribute.
        pub const ALL: &'static [Self] = &[Self::Small, Self::WideSure, Self::WideUnsure];
        /// The member's name.
        pub const fn name(self) -> &'static str {
            match self {
                Self::Small => "Small",
                Self::WideSure => "WideSure",
                Self::WideUnsure => "WideUnsure",
            }
        }
        /// The size of one example, where the attribute states it.
        pub const fn input(self) -> bayes::Size {
            match self {
                Self::Small => <Small as bayes::Spec>::INPUT,
                Self::WideSure => <WideSure as bayes::Spec>::INPUT,
                Self::WideUnsure => <WideUnsure as bayes::Spec>::INPUT,
            }
        }
        /// What the member does to sizes.
        pub const fn rule(self) -> &'static bayes::Rule {
            match self {
                Self::Small => const { &<Small as bayes::Spec>::RULE },
                Self::WideSure => const { &<WideSure as bayes::Spec>::RULE },
                Self::WideUnsure => const { &<WideUnsure as bayes::Spec>::RULE },
            }
        }
        /// The trained numbers of the plain model.
        pub fn parameters(self) -> usize {
            match self {
                Self::Small => {
                    bayes::parameters::<f32, bayes::Cpu, DeviceFamily<4, f32, bayes::Cpu>>()
                }
                Self::WideSure => {
                    bayes::parameters::<f32, bayes::Cpu, DeviceFamily<16, f32, bayes::Cpu>>()
                }
                Self::WideUnsure => {
                    bayes::parameters::<f32, bayes::Cpu, DeviceFamily<16, f32, bayes::Cpu>>()
                }
            }
        }
        /// The trained numbers of the Bayesian twin.
        pub fn bayes_parameters(self) -> usize {
            match self {
                Self::Small => bayes::parameters::<
                    f32,
                    bayes::Cpu,
                    <Self as bayes::Member<0>>::Bayes<f32, bayes::Cpu>,
                >(),
                Self::WideSure => bayes::parameters::<
                    f32,
                    bayes::Cpu,
                    <Self as bayes::Member<1>>::Bayes<f32, bayes::Cpu>,
                >(),
                Self::WideUnsure => bayes::parameters::<
                    f32,
                    bayes::Cpu,
                    <Self as bayes::Member<2>>::Bayes<f32, bayes::Cpu>,
                >(),
            }
        }
    }
    #[automatically_derived]
    impl bayes::Registry for FamilyMember {
        const FAMILY: &'static str = "Family";
        const ALL: &'static [Self] = Self::ALL;
        fn name(self) -> &'static str {
            self.name()
        }
        fn input(self) -> bayes::Size {
            self.input()
        }
        fn rule(self) -> &'static bayes::Rule {
            self.rule()
        }
        fn parameters(self) -> usize {
            self.parameters()
        }
        fn bayes_parameters(self) -> usize {
            self.bayes_parameters()
        }
    }
    #[automatically_derived]
    impl bayes::Display for FamilyMember {
        fn fmt(&self, f: &mut bayes::fmt::Formatter<'_>) -> bayes::fmt::Result {
            f.pad(self.name())
        }
    }
    #[automatically_derived]
    impl bayes::FromStr for FamilyMember {
        type Err = bayes::UnknownMember;
        fn from_str(name: &str) -> bayes::Result<Self, bayes::UnknownMember> {
            bayes::Registry::named(name)
        }
    }
    #[automatically_derived]
    impl bayes::Serialize for FamilyMember {
        fn serialize<S: bayes::Serializer>(&self, serializer: S) -> bayes::Result<S::Ok, S::Error> {
            serializer.serialize_str(self.name())
        }
    }
    #[automatically_derived]
    impl<'de> bayes::Deserialize<'de> for FamilyMember {
        fn deserialize<S: bayes::Deserializer<'de>>(
            deserializer: S,
        ) -> bayes::Result<Self, S::Error> {
            bayes::deserialize(deserializer)
        }
    }
    #[automatically_derived]
    impl bayes::Member<0> for FamilyMember {
        type Spec = Small;
        type Plain<E: bayes::Dtype, D: bayes::Device<E>> = DeviceFamily<4, E, D>;
        type Bayes<E: bayes::Dtype, D: bayes::Device<E>> = BayesFamily<4, E, D>;
        type Quant = QuantSmall;
    }
    #[automatically_derived]
    impl bayes::Member<1> for FamilyMember {
        type Spec = WideSure;
        type Plain<E: bayes::Dtype, D: bayes::Device<E>> = DeviceFamily<16, E, D>;
        type Bayes<E: bayes::Dtype, D: bayes::Device<E>> =
            BayesFamily<16, E, D, WideSureConfig<FamilyConfig>>;
        type Quant = QuantWideSure;
    }
    #[automatically_derived]
    impl bayes::Member<2> for FamilyMember {
        type Spec = WideUnsure;
        type Plain<E: bayes::Dtype, D: bayes::Device<E>> = DeviceFamily<16, E, D>;
        type Bayes<E: bayes::Dtype, D: bayes::Device<E>> =
            BayesFamily<16, E, D, WideUnsureConfig<FamilyConfig>>;
        type Quant = QuantWideUnsure;
    }
    const MEMBERS: [bayes::MemberProof; 3] = [
        bayes::prove_member(
            "Small",
            &<Small as bayes::Spec>::RULE,
            <Small as bayes::Spec>::INPUT,
            bayes::None,
        ),
        bayes::prove_member(
            "WideSure",
            &<WideSure as bayes::Spec>::RULE,
            <WideSure as bayes::Spec>::INPUT,
            bayes::None,
        ),
        bayes::prove_member(
            "WideUnsure",
            &<WideUnsure as bayes::Spec>::RULE,
            <WideUnsure as bayes::Spec>::INPUT,
            bayes::None,
        ),
    ];
    const _: () = MEMBERS[0].check();
    const _: () = MEMBERS[1].check();
    const _: () = MEMBERS[2].check();
};
