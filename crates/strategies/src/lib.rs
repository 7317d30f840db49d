//! In which order targets are asked.
