//! The transposed convolution over volumes.

super::family::convolution! {
    builder {
        /// `I` to `O` channels: the transpose of a convolution of `O` to `I` channels with a kernel of `K` taps along each
        /// side, stride `S`, padding `P`, dilation `L` and `G` groups, on `(C, D, H, W)` with or without a batch; `OP` positions
        /// are added to the output, fewer than the stride. Without bias.
        ///
        /// ```
        /// use bayes_core::prelude::*;
        ///
        /// #[bayesian(input = (2, 2, 2, 2), estimator = Flipout)]
        /// struct Net {
        ///     up: ConvTrans3D<2, 2, 2, 2>,
        ///     bias: Bias3D<2>,
        ///     act: ReLU,
        ///     flatten: Flatten3D,
        ///     fc: Linear<128, 3>,
        /// }
        ///
        /// let dev = Cpu::seed_from_u64(0);
        /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
        /// let x: Tensor<Rank5<2, 2, 2, 2, 2>, f32, _> = dev.sample_normal();
        /// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
        /// # Ok::<(), Error>(())
        /// ```
    }
    layer {
        /// Each position of `(C, D, H, W)` or `(batch, …)` volumes writes its kernels, times its channels, into the output
        /// (Zeiler et al. 2010): `y[o, h·S + m·L − P, …] += w[c, o, m, k, l]·x[c, h, i, j]`; a side of size n becomes `(n − 1)·S + L·(K − 1) + 1 + OP − 2·P`.
        ///
        /// The weight is `(I, O/G, K, K, K)`, as PyTorch's; it starts uniform in `±1/√fan_in` with fan_in that of PyTorch, the
        /// numbers of `O/G` kernels.
    }
    ConvTrans3D, BayesConvTrans3D over Volume by Back in back;
    kernels (Const<I>, PerGroup<O, G>) of O; extra [OP]
}
