//! Rules for the keys of the two attributes.

use proc_macro2::TokenStream;
use syn::{Attribute, Error, Ident};

use super::words::{list, nearest, source};
use crate::model::{Entry, Estimator, Key};

/// A part of the attribute that does not begin with a name.
pub fn not_a_key(part: &TokenStream, keys: &[Key]) -> Error {
    let message = format!(
        "expected a key, found `{}`: write `{}`",
        source(part),
        keys[0].example()
    );
    Error::new_spanned(part, message)
}

/// Two commas with nothing between them.
pub fn nothing_between_commas(comma: &TokenStream) -> Error {
    let message = "expected a key before this comma, found nothing: remove the comma";
    Error::new_spanned(comma, message)
}

/// A key followed by something other than `=` or a comma.
pub fn no_equals_sign(key: Key, rest: &TokenStream) -> Error {
    let message = format!(
        "expected `=` after `{}`, found `{}`: write `{}`, with a comma before the next key",
        key.name(),
        source(rest),
        key.example()
    );
    Error::new_spanned(rest, message)
}

pub fn unknown(ident: &Ident, keys: &[Key]) -> Error {
    let names: Vec<&str> = keys.iter().map(|key| key.name()).collect();
    let word = ident.to_string();
    let estimators: Vec<&str> = Estimator::ALL.iter().map(|e| e.name()).collect();
    let meant = match nearest(&word, &names) {
        Some(name) => format!(": did you mean `{name}`?"),
        None => match nearest(&word, &estimators) {
            Some(name) => format!(": did you mean `estimator = {name}`?"),
            None => ":".into(),
        },
    };
    let keys = list(&names, "and");
    Error::new_spanned(
        ident,
        format!("unknown key `{word}`{meant} the keys are {keys}"),
    )
}

/// A struct's key on a field, or a field's on the struct.
pub fn misplaced(entry: &Entry) -> Error {
    let name = entry.key.name();
    let message = if Key::ON_STRUCT.contains(&entry.key) {
        format!(
            "`{name}` belongs to the struct, found it on a field: \
             move it to `#[bayesian({})]`",
            entry.key.example()
        )
    } else {
        format!(
            "`{name}` belongs to a field, found it on the struct: \
             write `#[bayes({})]` above that field",
            entry.key.example()
        )
    };
    Error::new_spanned(&entry.ident, message)
}

/// Every key at most once.
pub fn repeated(entries: &[Entry]) -> impl Iterator<Item = Error> {
    entries.iter().enumerate().filter_map(|(index, entry)| {
        let key = entry.key;
        let first = entries[..index].iter().find(|other| other.key == key)?;
        let name = key.name();
        let message = if key == Key::Estimator {
            format!(
                "`estimator` is given twice, first as `{}`: a layer has one estimator, keep one",
                source(&first.value)
            )
        } else {
            format!("`{name}` is given twice: keep one of the two")
        };
        Some(Error::new_spanned(&entry.ident, message))
    })
}

/// `skip` stands alone: a layer that stays deterministic has no use for the other keys.
pub fn beside_skip(entries: &[Entry]) -> impl Iterator<Item = Error> {
    let skipped = entries.iter().any(|entry| entry.key == Key::Skip);
    let shared = move |entry: &&Entry| {
        skipped && entry.key != Key::Skip && Key::ON_FIELD.contains(&entry.key)
    };
    entries.iter().filter(shared).map(|entry| {
        let message = match entry.key {
            Key::Value => "`value` says that the field is no layer, and `skip` that it is one without a posterior: \
                           keep one of the two"
                .to_owned(),
            key => format!(
                "`{}` has no effect on a skipped layer: remove it, or remove `skip`",
                key.name()
            ),
        };
        Error::new_spanned(&entry.ident, message)
    })
}

/// `value` stands alone: what is no layer has no weights. `skip` beside it has said so already.
pub fn beside_value(entries: &[Entry]) -> impl Iterator<Item = Error> {
    let is_value = entries.iter().any(|entry| entry.key == Key::Value);
    let skipped = entries.iter().any(|entry| entry.key == Key::Skip);
    let beside = move |entry: &&Entry| {
        is_value && !skipped && entry.key != Key::Value && Key::ON_FIELD.contains(&entry.key)
    };
    entries.iter().filter(beside).map(|entry| {
        let message = format!(
            "`{}` is for weights, and a field with `value` is no layer and has none: remove it, or remove `value`",
            entry.key.name()
        );
        Error::new_spanned(&entry.ident, message)
    })
}

/// `#[bayes]` or `#[bayes()]`.
pub fn empty_bayes(attribute: &Attribute) -> Error {
    Error::new_spanned(
        attribute,
        "expected keys in `#[bayes(..)]`, found none: write `#[bayes(skip)]` or \
         `#[bayes(estimator = Flipout)]`, or remove the attribute",
    )
}

/// `#[bayes = ..]`.
pub fn bayes_without_parentheses(attribute: &Attribute) -> Error {
    Error::new_spanned(
        attribute,
        "expected `#[bayes(..)]` with its keys in parentheses: write `#[bayes(skip)]`",
    )
}

/// `skip`, `forward` and `export` stand alone.
pub fn value_after(entry: &Entry) -> Option<Error> {
    entry.value.as_ref()?;
    let name = entry.key.name();
    let attribute = match entry.key {
        Key::Skip => "bayes",
        _ => "bayesian",
    };
    let message = format!("`{name}` takes no value: write `#[{attribute}({name})]`");
    Some(Error::new_spanned(&entry.ident, message))
}

/// What a forward pass of its own does to sizes is in no attribute.
pub fn input_beside_forward(entries: &[Entry]) -> Option<Error> {
    entries.iter().find(|entry| entry.key == Key::Forward)?;
    let input = entries.iter().find(|entry| entry.key == Key::Input)?;
    let message = "`input` proves the sizes of fields that run in order, and with `forward` the order is that of the \
                   `impl` block, whose types say the sizes: remove `input`";
    Some(Error::new_spanned(&input.ident, message))
}

/// A struct's key on its forward pass.
pub fn not_on_impl(entry: &Entry) -> Error {
    let message = format!(
        "`{}` belongs to the struct, found it on its forward pass: move it to the struct's `#[bayesian(..)]`",
        entry.key.name()
    );
    Error::new_spanned(&entry.ident, message)
}

pub fn without_value(entry: &Entry) -> Error {
    let message = match entry.key {
        Key::Value => {
            "`value` says what the field is in a new model: write `value = 0.5`".to_owned()
        }
        key => format!("`{}` has no value: write `{}`", key.name(), key.example()),
    };
    Error::new_spanned(&entry.ident, message)
}

/// A value that is no Rust expression, often two values without a comma between them.
pub fn unreadable(entry: &Entry, error: &Error) -> Error {
    let message = format!(
        "cannot read `{}` as the value of `{}` ({error}): write `{}`, with a comma before the next key",
        source(&entry.value),
        entry.key.name(),
        entry.key.example()
    );
    Error::new_spanned(&entry.value, message)
}
