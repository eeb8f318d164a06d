//! Dotted names of layers and tensors, built without allocation while walking a model.

use std::fmt;

/// A dotted path such as `conv1.0.weight`, as a list from the innermost part outwards.
#[derive(Clone, Copy)]
pub struct Name<'a> {
    outer: Option<&'a Name<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Root,
    Field(&'a str),
    Index(usize),
}

impl<'a> Name<'a> {
    /// The model itself; it prints as nothing.
    pub const ROOT: Name<'static> = Name {
        outer: None,
        part: Part::Root,
    };

    /// A field of this.
    pub fn field(&'a self, name: &'a str) -> Name<'a> {
        Name {
            outer: Some(self),
            part: Part::Field(name),
        }
    }

    /// The `i`th part of this.
    pub fn index(&'a self, i: usize) -> Name<'a> {
        Name {
            outer: Some(self),
            part: Part::Index(i),
        }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer
            && !matches!(outer.part, Part::Root)
        {
            write!(f, "{outer}.")?;
        }
        match self.part {
            Part::Root => Ok(()),
            Part::Field(name) => f.write_str(name),
            Part::Index(i) => write!(f, "{i}"),
        }
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dotted() {
        let (conv, weight);
        let block = Name::ROOT.field("block");
        conv = block.index(1);
        weight = conv.field("weight");
        assert_eq!(weight.to_string(), "block.1.weight");
        assert_eq!(Name::ROOT.to_string(), "");
    }
}
