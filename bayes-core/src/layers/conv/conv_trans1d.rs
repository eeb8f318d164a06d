//! The transposed convolution over lines.

super::family::convolution! {
    builder {
        /// `I` to `O` channels: the transpose of a convolution of `O` to `I` channels with a kernel of `K` taps along each
        /// side, stride `S`, padding `P`, dilation `L` and `G` groups, on `(C, L)` with or without a batch; `OP` positions
        /// are added to the output, fewer than the stride. Without bias.
        ///
        /// ```
        /// use bayes_core::prelude::*;
        ///
        /// #[bayesian(input = (2, 6), estimator = Flipout)]
        /// struct Net {
        ///     up: ConvTrans1D<2, 4, 3, 2, 1, 1, 1, 1>,
        ///     bias: Bias1D<4>,
        ///     act: ReLU,
        ///     flatten: Flatten1D,
        ///     fc: Linear<48, 3>,
        /// }
        ///
        /// let dev = Cpu::seed_from_u64(0);
        /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
        /// let x: Tensor<Rank3<2, 2, 6>, f32, _> = dev.sample_normal();
        /// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
        /// # Ok::<(), Error>(())
        /// ```
    }
    layer {
        /// Each position of `(C, L)` or `(batch, …)` lines writes its kernels, times its channels, into the output
        /// (Zeiler et al. 2010): `y[o, i·S + k·L − P] += w[c, o, k]·x[c, i]`; a side of size n becomes `(n − 1)·S + L·(K − 1) + 1 + OP − 2·P`.
        ///
        /// The weight is `(I, O/G, K)`, as PyTorch's; it starts uniform in `±1/√fan_in` with fan_in that of PyTorch, the
        /// numbers of `O/G` kernels.
    }
    ConvTrans1D, BayesConvTrans1D over Line by Back in back;
    kernels (Const<I>, PerGroup<O, G>) of O; extra [OP]
}
