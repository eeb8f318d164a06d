//! The names that a family's `with_…!` gives to a member's types.

/// Runs `body` where the names are those of the types of member `i` of a registry.
#[doc(hidden)]
#[macro_export]
macro_rules! __with_types {
    (spec $registry:ident, $i:literal, [$net:ident $(, $twins:ident)*], $body:expr) => {{
        #[allow(dead_code)]
        type $net = <$registry as $crate::__private::Member<$i>>::Spec;
        $crate::__private::with_types!(twins $registry, $i, [$($twins),*], $body)
    }};
    (module $registry:ident, $i:literal, [$net:ident $(, $twins:ident)*], $body:expr) => {{
        #[allow(dead_code)]
        type $net<E, D> = <$registry as $crate::__private::Member<$i>>::Plain<E, D>;
        $crate::__private::with_types!(twins $registry, $i, [$($twins),*], $body)
    }};
    (twins $registry:ident, $i:literal, [], $body:expr) => {
        $body
    };
    (twins $registry:ident, $i:literal, [$bayes:ident $(, $quant:ident)?], $body:expr) => {{
        #[allow(dead_code)]
        type $bayes<E, D> = <$registry as $crate::__private::Member<$i>>::Bayes<E, D>;
        $(
            #[allow(dead_code)]
            type $quant = <$registry as $crate::__private::Member<$i>>::Quant;
        )?
        $body
    }};
    (twins $registry:ident, $i:literal, [$($names:ident),*], $body:expr) => {
        ::core::compile_error!(
            "a member has three types, so there are up to three names, `|Net, BayesNet, QuantNet|`"
        )
    };
}
