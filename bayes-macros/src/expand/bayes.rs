//! The Bayesian twin: its struct, the way from the plain model and back, its posteriors, and what users call.

use super::scope::Scope;
use super::{bind, copies, fields};
use crate::model::Form;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub fn impls(scope: &Scope) -> TokenStream {
    let methods = methods(scope);
    let twin = twin(scope);
    let bayes = scope.bayes_type(&scope.e, &scope.d, &scope.c.to_token_stream());
    let ident = &scope.model.options.names.bayes;
    let copies = copies::impls(scope, &scope.bayes_generics(), &bayes, ident, |field| {
        scope.bayes(field, &scope.c.to_token_stream())
    });
    let walk = walk(scope);
    let views = bind::of_bayes(scope);
    let posteriors = posteriors(scope);
    quote! {
        #methods
        #twin
        #copies
        #walk
        #views
        #posteriors
    }
}

pub fn definition(scope: &Scope) -> TokenStream {
    let Scope { k, c, model, .. } = scope;
    let (vis, user, ident, config) = (
        &model.vis,
        &model.ident,
        &model.options.names.bayes,
        scope.named("Config"),
    );
    let (consts, on_device, bounds) = (scope.params(), scope.on_device(), scope.where_clause());
    let doc = format!(
        " The Bayesian twin of [`{user}`]: a posterior for each weight of the fields that are not skipped."
    );
    let body = scope.body(&bounds, |field| scope.bayes(field, &quote!(#c)));
    let derives = copies::derives(scope);
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #derives
        #vis struct #ident<#consts #on_device, #c: #k::Config = #config> #body
    }
}

/// The plain model's twin with what the attribute states, and the ways to and from a twin of any configuration.
fn twin(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, c, .. } = scope;
    let (consts, on_device, bounds) = (scope.params(), scope.on_device(), scope.where_clause());
    let (config, device) = (scope.named("Config"), scope.device_type(e, d));
    let any = quote!(#c);
    let (stated, bayes) = (
        scope.bayes_type(e, d, &quote!(#config<#c>)),
        scope.bayes_type(e, d, &any),
    );
    let (bayes_ident, device_ident) = (&scope.model.options.names.bayes, scope.device_ident());
    let to = scope.fields().iter().map(|field| {
        let (ident, name, config) = (&field.member, field.name(), scope.config_of(field, &any));
        if field.options.skip || !field.is_layer() {
            return quote!(#ident: #k::Clone::clone(&plain.#ident));
        }
        let to_bayes = scope.twin_method(field, "to_bayes");
        quote!(#ident: #to_bayes::<#config>(&plain.#ident, &name.field(#name))?)
    });
    let from = scope.fields().iter().map(|field| {
        let (ident, name, config) = (&field.member, field.name(), scope.config_of(field, &any));
        if field.options.skip || !field.is_layer() {
            return quote!(#ident: #k::Clone::clone(&self.#ident));
        }
        let from_bayes = scope.twin_method(field, "from_bayes");
        quote!(#ident: #from_bayes::<#config>(&self.#ident, &draw.field(#name))?)
    });
    quote! {
        #[automatically_derived]
        impl<#consts #on_device> #k::Twin<#e, #d> for #device #bounds {
            type Bayes<#c: #k::Config> = #stated;

            fn to_bayes<#c: #k::Config>(
                &self,
                name: &#k::Name<'_>,
            ) -> #k::Result<Self::Bayes<#c>, #k::Error> {
                #k::FromPretrained::<#e, #d>::around(self, name)
            }

            fn from_bayes<#c: #k::Config>(
                twin: &Self::Bayes<#c>,
                draw: &#k::Draw,
            ) -> #k::Result<Self, #k::Error>
            where
                #d: #k::Kernels<#e>,
            {
                #k::FromPretrained::<#e, #d>::plain_in(twin, draw)
            }
        }

        #[automatically_derived]
        impl<#consts #on_device, #c: #k::Config> #k::FromPretrained<#e, #d> for #bayes #bounds {
            type Plain = #device;

            fn around(plain: &#device, name: &#k::Name<'_>) -> #k::Result<Self, #k::Error> {
                #k::Ok(#bayes_ident { #(#to),* })
            }

            fn plain_in(&self, draw: &#k::Draw) -> #k::Result<#device, #k::Error>
            where
                #d: #k::Kernels<#e>,
            {
                #k::Ok(#device_ident { #(#from),* })
            }
        }
    }
}

fn walk(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, c, .. } = scope;
    let consts = scope.params();
    let bounds = fields::walked(scope, |field| scope.bayes(field, &quote!(#c)));
    let bounds = scope.where_clause_and(bounds);
    // A skipped dfdx layer asks for more of its number type than a walk over tensors does.
    let has_skipped = scope.fields().iter().any(|field| field.options.skip);
    let dtype = match scope.model.form {
        Form::Module { .. } if has_skipped => quote!(#k::Dtype + #k::DfdxFloat),
        _ => quote!(#k::Dtype),
    };
    let bayes = scope.bayes_type(e, d, &quote!(#c));
    let header = quote! {
        impl<#consts #e: #dtype, #d: #k::Device<#e>, #c: #k::Config> #k::TensorCollection<#e, #d> for #bayes #bounds
    };
    let to = |e: &TokenStream, d: &TokenStream| scope.bayes_type(e, d, &quote!(#c));
    fields::tensor_collection(scope, &header, to, &scope.model.options.names.bayes)
}

fn posteriors(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, c, .. } = scope;
    let (consts, on_device, bounds) = (scope.params(), scope.on_device(), scope.where_clause());
    let bayes = scope.bayes_type(e, d, &quote!(#c));
    let visits = scope.layers().filter(|field| !field.options.skip).map(|field| {
        let (ident, name) = (&field.member, field.name());
        quote!(#k::Bayesian::<#e, #d>::visit_posteriors(&self.#ident, &name.field(#name), visitor)?;)
    });
    quote! {
        #[automatically_derived]
        impl<#consts #on_device, #c: #k::Config> #k::Bayesian<#e, #d> for #bayes #bounds {
            fn visit_posteriors<V: #k::VisitPosteriors<#e, #d>>(
                &self,
                name: &#k::Name<'_>,
                visitor: &mut V,
            ) -> #k::Result<(), V::Err> {
                #(#visits)*
                #k::Ok(())
            }
        }
    }
}

fn methods(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, c, .. } = scope;
    let (consts, on_device, bounds) = (scope.params(), scope.on_device(), scope.where_clause());
    let config = scope.named("Config");
    let (default, any) = (
        scope.bayes_type(e, d, &quote!(#config)),
        scope.bayes_type(e, d, &quote!(#c)),
    );
    let plain = scope.device_type(e, d);
    quote! {
        #[allow(dead_code)]
        impl<#consts #on_device> #default #bounds {
            /// The twin around the weights of `plain`: mu = w, and with MOPED sigma = delta·|w| and the prior's mean w.
            ///
            /// # Errors
            /// A weight that is not finite, by name.
            pub fn from_pretrained(plain: &#plain) -> #k::Result<Self, #k::Error> {
                #k::FromPretrained::<#e, #d>::around(plain, &#k::Name::ROOT)
            }
        }

        #[allow(dead_code)]
        impl<#consts #e: #k::Dtype, #d: #k::Kernels<#e>, #c: #k::Config> #any #bounds {
            /// The plain model with the posterior means: nothing is drawn.
            ///
            /// # Errors
            /// A device that fails.
            pub fn mean(&self) -> #k::Result<#plain, #k::Error> {
                #k::FromPretrained::<#e, #d>::plain_in(self, &#k::Key::MEAN.into())
            }

            /// A plain model with weights drawn from the posterior: those of draw 0 of `predict` with this seed.
            ///
            /// # Errors
            /// A device that fails.
            pub fn sample(&self, seed: u64) -> #k::Result<#plain, #k::Error> {
                #k::FromPretrained::<#e, #d>::plain_in(self, &#k::Key::new(seed, 0).into())
            }

            /// The model in a draw, for prediction.
            pub fn eval(&self, draw: impl #k::Into<#k::Draw>) -> <Self as #k::Bind>::Eval<'_> {
                #k::Bind::eval(self, &draw.into())
            }

            /// The model in a draw, for training.
            pub fn train(&mut self, draw: impl #k::Into<#k::Draw>) -> <Self as #k::Bind>::Train<'_> {
                #k::Bind::train(self, &draw.into())
            }

            /// `KL(posterior ‖ prior)` summed over all weights, in nats, on a tape.
            ///
            /// # Panics
            /// Where a prior has no closed form, for which there is `kl_in`; where the device fails.
            pub fn kl<T: #k::Tape<#e, #d>>(&self) -> #k::Tensor<#k::Rank0, #e, #d, T> {
                #k::expect(#k::kl(self))
            }

            /// `kl` in one draw: sampled where a prior has no closed form.
            ///
            /// # Panics
            /// Where `draw` is the mean and a prior has no closed form; where the device fails.
            pub fn kl_in<T: #k::Tape<#e, #d>>(
                &self,
                draw: impl #k::Into<#k::Draw>,
            ) -> #k::Tensor<#k::Rank0, #e, #d, T> {
                #k::expect(#k::kl_in(self, draw))
            }

            /// The KL of each tensor.
            ///
            /// # Errors
            /// A device that fails.
            pub fn kl_per_layer(&self) -> #k::Result<#k::Vec<#k::TensorKl>, #k::Error> {
                #k::kl_per_layer::<#e, #d, Self>(self)
            }

            /// `samples` draws on the batch `x`; reduce them with `classify` or keep them with `draws`.
            pub fn predict<X>(&self, x: X, samples: usize, seed: u64) -> #k::Predictive<'_, Self, X> {
                #k::predict(self, x, samples, seed)
            }
        }
    }
}
