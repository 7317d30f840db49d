//! How each system is told to pass everything on to the bundled upstream.

use std::{net::SocketAddr, path::Path};

use crate::scenario;

/// The gateway's: one target of a kind, and before it a dead one if asked for.
pub(super) fn gateway(kind: &str, upstream: SocketAddr, dead: Option<SocketAddr>) -> String {
    let models = scenario::wishes().map(|wish| wish.model()).collect::<Vec<_>>().join(", ");
    let target = |name: &str, address: SocketAddr| {
        format!(
            "  - {{virtual_key: {name}, provider: {kind}, base_url: 'http://{address}/v1', \
             api_key: sk-upstream, models: [{models}]}}\n"
        )
    };
    let mode = if dead.is_some() { "fallback" } else { "single" };
    let dead = dead.map(|address| target("dead", address)).unwrap_or_default();
    format!("strategy: {{mode: {mode}}}\ntargets:\n{dead}{}", target("bench", upstream))
}

/// nginx as a reverse proxy for streams: nothing is buffered on the way back, connections are kept.
pub(super) fn nginx(address: SocketAddr, upstream: SocketAddr, scratch: &Path) -> String {
    let scratch = scratch.display();
    format!(
        "daemon off;\nmaster_process off;\npid {scratch}/nginx.pid;\nerror_log stderr error;\n\
         worker_rlimit_nofile 20000;\nevents {{ worker_connections 19000; }}\nhttp {{\n\
         access_log off;\ntcp_nodelay on;\nkeepalive_requests 100000000;\n\
         client_max_body_size 64m;\nclient_body_buffer_size 4m;\n\
         client_body_temp_path {scratch}/nginx-body;\nproxy_temp_path {scratch}/nginx-proxy;\n\
         fastcgi_temp_path {scratch}/nginx-f;\nuwsgi_temp_path {scratch}/nginx-u;\n\
         scgi_temp_path {scratch}/nginx-s;\n\
         upstream bench {{ server {upstream}; keepalive 4096; keepalive_requests 100000000; }}\n\
         server {{ listen {address} backlog=4096; location / {{\n\
         proxy_pass http://bench; proxy_http_version 1.1; proxy_set_header Connection '';\n\
         proxy_buffering off; proxy_request_buffering off; proxy_read_timeout 900s; }} }}\n}}\n"
    )
}

/// `HAProxy` with one thread, no waiting for more to send, and connections that are shared.
pub(super) fn haproxy(address: SocketAddr, upstream: SocketAddr) -> String {
    format!(
        "global\n  nbthread 1\n  maxconn 9500\n  tune.idle-pool.shared on\ndefaults\n  mode http\n  \
         option http-no-delay\n  http-reuse always\n  timeout connect 5s\n  timeout client 900s\n  \
         timeout server 900s\nfrontend in\n  bind {address} backlog 4096\n  \
         default_backend bench\nbackend bench\n  server bench {upstream} pool-max-conn 10000\n"
    )
}
