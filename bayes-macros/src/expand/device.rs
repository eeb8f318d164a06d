//! Spec form: the model on a device, its constructor, its walk over tensors and its forward pass.

use super::forward::Chain;
use super::scope::Scope;
use super::{copies, fields, rule};
use proc_macro2::TokenStream;
use quote::quote;

pub fn definition(scope: &Scope) -> TokenStream {
    let (vis, ident, user) = (&scope.model.vis, scope.device_ident(), &scope.model.ident);
    let (generics, bounds) = (scope.plain_generics(), scope.where_clause());
    let doc = format!(" [`{user}`] on a device: its layers with their weights.");
    let body = scope.body(&bounds, |field| scope.built(field));
    let derives = copies::derives(scope);
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #derives
        #vis struct #ident<#generics> #body
    }
}

pub fn impls(scope: &Scope) -> TokenStream {
    let spec = spec(scope);
    let generics = scope.plain_generics();
    let device = scope.device_type(&scope.e, &scope.d);
    let copies = copies::impls(scope, &generics, &device, scope.device_ident(), |field| {
        scope.built(field)
    });
    let walk = walk(scope);
    let forward = if scope.model.options.own_forward {
        TokenStream::new()
    } else {
        forward(scope)
    };
    quote! {
        #spec
        #copies
        #walk
        #forward
    }
}

fn spec(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, model, .. } = scope;
    let (consts, args) = (scope.params(), scope.args());
    let (on_device, bounds) = (scope.on_device(), scope.where_clause());
    let (user, device) = (&model.ident, scope.device_type(e, d));
    let (rule, input) = (rule::of_model(scope), rule::input(scope));
    let walked = fields::walked(scope, |field| scope.built(field));
    let walked = scope.where_clause_and(walked);
    quote! {
        #[automatically_derived]
        impl<#consts> #k::Spec for #user<#args> #bounds {
            type Built<#on_device> = #device;
            const RULE: #k::Rule = #rule;
            const INPUT: #k::Size = #input;
        }

        #[automatically_derived]
        impl<#consts #on_device> #k::BuildOnDevice<#d, #e> for #user<#args> #walked {
            type Built = #device;

            fn try_build_on_device(device: &#d) -> #k::Result<Self::Built, #d::Err> {
                #k::BuildModule::try_build(device)
            }
        }
    }
}

fn walk(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, .. } = scope;
    let generics = scope.plain_generics();
    let bounds = scope.where_clause_and(fields::walked(scope, |field| scope.built(field)));
    let device = scope.device_type(e, d);
    let header = quote!(impl<#generics> #k::TensorCollection<#e, #d> for #device #bounds);
    let to = |e: &TokenStream, d: &TokenStream| scope.device_type(e, d);
    fields::tensor_collection(scope, &header, to, scope.device_ident())
}

fn forward(scope: &Scope) -> TokenStream {
    let device = scope.device_type(&scope.e, &scope.d);
    let layers = scope.layers().map(|field| scope.built(field));
    let chain = Chain::new(scope, layers.collect()).with_parameters();
    let plain = scope.plain_generics();
    let generics = quote!(#plain,);
    let inherent = chain.inherent(&generics, &device);
    let module = chain.module(&generics, &device);
    let module_mut = chain.module_mut(&generics, &device);
    quote! {
        #inherent
        #module
        #module_mut
    }
}
