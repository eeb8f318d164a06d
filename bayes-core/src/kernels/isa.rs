//! The instruction set a kernel runs on, chosen once per process.
//!
//! Every kernel is one safe body compiled several times: plainly, and inside functions that enable
//! AVX2 or AVX-512. [`Isa::active`] names the version to call. The environment variable `BAYES_ISA`
//! (`portable`, `avx2` or `avx512`) forces one, to compare paths or to reproduce a run.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// The environment variable read by [`Isa::active`].
pub const ISA_VARIABLE: &str = "BAYES_ISA";

/// A family of vector instructions for which kernels are compiled.
///
/// The order is from the narrowest to the widest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isa {
    /// What the compilation target guarantees (SSE2 on x86-64); runs everywhere.
    Portable,
    /// AVX2 and FMA: 256-bit vectors.
    Avx2,
    /// AVX-512 F, DQ, BW and VL, and FMA: 512-bit vectors.
    Avx512,
}

impl Isa {
    /// Every instruction set, narrowest first, whether this processor has it or not.
    pub const ALL: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

    /// The instruction set kernels use in this process.
    ///
    /// Decided at the first call: the one named by `BAYES_ISA` where this processor has it,
    /// otherwise the widest this processor has. Other values of the variable are ignored.
    pub fn active() -> Isa {
        static ACTIVE: OnceLock<Isa> = OnceLock::new();
        *ACTIVE.get_or_init(|| Isa::choose(std::env::var(ISA_VARIABLE).ok().as_deref()))
    }

    /// The instruction sets this processor has, narrowest first; never empty.
    pub fn available() -> impl Iterator<Item = Isa> {
        Isa::ALL.into_iter().filter(|isa| isa.is_available())
    }

    /// Whether this processor has the instruction set.
    ///
    /// A dispatcher must see `true` here before it calls a `#[target_feature]` function. The answer
    /// is cached by the standard library, so a call costs a few loads.
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    #[inline]
    pub fn is_available(self) -> bool {
        match self {
            Isa::Portable => true,
            Isa::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            Isa::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
            }
        }
    }

    /// Whether this processor has the instruction set: only the portable one outside x86.
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    #[inline]
    pub fn is_available(self) -> bool {
        self == Isa::Portable
    }

    /// Runs `kernel` compiled for this instruction set, or the portable version of it where this
    /// processor lacks the instruction set.
    ///
    /// One call should cover enough work (some hundred numbers) to hide the check.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        match self {
            // SAFETY: the guard has just seen that this processor has every enabled feature.
            Isa::Avx512 if self.is_available() => return unsafe { run_avx512(kernel) },
            // SAFETY: as above.
            Isa::Avx2 if self.is_available() => return unsafe { run_avx2(kernel) },
            _ => {}
        }
        kernel.run()
    }

    /// The name `BAYES_ISA` uses.
    pub const fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }

    /// The choice behind [`Isa::active`], given the value of `BAYES_ISA`.
    fn choose(forced: Option<&str>) -> Isa {
        let forced = forced.and_then(|name| name.parse().ok());
        forced
            .filter(|isa: &Isa| isa.is_available())
            .or_else(|| Isa::available().last())
            .unwrap_or(Isa::Portable)
    }
}

/// A kernel body that [`Isa::run`] compiles once per instruction set.
///
/// The value holds the arguments. `run`, and every function it calls in its hot loops, must be
/// `#[inline(always)]`: only what is inlined into the wrapper is compiled for its instruction set.
/// A closure called at several places is not inlined reliably; pass a value with a trait instead.
/// Floating-point results are the same on all of them as long as the body uses only operations that
/// IEEE 754 rounds correctly (`+ - * / sqrt`), because the compiler neither reorders nor contracts.
pub trait Kernel {
    /// What the kernel returns.
    type Output;

    /// Does the work; implement it as `#[inline(always)]`.
    fn run(self) -> Self::Output;
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]
fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error of parsing a name that is none of `portable`, `avx2` and `avx512`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownIsa;

impl fmt::Display for UnknownIsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown instruction set: expected portable, avx2 or avx512")
    }
}

impl std::error::Error for UnknownIsa {}

impl FromStr for Isa {
    type Err = UnknownIsa;

    fn from_str(name: &str) -> Result<Self, UnknownIsa> {
        let same_name = |isa: &Isa| name.trim().eq_ignore_ascii_case(isa.name());
        Isa::ALL.into_iter().find(same_name).ok_or(UnknownIsa)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for isa in Isa::ALL {
            assert_eq!(isa.to_string().parse(), Ok(isa));
        }
        assert_eq!(" AVX2 ".parse(), Ok(Isa::Avx2));
        assert_eq!("sse9".parse::<Isa>(), Err(UnknownIsa));
    }

    #[test]
    fn a_forced_choice_wins_where_the_processor_has_it() {
        assert_eq!(Isa::choose(Some("portable")), Isa::Portable);
        for isa in Isa::available() {
            assert_eq!(Isa::choose(Some(isa.name())), isa);
        }
    }

    #[test]
    fn without_a_valid_choice_the_widest_available_is_used() {
        let widest = Isa::available().max();
        assert_eq!(Some(Isa::choose(None)), widest);
        assert_eq!(Some(Isa::choose(Some("sse9"))), widest);
        assert!(Isa::active().is_available());
    }
}
