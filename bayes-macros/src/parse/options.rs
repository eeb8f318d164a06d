//! Reads the keys of `#[bayesian(..)]` and `#[bayes(..)]`.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Attribute, Generics, Ident, Meta, parse_quote};

use super::entries::entries;
use super::{members, values};
use crate::check::errors::Errors;
use crate::check::{item, keys, members as family};
use crate::model::{Config, Entry, FieldOptions, Form, Key, Names, Options};

/// `#[bayesian(..)]` on the struct `ident`.
pub fn of_struct(
    tokens: TokenStream,
    ident: &Ident,
    generics: &Generics,
    form: &Form,
    errors: &mut Errors,
) -> Options {
    let entries = entries(tokens, Key::ON_STRUCT, errors);
    errors.extend(keys::repeated(&entries));
    errors.extend(keys::input_beside_forward(&entries));
    let mut names = default_names(ident);
    let mut options = Options {
        input: None,
        config: Config::default(),
        names: default_names(ident),
        own_forward: entries.iter().any(|entry| entry.key == Key::Forward),
        members: None,
        export: false,
        krate: parse_quote!(::bayes_core),
    };
    let is_family = entries.iter().any(|entry| entry.key == Key::Members);
    for entry in &entries {
        match entry.key {
            Key::Input => options.input = values::input(entry, errors),
            Key::Prior | Key::Posterior | Key::Estimator | Key::Moped | Key::Init => {
                shared(entry, &mut options.config, errors);
            }
            Key::Bayes => set(&mut names.bayes, values::type_name(entry), errors),
            Key::Quant => set(&mut names.quant, values::type_name(entry), errors),
            Key::Device if *form != Form::Spec => {
                errors.push(item::device_in_module_form(&entry.ident));
            }
            Key::Device => set(&mut names.device, values::type_name(entry), errors),
            Key::Crate => set(&mut options.krate, values::crate_path(entry), errors),
            Key::Forward => errors.extend(keys::value_after(entry)),
            Key::Members => {
                let family = members::Family {
                    ident,
                    generics,
                    own_forward: options.own_forward,
                };
                options.members = members::read(&family, entry, errors);
            }
            Key::Registry | Key::Export if !is_family => {
                errors.push(family::without_members(entry));
            }
            Key::Registry => set(&mut names.registry, values::type_name(entry), errors),
            Key::Export => {
                errors.extend(keys::value_after(entry));
                options.export = true;
            }
            Key::Skip | Key::Value => errors.push(keys::misplaced(entry)),
        }
    }
    let clashes = item::distinct_names(ident, &names, form);
    if clashes.is_empty() {
        options.names = names;
    }
    errors.extend(clashes);
    if let Some(members) = &mut options.members {
        let (names, all) = (&options.names, &mut members.all);
        let clashes = family::distinct_names(ident, names, form, all);
        // A twin of nothing would be a second error.
        all.retain(|member| !clashes.iter().any(|(clash, _)| *clash == member.ident));
        errors.extend(clashes.into_iter().map(|(_, error)| error));
    }
    options
}

/// A key that structs and fields share.
pub fn shared(entry: &Entry, config: &mut Config, errors: &mut Errors) {
    match entry.key {
        Key::Prior => config.prior = values::prior(entry, errors),
        Key::Posterior => config.posterior = values::posterior(entry, errors),
        Key::Estimator => config.estimator = errors.take(values::estimator(entry)),
        Key::Moped => config.moped = errors.take(values::moped(entry)),
        Key::Init => config.init = errors.take(values::init(entry)),
        _ => {}
    }
}

/// Keeps the default where the stated value is wrong.
fn set<T>(option: &mut T, stated: syn::Result<T>, errors: &mut Errors) {
    if let Some(stated) = errors.take(stated) {
        *option = stated;
    }
}

