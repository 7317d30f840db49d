//! The data plane: routes, authentication, limits, errors, streams out.
