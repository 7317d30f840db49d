//! The process: run, signals, drain.