/// `BayesX`, `DeviceX` and `QuantX`, which cannot clash.
fn default_names(ident: &Ident) -> Names {
    let ident = ident.unraw();
    Names {
        bayes: format_ident!("Bayes{ident}"),
        device: format_ident!("Device{ident}"),
        quant: format_ident!("Quant{ident}"),
        registry: format_ident!("{ident}Member", span = ident.span()),
    }
}

/// All `#[bayes(..)]` on one field.
pub fn of_field(attributes: &[Attribute], errors: &mut Errors) -> FieldOptions {
    let mut all = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                all.extend(entries(list.tokens.clone(), Key::ON_FIELD, errors));
            }
            Meta::List(_) | Meta::Path(_) => errors.push(keys::empty_bayes(attribute)),
            Meta::NameValue(_) => errors.push(keys::bayes_without_parentheses(attribute)),
        }
    }
    errors.extend(keys::repeated(&all));
    errors.extend(keys::beside_skip(&all));
    errors.extend(keys::beside_value(&all));
    let mut options = FieldOptions::default();
    for entry in &all {
        match entry.key {
            Key::Skip => {
                errors.extend(keys::value_after(entry));
                options.skip = true;
            }
            Key::Value => {
                // Without an expression it is a value all the same, of whatever type.
                let stated = errors.take(values::value(entry));
                let stated = stated.unwrap_or_else(|| {
                    parse_quote!({
                        fn value<T>() -> T {
                            loop {}
                        }
                        value()
                    })
                });
                options.value = Some(Box::new(stated));
            }
            Key::Prior | Key::Posterior | Key::Estimator | Key::Moped | Key::Init => {
                shared(entry, &mut options.config, errors);
            }
            Key::Input
            | Key::Bayes
            | Key::Quant
            | Key::Device
            | Key::Crate
            | Key::Forward
            | Key::Members
            | Key::Registry
            | Key::Export => {
                errors.push(keys::misplaced(entry));
            }
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{ToTokens, quote};

    fn options(tokens: TokenStream) -> (Options, Vec<String>) {
        let mut errors = Errors::default();
        let options = of_struct(
            tokens,
            &format_ident!("Net"),
            &Generics::default(),
            &Form::Spec,
            &mut errors,
        );
        (options, messages(errors))
    }

    fn field_messages(attributes: &[Attribute]) -> Vec<String> {
        let mut errors = Errors::default();
        of_field(attributes, &mut errors);
        messages(errors)
    }

    fn messages(errors: Errors) -> Vec<String> {
        let errors = errors.finish().err().into_iter().flatten();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn what_is_not_stated_has_its_default() {
        let (options, messages) = options(TokenStream::new());
        assert_eq!(messages, [""; 0]);
        assert_eq!(options.names.bayes, "BayesNet");
        assert_eq!(options.names.device, "DeviceNet");
        assert_eq!(options.krate.to_token_stream().to_string(), ":: bayes_core");
        assert!(options.input.is_none() && options.config.prior.is_none());
    }

    #[test]
    fn names_and_path_are_taken_as_stated() {
        let (options, messages) =
            options(quote!(bayes = Twin, device = Built, crate = crate::inner));
        assert_eq!(messages, [""; 0]);
        assert_eq!(options.names.bayes, "Twin");
        assert_eq!(options.names.device, "Built");
        assert_eq!(
            options.krate.to_token_stream().to_string(),
            "crate :: inner"
        );
    }

    #[test]
    fn a_raw_name_gives_plain_twins() {
        assert_eq!(default_names(&syn::parse_quote!(r#move)).bayes, "Bayesmove");
    }

    #[test]
    fn wrong_names_are_reported_and_replaced_by_the_defaults() {
        let (options, messages) = options(quote!(bayes = "Twin", device = Net, crate = "core"));
        assert_eq!(
            messages,
            [
                "`bayes` must be the name of a new type, found `\"Twin\"`: write `bayes = BayesNet`",
                "`crate` must be the path of the crate `bayes_core`, found `\"core\"`: \
                 write `crate = ::bayes_core`",
                "`Net` is already the name of the struct itself: choose another `device`",
            ]
        );
        assert_eq!(options.names.device, "DeviceNet");
    }

    #[test]
    fn keys_stand_once_and_in_their_place() {
        let (_, messages) = options(quote!(
            moped = 0.5,
            skip,
            estimator = Flipout,
            moped = 1,
            estimator = Reparameterization
        ));
        assert_eq!(
            messages,
            [
                "`moped` is given twice: keep one of the two",
                "`estimator` is given twice, first as `Flipout`: a layer has one estimator, keep one",
                "`skip` belongs to a field, found it on the struct: \
                 write `#[bayes(skip)]` above that field",
            ]
        );
        let misplaced = field_messages(&[parse_quote!(#[bayes(skip, input = (1))])]);
        assert_eq!(
            misplaced,
            ["`input` belongs to the struct, found it on a field: \
              move it to `#[bayesian(input = (1, 28, 28))]`"]
        );
    }

    #[test]
    fn device_is_refused_in_module_form() {
        let form = Form::Module {
            dtype: format_ident!("E"),
            device: format_ident!("D"),
        };
        let mut errors = Errors::default();
        let device = quote!(device = DeviceNet);
        of_struct(
            device,
            &format_ident!("Net"),
            &Generics::default(),
            &form,
            &mut errors,
        );
        assert!(messages(errors)[0].ends_with("is that type itself: remove `device`"));
    }

    #[test]
    fn skip_stands_alone_and_each_clash_is_named() {
        let attributes = [
            parse_quote!(#[bayes(skip, moped = 0.1)]),
            parse_quote!(#[bayes(skip, prior = Gaussian(0, 1))]),
        ];
        assert_eq!(
            field_messages(&attributes),
            [
                "`skip` is given twice: keep one of the two",
                "`moped` has no effect on a skipped layer: remove it, or remove `skip`",
                "`prior` has no effect on a skipped layer: remove it, or remove `skip`",
            ]
        );
        let value = field_messages(&[parse_quote!(#[bayes(skip = true)])]);
        assert_eq!(value, ["`skip` takes no value: write `#[bayes(skip)]`"]);
    }

    #[test]
    fn a_value_stands_alone_and_says_what_it_is() {
        let clash = |key: &str| {
            format!(
                "`{key}` is for weights, and a field with `value` is no layer and has none: \
                 remove it, or remove `value`"
            )
        };
        let beside =
            field_messages(&[parse_quote!(#[bayes(value = 1, moped = 0.1, init = FanIn)])]);
        assert_eq!(beside, [clash("moped"), clash("init")]);
        let skipped = field_messages(&[parse_quote!(#[bayes(value = 1, skip)])]);
        assert_eq!(
            skipped,
            [
                "`value` says that the field is no layer, and `skip` that it is one without a posterior: \
              keep one of the two"
            ]
        );
        let nothing = "`value` says what the field is in a new model: write `value = 0.5`";
        for empty in [
            parse_quote!(#[bayes(value)]),
            parse_quote!(#[bayes(value =)]),
        ] {
            assert_eq!(field_messages(&[empty]), [nothing]);
        }
    }

    #[test]
    fn a_bayes_attribute_says_something() {
        let empty = "expected keys in `#[bayes(..)]`, found none: write `#[bayes(skip)]` or \
             `#[bayes(estimator = Flipout)]`, or remove the attribute";
        let attributes = [
            parse_quote!(#[bayes]),
            parse_quote!(#[bayes()]),
            parse_quote!(#[bayes = "skip"]),
        ];
        assert_eq!(
            field_messages(&attributes),
            [
                empty,
                empty,
                "expected `#[bayes(..)]` with its keys in parentheses: write `#[bayes(skip)]`",
            ]
        );
    }
}
