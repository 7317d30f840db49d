//! The one way out: pools, TLS, timeouts, the egress check.
