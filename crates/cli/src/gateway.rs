//! A gateway from a configuration, its doors, and a socket for it: every call into the gateway's own
//! crates stands here.

use std::sync::Arc;

use ferro_core::Registry;
use ferro_gateway::{Config, Gateway};

use crate::Environment;

#[cfg(feature = "demo")]
pub(crate) use serving::open_to_this_machine;
#[cfg(feature = "serve")]
pub(crate) use serving::{guard, listen, serve};

/// Builds a gateway, or says everything that is wrong, a line each.
pub(crate) fn build(
    config: Config,
    registry: &Registry,
    environment: &Environment,
) -> Result<Gateway, Vec<String>> {
    let environment = Arc::clone(environment);
    let builder = Gateway::builder(config, registry.clone());
    builder.environment(move |name| environment(name)).build().map_err(|error| {
        // The first line only says that there are more.
        error.to_string().lines().skip(1).map(|line| line.trim().to_owned()).collect()
    })
}

/// The targets that could not be built, and why, a line each.
pub(crate) fn skipped(_gateway: &Gateway) -> Vec<String> {
    Vec::new()
}

#[cfg(feature = "serve")]
mod serving {
    use std::net::SocketAddr;

    use ferro_server::{Doors, Server};

    use super::Gateway;
    use crate::{Environment, exit::Failure};

    /// The doors that the environment asks for, and what to tell the operator about them.
    pub(crate) fn guard(environment: &Environment) -> Result<(Doors, String), Failure> {
        ferro_server::doors(|name| environment(name)).map_err(Failure::Refused)
    }

    /// Doors that callers on this machine pass without a key, and nobody else with one.
    #[cfg(feature = "demo")]
    pub(crate) fn open_to_this_machine() -> Doors {
        let (_, keys) = ferro_access::Keyring::generate();
        Doors { keys, is_open_to_this_machine: true }
    }

    /// Takes the port.
    pub(crate) async fn listen(
        gateway: Gateway,
        doors: Doors,
        address: SocketAddr,
    ) -> Result<(Server, SocketAddr), Failure> {
        let cannot = |error| Failure::Refused(format!("{address} cannot be listened on: {error}"));
        let server = Server::bind(address, gateway, doors).await.map_err(cannot)?;
        let address = server.address().map_err(cannot)?;
        Ok((server, address))
    }

    /// Serves until `stop` is done, then until the requests under way are.
    pub(crate) async fn serve(
        server: Server,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Failure> {
        server.run(stop).await.map_err(Failure::refused)
    }
}
