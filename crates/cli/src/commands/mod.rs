//! The commands, a file each.

#[cfg(feature = "demo")]
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod providers;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod validate;
pub(crate) mod version;
