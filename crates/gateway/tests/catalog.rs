//! A newer catalogue is read where the operator keeps one, and one that is bad changes nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use ferro_core::Price;
use ferro_gateway::{
    CatalogSource, ChatRequest, Config, Event, Format, Gateway, Registry, anonymous,
};
use ferro_scripted::Upstream;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const NEWER: &str = r#"{"deepseek/deepseek-chat": {"mode": "chat", "pricing": {"input_per_m_tokens": 2.5, "output_per_m_tokens": 9}}}"#;

/// What requests cost, one after the other.
type Costs = Arc<Mutex<Vec<Price>>>;

fn gateway(base_url: &str, prices: &str, costs: &Costs) -> Gateway {
    let text = format!(
        "targets:\n- {{virtual_key: t, provider: deepseek, api_key: k, base_url: '{base_url}', models: [deepseek-chat], prices: {prices}}}\n"
    );
    let registry = Registry::new()
        .providers(ferro_provider_openai_compatible::PROVIDERS)
        .ingress(&ferro_dialect_openai::INGRESS);
    let costs = Arc::clone(costs);
    let builder = Gateway::builder().registry(registry).environment(|_| None);
    let builder =
        builder.add_hook(move |event: &Event| costs.lock().unwrap().push(event.record().price));
    builder.config(Config::parse(&text, Format::Yaml).unwrap()).build().unwrap()
}

async fn ask(gateway: &Gateway) {
    let said = serde_json::json!({"role": "user", "content": "hi"});
    let asked = serde_json::json!({"model": "deepseek-chat", "messages": [said]});
    gateway.chat(ChatRequest::of(&asked).unwrap(), anonymous()).await.unwrap();
}

fn nanos(costs: &Costs) -> Vec<u64> {
    let total = |price: &Price| match price {
        Price::Priced(cost) => cost.total.nanos(),
        other => panic!("{other:?}"),
    };
    costs.lock().unwrap().iter().map(total).collect()
}

fn loads(gateway: &Gateway, labels: &str) -> bool {
    gateway
        .engine()
        .metrics()
        .render()
        .contains(&format!("gateway_catalog_loads_total{{{labels}}} 1"))
}

#[tokio::test]
async fn a_newer_catalogue_prices_the_next_request_and_a_bad_one_none() {
    let upstream = Upstream::start().await.unwrap();
    let (costs, folder) = (Costs::default(), tempfile::tempdir().unwrap());
    let gateway = gateway(&upstream.base_url(), "{}", &costs);
    let file = folder.path().join("models.json");
    let source = CatalogSource::parse(file.to_str().unwrap()).unwrap();
    ask(&gateway).await;
    assert!(gateway.refresh_catalog(&source).await.is_err(), "there is no file yet");
    assert!(loads(&gateway, r#"source="fallback",result="error""#));
    ask(&gateway).await;
    fs::write(&file, NEWER).unwrap();
    assert_eq!(gateway.refresh_catalog(&source).await.unwrap().models, 1);
    assert!(loads(&gateway, r#"source="remote",result="success""#));
    ask(&gateway).await;
    fs::write(&file, "{}").unwrap();
    assert!(gateway.refresh_catalog(&source).await.is_err(), "it is empty");
    ask(&gateway).await;
    gateway.shutdown(Duration::from_secs(10)).await;
    // 5 fresh, 4 cached and 2 written: at $0.27, $0.07 and $1.10 a million, then at $2.50, $0.07, $9.
    assert_eq!(nanos(&costs), [3_830, 3_830, 30_780, 30_780]);
}

#[tokio::test]
async fn what_an_operator_types_stays_above_every_catalogue() {
    let upstream = Upstream::start().await.unwrap();
    let (costs, folder) = (Costs::default(), tempfile::tempdir().unwrap());
    let prices = "{deepseek-chat: {input_per_m_tokens: 1}}";
    let gateway = gateway(&upstream.base_url(), prices, &costs);
    ask(&gateway).await;
    let file = folder.path().join("models.json");
    fs::write(&file, NEWER).unwrap();
    let source = CatalogSource::parse(&format!("file://{}", file.display())).unwrap();
    gateway.refresh_catalog(&source).await.unwrap();
    ask(&gateway).await;
    gateway.shutdown(Duration::from_secs(10)).await;
    assert_eq!(nanos(&costs), [5_000 + 280 + 2_200, 5_000 + 280 + 18_000]);
}

#[tokio::test]
async fn a_catalogue_is_fetched_where_its_address_leads() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = async {
        let moved = "HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let found = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{NEWER}",
            NEWER.len()
        );
        let mut asked = Vec::new();
        for answer in [moved, &found] {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let length = socket.read(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            asked.push(head.lines().next().unwrap_or_default().to_owned());
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    };
    let gateway = gateway("http://127.0.0.1:1", "{}", &Costs::default());
    let source = CatalogSource::parse(&format!("http://{address}/here")).unwrap();
    let (refreshed, asked) = tokio::join!(gateway.refresh_catalog(&source), serving);
    assert_eq!(refreshed.unwrap().models, 1);
    assert_eq!(asked, ["GET /here HTTP/1.1", "GET /there HTTP/1.1"]);
    let models = gateway.models();
    let price = models[0].prices.iter().find(|(name, _)| name == "output").unwrap();
    assert_eq!(price.1, "9");
    gateway.shutdown(Duration::from_secs(1)).await;
}
