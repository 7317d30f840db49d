//! The process: listens, serves, and drains when it is told to stop.
//!
//! ```no_run
//! # async fn run(gateway: ferro_gateway::Gateway) -> std::io::Result<()> {
//! use ferro_server::{Server, told_to_stop};
//!
//! let server = Server::bind(([0, 0, 0, 0], 8080).into(), gateway).await?;
//! server.run(told_to_stop()).await;
//! # Ok(()) }
//! ```
//!
//! # Limitations
//!
//! Plain HTTP/1.1 and HTTP/2; TLS is for whatever stands in front.

mod connection;
mod patience;
mod serve;
mod signals;
mod underway;

pub use serve::Server;
pub use signals::{told_to_hurry, told_to_read_again, told_to_stop};
