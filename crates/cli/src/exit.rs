//! How a command ends, and why one could not do what it was asked.

use std::{error::Error, io, process::ExitCode};

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// It did what it was asked, and found nothing wrong: 0.
    Success,
    /// It could not, or it found something wrong: 1.
    Failure,
    /// It was typed in a way that it does not understand: 2.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
        })
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was typed wrongly: what is wrong, and what would be right.
    Usage(String),
    /// It cannot be done: why.
    Refused(String),
    /// Its own words did not reach whoever reads them.
    Unheard(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Unheard(error)
    }
}

impl Failure {
    /// Something that cannot be done, for a reason that says so itself.
    pub(crate) fn refused(reason: impl Into<Box<dyn Error>>) -> Self {
        Self::Refused(reason.into().to_string())
    }
}
