//! Splits the tokens of an attribute into `key = value` entries. A part that cannot be read is
//! reported and left out; the others are still read.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use crate::check::errors::Errors;
use crate::check::keys;
use crate::model::{Entry, Key};

/// The entries of one attribute. `keys` are those that a message lists; any [`Key`] is returned.
pub fn entries(tokens: TokenStream, keys: &[Key], errors: &mut Errors) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut part = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if part.is_empty() {
                    errors.push(keys::nothing_between_commas(&token.into_token_stream()));
                }
                entries.extend(errors.take(entry(&part, keys)).flatten());
                part.clear();
            }
            _ => part.push(token),
        }
    }
    entries.extend(errors.take(entry(&part, keys)).flatten());
    entries
}

/// One part between commas, `None` where there is nothing.
fn entry(part: &[TokenTree], keys: &[Key]) -> syn::Result<Option<Entry>> {
    let (first, rest) = match part {
        [] => return Ok(None),
        [first, rest @ ..] => (first, rest),
    };
    let TokenTree::Ident(ident) = first else {
        return Err(keys::not_a_key(&part.iter().cloned().collect(), keys));
    };
    let key = Key::named(ident).ok_or_else(|| keys::unknown(ident, keys))?;
    let value = match rest {
        [] => None,
        [TokenTree::Punct(equals), value @ ..]
            if equals.as_char() == '=' && key != Key::Members =>
        {
            Some(value.iter().cloned().collect())
        }
        // What else may follow `members` is its own affair.
        value if key == Key::Members => Some(value.iter().cloned().collect()),
        _ => return Err(keys::no_equals_sign(key, &rest.iter().cloned().collect())),
    };
    Ok(Some(Entry {
        key,
        ident: ident.clone(),
        value,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn read(tokens: TokenStream) -> (Vec<String>, Vec<String>) {
        let mut errors = Errors::default();
        let entries = entries(tokens, Key::ON_FIELD, &mut errors);
        let entries = entries.iter().map(|entry| match &entry.value {
            Some(value) => format!("{}: {value}", entry.key.name()),
            None => entry.key.name().to_string(),
        });
        let messages = errors.finish().err().into_iter().flatten();
        (
            entries.collect(),
            messages.map(|error| error.to_string()).collect(),
        )
    }

    #[test]
    fn values_reach_to_the_next_comma() {
        let (entries, messages) = read(quote!(skip, moped = -0.5, crate = ::a::b,));
        assert_eq!(entries, ["skip", "moped: - 0.5", "crate: :: a :: b"]);
        assert_eq!(messages, [""; 0]);
    }

    #[test]
    fn a_part_that_cannot_be_read_leaves_the_others() {
        let (entries, messages) =
            read(quote!("skip", , prior(Gaussian), skip moped, mopd = 1, estimator =));
        assert_eq!(entries, ["estimator: "]);
        assert_eq!(
            messages,
            [
                "expected a key, found `\"skip\"`: write `skip`",
                "expected a key before this comma, found nothing: remove the comma",
                "expected `=` after `prior`, found `(Gaussian)`: \
                 write `prior = Gaussian(0.0, 1.0)`, with a comma before the next key",
                "expected `=` after `skip`, found `moped`: \
                 write `skip`, with a comma before the next key",
                "unknown key `mopd`: did you mean `moped`? \
                 the keys are `skip`, `value`, `prior`, `posterior`, `estimator`, `moped` and `init`",
            ]
        );
    }
}
