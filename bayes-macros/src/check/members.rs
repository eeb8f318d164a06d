//! Rules for the members of a family.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, ConstParam, Error, Ident};

use super::words::{list, written};
use crate::model::{Entry, Form, Key, Member, Names};

const EXAMPLE: &str = Key::Members.example();

/// `members` with something other than parentheses behind it, or with nothing.
pub fn not_a_list(ident: &Ident, rest: &TokenStream) -> Error {
    if rest.is_empty() {
        let message = format!("expected the members in parentheses, found none: write `{EXAMPLE}`");
        return Error::new_spanned(ident, message);
    }
    let message = format!(
        "expected the members in parentheses, found `{}`: write `{EXAMPLE}`",
        quoted(rest)
    );
    Error::new_spanned(rest, message)
}

/// The user's tokens, with angle brackets as a person writes them.
fn quoted(tokens: &impl ToTokens) -> String {
    written(tokens).replace("< ", "<")
}

/// `members()`.
pub fn none(ident: &Ident) -> Error {
    let message = format!(
        "`members` names no member, so there is nothing to generate: write `{EXAMPLE}`, or remove `members`"
    );
    Error::new_spanned(ident, message)
}

/// `registry` or `export` of a family that is none.
pub fn without_members(entry: &Entry) -> Error {
    let name = entry.key.name();
    let what = match entry.key {
        Key::Registry => "is the name of the enum of a struct's members",
        _ => "makes the macro that builds a member by its name visible to other crates",
    };
    let message = format!(
        "`{name}` {what}, and this struct names none: write `{EXAMPLE}` beside it, or remove `{name}`"
    );
    Error::new_spanned(&entry.ident, message)
}

/// Two commas with nothing between them.
pub fn nothing_between_commas(comma: &TokenStream) -> Error {
    let message = "expected a member before this comma, found nothing: remove the comma";
    Error::new_spanned(comma, message)
}

/// A member that begins with something else.
pub fn without_name(part: &TokenStream) -> Error {
    let message = format!(
        "a member begins with its name, found `{}`: write `Small = <2>`, or `Small(moped = 0.1)` where the struct has \
         no parameters",
        quoted(part)
    );
    Error::new_spanned(part, message)
}

/// An attribute other than a doc comment.
pub fn attribute(attribute: &Attribute) -> Error {
    let message = format!(
        "a member takes doc comments, found `{}`: remove it",
        quoted(attribute)
    );
    Error::new_spanned(attribute, message)
}

/// Something other than `= <..>` or `(..)` behind a member's name.
pub fn after_name(ident: &Ident, rest: &TokenStream) -> Error {
    let message = format!(
        "expected `{ident} = <..>` or `{ident}(..)`, found `{}` after `{ident}`: write the values of the struct's \
         parameters, `{ident} = <2>`, and keys in parentheses behind them, `{ident} = <2>(moped = 0.1)`",
        quoted(rest)
    );
    Error::new_spanned(rest, message)
}

/// `= <..` that never ends.
pub fn without_end(ident: &Ident, rest: &TokenStream) -> Error {
    let message = format!(
        "the values of `{ident}` have no end: write `>` behind the last one, `{ident} = <2>`"
    );
    Error::new_spanned(rest, message)
}

/// What follows the values and is no list of keys.
pub fn after_values(ident: &Ident, rest: &TokenStream) -> Error {
    let message = format!(
        "expected a comma or keys in parentheses after the values of `{ident}`, found `{}`: write \
         `{ident} = <2>(moped = 0.1)`",
        quoted(rest)
    );
    Error::new_spanned(rest, message)
}

/// Keys in parentheses and then something.
pub fn after_keys(ident: &Ident, rest: &TokenStream) -> Error {
    let message = format!(
        "expected a comma after the keys of `{ident}`, found `{}`: write all keys in one pair of parentheses",
        quoted(rest)
    );
    Error::new_spanned(rest, message)
}

/// A family whose parameters are not values alone.
pub fn over_layers(key: &Ident, family: &Ident, layer: &Ident) -> Error {
    let message = format!(
        "members have values for const parameters, and the parameter `{layer}` of `{family}` is a layer: name each \
         choice by an alias, `type Small = {family}<ReLU, ..>`, or make `{layer}` a field's type"
    );
    Error::new_spanned(key, message)
}

/// A value of a parameter that is neither a literal, a constant nor a block.
pub fn not_a_value(part: &TokenStream) -> Error {
    let message = format!(
        "a value of a parameter is a literal, the path of a constant or an expression in braces, found `{}`",
        quoted(part)
    );
    Error::new_spanned(part, message)
}

