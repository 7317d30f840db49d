//! Byte formats: ropes, the lossless JSON document, server-sent events.
