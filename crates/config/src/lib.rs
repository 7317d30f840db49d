//! What was typed, made into a plan.
