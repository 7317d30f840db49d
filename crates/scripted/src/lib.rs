//! The one scripted upstream, over real sockets.
