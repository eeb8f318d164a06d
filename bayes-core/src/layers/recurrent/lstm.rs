//! Long short-term memory.

super::family::recurrent! {
    builder {
        /// Long short-term memory (Hochreiter and Schmidhuber 1997) from `I` to `H` features on `(steps, I)` or
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
        ///     rnn: LSTM<2, 16, 2>,
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
        /// Long short-term memory on `(steps, I)` or `(batch, steps, I)` (Hochreiter and Schmidhuber 1997).
        ///
        /// `c' = f∘c + i∘g`, `h' = o∘tanh(c')` with the gates i, f, g, o in this order: sigmoids, and g a tanh, of
        /// `W_ih·x + b_ih + W_hh·h + b_hh`.
        ///
        /// Tensors have PyTorch's names: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, with `_reverse` for
        /// the other direction; all start uniform in `±1/√H`, as there. The state is `(h, c)`, each
        /// `(layers·directions, batch, H)`.
    }
    LSTM, BayesLSTM of Lstm with lstm
}
