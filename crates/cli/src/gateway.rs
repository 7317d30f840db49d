//! A gateway from a configuration, its doors, and a socket for it: every call into the gateway's own
//! crates stands here.

use std::sync::Arc;

use ferro_core::Registry;
use ferro_gateway::{Config, Gateway, GatewayBuilder, GatewayError};

use crate::{Environment, configuration::told};

#[cfg(feature = "serve")]
pub(crate) use serving::{guard, listen_everywhere, refusals};
#[cfg(feature = "demo")]
pub(crate) use serving::{listen, open_to_this_machine};

/// A gateway to be.
pub(crate) fn builder(
    config: Config,
    registry: &Registry,
    environment: &Environment,
) -> GatewayBuilder {
    let environment = Arc::clone(environment);
    let builder = Gateway::builder().config(config).registry(registry.clone());
    builder.environment(move |name| environment(name))
}

/// Builds a gateway, or says everything that is wrong, one text each.
pub(crate) fn build(builder: GatewayBuilder) -> Result<Gateway, Vec<String>> {
    builder.build().map_err(|error| reasons(&error))
}

/// Everything that keeps a configuration from being put to work, one text each.
pub(crate) fn reasons(error: &GatewayError) -> Vec<String> {
    error.reasons().iter().map(|reason| told(reason)).collect()
}

/// The targets that could not be built, and why, one text each.
pub(crate) fn skipped(gateway: &Gateway) -> Vec<String> {
    gateway.skipped().into_iter().map(|skipped| told(&skipped.shown)).collect()
}

/// Models that are named and that their vendors take out of service, one text each.
pub(crate) fn doubts(config: &Config) -> Vec<String> {
    ferro_gateway::doubts(config).iter().map(|doubt| told(doubt)).collect()
}

/// Has the catalogue of models read from there, now and again and again.
#[cfg(feature = "serve")]
pub(crate) fn keep_catalog(
    gateway: &Gateway,
    (place, patience): (&str, std::time::Duration),
) -> Result<(), String> {
    let source = ferro_gateway::CatalogSource::parse(place)
        .map_err(|error| format!("FERRO_MODEL_CATALOG_URL: {error}"))?;
    gateway.keep_catalog(source.with_patience(patience));
    Ok(())
}

/// Without a server nothing stands open.
#[cfg(not(feature = "serve"))]
pub(crate) fn refusals(_: &Environment) -> Vec<String> {
    Vec::new()
}

#[cfg(feature = "serve")]
mod serving {
    use std::{
        io,
        net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    };

    use ferro_access::{Doors, Guard, is_production};
    use ferro_server::Server;

    use super::Gateway;
    use crate::{Environment, exit::Failure};

    /// What the environment asks for that is not to be had, one text each.
    pub(crate) fn refusals(environment: &Environment) -> Vec<String> {
        let doors = Doors::from_vars(&**environment).err().map(|error| error.to_string());
        let origins = environment("CORS_ORIGINS").unwrap_or_default();
        let allows_all = origins.split(',').any(|origin| origin.trim() == "*");
        let cors = (allows_all && is_production(&**environment)).then(|| {
            "CORS_ORIGINS with `*` is refused with GATEWAY_ENV=production: name the origins"
                .to_owned()
        });
        doors.into_iter().chain(cors).collect()
    }

    /// The doors that the environment asks for, and what to tell the operator about them.
    pub(crate) fn guard(environment: &Environment) -> Result<(Doors, String), Failure> {
        let (doors, guard) = Doors::from_vars(&**environment).map_err(Failure::refused)?;
        let told = match guard {
            Guard::Open => {
                let unset = environment("MASTER_KEY").is_none_or(|key| key.is_empty());
                let rest = if unset { ", which is not set" } else { "" };
                format!(
                    "open to everybody (ALLOW_UNAUTHENTICATED_PROXY); /metrics is for MASTER_KEY{rest}"
                )
            }
            Guard::MasterKey => "closed: callers show MASTER_KEY".to_owned(),
            // The one place where a key is printed: whoever starts the process is to have it.
            Guard::Made(key) => {
                let except = match doors.is_open_to_this_machine {
                    true => " (callers on this machine need none)",
                    false => "",
                };
                let key = key.expose();
                format!("closed: no MASTER_KEY is set, so this one was made: {key}{except}")
            }
        };
        Ok((doors, told))
    }

    /// Doors that callers on this machine pass without a key, and nobody else with one.
    #[cfg(feature = "demo")]
    pub(crate) fn open_to_this_machine() -> Doors {
        Doors { is_open_to_this_machine: true, ..Doors::closed() }
    }

    /// Takes the port on all interfaces: those of both protocols, where the system has both and
    /// lets one socket have them.
    pub(crate) async fn listen_everywhere(
        gateway: Gateway,
        port: u16,
    ) -> Result<(Server, SocketAddr), Failure> {
        let all = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        let old = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        match Server::bind(all, gateway.clone()).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(cannot(all, &error)),
            Err(_) => listen(gateway, old).await,
            Ok(server) => {
                let address = server.address().map_err(|error| cannot(all, &error))?;
                // A port that can still be taken by the older protocol does not have it.
                let has_both = TcpListener::bind((old.ip(), address.port())).is_err();
                match has_both {
                    true => Ok((server, address)),
                    false => listen(gateway, old).await,
                }
            }
        }
    }

    /// Takes the port.
    pub(crate) async fn listen(
        gateway: Gateway,
        address: SocketAddr,
    ) -> Result<(Server, SocketAddr), Failure> {
        let server = Server::bind(address, gateway).await;
        let server = server.map_err(|error| cannot(address, &error))?;
        let address = server.address().map_err(|error| cannot(address, &error))?;
        Ok((server, address))
    }

    fn cannot(address: SocketAddr, error: &io::Error) -> Failure {
        Failure::Refused(format!("{address} cannot be listened on: {error}"))
    }
}
