//! Dimensions that are computed from other dimensions, at compile time where those are constants.

use dfdx::shapes::{Const, ConstDim, Dim};

/// Output size of a window moved by `S` over a dimension `H`: `floor((H + OFF) / S) + 1`
/// with `OFF = 2·padding − dilation·(kernel − 1) − 1`.
///
/// Windows of different kernels that shrink a dimension alike are one type: a 3×3 convolution with stride 2 and
/// padding 1 and a 1×1 convolution with stride 2 both give `Down<H, 2, -1>`, so a shortcut adds to its branch.
/// Where the window is larger than its input the size is 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Down<H, const S: usize, const OFF: isize>(H);

impl<H, const S: usize, const OFF: isize> Down<H, S, OFF> {
    /// The dimension that a window gives from `input`.
    pub const fn of(input: H) -> Self {
        Self(input)
    }
}

/// `floor((input + offset) / stride) + 1`, or 0 where the window does not fit once.
pub(crate) const fn down(input: usize, stride: usize, offset: isize) -> usize {
    let last = input as isize + offset;
    if last < 0 || stride == 0 {
        0
    } else {
        last as usize / stride + 1
    }
}

impl<H: Dim, const S: usize, const OFF: isize> Dim for Down<H, S, OFF> {
    fn size(&self) -> usize {
        down(self.0.size(), S, OFF)
    }

    fn from_size(size: usize) -> Option<Self> {
        let smallest = size.checked_sub(1)? as isize * S as isize - OFF;
        (smallest.max(0)..smallest + S as isize)
            .filter(|&input| down(input as usize, S, OFF) == size)
            .find_map(|input| H::from_size(input as usize))
            .map(Self)
    }
}

impl<H: ConstDim, const S: usize, const OFF: isize> ConstDim for Down<H, S, OFF> {
    const SIZE: usize = down(H::SIZE, S, OFF);
}

/// Output size of a window of kernel `K` that moves back over its output by `S`, a transposed convolution:
/// `(H − 1)·S + L·(K − 1) + 1 + OP − 2·P`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Up<H, const K: usize, const S: usize, const P: usize, const L: usize, const OP: usize>(
    H,
);

const fn up(input: usize, [k, s, p, l, op]: [usize; 5]) -> usize {
    if input == 0 || k == 0 {
        return 0;
    }
    ((input - 1) * s + l * (k - 1) + 1 + op).saturating_sub(2 * p)
}

impl<H: Dim, const K: usize, const S: usize, const P: usize, const L: usize, const OP: usize>
    Up<H, K, S, P, L, OP>
{
    /// The dimension over `input`; `None` where nothing is left of it.
    pub fn over(input: H) -> Option<Self> {
        let there = up(input.size(), [K, S, P, L, OP]) > 0 && (OP == 0 || OP < S);
        there.then_some(Self(input))
    }
}

impl<H: Dim, const K: usize, const S: usize, const P: usize, const L: usize, const OP: usize> Dim
    for Up<H, K, S, P, L, OP>
{
    fn size(&self) -> usize {
        up(self.0.size(), [K, S, P, L, OP])
    }

    fn from_size(size: usize) -> Option<Self> {
        let steps = (size + 2 * P).checked_sub(L * K.checked_sub(1)? + 1 + OP)?;
        let input = steps.checked_div(S)? + 1;
        (up(input, [K, S, P, L, OP]) == size)
            .then(|| H::from_size(input))?
            .map(Self)
    }
}

impl<H: ConstDim, const K: usize, const S: usize, const P: usize, const L: usize, const OP: usize>
    ConstDim for Up<H, K, S, P, L, OP>
{
    const SIZE: usize = up(H::SIZE, [K, S, P, L, OP]);
}

impl<H: Dim, const K: usize, const S: usize, const P: usize, const L: usize, const OP: usize>
    PartialEq for Up<H, K, S, P, L, OP>
{
    fn eq(&self, other: &Self) -> bool {
        self.size() == other.size()
    }
}
impl<H: Dim, const K: usize, const S: usize, const P: usize, const L: usize, const OP: usize> Eq
    for Up<H, K, S, P, L, OP>
{
}
impl<
    const N: usize,
    H: Dim,
    const K: usize,
    const S: usize,
    const P: usize,
    const L: usize,
    const OP: usize,
