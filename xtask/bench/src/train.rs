//! `ferro-bench train GATEWAY`: has a gateway that takes notes do what gateways do all day, so that a
//! compiler can read in them what is worth its while.

use std::{env, net::SocketAddr, path::Path, time::Duration};

use ferro_bench::{
    Wish,
    driver::{Prepared, closed},
    machine::{Cores, raise_descriptors},
    meter::Meter,
    scenario,
    system::{Places, Process, Setup, System, free_address, pinned},
};

/// Before and while a load is put on; its figures are of no interest.
const WINDOW: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(1_400));
/// The prompts, in bytes: of a small request, and of one whose reading is most of the work.
const PROMPTS: [usize; 2] = [400, 100_000];

/// What is asked for, over how many connections.
fn loads() -> impl Iterator<Item = (Wish, usize, usize)> {
    let wholes = PROMPTS.into_iter().map(|prompt| (Wish::SMALL, prompt, 50));
    let streams = scenario::wishes().filter(|wish| wish.is_stream() && wish.pause.is_zero());
    wholes.chain(streams.map(|wish| (wish, PROMPTS[0], 16)))
}

/// Trains the gateway that this file is.
pub(crate) fn run(gateway: &str) -> Result<(), String> {
    raise_descriptors();
    let cores = Cores::of_machine()?;
    cores.pin_load()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(train(Path::new(gateway), cores))
}

async fn train(gateway: &Path, cores: Cores) -> Result<(), String> {
    let binary = env::current_exe().map_err(|error| error.to_string())?;
    let scratch = env::temp_dir().join(format!("ferro-train-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(|e| format!("{}: {e}", scratch.display()))?;
    let upstream: SocketAddr = free_address()?;
    let mut command = pinned(cores.load, &binary);
    command.args(["serve-upstream", &upstream.to_string()]);
    let behind = Process::start(&mut command, &scratch.join("upstream.log"), upstream).await?;
    let places = Places { gateway: gateway.to_owned(), scratch: scratch.clone(), upstream, cores };
    for setup in [Setup::Usual, Setup::Converting] {
        let started = System::Gateway(setup).start(&places).await?;
        for (wish, prompt, connections) in loads() {
            let request = Prepared::new(&started.goal, wish, prompt);
            let mut meter = Meter::new(started.pid, &[behind.pid()]);
            closed(&started.goal, &request, connections, WINDOW, &mut meter).await?;
        }
        started.end().await?;
    }
    drop(behind);
    std::fs::remove_dir_all(&scratch).map_err(|e| format!("{}: {e}", scratch.display()))
}
