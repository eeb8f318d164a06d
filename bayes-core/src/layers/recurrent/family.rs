//! The macro that writes a recurrent layer: its builder, the plain layer and the Bayesian one.

/// Writes one recurrent layer; `state` is `lstm` or `gru`.
macro_rules! recurrent {
    (
        builder { $($built:tt)* }
        layer { $($doc:tt)* }
        $Plain:ident, $Bayes:ident of $cell:ident with $state:ident
    ) => {
        /// The builder form.
        pub mod builder {
            $($built)*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct $Plain<
                const I: usize,
                const H: usize,
                const LAYERS: usize = 1,
                const BIDIRECTIONAL: bool = false,
                const BIAS: bool = true,
            >;
        }

        use crate::device::Kernels;
        use crate::error::Error;
        use crate::estimator::{Estimator, EstimatorKind};
        use crate::kernels::recurrent::Cell;
        use crate::layers::recurrent::family::{modules, tensors};
        use crate::layers::recurrent::planned::{self, Layers};
        use crate::layers::recurrent::run::{self, Direction, Form, States};
        use crate::layers::recurrent::shapes::{Directions, Gates, SequenceShape};
        use crate::layers::shape_of;
        use crate::plan::{Graph, Plans, Structure, Wire};
        use crate::posterior::{RecurrentFan, Variational, Within};
        use crate::shape::{Fits, Rule};
        use crate::twin::{
            Bayesian, Bind, Config, Draw, DrawnView, LayerView, Name, Spec, Twin, VisitPosteriors,
        };
        use builder::$Plain as Builder;
        use dfdx::nn::tensor_collection::{ModuleVisitor, TensorCollection, TensorOptions};
        use dfdx::nn::{BuildModule, BuildOnDevice, Module, NonMutableModule};
        use dfdx::prelude::{Const, Device, Dim, Dtype, ReshapeTo, Tape, Tensor};

        const GATES: usize = Cell::$cell.gates();

        type First<const I: usize, const H: usize> = (Gates<GATES, H>, Const<I>);
        type Above<const H: usize, const BI: bool> = (Gates<GATES, H>, Directions<H, BI>);
        type Hidden<const H: usize> = (Gates<GATES, H>, Const<H>);
        type Bias<const H: usize> = (Gates<GATES, H>,);

        $($doc)*
        #[derive(Clone, Debug)]
        pub struct $Plain<
            const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>,
        > {
            /// Input weights of the first layer, `(gates·H, I)`, by direction.
            pub weight_ih: Vec<Tensor<First<I, H>, E, D>>,
            /// Input weights of the layers above, `(gates·H, H·directions)`, by layer and direction.
            pub weight_ih_above: Vec<Tensor<Above<H, BI>, E, D>>,
            /// Weights of the hidden state, `(gates·H, H)`, by layer and direction.
            pub weight_hh: Vec<Tensor<Hidden<H>, E, D>>,
            /// Biases of the input's product, by layer and direction; none without `BIAS`.
            pub bias_ih: Vec<Tensor<Bias<H>, E, D>>,
            /// Biases of the hidden state's product, by layer and direction; none without `BIAS`.
            pub bias_hh: Vec<Tensor<Bias<H>, E, D>>,
        }

        #[doc = concat!("A [`", stringify!($Plain), "`] whose weights have a posterior.")]
        ///
        /// Weights are drawn once for a sequence: all its steps share them (Fortunato, Blundell and Vinyals 2017; Gal and
        /// Ghahramani 2016 for dropout). With Flipout each example has signs of its own, the same at all steps.
        #[derive(Clone, Debug)]
        pub struct $Bayes<
            const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>,
            C: Config,
        > {
            /// Input weights of the first layer, `(gates·H, I)`, by direction.
            pub weight_ih: Vec<Variational<First<I, H>, E, D, C, RecurrentFan<H>>>,
            /// Input weights of the layers above, `(gates·H, H·directions)`, by layer and direction.
            pub weight_ih_above: Vec<Variational<Above<H, BI>, E, D, C, RecurrentFan<H>>>,
            /// Weights of the hidden state, `(gates·H, H)`, by layer and direction.
            pub weight_hh: Vec<Variational<Hidden<H>, E, D, C, RecurrentFan<H>>>,
            /// Biases of the input's product, by layer and direction; none without `BIAS`.
            pub bias_ih: Vec<Variational<Bias<H>, E, D, C, RecurrentFan<H>>>,
            /// Biases of the hidden state's product, by layer and direction; none without `BIAS`.
            pub bias_hh: Vec<Variational<Bias<H>, E, D, C, RecurrentFan<H>>>,
        }

        /// The names of the tensors, in the order of the fields.
        fn names(layers: usize, bidirectional: bool, bias: bool) -> [Vec<String>; 5] {
            let biased = if bias { 0..layers } else { 0..0 };
            [
                run::names("weight_ih", 0..layers.min(1), bidirectional),
                run::names("weight_ih", 1..layers.max(1), bidirectional),
                run::names("weight_hh", 0..layers, bidirectional),
                run::names("bias_ih", biased.clone(), bidirectional),
                run::names("bias_hh", biased, bidirectional),
            ]
        }

        const fn form(hidden: usize, bidirectional: bool) -> Form {
            Form { cell: Cell::$cell, hidden, bidirectional }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool> Spec
            for Builder<I, H, LAYERS, BI, BIAS>
        {
            type Built<E: Dtype, D: Device<E>> = $Plain<I, H, LAYERS, BI, BIAS, E, D>;
            const RULE: Rule = Rule::Recurrent { inputs: I, outputs: if BI { 2 * H } else { H } };
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>>
            BuildOnDevice<D, E> for Builder<I, H, LAYERS, BI, BIAS>
        {
            type Built = $Plain<I, H, LAYERS, BI, BIAS, E, D>;

            fn try_build_on_device(device: &D) -> Result<Self::Built, D::Err> {
                Self::Built::try_build(device)
            }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>>
            NonMutableModule for $Plain<I, H, LAYERS, BI, BIAS, E, D>
        {
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>>
            TensorCollection<E, D> for $Plain<I, H, LAYERS, BI, BIAS, E, D>
        {
            type To<E2: Dtype, D2: Device<E2>> = $Plain<I, H, LAYERS, BI, BIAS, E2, D2>;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                let names = names(LAYERS, BI, BIAS);
                visitor.visit_fields(
                    (
                        tensors!(Self, H, weight_ih, names[0]),
                        tensors!(Self, H, weight_ih_above, names[1]),
                        tensors!(Self, H, weight_hh, names[2]),
                        tensors!(Self, H, bias_ih, names[3]),
                        tensors!(Self, H, bias_hh, names[4]),
                    ),
                    |(weight_ih, weight_ih_above, weight_hh, bias_ih, bias_hh)| $Plain {
                        weight_ih,
                        weight_ih_above,
                        weight_hh,
                        bias_ih,
                        bias_hh,
                    },
                )
            }
        }

        impl<
            const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>,
            C: Config,
        > TensorCollection<E, D> for $Bayes<I, H, LAYERS, BI, BIAS, E, D, C> {
            type To<E2: Dtype, D2: Device<E2>> = $Bayes<I, H, LAYERS, BI, BIAS, E2, D2, C>;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                let names = names(LAYERS, BI, BIAS);
                visitor.visit_fields(
                    (
                        modules!(Self, weight_ih, names[0]),
                        modules!(Self, weight_ih_above, names[1]),
                        modules!(Self, weight_hh, names[2]),
                        modules!(Self, bias_ih, names[3]),
                        modules!(Self, bias_hh, names[4]),
                    ),
                    |(weight_ih, weight_ih_above, weight_hh, bias_ih, bias_hh)| $Bayes {
                        weight_ih,
                        weight_ih_above,
                        weight_hh,
                        bias_ih,
                        bias_hh,
                    },
                )
            }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>>
            Bind for $Plain<I, H, LAYERS, BI, BIAS, E, D>
        {
            const RULE: Rule = <Builder<I, H, LAYERS, BI, BIAS> as Spec>::RULE;
            type Eval<'a> = LayerView<'a, Self>;
            type Train<'a> = LayerView<'a, Self>;

            fn eval<'a>(&'a self, _: &Draw) -> Self::Eval<'a> {
                LayerView(self)
            }

            fn train<'a>(&'a mut self, _: &Draw) -> Self::Train<'a> {
                LayerView(self)
            }

            crate::twin::stand_in!();
        }

        impl<
            const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>,
            C: Config,
        > Bind for $Bayes<I, H, LAYERS, BI, BIAS, E, D, C> {
            const RULE: Rule = <Builder<I, H, LAYERS, BI, BIAS> as Spec>::RULE;
            type Eval<'a> = DrawnView<'a, Self>;
            type Train<'a> = DrawnView<'a, Self>;

            fn eval<'a>(&'a self, draw: &Draw) -> Self::Eval<'a> {
                DrawnView::new(self, draw)
            }

            fn train<'a>(&'a mut self, draw: &Draw) -> Self::Train<'a> {
                DrawnView::new(self, draw)
            }

            crate::twin::stand_in!();
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>>
            Twin<E, D> for $Plain<I, H, LAYERS, BI, BIAS, E, D>
        {
            type Bayes<C: Config> = $Bayes<I, H, LAYERS, BI, BIAS, E, D, C>;

            fn to_bayes<C: Config>(&self, name: &Name<'_>) -> Result<Self::Bayes<C>, Error> {
                let names = names(LAYERS, BI, BIAS);
                Ok($Bayes {
                    weight_ih: run::around(&self.weight_ih, &names[0], name)?,
                    weight_ih_above: run::around(&self.weight_ih_above, &names[1], name)?,
                    weight_hh: run::around(&self.weight_hh, &names[2], name)?,
                    bias_ih: run::around(&self.bias_ih, &names[3], name)?,
                    bias_hh: run::around(&self.bias_hh, &names[4], name)?,
                })
            }

            fn from_bayes<C: Config>(bayes: &Self::Bayes<C>, draw: &Draw) -> Result<Self, Error>
            where
                D: Kernels<E>,
            {
                let names = names(LAYERS, BI, BIAS);
                Ok(Self {
                    weight_ih: run::sampled(&bayes.weight_ih, &names[0], draw)?,
                    weight_ih_above: run::sampled(&bayes.weight_ih_above, &names[1], draw)?,
                    weight_hh: run::sampled(&bayes.weight_hh, &names[2], draw)?,
                    bias_ih: run::sampled(&bayes.bias_ih, &names[3], draw)?,
                    bias_hh: run::sampled(&bayes.bias_hh, &names[4], draw)?,
                })
            }
        }

        impl<
            const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>,
            C: Config,
        > Bayesian<E, D> for $Bayes<I, H, LAYERS, BI, BIAS, E, D, C> {
            fn visit_posteriors<V: VisitPosteriors<E, D>>(
                &self,
                name: &Name<'_>,
                visitor: &mut V,
            ) -> Result<(), V::Err> {
                let names = names(LAYERS, BI, BIAS);
                for (tensor, field) in self.weight_ih.iter().zip(&names[0]) {
                    visitor.visit(&name.field(field), tensor)?;
                }
                for (tensor, field) in self.weight_ih_above.iter().zip(&names[1]) {
                    visitor.visit(&name.field(field), tensor)?;
                }
                for (tensor, field) in self.weight_hh.iter().zip(&names[2]) {
                    visitor.visit(&name.field(field), tensor)?;
                }
                for (tensors, names) in [(&self.bias_ih, &names[3]), (&self.bias_hh, &names[4])] {
                    for (tensor, field) in tensors.iter().zip(names) {
                        visitor.visit(&name.field(field), tensor)?;
                    }
                }
                Ok(())
            }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Kernels<E>>
            $Plain<I, H, LAYERS, BI, BIAS, E, D>
        {
            fn directions<T: Tape<E, D>>(&self) -> Result<Vec<Direction<E, D, T>>, D::Err> {
                let first = self.weight_ih.len();
                let of = |k: usize| {
                    Ok(Direction {
                        input: match k.checked_sub(first) {
                            None => run::plain(&self.weight_ih[k], self.bias_ih.get(k))?,
                            Some(above) => run::plain(&self.weight_ih_above[above], self.bias_ih.get(k))?,
                        },
                        hidden: run::plain(&self.weight_hh[k], self.bias_hh.get(k))?,
                    })
                };
                (0..self.weight_hh.len()).map(of).collect()
            }
        }

        impl<
            const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Kernels<E>,
            C: Config,
        > DrawnView<'_, $Bayes<I, H, LAYERS, BI, BIAS, E, D, C>> {
            fn directions<T: Tape<E, D>>(&self, examples: usize) -> Result<Vec<Direction<E, D, T>>, D::Err> {
                let (layer, draw, kind) = (self.layer, &self.draw, C::Estimator::KIND);
                let [first, above, hidden, bias_ih, bias_hh] = names(LAYERS, BI, BIAS);
                let of = |k: usize| {
                    let bias = layer.bias_ih.get(k).map(|bias| (bias, &*bias_ih[k]));
                    let input = match k.checked_sub(first.len()) {
                        None => run::drawn(draw, kind, examples, (&layer.weight_ih[k], &first[k]), bias)?,
                        Some(i) => {
                            run::drawn(draw, kind, examples, (&layer.weight_ih_above[i], &above[i]), bias)?
                        }
                    };
                    let bias = layer.bias_hh.get(k).map(|bias| (bias, &*bias_hh[k]));
                    let weight = (&layer.weight_hh[k], &*hidden[k]);
                    Ok(Direction { input, hidden: run::drawn(draw, kind, examples, weight, bias)? })
                };
                (0..hidden.len()).map(of).collect()
            }
        }

        /// The output of each step and the final state.
        type Given<X, const H: usize, const BI: bool, E, D, T> =
            (Tensor<<X as SequenceShape>::With<Directions<H, BI>>, E, D, T>, State<H, E, D, T>);

        fn forward<const I: usize, const H: usize, const BI: bool, X, E, D, T>(
            x: Tensor<X, E, D, T>,
            initial: Option<State<H, E, D, T>>,
            directions: impl FnOnce(usize) -> Result<Vec<Direction<E, D, T>>, D::Err>,
        ) -> Result<Given<X, H, BI, E, D, T>, D::Err>
        where
            X: SequenceShape,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            let shape = shape_of(&x);
            let sizes = shape.sizes();
            if sizes.2 != I || sizes.1 == 0 {
                return Err(D::misfit());
            }
            let x = x.try_reshape_like(&sizes)?;
            let initial = initial.map(into_states).transpose()?;
            let (y, states) = run::run(form(H, BI), x, initial, directions(sizes.0)?)?;
            let y = y.try_reshape_like(&shape.with(Directions::<H, BI>))?;
            Ok((y, from_states(states)?))
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, X, E, D, T>
            Module<Tensor<X, E, D, T>> for $Plain<I, H, LAYERS, BI, BIAS, E, D>
        where
            X: SequenceShape,
            X::Features: Fits<I>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Given<X, H, BI, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                forward::<I, H, BI, X, E, D, T>(x, None, |_| self.directions())
            }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, X, E, D, T>
            Module<(Tensor<X, E, D, T>, State<H, E, D, T>)> for $Plain<I, H, LAYERS, BI, BIAS, E, D>
        where
            X: SequenceShape,
            X::Features: Fits<I>,
            E: Dtype,
            D: Kernels<E>,
            T: Tape<E, D>,
        {
            type Output = Given<X, H, BI, E, D, T>;
            type Error = D::Err;

            fn try_forward(
                &self,
                (x, state): (Tensor<X, E, D, T>, State<H, E, D, T>),
            ) -> Result<Self::Output, D::Err> {
                forward::<I, H, BI, X, E, D, T>(x, Some(state), |_| self.directions())
            }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E, D, C>
            DrawnView<'_, $Bayes<I, H, LAYERS, BI, BIAS, E, D, C>>
        where
            E: Dtype,
            D: Kernels<E>,
            C: Config,
        {
            fn given<X: SequenceShape, T: Tape<E, D>>(
                &self,
                x: Tensor<X, E, D, T>,
                state: Option<State<H, E, D, T>>,
            ) -> Result<Given<X, H, BI, E, D, T>, D::Err> {
                const {
                    assert!(
                        !matches!(C::Estimator::KIND, EstimatorKind::LocalReparameterization),
                        "LocalReparameterization is for Linear: write #[bayes(estimator = Flipout)] or \
                         #[bayes(estimator = Reparameterization)] on the recurrent layer"
                    );
                }
                let shape = shape_of(&x);
                if shape.sizes().2 != I || shape.sizes().1 == 0 {
                    let takes = format!("sequences of at least one step with {I} features");
                    self.draw.report(Error::input(stringify!($Plain), takes, shape));
                    return Err(D::misfit());
                }
                forward::<I, H, BI, X, E, D, T>(x, state, |examples| self.directions(examples))
            }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, X, E, D, C, T>
            Module<Tensor<X, E, D, T>> for DrawnView<'_, $Bayes<I, H, LAYERS, BI, BIAS, E, D, C>>
        where
            X: SequenceShape,
            X::Features: Fits<I>,
            E: Dtype,
            D: Kernels<E>,
            C: Config,
            T: Tape<E, D>,
        {
            type Output = Given<X, H, BI, E, D, T>;
            type Error = D::Err;

            fn try_forward(&self, x: Tensor<X, E, D, T>) -> Result<Self::Output, D::Err> {
                self.given(x, None)
            }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, X, E, D, C, T>
            Module<(Tensor<X, E, D, T>, State<H, E, D, T>)>
            for DrawnView<'_, $Bayes<I, H, LAYERS, BI, BIAS, E, D, C>>
        where
            X: SequenceShape,
            X::Features: Fits<I>,
            E: Dtype,
            D: Kernels<E>,
            C: Config,
            T: Tape<E, D>,
        {
            type Output = Given<X, H, BI, E, D, T>;
            type Error = D::Err;

            fn try_forward(
                &self,
                (x, state): (Tensor<X, E, D, T>, State<H, E, D, T>),
            ) -> Result<Self::Output, D::Err> {
                self.given(x, Some(state))
            }
        }

        crate::layers::recurrent::family::recurrent!(@state $state);

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>>
            Structure<E> for $Plain<I, H, LAYERS, BI, BIAS, E, D>
        {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                self.planned(name)?.trace(form(H, BI), name, graph, x)
            }

            fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
                self.planned(name)?.plans(form(H, BI), name, plans)
            }
        }

        impl<const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>>
            $Plain<I, H, LAYERS, BI, BIAS, E, D>
        {
            fn planned(&self, name: &Name<'_>) -> Result<Layers, Error> {
                let [first, above, hidden, of_input, of_hidden] = names(LAYERS, BI, BIAS);
                let mut inputs = planned::plain(&self.weight_ih, &first, name)?;
                inputs.extend(planned::plain(&self.weight_ih_above, &above, name)?);
                Ok(Layers {
                    inputs,
                    hidden: planned::plain(&self.weight_hh, &hidden, name)?,
                    input_biases: planned::plain(&self.bias_ih, &of_input, name)?,
                    hidden_biases: planned::plain(&self.bias_hh, &of_hidden, name)?,
                })
            }
        }

        impl<
            const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>,
            C: Config,
        > Structure<E> for $Bayes<I, H, LAYERS, BI, BIAS, E, D, C> {
            fn trace(&self, name: &Name<'_>, graph: &mut Graph, x: Wire) -> Result<Wire, Error> {
                self.planned(name)?.trace(form(H, BI), name, graph, x)
            }

            fn layers(&self, name: &Name<'_>, plans: &mut Plans) -> Result<(), Error> {
                self.planned(name)?.plans(form(H, BI), name, plans)
            }
        }

        impl<
            const I: usize, const H: usize, const LAYERS: usize, const BI: bool, const BIAS: bool, E: Dtype, D: Device<E>,
            C: Config,
        > $Bayes<I, H, LAYERS, BI, BIAS, E, D, C> {
            fn planned(&self, name: &Name<'_>) -> Result<Layers, Error> {
                let [first, above, hidden, of_input, of_hidden] = names(LAYERS, BI, BIAS);
                let mut inputs = planned::bayes(&self.weight_ih, &first, name)?;
                inputs.extend(planned::bayes(&self.weight_ih_above, &above, name)?);
                Ok(Layers {
                    inputs,
                    hidden: planned::bayes(&self.weight_hh, &hidden, name)?,
                    input_biases: planned::bayes(&self.bias_ih, &of_input, name)?,
                    hidden_biases: planned::bayes(&self.bias_hh, &of_hidden, name)?,
                })
            }
        }
    };
    (@state lstm) => {
        /// The hidden and the cell state, each `(layers·directions, batch, H)`.
        pub type State<const H: usize, E, D, T> =
            (Tensor<(usize, usize, Const<H>), E, D, T>, Tensor<(usize, usize, Const<H>), E, D, T>);

        fn into_states<const H: usize, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
            (h, c): State<H, E, D, T>,
        ) -> Result<States<E, D, T>, D::Err> {
            let dynamic = |x: Tensor<(usize, usize, Const<H>), E, D, T>| {
                let (layers, batch, hidden) = shape_of(&x);
                x.try_reshape_like(&(layers, batch, hidden.size()))
            };
            Ok(States { h: dynamic(h)?, c: Some(dynamic(c)?) })
        }

        fn from_states<const H: usize, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
            states: States<E, D, T>,
        ) -> Result<State<H, E, D, T>, D::Err> {
            let fixed = |x: Tensor<(usize, usize, usize), E, D, T>| {
                let (layers, batch, _) = shape_of(&x);
                x.try_reshape_like(&(layers, batch, Const))
            };
            Ok((fixed(states.h)?, fixed(states.c.ok_or_else(D::misfit)?)?))
        }
    };
    (@state gru) => {
        /// The hidden state, `(layers·directions, batch, H)`.
        pub type State<const H: usize, E, D, T> = Tensor<(usize, usize, Const<H>), E, D, T>;

        fn into_states<const H: usize, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
            h: State<H, E, D, T>,
        ) -> Result<States<E, D, T>, D::Err> {
            let (layers, batch, hidden) = shape_of(&h);
            Ok(States { h: h.try_reshape_like(&(layers, batch, hidden.size()))?, c: None })
        }

        fn from_states<const H: usize, E: Dtype, D: Kernels<E>, T: Tape<E, D>>(
            states: States<E, D, T>,
        ) -> Result<State<H, E, D, T>, D::Err> {
            let (layers, batch, _) = shape_of(&states.h);
            states.h.try_reshape_like(&(layers, batch, Const))
        }
    };
}
pub(super) use recurrent;

/// The tensors of a field that is a list, as dfdx's visitors take them.
macro_rules! tensors {
    ($Layer:ident, $H:ident, $field:ident, $names:expr) => {
        $names
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let options =
                    TensorOptions::reset_with(|t| t.try_fill_with_distr(Within::fan_in($H)));
                $Layer::tensor(
                    name,
                    move |s| &s.$field[i],
                    move |s| &mut s.$field[i],
                    options,
                )
            })
            .collect::<Vec<_>>()
    };
}
pub(super) use tensors;

/// The variational tensors of a field that is a list.
macro_rules! modules {
    ($Layer:ident, $field:ident, $names:expr) => {
        $names
            .iter()
            .enumerate()
            .map(|(i, name)| $Layer::module(name, move |s| &s.$field[i], move |s| &mut s.$field[i]))
            .collect::<Vec<_>>()
    };
}
pub(super) use modules;
