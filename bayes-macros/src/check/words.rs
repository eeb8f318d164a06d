//! How messages quote names and the user's own tokens, and which name they suggest.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;

/// The user's tokens on one line, shortened.
pub fn source(tokens: &impl ToTokens) -> String {
    const MAX: usize = 60;
    let text = tokens.to_token_stream().to_string();
    let line = text
        .replace('\n', " ")
        .replace("- ", "-")
        .replace(" :: ", "::");
    match line.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A type, or a receiver, as a person writes it.
pub fn written(tokens: &impl ToTokens) -> String {
    let text = source(tokens);
    text.replace(" < ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("& ", "&")
        .replace(" : ", ": ")
}

/// Whether `name` is among the tokens.
pub fn mentions(tokens: &impl ToTokens, name: &Ident) -> bool {
    fn within(tokens: TokenStream, name: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == *name,
            TokenTree::Group(group) => within(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    within(tokens.to_token_stream(), name)
}

/// "`a`, `b` and `c`".
pub fn list(names: &[&str], conjunction: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {conjunction} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The name that `word` was probably meant to be: its completion, or one within a few typing slips.
pub fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let letters = word.chars().count();
    let slips = if letters < 4 { 1 } else { 2.max(letters / 3) };
    let ranked = names.iter().map(|&name| {
        let lower = name.to_lowercase();
        let begins = letters >= 3 && lower.starts_with(&word);
        (if begins { 0 } else { distance(&word, &lower) }, name)
    });
    let (steps, name) = ranked.min_by_key(|&(steps, _)| steps)?;
    (steps <= slips).then_some(name)
}

/// Insertions, deletions, substitutions and swaps of neighbours from `a` to `b` (Damerau, 1964;
/// optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if i == 0 || j == 0 {
                table[i][j] = i + j;
                continue;
            }
            let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(table[i - 2][j - 2] + 1);
            }
            table[i][j] = best;
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_slips() {
        for (a, b, want) in [
            ("", "", 0),
            ("", "abc", 3),
            ("prior", "prior", 0),
            ("piror", "prior", 1),
            ("priors", "prior", 1),
            ("moped", "mop", 2),
            ("skip", "input", 5),
        ] {
            assert_eq!(distance(a, b), want, "{a} -> {b}");
            assert_eq!(distance(b, a), want, "{b} -> {a}");
        }
    }

    #[test]
    fn a_suggestion_is_close_or_absent() {
        let names = ["Reparameterization", "Flipout", "LocalReparameterization"];
        assert_eq!(nearest("flip_out", &names), Some("Flipout"));
        assert_eq!(nearest("LocalReparam", &names), Some(names[2]));
        assert_eq!(nearest("Reparametrisation", &names), Some(names[0]));
        assert_eq!(nearest("Dropout", &names), None);
        assert_eq!(nearest("x", &[]), None);
    }

    #[test]
    fn lists_and_sources_read_as_prose() {
        assert_eq!(list(&["a"], "and"), "`a`");
        assert_eq!(list(&["a", "b", "c"], "or"), "`a`, `b` or `c`");
        assert_eq!(source(&quote::quote!(-1.5)), "-1.5");
        let ty = quote::quote!(&mut Tensor<(B, Const<4>), E>);
        assert_eq!(written(&ty), "&mut Tensor<(B, Const<4>), E>");
        let long = source(&syn::LitStr::new(
            &"é".repeat(80),
            proc_macro2::Span::call_site(),
        ));
        assert_eq!(long.chars().count(), 61);
    }
}
