//! Patterns of texts as data: what the published service models say with regular expressions.
//!
//! A pattern is a few forms, a form a few pieces, each piece a fixed text or a run of characters
//! out of a set. That is all the models need, it is matched in one pass, and what a pattern allows
//! can be made up as well as checked. This module must never know a pattern of a particular cloud.

/// What a text must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    /// The regular expression as the service writes it, for its message.
    pub text: &'static str,
    /// What it asks for, in words that follow "text of 1 to 9 characters: ".
    pub words: &'static str,
    /// The text is one of these from its beginning to its end.
    pub forms: &'static [&'static [Piece]],
}

/// A part of a form. A run takes all it can, so what follows it must begin with a character that
/// is not in its set, unless the run has just one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// These characters.
    Literal(&'static str),
    /// Characters of a set.
    Run {
        /// The set.
        of: &'static [Chars],
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
}

/// A set of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chars {
    /// One character.
    One(char),
    /// From one to another, both included.
    Range(char, char),
    /// Letters of any script, `\p{L}`.
    Letter,
    /// Numbers of any script, `\p{N}`.
    Number,
    /// Blanks of any script, `\p{Z}`.
    Blank,
}

impl Pattern {
    /// Whether `text` is as the pattern wants it.
    pub fn matches(&self, text: &str) -> bool {
        let forms = self.forms.iter();
        forms
            .map(|form| rest_after(form, text))
            .any(|rest| rest == Some(""))
    }
}

fn rest_after<'t>(form: &[Piece], text: &'t str) -> Option<&'t str> {
    form.iter().try_fold(text, |rest, piece| match piece {
        Piece::Literal(literal) => rest.strip_prefix(literal),
        Piece::Run { of, min, max } => {
            let belongs = |c: &char| of.iter().any(|set| set.has(*c));
            let run = rest.chars().take_while(belongs).take(*max);
            let (count, bytes) = run.fold((0, 0), |(count, bytes), c| {
                (count + 1, bytes + c.len_utf8())
            });
            (count >= *min).then(|| rest.split_at(bytes).1)
        }
    })
}

impl Chars {
    /// Whether `c` is in the set.
    pub fn has(self, c: char) -> bool {
        match self {
            Self::One(one) => c == one,
            Self::Range(first, last) => (first..=last).contains(&c),
            Self::Letter => c.is_alphabetic(),
            Self::Number => c.is_numeric(),
            Self::Blank => c.is_whitespace() && !c.is_control(),
        }
    }

    /// Some character of the set.
    pub fn some(self) -> char {
        match self {
            Self::One(c) | Self::Range(c, _) => c,
            Self::Letter => 'a',
            Self::Number => '1',
            Self::Blank => ' ',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOWER: &[Chars] = &[Chars::Range('a', 'z'), Chars::One('-')];
    const DIGITS: &[Chars] = &[Chars::Range('0', '9')];

    /// `(tg-[0-9]{3}|arn:[a-z-]+:[0-9]{2,4})`, as the identifiers of services are.
    const IDENTIFIER: Pattern = Pattern {
        text: "(tg-[0-9]{3}|arn:[a-z-]+:[0-9]{2,4})",
        words: "an id or an ARN",
        forms: &[
            &[
                Piece::Literal("tg-"),
                Piece::Run {
                    of: DIGITS,
                    min: 3,
                    max: 3,
                },
            ],
            &[
                Piece::Literal("arn:"),
                Piece::Run {
                    of: LOWER,
                    min: 1,
                    max: usize::MAX,
                },
                Piece::Literal(":"),
                Piece::Run {
                    of: DIGITS,
                    min: 2,
                    max: 4,
                },
            ],
        ],
    };

    #[test]
    fn a_text_is_matched_from_end_to_end() {
        for text in ["tg-123", "arn:a-b:12", "arn:z:1234"] {
            assert!(IDENTIFIER.matches(text), "{text}");
        }
        let others = [
            "",
            "tg-",
            "tg-12",
            "tg-1234",
            " tg-123",
            "arn::12",
            "arn:a:1",
            "arn:a:12345",
            "arn:A:12",
            "tg-12٣",
        ];
        for text in others {
            assert!(!IDENTIFIER.matches(text), "{text}");
        }
    }

    #[test]
    fn sets_know_their_characters() {
        for (set, inside, outside) in [
            (Chars::One('a'), 'a', 'b'),
            (Chars::Range('a', 'c'), 'c', 'd'),
            (Chars::Letter, 'ж', '7'),
            (Chars::Number, '٣', 'x'),
            (Chars::Blank, '\u{a0}', '\n'),
        ] {
            assert!(set.has(inside) && !set.has(outside), "{set:?}");
            assert!(set.has(set.some()), "{set:?}");
        }
    }
}
