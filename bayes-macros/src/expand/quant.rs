//! The int8 twin: its name, the structure that it is made from, and the way there.

use super::own;
use super::scope::Scope;
use crate::model::Field;
use proc_macro2::TokenStream;
use quote::quote;

/// `QuantX`, as an alias of the plain model's int8 form.
pub fn definition(scope: &Scope) -> TokenStream {
    let Scope { k, model, .. } = scope;
    let (vis, user, ident) = (&model.vis, &model.ident, &model.options.names.quant);
    let params = scope.alias_params();
    let params = scope.is_generic().then(|| quote!(<#params>));
    let plain = scope.device_type(&quote!(f32), &quote!(#k::Cpu));
    let doc = format!(" [`{user}`] in 8-bit integers, made by `quantize` of its other forms.");
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis type #ident #params = #k::Int8<#plain>;
    }
}

pub fn impls(scope: &Scope) -> TokenStream {
    let Scope { e, d, c, .. } = scope;
    let plain = scope.device_type(e, d);
    let bayes = scope.bayes_type(e, d, &quote!(#c));
    let of_plain = structure(scope, &scope.plain_generics(), &plain, |field| {
        scope.built(field)
    });
    let of_bayes = structure(scope, &scope.bayes_generics(), &bayes, |field| {
        scope.bayes(field, &quote!(#c))
    });
    let methods = methods(scope);
    quote! {
        #of_plain
        #of_bayes
        #methods
    }
}

/// A model is its fields in order, unless its forward pass is its own: then each of them has a plan.
fn structure(
    scope: &Scope,
    generics: &TokenStream,
    this: &TokenStream,
    layer: impl Fn(&Field) -> TokenStream,
) -> TokenStream {
    let Scope { k, e, .. } = scope;
    let fields = scope.layers();
    let layers: Vec<_> = fields.clone().map(layer).collect();
    let user = scope.model.generics.where_clause.as_ref();
    let user = user
        .map(|clause| clause.predicates.iter())
        .into_iter()
        .flatten();
    let plans = fields.map(|field| {
        let (ident, name) = (&field.member, field.name());
        quote!(#k::Structure::<#e>::layers(&self.#ident, &name.field(#name), plans)?;)
    });
    // A forward pass in order does not read them.
    let values = scope.fields().iter().filter_map(|field| {
        let (member, name, ty) = (&field.member, field.name(), &field.ty);
        let value = field.options.value.as_ref()?;
        let reads = scope.model.options.own_forward;
        reads.then(|| quote!(#k::same_value::<#ty>(&name.field(#name), &self.#member, &#value)?;))
    });
    let (whole, trace) = if scope.model.options.own_forward {
        (quote!(false), own::trace(scope))
    } else {
        let whole = quote!(#(<#layers as #k::Structure<#e>>::WHOLE)&&*);
        (whole, trace(scope))
    };
    quote! {
        #[automatically_derived]
        impl<#generics> #k::Structure<#e> for #this
        where
            #(#layers: #k::Structure<#e>,)*
            #(#user,)*
        {
            const WHOLE: bool = #whole;

            #trace

            fn layers(
                &self,
                name: &#k::Name<'_>,
                plans: &mut #k::Plans,
            ) -> #k::Result<(), #k::Error> {
                #(#values)*
                #(#plans)*
                #k::Ok(())
            }
        }
    }
}

fn trace(scope: &Scope) -> TokenStream {
    let Scope { k, e, .. } = scope;
    let traces = scope.layers().map(|field| {
        let (ident, name) = (&field.member, field.name());
        quote!(let x = #k::Structure::<#e>::trace(&self.#ident, &name.field(#name), graph, x)?;)
    });
    quote! {
        fn trace(
            &self,
            name: &#k::Name<'_>,
            graph: &mut #k::Graph,
            x: #k::Wire,
        ) -> #k::Result<#k::Wire, #k::Error> {
            #(#traces)*
            #k::Ok(x)
        }
    }
}

fn methods(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, c, .. } = scope;
    let (consts, bounds) = (scope.params(), scope.where_clause());
    let bayes = scope.bayes_type(e, d, &quote!(#c));
    let ident = &scope.model.options.names.quant;
    let args = scope.args();
    let quant = if scope.is_generic() {
        quote!(#ident<#args>)
    } else {
        quote!(#ident)
    };
    quote! {
        #[allow(dead_code)]
        impl<#consts #e: #k::Dtype, #d: #k::Kernels<#e>, #c: #k::Config> #bayes #bounds {
            /// This in 8-bit integers, with the ranges that its values have on the calibration batches.
            ///
            /// # Errors
            /// No rows, rows that do not fit the model, a weight or a value that is not finite.
            pub fn quantize<X>(
                &self,
                batches: impl #k::IntoIterator<Item = X>,
            ) -> #k::Result<#quant, #k::Error>
            where
                Self: #k::Structure<#e>,
                X: #k::Batch<#e, #d>,
                for<'a> #k::InInt8<'a, Self>: #k::Module<X::Part>,
            {
                self.quantize_with(&#k::Calibration::default(), batches)
            }

            /// The same with ranges and draws as `calibration` says.
            ///
            /// # Errors
            /// As `quantize`, and a calibration without draws or with a percentile that is none.
            pub fn quantize_with<X>(
                &self,
                calibration: &#k::Calibration,
                batches: impl #k::IntoIterator<Item = X>,
            ) -> #k::Result<#quant, #k::Error>
            where
                Self: #k::Structure<#e>,
                X: #k::Batch<#e, #d>,
                for<'a> #k::InInt8<'a, Self>: #k::Module<X::Part>,
            {
                #k::quantize(self, calibration, batches)
            }
        }
    }
}
