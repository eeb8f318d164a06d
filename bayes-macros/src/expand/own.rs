//! A struct whose forward pass is its own: its views as types that an `impl` block can name, and how the plain model
//! runs by them.

use super::scope::{Scope, screaming};
use crate::model::{Field, Form, Mode, Twin, View};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

/// The name of a view of the struct `ident`.
pub fn view_ident(ident: &Ident, view: View) -> Ident {
    format_ident!("{}{}", ident.unraw(), view.suffix(), span = ident.span())
}

/// The type of a view, as `Bind` gives it.
pub fn view_type(scope: &Scope, view: View, lifetime: &TokenStream) -> TokenStream {
    let Scope { e, d, c, .. } = scope;
    let (ident, consts) = (view_ident(&scope.model.ident, view), scope.args());
    match view.twin {
        Twin::Plain | Twin::Int8 => quote!(#ident<#lifetime, #consts #e, #d>),
        Twin::Bayes => quote!(#ident<#lifetime, #consts #e, #d, #c>),
    }
}

fn generics(scope: &Scope, view: View) -> TokenStream {
    match view.twin {
        Twin::Plain | Twin::Int8 => scope.plain_generics(),
        Twin::Bayes => scope.bayes_generics(),
    }
}

/// One struct for each twin and mode, with the model's fields.
pub fn definitions(scope: &Scope) -> TokenStream {
    let views = View::ALL.map(|view| definition(scope, view));
    let asked = asked(scope);
    quote!(#(#views)* #asked)
}

fn definition(scope: &Scope, view: View) -> TokenStream {
    let Scope { c, model, .. } = scope;
    let (vis, user, ident) = (&model.vis, &model.ident, view_ident(&model.ident, view));
    let (generics, bounds) = (generics(scope, view), scope.where_clause());
    let twin = match view.twin {
        Twin::Plain => user,
        Twin::Bayes => &model.options.names.bayes,
        Twin::Int8 => &model.options.names.quant,
    };
    let (purpose, seen) = match (view.twin, view.mode) {
        (Twin::Int8, _) => ("prediction", quote!(InInt8)),
        (_, Mode::Eval) => ("prediction", quote!(Eval)),
        (_, Mode::Train) => ("training", quote!(Train)),
    };
    let doc = format!(" [`{twin}`] in one draw, for {purpose}: a view of each field.");
    let body = scope.body(&bounds, |field| {
        let layer = match view.twin {
            Twin::Plain | Twin::Int8 => scope.built(field),
            Twin::Bayes => scope.bayes(field, &quote!(#c)),
        };
        scope.viewed(field, &seen, &layer)
    });
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #[derive(Debug)]
        #vis struct #ident<'a, #generics> #body
    }
}

/// How views and the plain model run, once the `impl` block says how.
pub fn impls(scope: &Scope) -> TokenStream {
    let views = View::ALL.map(|view| of_view(scope, view));
    let device = of_device(scope);
    quote! {
        #(#views)*
        #device
    }
}

/// The constant that asks for the `impl` block, and that the block asks for: its name is what is missing.
pub fn asked_ident(ident: &Ident) -> Ident {
    format_ident!("{}_SAYS_FORWARD", screaming(ident), span = ident.span())
}

/// The constant: without an `impl` block it does not compile.
fn asked(scope: &Scope) -> TokenStream {
    let Scope { k, model, .. } = scope;
    let (vis, user, name) = (&model.vis, &model.ident, asked_ident(&model.ident));
    let (params, bounds) = (scope.params(), scope.where_clause());
    let (e, d, args) = (&scope.e, &scope.d, scope.args());
    let (params, this) = match model.form {
        Form::Spec => (params, quote!(#user<#args>)),
        Form::Module { .. } => {
            let on_device = scope.on_device();
            (quote!(#params #on_device), scope.device_type(e, d))
        }
    };
    let asked = quote_spanned!(user.span()=> #k::has_forward::<#this>());
    let asked = if params.is_empty() {
        asked
    } else {
        quote! {{
            #[allow(dead_code)]
            const fn asked<#params>() #bounds {
                #asked
            }
        }}
    };
    let doc = format!(" Asks for the `impl` block that says how [`{user}`] runs.");
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis const #name: () = #asked;
    }
}

fn of_view(scope: &Scope, view: View) -> TokenStream {
    let k = &scope.k;
    let (generics, bounds) = (generics(scope, view), scope.where_clause());
    let this = view_type(scope, view, &quote!('_));
    let x = scope.fresh("X");
    quote! {
        #[allow(dead_code)]
        impl<#generics> #this #bounds {
            /// Runs the forward pass.
            ///
            /// # Panics
            /// Where `try_forward` fails.
            pub fn forward<#x>(&self, x: #x) -> <Self as #k::Module<#x>>::Output
            where
                Self: #k::Module<#x>,
            {
                #k::Module::forward(self, x)
            }

            /// Runs the forward pass.
            ///
            /// # Errors
            /// A run-time size that a layer cannot take, or a device that fails.
            pub fn try_forward<#x>(
                &self,
                x: #x,
            ) -> #k::Result<<Self as #k::Module<#x>>::Output, <Self as #k::Module<#x>>::Error>
            where
                Self: #k::Module<#x>,
            {
                #k::Module::try_forward(self, x)
            }
        }

        #[automatically_derived]
        impl<#generics> #k::NonMutableModule for #this #bounds {}
    }
}

/// The plain model runs by its views: by running statistics in `Module`, by the batch's in `ModuleMut`.
fn of_device(scope: &Scope) -> TokenStream {
    let Scope { k, e, d, error, .. } = scope;
    let (generics, this) = (scope.plain_generics(), scope.device_type(e, d));
    let [x, y] = ["X", "Y"].map(|name| scope.fresh(name));
    let lifetime = quote!('a);
    let [eval, train] = [Mode::Eval, Mode::Train]
        .map(|mode| view_type(scope, View::new(Twin::Plain, mode), &lifetime));
    let runs = |view: &TokenStream| {
        let user = scope.model.generics.where_clause.as_ref();
        let user = user
            .map(|clause| clause.predicates.iter())
            .into_iter()
            .flatten();
        quote! {
            for<'a> #view: #k::Module<#x, Output = #y, Error = #error>,
            #error: #k::Debug,
            #(#user,)*
        }
    };
    let (evals, trains) = (runs(&eval), runs(&train));
    let tensors = match scope.model.form {
        Form::Spec => TokenStream::new(),
        Form::Module { .. } => quote!(Self: #k::TensorCollection<#e, #d>,),
    };
    let bounds = scope.where_clause();
    quote! {
        #[allow(dead_code)]
        impl<#generics> #this #bounds {
            /// Runs the forward pass, as in a prediction.
            ///
            /// # Panics
            /// Where `try_forward` fails.
            pub fn forward<#x, #y, #error>(&self, x: #x) -> #y
            where
                #evals
            {
                self.try_forward(x).unwrap()
            }

            /// Runs the forward pass, as in a prediction.
            ///
            /// # Errors
            /// A run-time size that a layer cannot take, or a device that fails.
            pub fn try_forward<#x, #y, #error>(&self, x: #x) -> #k::Result<#y, #error>
            where
                #evals
            {
                #k::Module::try_forward(&#k::Bind::eval(self, &#k::Key::MEAN.into()), x)
            }
        }

        #[automatically_derived]
        impl<#generics, #x, #y, #error> #k::Module<#x> for #this
        where
            #evals
        {
            type Output = #y;
            type Error = #error;

            fn try_forward(&self, x: #x) -> #k::Result<#y, #error> {
                Self::try_forward(self, x)
            }
        }

        #[automatically_derived]
        impl<#generics, #x, #y, #error> #k::ModuleMut<#x> for #this
        where
            #tensors
            #trains
        {
            type Output = #y;
            type Error = #error;

            fn try_forward_mut(&mut self, x: #x) -> #k::Result<#y, #error> {
                let draw = #k::next_draw(self);
                #k::Module::try_forward(&#k::Bind::train(self, &draw), x)
            }
        }
    }
}

/// A forward pass of its own has no plan as a whole: its layers have one each.
pub fn trace(scope: &Scope) -> TokenStream {
    let k = &scope.k;
    let user = scope.model.ident.unraw().to_string();
    quote! {
        fn trace(
            &self,
            name: &#k::Name<'_>,
            _: &mut #k::Graph,
            _: #k::Wire,
        ) -> #k::Result<#k::Wire, #k::Error> {
            #k::without_plan(name, #user)
        }
    }
}

/// The rules of the fields, each by itself: which one follows which is in the `impl` block.
pub fn rules(scope: &Scope, of_field: impl Fn(&Field) -> TokenStream) -> TokenStream {
    let k = &scope.k;
    let rules = scope.layers().map(|field| {
        let (name, rule) = (field.name(), of_field(field));
        quote!(("forward", #k::Rule::Unknown), (#name, #rule),)
    });
    quote!(#(#rules)* ("forward", #k::Rule::Unknown))
}
