//! The convolution over images.

super::family::convolution! {
    builder {
        /// `I` to `O` channels by a kernel of `K` taps along each side, with stride `S`, padding `P`, dilation `L` and `G`
        /// groups, on `(C, H, W)` with or without a batch; without bias (put a [`Bias2D`](dfdx::nn::builders::Bias2D) after it, or a batch normalisation).
        ///
        /// ```
        /// use bayes_core::prelude::*;
        ///
        /// #[bayesian(input = (2, 8, 8), estimator = Flipout)]
        /// struct Net {
        ///     conv: Conv2D<2, 4, 3, 2, 1>,
        ///     bias: Bias2D<4>,
        ///     act: ReLU,
        ///     flatten: Flatten,
        ///     fc: Linear<64, 3>,
        /// }
        ///
        /// let dev = Cpu::seed_from_u64(0);
        /// let bayes = BayesNet::from_pretrained(&dev.build_module::<Net, f32>())?;
        /// let x: Tensor<Rank4<2, 2, 8, 8>, f32, _> = dev.sample_normal();
        /// assert_eq!(bayes.predict(x, 8, 7).classify()?.predicted().len(), 2);
        /// # Ok::<(), Error>(())
        /// ```
    }
    layer {
        /// Cross-correlation of `(C, H, W)` or `(batch, …)` images with `O·I/G` kernels, zeros around the image (LeCun et
        /// al. 1989): `y[o, i, j] = Σ w[o, c, k, l]·x[c, i·S + k·L − P, j·S + l·L − P]`.
        ///
        /// The weight is `(O, I/G, K, K)`; it starts uniform in `±1/√fan_in`, as dfdx's and PyTorch's.
    }
    Conv2D, BayesConv2D over Plane by Over in over;
    kernels (Const<O>, PerGroup<I, G>) of I; extra []
}
