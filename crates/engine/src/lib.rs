//! A request's way, as a straight line.
