//! Metric names, and handles resolved before they are needed.
