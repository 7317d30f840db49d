//! How long a target may take.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::unset;

/// How long a target may take, step by step. What is absent is as the transport has it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Until there is a connection, TLS included.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub connect: Option<Duration>,
    /// Until the head of the answer.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub first_byte: Option<Duration>,
    /// Between two pieces of the answer.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub idle: Option<Duration>,
    /// From the first byte out to the last byte in.
    #[serde(with = "crate::duration::option", skip_serializing_if = "unset")]
    pub total: Option<Duration>,
}
