//! The command line of the bench.

use std::{
    fmt::Display,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
};

use ferro_bench::{
    scenario::{NOT_YET, SCENARIOS, SEED_TABLE, Scenario},
    system::{Peer, Setup, System},
};

/// What may be typed.
const USAGE: &str = "bench [--quick] [--seed-table] [--rounds N] [--only SCENARIO[,…]] \
                     [--systems NAME[,…]] [--upstream HOST:PORT] \
                     [--gateway FILE] [--peer name=http://host:port,pid=…[,header=…]] [--commit-baseline], or \
                     bench --instructions [--commit]";

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) is_quick: bool,
    pub(crate) is_seed_table: bool,
    pub(crate) commits: bool,
    pub(crate) rounds: usize,
    /// Where the bundled upstream listens; anywhere if nothing was said.
    pub(crate) upstream: Option<SocketAddr>,
    /// The gateway's binary; the one beside this program if nothing was said.
    pub(crate) gateway: Option<PathBuf>,
    only: Option<Vec<String>>,
    systems: Option<Vec<String>>,
    peers: Vec<Peer>,
}

impl Options {
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value =
                || rest.next().copied().ok_or_else(|| format!("{argument} needs a value"));
            match *argument {
                "--quick" => options.is_quick = true,
                "--seed-table" => options.is_seed_table = true,
                "--commit-baseline" => options.commits = true,
                "--rounds" => options.rounds = rounds(value()?)?,
                "--only" => options.only = Some(list(value()?)),
                "--systems" => options.systems = Some(list(value()?)),
                "--upstream" => options.upstream = Some(upstream(value()?)?),
                "--gateway" => options.gateway = Some(value()?.into()),
                "--peer" => options.peers.push(value()?.parse()?),
                other => return Err(format!("`{other}` is not known: {USAGE}")),
            }
        }
        if options.rounds == 0 {
            options.rounds = if options.is_quick { 3 } else { 5 };
        }
        options.check()?;
        Ok(options)
    }

    /// What does not go together.
    fn check(&self) -> Result<(), String> {
        let is_part = self.only.is_some() || self.systems.is_some() || self.is_seed_table;
        if self.commits && is_part {
            return Err("--commit-baseline commits a whole run: it does not go with --only, \
                        --systems or --seed-table"
                .to_owned());
        }
        if !self.peers.is_empty() && self.upstream.is_none() {
            return Err(
                "--peer needs --upstream HOST:PORT: the peer has to pass everything on to \
                        the bundled upstream, which listens there then"
                    .to_owned(),
            );
        }
        for (index, peer) in self.peers.iter().enumerate() {
            let is_taken = every_system().iter().any(|system| system.name() == peer.name)
                || self.peers[..index].iter().any(|other| other.name == peer.name);
            if is_taken {
                return Err(format!("--peer `{}`: another system has that name", peer.name));
            }
        }
        self.chosen_systems().map(|_| ())?;
        self.scenarios().map(|_| ())
    }

    /// The scenarios, in the order of their listing.
    pub(crate) fn scenarios(&self) -> Result<Vec<&'static Scenario>, String> {
        let all = if self.is_seed_table { SEED_TABLE } else { SCENARIOS };
        let Some(names) = &self.only else {
            let is_meant = |s: &&Scenario| s.is_quick || !self.is_quick || self.is_seed_table;
            return Ok(all.iter().filter(is_meant).collect());
        };
        let is_unknown = |name: &&String| all.iter().all(|s| s.name != name.as_str());
        if let Some(name) = names.iter().find(is_unknown) {
            if let Some(row) = NOT_YET.iter().find(|row| row.name == name) {
                return Err(format!(
                    "`{name}` cannot be measured yet: it waits for {}",
                    row.waits_for
                ));
            }
            let known = joined(all.iter().map(|scenario| scenario.name));
            return Err(format!("--only: there is no scenario `{name}`; there are {known}"));
        }
        Ok(all.iter().filter(|s| names.iter().any(|name| name == s.name)).collect())
    }

    /// The systems that can be measured on this machine.
    pub(crate) fn systems(&self) -> Result<Vec<System>, String> {
        let mut systems = System::all();
        systems.extend([Setup::DeadFirst, Setup::Converting].map(System::Gateway));
        if let Some(names) = self.chosen_systems()? {
            let is_missing = |name: &&String| systems.iter().all(|s| s.name() != name.as_str());
            if let Some(name) = names.iter().find(is_missing) {
                return Err(format!("--systems: {name} is not installed here"));
            }
            systems.retain(|system| names.iter().any(|name| name == system.name()));
        } else if self.is_quick {
            // The pair that is gated, and the upstream itself, whose times are subtracted.
            systems.retain(|system| match system {
                System::Direct | System::Nothing => true,
                System::Gateway(setup) => *setup != Setup::Bare,
                _ => false,
            });
        }
        systems.extend(self.peers.iter().cloned().map(System::Peer));
        Ok(systems)
    }

    fn chosen_systems(&self) -> Result<Option<&Vec<String>>, String> {
        let Some(names) = &self.systems else { return Ok(None) };
        let all = every_system();
        match names.iter().find(|name| all.iter().all(|s| s.name() != name.as_str())) {
            None => Ok(Some(names)),
            Some(name) => {
                let known = joined(all.iter().map(System::name));
                Err(format!("--systems: there is no system `{name}`; there are {known}"))
            }
        }
    }
}

