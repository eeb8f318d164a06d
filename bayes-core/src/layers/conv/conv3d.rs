//! The convolution over volumes.

super::family::convolution! {
    builder {
        /// `I` to `O` channels by a kernel of `K` taps along each side, with stride `S`, padding `P`, dilation `L` and `G`
        /// groups, on `(C, D, H, W)` with or without a batch; without bias (put a `Bias3D` after it, or a batch normalisation).
        ///
        /// ```
        /// use bayes_core::prelude::*;
        ///
        /// #[bayesian(input = (2, 4, 4, 4), estimator = Flipout)]
        /// struct Net {
        ///     conv: Conv3D<2, 4, 3, 2, 1>,
        ///     bias: Bias3D<4>,
        ///     act: ReLU,
        ///     flatten: Flatten3D,
        ///     fc: Linear<32, 3>,
        /// }
        ///
        /// let dev = Cpu::seed_from_u64(0);
        /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
        /// let x: Tensor<Rank5<2, 2, 4, 4, 4>, f32, _> = dev.sample_normal();
        /// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
        /// # Ok::<(), Error>(())
        /// ```
    }
    layer {
        /// Cross-correlation of `(C, D, H, W)` or `(batch, …)` volumes with `O·I/G` kernels, zeros around the volume (LeCun et
        /// al. 1989): `y[o, h, i, j] = Σ w[o, c, m, k, l]·x[c, h·S + m·L − P, i·S + k·L − P, j·S + l·L − P]`.
        ///
        /// The weight is `(O, I/G, K, K, K)`; it starts uniform in `±1/√fan_in`, as dfdx's and PyTorch's.
    }
    Conv3D, BayesConv3D over Volume by Over in over;
    kernels (Const<O>, PerGroup<I, G>) of I; extra []
}
