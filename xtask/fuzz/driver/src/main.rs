//! Has libFuzzer run one target: the one that `FERRO_FUZZ_TARGET` names.
//!
//! Started by `cargo xtask fuzz`. The fixtures that the target begins from are first copied to the
//! folder that `FERRO_FUZZ_SEEDS` names, which libFuzzer is told to read.

#![no_main]

use std::{env, fs, path::Path, process, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use xtask_fuzz::Target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = env::var("FERRO_FUZZ_TARGET").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|problem| stop(&problem))
});

fuzz_target!(init: begin(), |bytes: &[u8]| (TARGET.run)(bytes));

fn begin() {
    let Some(folder) = env::var_os("FERRO_FUZZ_SEEDS") else { return };
    let copied = TARGET.fixtures().and_then(|fixtures| {
        fs::create_dir_all(&folder)?;
        let numbered = fixtures.iter().enumerate();
        numbered
            .map(|(at, bytes)| fs::write(Path::new(&folder).join(at.to_string()), bytes))
            .collect()
    });
    let copied: std::io::Result<()> = copied;
    copied.unwrap_or_else(|error| stop(&format!("the fixtures cannot be copied: {error}")));
}

fn stop(problem: &str) -> ! {
    eprintln!("error: {problem}");
    process::exit(2)
}
