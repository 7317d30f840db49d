//! What a newcomer runs first: the gateway and a scripted vendor, both on real sockets.

use std::time::Duration;

use ferro_access::Doors;
use ferro_core::Registry;
use ferro_gateway::{Config, Format, Gateway};
use ferro_scripted::{STREAM_TEXT, Upstream, WHOLE_TEXT};
use ferro_server::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

pub(crate) async fn run(registry: Registry) -> Result<(), String> {
    let words = |error: std::io::Error| error.to_string();
    let upstream = Upstream::start().await.map_err(words)?;
    let text = format!(
        r#"{{"targets":[{{"virtual_key":"demo","provider":"openai-compatible","base_url":"{}"}}]}}"#,
        upstream.base_url()
    );
    let config = Config::parse(&text, Format::Json).map_err(|error| error.to_string())?;
    let builder = Gateway::builder().config(config).registry(registry).doors(Doors::open());
    let gateway = builder.build().map_err(|error| error.to_string())?;
    let server = Server::bind(([127, 0, 0, 1], 0).into(), gateway).await.map_err(words)?;
    let address = server.address().map_err(words)?;
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(server.run(std::future::pending()));

    println!(
        "A scripted vendor answers at {}, the gateway at http://{address}.",
        upstream.base_url()
    );
    for (stream, expected) in [(false, vec![WHOLE_TEXT]), (true, STREAM_TEXT.to_vec())] {
        let begun = Instant::now();
        let host = address.to_string();
        let asked = ask(&host, stream);
        let answer = timeout(Duration::from_secs(10), asked).await;
        let answer = answer.map_err(|_| "no answer within ten seconds")?.map_err(words)?;
        let is_exact =
            answer.starts_with("HTTP/1.1 200") && expected.iter().all(|text| answer.contains(text));
        println!("\n{answer}\n({:?})", begun.elapsed());
        if !is_exact {
            return Err("that is not what the scripted vendor said".to_owned());
        }
    }
    println!(
        "\nBoth answers are what the vendor said. With a key of your own, start the gateway with"
    );
    println!("  OPENAI_API_KEY=sk-… cargo run --release");
    println!("and ask it:");
    println!(
        "  curl http://localhost:8080/v1/chat/completions -H 'Content-Type: application/json' \\"
    );
    println!(
        "    -d '{{\"model\":\"gpt-4o-mini\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'"
    );
    Ok(())
}

async fn ask(address: &str, stream: bool) -> std::io::Result<String> {
    let body = format!(
        r#"{{"model":"scripted","stream":{stream},"messages":[{{"role":"user","content":"Hello"}}]}}"#
    );
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    Ok(answer)
}
