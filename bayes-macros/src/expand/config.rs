//! The attribute's keys as types: one for the struct, one for each field with keys of its own.

use super::scope::Scope;
use crate::model::{Config, Estimator, Field, Posterior, Prior, Std};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

pub fn expand(scope: &Scope) -> TokenStream {
    let user = &scope.model.ident;
    let doc = format!("What `#[bayesian]` states for [`{user}`]; what it leaves open is `C`'s.");
    let own = define(
        scope,
        &scope.named("Config"),
        &doc,
        &scope.model.options.config,
    );
    let fields = scope.fields().iter().filter_map(|field| {
        let doc = format!(
            "What `#[bayes]` states for `{}` of [`{user}`]; what it leaves open is `C`'s.",
            field.ident
        );
        Some(define(
            scope,
            &field_config(scope, field)?,
            &doc,
            &field.options.config,
        ))
    });
    quote! {
        #own
        #(#fields)*
    }
}

/// The configuration type of a field that states keys of its own.
pub fn field_config(scope: &Scope, field: &Field) -> Option<Ident> {
    let Config {
        prior,
        posterior,
        estimator,
        moped,
    } = &field.options.config;
    let states = prior.is_some() || posterior.is_some() || estimator.is_some() || moped.is_some();
    states.then(|| {
        let ident = format_ident!("{}{}Config", scope.model.ident.unraw(), camel(&field.ident));
        Ident::new(&ident.to_string(), field.ident.span())
    })
}

/// `fc_1` becomes `Fc1`.
fn camel(ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(letters)
            .collect::<String>()
    };
    name.split('_').map(capital).collect()
}

fn define(scope: &Scope, ident: &Ident, doc: &str, config: &Config) -> TokenStream {
    let (k, c, vis) = (&scope.k, &scope.c, &scope.model.vis);
    let estimator = match &config.estimator {
        None => quote!(#c::Estimator),
        Some(estimator) => estimator_type(scope, estimator.value),
    };
    let prior = match &config.prior {
        None => quote!(#c::PRIOR),
        Some(stated) => prior(scope, &stated.value),
    };
    let posterior = match config.posterior.as_ref().map(|posterior| &posterior.value) {
        None => quote!(#c::POSTERIOR),
        Some(Posterior::MeanField { rho }) => quote!(#k::MeanField::new(#rho)),
    };
    let moped = match &config.moped {
        None => quote!(#c::MOPED),
        Some(delta) => quote!(::core::option::Option::Some(#delta)),
    };
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #[derive(Clone, Copy, Debug)]
        #vis struct #ident<#c = #k::Defaults>(::core::marker::PhantomData<#c>);

        #[automatically_derived]
        impl<#c: #k::Config> #k::Config for #ident<#c> {
            type Estimator = #estimator;
            const PRIOR: #k::Gaussian = #prior;
            const POSTERIOR: #k::MeanField = #posterior;
            const MOPED: ::core::option::Option<f64> = #moped;
        }
    }
}

fn estimator_type(scope: &Scope, estimator: Estimator) -> TokenStream {
    let (k, name) = (&scope.k, format_ident!("{}", estimator.name()));
    quote!(#k::#name)
}

fn prior(scope: &Scope, prior: &Prior) -> TokenStream {
    let k = &scope.k;
    match prior {
        Prior::Gaussian {
            mean,
            std: Std::FanIn,
        } => quote!(#k::Gaussian::new(#mean, #k::Std::FanIn)),
        Prior::Gaussian {
            mean,
            std: Std::Number(std),
        } => {
            quote!(#k::Gaussian::new(#mean, #k::Std::Value(#std)))
        }
    }
}
