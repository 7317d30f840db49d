//! reqwest's client, with the policy that holds for every way out.

use std::error::Error;

use ferro_core::Origin;
use reqwest::{
    Client, Proxy,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
    retry,
};

use crate::{
    Connector, Timeouts,
    egress::Egress,
    head::MAX_HEAD,
    http2::{CONNECTION_WINDOW, PING, STREAM_WINDOW},
    leg::{KEEPALIVE, KEEPALIVE_INTERVAL},
};

/// A client with the connector's policy, and without whatever reqwest does by itself.
pub(crate) fn make(
    connector: &Connector,
    egress: Egress,
    timeouts: Timeouts,
) -> Result<Client, Box<dyn Error>> {
    let policy = connector.policy();
    let tls = (*policy.tls.configs()?.origin).clone();
    let proxies = policy.proxies.clone();
    let proxy = Proxy::custom(move |url| {
        if egress == Egress::Metadata {
            return None; // it tells who this machine is, and not who the proxy is
        }
        let (origin, _) = Origin::split(url.as_str()).ok()?;
        Some(proxies.url_between(&origin)?.expose().to_owned())
    });
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy() // none but the connector's: the environment is never read
        .proxy(proxy)
        .dns_resolver(Names(connector.clone(), egress))
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .connect_timeout(timeouts.connect)
        .pool_max_idle_per_host(policy.keep.most)
        .pool_idle_timeout(policy.keep.time)
        .tcp_keepalive(KEEPALIVE)
        .tcp_keepalive_interval(KEEPALIVE_INTERVAL)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .http2_max_header_list_size(MAX_HEAD)
        .http2_keep_alive_interval(PING)
        .http2_keep_alive_timeout(PING);
    Ok(client.build()?)
}

/// Resolves names for reqwest, those of public hosts and of the proxies.
struct Names(Connector, Egress);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().trim_matches(['[', ']']).to_owned();
        let is_proxy = self.1 != Egress::Metadata && self.0.policy().proxies.are_at(&host);
        let egress = match is_proxy {
            true => Egress::Target, // the proxy is the operator's, wherever it leads
            false => self.1,
        };
        let lookup = self.0.lookup(egress);
        Box::pin(async move {
            let found = lookup.addresses(&host).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
