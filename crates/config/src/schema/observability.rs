//! Who is told what happened.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{unset, words::words};
use crate::{Opaque, SecretRef, UrlRef};

words! {
    /// How traces travel.
    pub enum Protocol {
        /// gRPC.
        #[default]
        Grpc = "grpc",
        /// Protobuf over HTTP.
        HttpProtobuf = "http/protobuf",
    }
}

words! {
    /// How much of a request a trace may hold.
    pub enum PrivacyLevel {
        /// Nothing about the request.
        None = "none",
        /// Model, sizes, outcome; no text.
        #[default]
        Metadata = "metadata",
        /// Prompts and answers too.
        Full = "full",
    }
}

/// Who is told what happened.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Observability {
    /// Traces.
    #[serde(skip_serializing_if = "unset")]
    pub tracing: Tracing,
    /// Other receivers.
    #[serde(skip_serializing_if = "unset")]
    pub exporters: Vec<Exporter>,
}

/// Traces, over OTLP.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tracing {
    /// On, off, or (absent) on when there is an endpoint.
    #[serde(skip_serializing_if = "unset")]
    pub enabled: Option<bool>,
    /// Where they are sent.
    #[serde(skip_serializing_if = "unset")]
    pub endpoint: Option<UrlRef>,
    /// How they travel: `grpc` unless said.
    pub protocol: Protocol,
    /// What this gateway is called in them: `ferrogw` unless said.
    pub service_name: String,
    /// The share of requests without a traced parent that is traced, 0 to 1: 1 unless said.
    pub sample_ratio: f64,
    /// How much of a request they may hold: `metadata` unless said.
    pub privacy_level: PrivacyLevel,
    /// How long what is left may take to be sent at shutdown: 10s unless said.
    #[serde(with = "crate::duration")]
    pub shutdown_grace: Duration,
    /// Headers that every export carries.
    #[serde(skip_serializing_if = "unset")]
    pub headers: BTreeMap<String, SecretRef>,
}

impl Default for Tracing {
    fn default() -> Self {
        Self {
            enabled: None,
            endpoint: None,
            protocol: Protocol::default(),
            service_name: "ferrogw".to_owned(),
            sample_ratio: 1.0,
            privacy_level: PrivacyLevel::default(),
            shutdown_grace: Duration::from_secs(10),
            headers: BTreeMap::new(),
        }
    }
}

/// A receiver of events.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exporter {
    /// Which exporter.
    pub name: String,
    /// Whether it is on: off unless said.
    pub enabled: bool,
    /// Settings that the exporter understands.
    #[serde(skip_serializing_if = "unset")]
    pub config: Opaque,
}