> Fits<N> for Up<H, K, S, P, L, OP>
{
}

/// `I / G`: the input channels that one group of a convolution sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerGroup<const I: usize, const G: usize>;

impl<const I: usize, const G: usize> Dim for PerGroup<I, G> {
    fn size(&self) -> usize {
        Self::SIZE
    }

    fn from_size(size: usize) -> Option<Self> {
        (size == Self::SIZE).then_some(Self)
    }
}

impl<const I: usize, const G: usize> ConstDim for PerGroup<I, G> {
    const SIZE: usize = {
        assert!(
            G > 0 && I.is_multiple_of(G),
            "the number of groups must divide the input channels"
        );
        I / G
    };
}

/// `C · H · W`: what flattening an image gives.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flat<C, H, W>(C, H, W);

impl<C, H, W> Flat<C, H, W> {
    /// The features of an image with these dimensions.
    pub const fn of(channels: C, height: H, width: W) -> Self {
        Self(channels, height, width)
    }
}

impl<C: Dim, H: Dim, W: Dim> Dim for Flat<C, H, W> {
    fn size(&self) -> usize {
        self.0.size() * self.1.size() * self.2.size()
    }

    fn from_size(size: usize) -> Option<Self> {
        let divisors = |n: usize| (1..=n).filter(move |d| n.is_multiple_of(*d));
        divisors(size).find_map(|c| {
            let channels = C::from_size(c)?;
            divisors(size / c).find_map(|h| {
                Some(Self(
                    channels,
                    H::from_size(h)?,
                    W::from_size(size / c / h)?,
                ))
            })
        })
    }
}

impl<C: ConstDim, H: ConstDim, W: ConstDim> ConstDim for Flat<C, H, W> {
    const SIZE: usize = C::SIZE * H::SIZE * W::SIZE;
}

// Two run-time dimensions are the same dimension when their sizes are, however they came about.
impl<H: Dim, const S: usize, const OFF: isize> PartialEq for Down<H, S, OFF> {
    fn eq(&self, other: &Self) -> bool {
        self.size() == other.size()
    }
}
impl<H: Dim, const S: usize, const OFF: isize> Eq for Down<H, S, OFF> {}
impl<C: Dim, H: Dim, W: Dim> PartialEq for Flat<C, H, W> {
    fn eq(&self, other: &Self) -> bool {
        self.size() == other.size()
    }
}
impl<C: Dim, H: Dim, W: Dim> Eq for Flat<C, H, W> {}

/// A dimension that can be the `N` channels or features that a layer takes.
///
/// `Const<N>` is it by type. Dimensions whose size is computed, or known at run time only, are checked when the
/// layer runs; a field of an annotated model is checked at compile time too (see [`Rule`](super::Rule)).
#[diagnostic::on_unimplemented(
    message = "this layer takes {N} channels or features, but its input has `{Self}`",
    label = "expected `Const<{N}>`",
    note = "a layer's first const parameter is what it takes; the layer before it must give as much"
)]
pub trait Fits<const N: usize>: Dim {}

impl<const N: usize> Fits<N> for Const<N> {}
impl<const N: usize> Fits<N> for usize {}
impl<const N: usize, H: Dim, const S: usize, const OFF: isize> Fits<N> for Down<H, S, OFF> {}
impl<const N: usize, C: Dim, H: Dim, W: Dim> Fits<N> for Flat<C, H, W> {}

/// A dimension that says at compile time how large it is, where that is known.
///
/// dfdx's `Const<N>` is, `usize` is not, and what is computed from others is known where they are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether its size is known at compile time",
    note = "implement `bayes_core::shape::Known` for a dimension of your own"
)]
pub trait Known: Dim {
    /// The size, where it is known.
    const KNOWN: Option<usize>;
}

