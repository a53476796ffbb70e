//! References: `${name.property}` in the parameters of a call, resolved when the call is made.
//!
//! The reader of files checks that what a reference names exists; the experiment looks up its
//! value. This module must never know what the value is.

use std::ops::Range;

/// One `${...}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it refers to.
    pub name: String,
    /// What of that, from the outside in. Not empty.
    pub path: Vec<Segment>,
}

/// One step of a reference's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// `.arn`
    Field(String),
    /// `[0]`
    Index(usize),
    /// `[*]`: every member of a list.
    All,
    /// `.oldest(2)`
    Call(String, u64),
}

impl Segment {
    /// The name of a field.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Field(name) => Some(name),
            Self::Index(_) | Self::Call(..) | Self::All => None,
        }
    }
}

/// Why a text is no reference, and where in it \[bytes\].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedReference {
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// The stretch of the text that is.
    pub range: Range<usize>,
}

/// A piece of a text with references in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text as it is.
    Text(&'t str),
    /// A reference, and where it stands \[bytes\].
    Reference(Reference, Range<usize>),
}

/// The pieces of `text`, in order.
///
/// # Errors
/// When a `${` begins no well-formed reference.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, MalformedReference> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("${") {
        let start = at + found;
        if start > at {
            pieces.push(Piece::Text(&text[at..start]));
        }
        let Some(length) = text[start..].find('}') else {
            return Err(MalformedReference {
                message: "the reference has no closing `}`".to_owned(),
                range: start..text.len(),
            });
        };
        let end = start + length + 1;
        let reference = inner(&text[start + 2..end - 1], start + 2)?;
        pieces.push(Piece::Reference(reference, start..end));
        at = end;
    }
    if at < text.len() {
        pieces.push(Piece::Text(&text[at..]));
    }
    Ok(pieces)
}

/// What stands between `${` and `}`; `offset` is where that begins.
fn inner(text: &str, offset: usize) -> Result<Reference, MalformedReference> {
    let fail = |message: &str, range: Range<usize>| MalformedReference {
        message: message.to_owned(),
        range: offset + range.start..offset + range.end,
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let word = |from: usize| {
        let rest = &text[from..];
        rest.find(|c| !is_name(c))
            .map_or(text.len(), |at| from + at)
    };
    let mut at = word(0);
    if at == 0 {
        return Err(fail(
            "the reference does not begin with a name",
            0..text.len(),
        ));
    }
    let name = text[..at].to_owned();
    let mut path = Vec::new();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with('.') {
            let end = word(at + 1);
            if end == at + 1 {
                return Err(fail("a property is missing after the `.`", at..text.len()));
            }
            let field = text[at + 1..end].to_owned();
            let Some(arguments) = text[end..].strip_prefix('(') else {
                path.push(Segment::Field(field));
                at = end;
                continue;
            };
            let close = arguments.find(')');
            let count = close.and_then(|close| arguments[..close].trim().parse().ok());
            let (Some(close), Some(count)) = (close, count) else {
                return Err(fail(
                    "a whole number in parentheses is expected",
                    end..text.len(),
                ));
            };
            path.push(Segment::Call(field, count));
            at = end + close + 2;
        } else if let Some(index) = rest.strip_prefix('[') {
            let close = index.find(']');
            if close.is_some_and(|close| index[..close].trim() == "*") {
                path.push(Segment::All);
                at += close.unwrap_or_default() + 2;
                continue;
            }
            let number = close.and_then(|close| index[..close].trim().parse().ok());
            let (Some(close), Some(number)) = (close, number) else {
                return Err(fail(
                    "a whole number or `*` in brackets is expected",
                    at..text.len(),
                ));
            };
            path.push(Segment::Index(number));
            at += close + 2;
        } else {
            return Err(fail("a `.`, `[` or `}` is expected here", at..text.len()));
        }
    }
    if !matches!(path.first(), Some(Segment::Field(_) | Segment::Call(..))) {
        return Err(fail("the reference names no property", 0..text.len()));
    }
    Ok(Reference { name, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Reference {
        match pieces(text).unwrap().as_slice() {
            [Piece::Reference(reference, range)] => {
                assert_eq!(*range, 0..text.len());
                reference.clone()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn references_have_names_fields_indices_and_calls() {
        let field = |name: &str| Segment::Field(name.to_owned());
        assert_eq!(one("${web.arn}").path, [field("arn")]);
        let reference = one("${web-asg.instances[1]}");
        assert_eq!(reference.name, "web-asg");
        assert_eq!(reference.path, [field("instances"), Segment::Index(1)]);
        let call = Segment::Call("oldest".to_owned(), 2);
        assert_eq!(
            one("${web-asg.oldest(2)}").path,
            std::slice::from_ref(&call)
        );
        assert_eq!(
            one("${web-asg.oldest( 2 )[0]}").path,
            [call, Segment::Index(0)]
        );
        assert_eq!(
            one("${d.response.Activities[0].ActivityId}").path,
            [
                field("response"),
                field("Activities"),
                Segment::Index(0),
                field("ActivityId")
            ]
        );
    }

    #[test]
    fn a_text_may_hold_several() {
        let found = pieces("a-${x.id}-${y.id}").unwrap();
        assert_eq!(found.len(), 4);
        assert_eq!(found[0], Piece::Text("a-"));
        assert_eq!(pieces("no reference $ { }").unwrap().len(), 1);
        assert!(pieces("").unwrap().is_empty());
    }

    #[test]
    fn what_is_malformed_says_where() {
        let range = |text: &str| pieces(text).unwrap_err().range;
        assert_eq!(range("x ${web.arn"), 2..11);
        assert_eq!(range("${.arn}"), 2..6);
        assert_eq!(range("${web.}"), 5..6);
        assert_eq!(range("${web[x].arn}"), 5..12);
        assert_eq!(range("${g.oldest(x)}"), 10..13);
        assert_eq!(range("${g.oldest(-1)}"), 10..14);
        assert_eq!(range("${g.oldest(99999999999999999999999)}"), 10..35);
        for text in [
            "${}",
            "${web}",
            "${web[0]}",
            "${web.a b}",
            "${é.x}",
            "${web.é}",
        ] {
            assert!(pieces(text).is_err(), "{text}");
        }
    }
}
