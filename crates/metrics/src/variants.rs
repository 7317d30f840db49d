//! How the variants of experiments do.

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use crate::Status;

/// Requests by variant and by how they ended.
#[derive(Debug, Default)]
pub(crate) struct Variants(Family<Vec<(&'static str, String)>, Counter>);

impl Variants {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "Requests of experiments, by variant";
        registry.register("gateway_variant_requests", help, self.0.clone());
    }

    pub(crate) fn count(&self, variant: &str, status: Status) {
        let status = match status {
            Status::Success => "success",
            Status::Error => "error",
            Status::Rejected => "rejected",
        };
        let labels = vec![("variant", variant.to_owned()), ("status", status.to_owned())];
        self.0.get_or_create(&labels).inc();
    }
}
