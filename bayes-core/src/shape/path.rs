//! Where in a model a layer is: its field's name and the names of the parts below.

use super::sentence::Sentence;
use std::fmt;

/// A dotted field path, such as `block.0.conv`, cut after six names; the empty path is the net's input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Path {
    names: [&'static str; Self::DEPTH],
    len: usize,
}

impl Path {
    const DEPTH: usize = 6;
    pub(super) const INPUT: Self = Self {
        names: [""; Self::DEPTH],
        len: 0,
    };

    pub(super) const fn of(field: &'static str) -> Self {
        Self::INPUT.then(field)
    }

    pub(super) const fn then(mut self, name: &'static str) -> Self {
        if self.len < Self::DEPTH {
            self.names[self.len] = name;
            self.len += 1;
        }
        self
    }

    /// Equality, in constants.
    pub(super) const fn is(&self, other: &Self) -> bool {
        if self.len != other.len {
            return false;
        }
        let mut i = 0;
        while i < self.len {
            if !same_name(self.names[i].as_bytes(), other.names[i].as_bytes()) {
                return false;
            }
            i += 1;
        }
        true
    }

    /// Adds "`block.0.conv`" or "the input" to a sentence.
    pub(super) const fn say(&self, sentence: Sentence) -> Sentence {
        if self.len == 0 {
            return sentence.text("the input");
        }
        let mut sentence = sentence.text("`").text(self.names[0]);
        let mut i = 1;
        while i < self.len {
            sentence = sentence.text(".").text(self.names[i]);
            i += 1;
        }
        sentence.text("`")
    }
}

const fn same_name(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(Sentence::EMPTY).fmt(f)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_dotted_and_compared_by_name() {
        let path = Path::of("block").then("0").then("conv");
        assert_eq!(path.to_string(), "`block.0.conv`");
        assert_eq!(Path::INPUT.to_string(), "the input");
        assert!(path.is(&Path::of("block").then("0").then("conv")));
        assert!(!path.is(&Path::of("block").then("0").then("conw")));
        assert!(!path.is(&Path::of("block").then("0")));
    }
}
