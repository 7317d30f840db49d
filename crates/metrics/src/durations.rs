//! How long requests take, counted without a lock.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
};

/// Seconds. The first twelve are as old dashboards have them; the rest tell long answers apart.
const BOUNDS: [f64; 16] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
];

/// A histogram of durations. The library's own holds a lock while it counts, which every request on
/// every core would wait for; here a duration is two additions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durations(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// How many were no longer than each bound, and longer than the one before; then the rest.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    /// All of them together, in microseconds: an integer, so that adding needs no second try, and
    /// room for half a million years.
    sum: AtomicU64,
}

impl Durations {
    pub(crate) fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = BOUNDS.partition_point(|bound| *bound < seconds);
        self.0.buckets[bucket].fetch_add(1, Relaxed);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.0.sum.fetch_add(micros, Relaxed);
    }
}

impl EncodeMetric for Durations {
    /// What is counted while this reads may be in one bucket and not yet in the sum, but the count is
    /// always that of the buckets.
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        let counts = self.0.buckets.iter().map(|count| count.load(Relaxed));
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = self.0.sum.load(Relaxed) as f64 / 1e6;
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

impl TypedMetric for Durations {
    const TYPE: MetricType = MetricType::Histogram;
}

#[cfg(test)]
mod tests {
    use prometheus_client::{encoding::text::encode, registry::Registry};

    use super::*;

    #[test]
    fn a_duration_is_counted_in_the_first_bucket_that_holds_it_and_in_all_above() {
        let durations = Durations::default();
        for millis in [0, 5, 6, 600_000, 600_001] {
            durations.observe(Duration::from_millis(millis));
        }
        let mut registry = Registry::default();
        registry.register("d", "How long", durations);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "d_sum 1200.012",
            "d_count 5",
            r#"d_bucket{le="0.005"} 2"#,
            r#"d_bucket{le="0.01"} 3"#,
            r#"d_bucket{le="300.0"} 3"#,
            r#"d_bucket{le="600.0"} 4"#,
            r#"d_bucket{le="+Inf"} 5"#,
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
    }
}
