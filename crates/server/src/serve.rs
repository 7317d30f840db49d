//! Listens and serves until the process is told to stop.

use std::{io, net::SocketAddr, sync::Arc};

use ferro_access::Keyring;
use ferro_gateway::Gateway;
use ferro_http::{Doors, router};
use tokio::net::TcpListener;

/// A gateway that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    gateway: Arc<Gateway>,
    doors: Doors,
}

/// The doors that the environment asks for, and what to tell the operator about them.
pub fn doors(vars: impl Fn(&str) -> Option<String>) -> Result<(Doors, String), String> {
    let is_production = vars("GATEWAY_ENV").as_deref() == Some("production");
    if vars("ALLOW_UNAUTHENTICATED_PROXY").as_deref() == Some("true") {
        if is_production {
            return Err(
                "ALLOW_UNAUTHENTICATED_PROXY=true is refused with GATEWAY_ENV=production: \
                        unset one of them"
                    .to_owned(),
            );
        }
        let doors = Doors { keys: Keyring::open(), is_open_to_this_machine: false };
        return Ok((doors, "open to everybody (ALLOW_UNAUTHENTICATED_PROXY=true)".to_owned()));
    }
    if let Some(key) = vars("MASTER_KEY").filter(|key| !key.is_empty()) {
        let doors = Doors { keys: Keyring::with_master(&key), is_open_to_this_machine: false };
        return Ok((doors, "closed: callers show MASTER_KEY".to_owned()));
    }
    let (key, keys) = Keyring::generate();
    let note = match is_production {
        true => "",
        false => "; callers on this machine need none",
    };
    // The one place where a key is printed: whoever starts the process is to have it.
    let told =
        format!("closed: no MASTER_KEY is set, so this one was made: {}{note}", key.expose());
    Ok((Doors { keys, is_open_to_this_machine: !is_production }, told))
}

impl Server {
    /// Binds an address.
    pub async fn bind(address: SocketAddr, gateway: Gateway, doors: Doors) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, gateway: Arc::new(gateway), doors })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is done, then until the requests under way are.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let service =
            router(self.gateway, self.doors).into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(self.listener, service).with_graceful_shutdown(stop).await
    }

    /// Done when the process is told to stop.
    pub async fn told_to_stop() {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
        tokio::select! {
            // Both arms only wait for a signal: nothing is lost with the one that is dropped.
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
}
