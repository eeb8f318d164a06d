//! A sentence in pieces: what a constant panics with and what `Display` prints are the same words.

use const_panic::{FmtArg, PanicVal};
use std::fmt;

/// A sentence put together in a constant, where `format!` does not exist.
#[derive(Clone, Copy)]
pub(super) struct Sentence {
    pieces: [Piece; Self::MAX],
    len: usize,
}

#[derive(Clone, Copy)]
enum Piece {
    Text(&'static str),
    Number(usize),
}

impl Sentence {
    /// Two paths of six names and the words between them.
    const MAX: usize = 40;
    pub const EMPTY: Self = Self {
        pieces: [Piece::Text(""); Self::MAX],
        len: 0,
    };

    const fn then(mut self, piece: Piece) -> Self {
        if self.len < Self::MAX {
            self.pieces[self.len] = piece;
            self.len += 1;
        }
        self
    }

    pub const fn text(self, text: &'static str) -> Self {
        self.then(Piece::Text(text))
    }

    pub const fn number(self, number: usize) -> Self {
        self.then(Piece::Number(number))
    }

    /// "1 channel" or "3 channels".
    pub const fn count(self, number: usize, noun: &'static str) -> Self {
        let counted = self.number(number).text(" ").text(noun);
        if number == 1 {
            counted
        } else {
            counted.text("s")
        }
    }

    /// Panics with the sentence; in a constant it is a compile error at the caller.
    #[track_caller]
    pub const fn panic(&self) -> ! {
        let mut values = [PanicVal::EMPTY; Self::MAX];
        let mut i = 0;
        while i < self.len {
            values[i] = match self.pieces[i] {
                Piece::Text(text) => PanicVal::write_str(text),
                Piece::Number(number) => PanicVal::from_usize(number, FmtArg::DISPLAY),
            };
            i += 1;
        }
        const_panic::concat_panic(&[&values])
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces[..self.len]
            .iter()
            .try_for_each(|piece| match piece {
                Piece::Text(text) => f.write_str(text),
                Piece::Number(number) => write!(f, "{number}"),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: Sentence = Sentence::EMPTY
        .text("`fc` takes ")
        .count(1, "feature")
        .text(", ")
        .count(12, "channel");

    #[test]
    fn one_is_not_plural() {
        assert_eq!(SENTENCE.to_string(), "`fc` takes 1 feature, 12 channels");
    }

    #[test]
    #[should_panic(expected = "`fc` takes 1 feature, 12 channels")]
    fn the_panic_says_what_display_prints() {
        SENTENCE.panic()
    }
}
