//! Forms in parts (`multipart/form-data`, RFC 7578): which fields there are, and where in the body each
//! of them lies.
//!
//! A [`Scanner`] takes a body as it arrives, keeps the values of the fields that are text, and of files
//! no more than where they begin and end: so a form can be passed on byte for byte, but for what was
//! edited. Whoever inspects a form and whoever is sent it must find the same fields in it. So what two
//! readers might read in two ways is refused: no preamble, no folded lines, no field that is named
//! twice over, no boundary behind half a line's end.

mod boundary;
mod head;
mod scanner;

use std::ops::Range;

pub use boundary::Boundary;
pub use scanner::Scanner;

/// A part of a form.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Part {
    /// The field that it is for.
    pub name: String,
    /// Whether it is a file: it has a name of its own.
    pub is_file: bool,
    /// Where its value lies in the body. It ends where it began until the part
    /// [is whole](Self::is_whole).
    pub place: Range<u64>,
    /// Whether its end has been seen.
    pub is_whole: bool,
    /// The value of a part that is no file.
    pub value: Vec<u8>,
}

/// A body that is not a form, or one that not everybody would read in the same way.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// The content type is another one, or names no boundary that could be one.
    #[error("the content type is to be `multipart/form-data` with a `boundary`")]
    ContentType,
    /// The first boundary is missing.
    #[error("the form does not begin with the boundary that its content type names")]
    Beginning,
    /// The last boundary is missing.
    #[error("the form ends before its last boundary")]
    Cut,
    /// Something stands behind the last boundary.
    #[error("something stands behind the form's last boundary")]
    Behind,
    /// A boundary stands where none may stand.
    #[error("a boundary of the form is not a line of its own: {0}")]
    Boundary(&'static str),
    /// A part's head.
    #[error("part {0} of the form: {1}")]
    Head(usize, &'static str),
    /// Too much of something.
    #[error("the form has too much of one thing: {0}")]
    TooMuch(&'static str),
}

#[cfg(test)]
mod tests;
