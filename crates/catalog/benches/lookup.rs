//! What finding a model costs, in time and in allocations: `cargo bench -p ferro-catalog`.

use divan::{AllocProfiler, Bencher, black_box};
use ferro_catalog::{Catalog, cost};
use ferro_core::Usage;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Ids as they stand in the catalogue.
const KNOWN: [(&str, &str); 4] = [
    ("openai", "gpt-4o"),
    ("anthropic", "claude-3-5-sonnet-20241022"),
    ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0"),
    ("openrouter", "deepseek/deepseek-r1-distill-llama-70b"),
];

#[divan::bench(args = KNOWN)]
fn an_id_as_it_stands(bencher: Bencher<'_, '_>, (kind, id): (&str, &str)) {
    let catalog = Catalog::compiled();
    bencher.bench_local(|| catalog.exact(black_box(kind), black_box(id)).is_some());
}

#[divan::bench]
fn an_id_with_a_prefix_and_a_date(bencher: Bencher<'_, '_>) {
    let catalog = Catalog::compiled();
    bencher.bench_local(|| catalog.find(black_box("openai"), "models/gpt-4o-2031-01-01").is_some());
}

#[divan::bench]
fn an_id_that_nobody_knows(bencher: Bencher<'_, '_>) {
    let catalog = Catalog::compiled();
    bencher.bench_local(|| catalog.find(black_box("openai"), "no-such-model").is_some());
}

#[divan::bench]
fn a_bill(bencher: Bencher<'_, '_>) {
    let catalog = Catalog::compiled();
    let model = catalog.exact("openai", "gpt-4o").expect("it is known");
    let mut usage = Usage::new(1_000, 100);
    usage.cached_tokens = 400;
    bencher.bench_local(|| cost(black_box(&usage), model.prices()).is_ok());
}