/// Whether two sizes are one, or may be, as far as they are [`Known`].
pub(crate) const fn may_agree(one: Option<usize>, other: Option<usize>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

impl<const N: usize> Known for Const<N> {
    const KNOWN: Option<usize> = Some(N);
}

impl Known for usize {
    const KNOWN: Option<usize> = None;
}

impl<H: Known, const S: usize, const OFF: isize> Known for Down<H, S, OFF> {
    const KNOWN: Option<usize> = match H::KNOWN {
        Some(input) => Some(down(input, S, OFF)),
        None => None,
    };
}

impl<H: Known, const K: usize, const S: usize, const P: usize, const L: usize, const OP: usize>
    Known for Up<H, K, S, P, L, OP>
{
    const KNOWN: Option<usize> = match H::KNOWN {
        Some(input) => Some(up(input, [K, S, P, L, OP])),
        None => None,
    };
}

impl<const I: usize, const G: usize> Known for PerGroup<I, G> {
    const KNOWN: Option<usize> = Some(Self::SIZE);
}

impl<C: Known, H: Known, W: Known> Known for Flat<C, H, W> {
    const KNOWN: Option<usize> = match (C::KNOWN, H::KNOWN, W::KNOWN) {
        (Some(channels), Some(height), Some(width)) => Some(channels * height * width),
        _ => None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn down_is_the_window_formula() {
        for input in 0..20 {
            for stride in 1..5 {
                for offset in -9isize..4 {
                    let want = (0..)
                        .take_while(|step| (step * stride) as isize <= input as isize + offset)
                        .count();
                    assert_eq!(
                        down(input, stride, offset),
                        want,
                        "{input} {stride} {offset}"
                    );
                }
            }
        }
    }

    #[test]
    fn from_size_inverts_size() {
        type Half = Down<Const<28>, 2, -1>;
        assert_eq!(Half::SIZE, 14);
        assert!(Half::from_size(14).is_some());
        assert!(Half::from_size(13).is_none() && Half::from_size(0).is_none());
        for n in 1..30 {
            assert_eq!(
                Down::<usize, 3, -4>::from_size(n).map(|d| d.size()),
                Some(n)
            );
        }
        type Features = Flat<Const<3>, Half, Const<5>>;
        assert_eq!(Features::SIZE, 210);
        assert!(Features::from_size(210).is_some() && Features::from_size(105).is_none());
    }

    #[test]
    fn up_is_undone_by_down() {
        for input in 1..9 {
            let up: Up<usize, 3, 2, 1, 1, 1> = Up::over(input).unwrap();
            assert_eq!(up.size(), 2 * input);
            assert_eq!(Down::<_, 2, -2>::of(up).size(), input);
            let found = Up::<usize, 3, 2, 1, 1, 1>::from_size(up.size());
            assert_eq!(found, Some(up));
        }
        assert_eq!(Up::<Const<7>, 4, 2, 1, 1, 0>::SIZE, 14);
        assert!(Up::<usize, 2, 2, 1, 1, 0>::over(1).is_none());
        assert!(Up::<usize, 3, 2, 1, 1, 1>::from_size(5).is_none());
    }

    #[test]
    fn run_time_dimensions_are_equal_by_size() {
        assert_eq!(Down::<usize, 2, -1>::of(7), Down::of(8));
        assert_ne!(Down::<usize, 2, -1>::of(7), Down::of(9));
        assert_eq!(Flat::of(2usize, 6usize, 1usize), Flat::of(3, 2, 2));
    }

    #[test]
    fn a_size_is_known_where_its_parts_are() {
        type Half<H> = Down<H, 2, -1>;
        type Double<H> = Up<H, 2, 2, 0, 1, 0>;
        assert_eq!(<Double<Half<Const<9>>>>::KNOWN, Some(10));
        assert_eq!(<Double<Half<usize>>>::KNOWN, None);
        assert_eq!(<Flat<Const<3>, Half<Const<8>>, Const<5>>>::KNOWN, Some(60));
        assert_eq!(<Flat<Const<3>, usize, Const<5>>>::KNOWN, None);
        assert_eq!(PerGroup::<6, 3>::KNOWN, Some(2));
    }
}
