//! A name that no member has, and which one was probably meant.

use std::fmt;

/// A name that no member of a family has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMember {
    family: &'static str,
    name: String,
    names: Vec<&'static str>,
}

impl UnknownMember {
    pub(super) fn new(family: &'static str, name: &str, names: Vec<&'static str>) -> Self {
        Self {
            family,
            name: name.to_owned(),
            names,
        }
    }

    /// The name that was asked for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names that there are, in the order of the attribute.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The name that was probably meant, within a third of its letters.
    pub fn nearest(&self) -> Option<&'static str> {
        let ranked = self
            .names
            .iter()
            .map(|name| (slips(&self.name, name), *name));
        let (slips, name) = ranked.min_by_key(|&(slips, _)| slips)?;
        (slips <= (name.chars().count() / 3).max(1)).then_some(name)
    }
}

impl fmt::Display for UnknownMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has no member `{}`:", self.family, self.name)?;
        if let Some(nearest) = self.nearest() {
            write!(f, " did you mean `{nearest}`?")?;
        }
        f.write_str(" the members are ")?;
        for (i, name) in self.names.iter().enumerate() {
            let before = match i {
                0 => "",
                _ if i + 1 == self.names.len() => " and ",
                _ => ", ",
            };
            write!(f, "{before}`{name}`")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownMember {}

/// Insertions, deletions and substitutions from `a` to `b`, whatever their case (Levenshtein, 1966).
pub fn slips(a: &str, b: &str) -> usize {
    let letters = |word: &str| word.to_lowercase().chars().collect::<Vec<char>>();
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, of_a) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, of_b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(of_a != of_b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        for (a, b, want) in [
            ("", "", 0),
            ("", "abc", 3),
            ("ResNet20", "resnet20", 0),
            ("ResNet2", "ResNet20", 1),
            ("RestNet20", "ResNet20", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(slips(a, b), want, "{a} {b}");
            assert_eq!(slips(b, a), want, "{b} {a}");
        }
    }

    #[test]
    fn the_sentence_names_the_nearest_and_all() {
        let sentence = |name| UnknownMember::new("Net", name, vec!["Small", "Large", "Wide"]);
        assert_eq!(
            sentence("smal").to_string(),
            "`Net` has no member `smal`: did you mean `Small`? the members are `Small`, `Large` and `Wide`"
        );
        assert_eq!(
            sentence("ResNet").to_string(),
            "`Net` has no member `ResNet`: the members are `Small`, `Large` and `Wide`"
        );
    }
}