/// Fewer values than parameters without a default, or more values than parameters.
pub fn count(family: &Ident, member: &Ident, params: &[&ConstParam], given: usize) -> Error {
    let counted = |n: usize, noun: &str| match n {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    };
    let names = |params: &[&ConstParam]| {
        let names = params.iter().map(|param| param.ident.to_string());
        names.collect::<Vec<String>>()
    };
    let found = format!("found {} for `{member}`", counted(given, "value"));
    let message = if params.is_empty() {
        format!("`{family}` has no parameters, {found}: remove `= <..>`")
    } else {
        let (all, optional) = (names(params), names(&with_default(params)));
        let optional: Vec<&str> = optional.iter().map(String::as_str).collect();
        let optional = match &optional[..] {
            [] => String::new(),
            names => format!(", of which {} may be left out", list(names, "and")),
        };
        format!(
            "`{family}` has {}, {found}: write `{member} = <{}>` with their values{optional}",
            counted(params.len(), "parameter"),
            all.join(", ")
        )
    };
    Error::new_spanned(member, message)
}

fn with_default<'a>(params: &[&'a ConstParam]) -> Vec<&'a ConstParam> {
    let params = params.iter().copied();
    params.filter(|param| param.default.is_some()).collect()
}

/// `[]`.
pub fn empty_list(part: &TokenStream) -> Error {
    Error::new_spanned(
        part,
        "this list has no values, so it makes no member: write at least one",
    )
}

/// A value in a list whose member would have no name.
pub fn nameless(part: &TokenStream) -> Error {
    let part_text = quoted(part);
    let message = format!(
        "a list makes a member of each value, named after it, and `{part_text}` makes no name: give it one, \
         `[Narrow: {part_text}, ..]`"
    );
    Error::new_spanned(part, message)
}

/// A key that members do not take.
pub fn misplaced(entry: &Entry, member: &Ident) -> Error {
    let name = entry.key.name();
    let message = match entry.key {
        Key::Bayes | Key::Quant | Key::Device => format!(
            "`{name}` names a twin of the struct, and those of a member have its name, `Bayes{member}`: remove `{name}`"
        ),
        Key::Skip => format!(
            "`skip` belongs to a field, found it in the member `{member}`: which fields are Bayesian is the same in \
             all members"
        ),
        _ => format!(
            "`{name}` belongs to the struct, found it in the member `{member}`: write it beside `members`, for all of them"
        ),
    };
    Error::new_spanned(&entry.ident, message)
}

/// What a forward pass of its own does to sizes is in no attribute.
pub fn input_beside_forward(entry: &Entry) -> Error {
    let message = "`input` proves the sizes of fields that run in order, and with `forward` the order is that of the \
                   `impl` block, whose types say the sizes: remove `input`";
    Error::new_spanned(&entry.ident, message)
}

/// What a member's keys and those of a field, or of the struct, cannot be together.
pub fn together(member: &Ident, error: &Error) -> Error {
    Error::new(member.span(), format!("in `{member}`, {error}"))
}

/// Members and everything else that is generated have names of their own.
pub fn distinct_names(
    family: &Ident,
    names: &Names,
    form: &Form,
    members: &[Member],
) -> Vec<(Ident, Error)> {
    let mut taken = vec![
        (family.to_string(), "the struct itself".to_owned()),
        (names.bayes.to_string(), "the Bayesian twin".to_owned()),
        (names.quant.to_string(), "the int8 twin".to_owned()),
        (
            names.registry.to_string(),
            "the registry of the members".to_owned(),
        ),
        (format!("{family}View"), "the view of the struct".to_owned()),
        (
            format!("{family}Config"),
            "the struct's configuration".to_owned(),
        ),
    ];
    if *form == Form::Spec {
        taken.push((names.device.to_string(), "the device type".to_owned()));
    }
    let mut clashes = Vec::new();
    for (i, member) in members.iter().enumerate() {
        if members[..i].iter().any(|other| other.ident == member.ident) {
            clashes.push((member.ident.clone(), named_twice(&member.ident)));
            continue;
        }
        let mut own = vec![
            member.ident.clone(),
            member.twin("Bayes"),
            member.twin("Quant"),
        ];
        own.extend((*form == Form::Spec).then(|| member.twin("Device")));
        own.extend(member.config_ident());
        let clash = own.iter().find_map(|name| {
            let (_, by) = taken.iter().find(|(other, _)| name == other)?;
            Some((member.ident.clone(), clash(&member.ident, name, by)))
        });
        clashes.extend(clash);
        let of = |name: &Ident| match *name == member.ident {
            true => format!("the member `{name}`"),
            false => format!("a type of the member `{}`", member.ident),
        };
        taken.extend(own.iter().map(|name| (name.to_string(), of(name))));
    }
    clashes
}

fn named_twice(member: &Ident) -> Error {
    let message = format!(
        "two members are named `{member}`: each needs a name of its own; in a list a value is given one by \
         `[Narrow: 2, ..]`"
    );
    Error::new(member.span(), message)
}

fn clash(member: &Ident, name: &Ident, by: &str) -> Error {
    let message = if name == member {
        format!("`{name}` is already the name of {by}: choose another for this member")
    } else {
        format!(
            "the member `{member}` would have the type `{name}`, which is already the name of {by}: choose another name"
        )
    };
    Error::new(member.span(), message)
}
