//! The transposed convolution over images.

super::family::convolution! {
    builder {
        /// `I` to `O` channels: the transpose of a convolution of `O` to `I` channels with a kernel of `K` taps along each
        /// side, stride `S`, padding `P`, dilation `L` and `G` groups, on `(C, H, W)` with or without a batch; `OP` positions
        /// are added to the output, fewer than the stride. Without bias.
        ///
        /// ```
        /// use bayes_core::prelude::*;
        ///
        /// #[bayesian(input = (2, 3, 3), estimator = Flipout)]
        /// struct Net {
        ///     up: ConvTrans2D<2, 4, 2, 2>,
        ///     bias: Bias2D<4>,
        ///     act: ReLU,
        ///     flatten: Flatten,
        ///     fc: Linear<144, 3>,
        /// }
        ///
        /// let dev = Cpu::seed_from_u64(0);
        /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
        /// let x: Tensor<Rank4<2, 2, 3, 3>, f32, _> = dev.sample_normal();
        /// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
        /// # Ok::<(), Error>(())
        /// ```
    }
    layer {
        /// Each position of `(C, H, W)` or `(batch, …)` images writes its kernels, times its channels, into the output
        /// (Zeiler et al. 2010): `y[o, i·S + k·L − P, j·S + l·L − P] += w[c, o, k, l]·x[c, i, j]`; a side of size n becomes `(n − 1)·S + L·(K − 1) + 1 + OP − 2·P`.
        ///
        /// The weight is `(I, O/G, K, K)`, as PyTorch's; it starts uniform in `±1/√fan_in` with fan_in that of PyTorch, the
        /// numbers of `O/G` kernels.
    }
    ConvTrans2D, BayesConvTrans2D over Plane by Back in back;
    kernels (Const<I>, PerGroup<O, G>) of O; extra [OP]
}