/// Those that there are, installed or not.
fn every_system() -> Vec<System> {
    let gateways = Setup::ALL.map(System::Gateway);
    let others = [System::Direct, System::Nothing, System::Nginx, System::Haproxy];
    others.into_iter().chain(gateways).collect()
}

fn rounds(text: &str) -> Result<usize, String> {
    let rounds = text.parse().ok().filter(|rounds| (1..=100).contains(rounds));
    rounds.ok_or_else(|| format!("--rounds `{text}` is not a number from 1 to 100"))
}

fn upstream(text: &str) -> Result<SocketAddr, String> {
    let wrong = |error: &dyn Display| {
        format!("--upstream `{text}` is not an address like 127.0.0.1:9100 ({error})")
    };
    let mut found = text.to_socket_addrs().map_err(|error| wrong(&error))?;
    let address = found.find(SocketAddr::is_ipv4).ok_or_else(|| wrong(&"no IPv4 address"))?;
    match address.port() {
        0 => Err(wrong(&"a peer cannot know port 0")),
        _ => Ok(address),
    }
}

/// The names in a list; a system's own name may have a comma and a blank in it.
fn list(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in text.split(',') {
        match names.last_mut() {
            Some(last) if part.starts_with(' ') => *last = format!("{last},{part}"),
            _ => names.push(part.to_owned()),
        }
    }
    names
}

fn joined<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_five_rounds_and_a_quick_one_three_unless_it_is_said() {
        let rounds = |arguments: &[&str]| Options::parse(arguments).unwrap().rounds;
        assert_eq!(rounds(&[]), 5);
        assert_eq!(rounds(&["--quick"]), 3);
        assert_eq!(rounds(&["--quick", "--rounds", "7"]), 7);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_would_be_right() {
        let own = format!("p=http://127.0.0.1:9,pid={}", std::process::id());
        let nginx = own.replacen('p', "nginx", 1);
        let wrong: &[(&[&str], &str)] = &[
            (&["--fast"], "`--fast` is not known: bench [--quick]"),
            (&["--rounds"], "--rounds needs a value"),
            (&["--rounds", "0"], "--rounds `0` is not a number from 1 to 100"),
            (&["--rounds", "many"], "--rounds `many`"),
            (&["--only", "small"], "there is no scenario `small`; there are `small-50`"),
            (&["--only", "small-50,"], "there is no scenario ``"),
            (&["--only", "cache-hit"], "it waits for the response cache"),
            (&["--seed-table", "--only", "small-50"], "there are `users-50`"),
            (&["--systems", "apache"], "there is no system `apache`; there are `direct`"),
            (&["--upstream", "nowhere"], "--upstream `nowhere` is not an address"),
            (&["--upstream", "127.0.0.1:0"], "port 0"),
            (&["--peer", &own], "--peer needs --upstream"),
            (&["--upstream", "127.0.0.1:9", "--peer", &nginx], "another system has that name"),
            (&["--upstream", "127.0.0.1:9", "--peer", &own, "--peer", &own], "another system"),
            (&["--commit-baseline", "--only", "small-50"], "commits a whole run"),
            (&["--commit-baseline", "--seed-table"], "commits a whole run"),
        ];
        for (arguments, expected) in wrong {
            let error = Options::parse(arguments).unwrap_err();
            assert!(error.contains(expected), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn a_list_chooses_scenarios_and_systems() {
        let options =
            Options::parse(&["--only", "idle,small-50", "--systems", "gateway, bare,direct"]);
        let options = options.unwrap();
        let names: Vec<_> = options.scenarios().unwrap().iter().map(|s| s.name).collect();
        assert_eq!(names, ["small-50", "idle"]);
        let systems = options.systems().unwrap();
        let names: Vec<_> = systems.iter().map(System::name).collect();
        assert_eq!(names, ["direct", "gateway, bare"]);
    }

    #[test]
    fn a_peer_is_measured_besides_the_others() {
        let own = format!("mine=http://127.0.0.1:9,pid={}", std::process::id());
        let arguments = ["--quick", "--upstream", "127.0.0.1:9100", "--peer", &own];
        let systems = Options::parse(&arguments).unwrap().systems().unwrap();
        let names: Vec<_> = systems.iter().map(System::name).collect();
        assert_eq!(
            names,
            [
                "direct",
                "nothing",
                "gateway",
                "gateway, first target dead",
                "gateway, converting",
                "mine"
            ]
        );
    }
}
