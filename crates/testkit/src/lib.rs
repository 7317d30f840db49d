//! Conformance suites and a clock that tests move.
