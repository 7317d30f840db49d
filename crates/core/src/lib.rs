//! The contracts: what a provider, a plugin, a strategy and the engine promise each other.
