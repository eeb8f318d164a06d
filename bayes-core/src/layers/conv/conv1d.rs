//! The convolution over lines.

super::family::convolution! {
    builder {
        /// `I` to `O` channels by a kernel of `K` taps along each side, with stride `S`, padding `P`, dilation `L` and `G`
        /// groups, on `(C, L)` with or without a batch; without bias (put a `Bias1D` after it, or a batch normalisation).
        ///
        /// ```
        /// use bayes_core::prelude::*;
        ///
        /// #[bayesian(input = (2, 16), estimator = Flipout)]
        /// struct Net {
        ///     conv: Conv1D<2, 4, 3, 2, 1>,
        ///     bias: Bias1D<4>,
        ///     act: ReLU,
        ///     flatten: Flatten1D,
        ///     fc: Linear<32, 3>,
        /// }
        ///
        /// let dev = Cpu::seed_from_u64(0);
        /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
        /// let x: Tensor<Rank3<2, 2, 16>, f32, _> = dev.sample_normal();
        /// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
        /// # Ok::<(), Error>(())
        /// ```
    }
    layer {
        /// Cross-correlation of `(C, L)` or `(batch, …)` lines with `O·I/G` kernels, zeros around the line (LeCun et
        /// al. 1989): `y[o, i] = Σ w[o, c, k]·x[c, i·S + k·L − P]`.
        ///
        /// The weight is `(O, I/G, K)`; it starts uniform in `±1/√fan_in`, as dfdx's and PyTorch's.
    }
    Conv1D, BayesConv1D over Line by Over in over;
    kernels (Const<O>, PerGroup<I, G>) of I; extra []
}
