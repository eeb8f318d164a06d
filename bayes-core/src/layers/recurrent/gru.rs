//! Gated recurrent unit.

super::family::recurrent! {
    builder {
        /// Gated recurrent unit (Cho et al. 2014) from `I` to `H` features on `(steps, I)` or
        /// `(batch, steps, I)`, in `LAYERS` layers, in one direction or both, with or without biases.
        ///
        /// It gives the output of each step, `(batch, steps, H·directions)`, and the final state; with an initial state it
        /// takes a pair. [`LastOutput`](crate::layers::builders::LastOutput) and
        /// [`Outputs`](crate::layers::builders::Outputs) take what the next layer needs.
        ///
        /// What it records for the gradients is on the tape of the outputs: where the state alone goes on, take their tape
        /// along with `split_tape` and `put_tape`.
        ///
        /// ```
        /// use bayes_core::prelude::*;
        ///
        /// #[bayesian(input = (12, 2), estimator = Flipout)]
        /// struct Forecaster {
        ///     rnn: GRU<2, 16, 2>,
        ///     last: LastOutput,
        ///     head: Linear<16, 1>,
        /// }
        ///
        /// let dev = Cpu::seed_from_u64(0);
        /// let net = dev.build_module::<Forecaster, f32>();
        /// let bayes = BayesForecaster::from_pretrained(&net)?;
        /// let x: Tensor<Rank3<5, 12, 2>, f32, _> = dev.sample_normal();
        /// assert_eq!(bayes.predict(x.clone(), 8, 7).draws()?.values.len(), 8 * 5);
        ///
        /// // The layer by itself: outputs and final state, from which it goes on.
        /// let (y, state) = net.rnn.forward(x.clone());
        /// let (more, _) = net.rnn.forward((x, state));
        /// assert_eq!(more.shape(), y.shape());
        /// # Ok::<(), Error>(())
        /// ```
    }
    layer {
        /// Gated recurrent unit on `(steps, I)` or `(batch, steps, I)` (Cho et al. 2014).
        ///
        /// `h' = (1 − z)∘n + z∘h` with `n = tanh(W_in·x + b_in + r∘(W_hn·h + b_hn))` and the gates r, z, n in this order.
        ///
        /// Tensors have PyTorch's names: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, with `_reverse` for
        /// the other direction; all start uniform in `±1/√H`, as there. The state is h,
        /// `(layers·directions, batch, H)`.
    }
    GRU, BayesGRU of Gru with gru
}
