//! A way through the gateway: which requests take it, who can be asked on it, and in which order.

use std::{fmt, mem, sync::Arc};

use ferro_core::{Strategy, TargetId, View};
use http::HeaderName;

use crate::{Target, affinity::Affinity, allowance::Allowance, hedge::HedgeSettings};

/// Whether a route takes a request, as far as a [`View`] without candidates tells.
pub type Takes = Box<dyn Fn(&View<'_>) -> bool + Send + Sync>;

/// A way through the gateway.
pub struct Route {
    /// Its name; empty for the way of all requests that no other route takes.
    pub name: TargetId,
    /// Which requests it takes; `None` if it is reached from other routes only.
    pub takes: Option<Takes>,
    /// The strategy, by the word that selects it.
    pub mode: &'static str,
    /// In which order its members are asked.
    pub strategy: Box<dyn Strategy>,
    /// Who can be asked, in the configured order.
    pub members: Vec<Member>,
    /// Statuses after which the next target is asked although the request itself is refused.
    pub failover_on: Vec<u16>,
    /// Whether requests that belong together stay with one target.
    pub stays: Option<Stays>,
    /// Whether a second target is asked while the first is slow to begin.
    pub hedging: Option<Hedging>,
}

/// By what requests belong together, and who answered them.
#[derive(Clone, Debug)]
pub struct Stays {
    /// The header that names a session; if none is said, those of the clients' dialects.
    pub header: Option<HeaderName>,
    /// Whether a session belongs together.
    pub by_session: bool,
    /// Whether prompts that begin alike do.
    pub by_prefix: bool,
    /// Who has answered what.
    pub memory: Arc<Affinity>,
}

/// When a second target is asked, and how often there may be one.
#[derive(Clone, Debug)]
pub struct Hedging {
    /// When.
    pub settings: HedgeSettings,
    /// How often.
    pub allowance: Arc<Allowance>,
}

/// A member of a route.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Member {
    /// The target at this place of [`Parts::targets`](crate::Parts::targets).
    Target(usize),
    /// The route at this place of [`Parts::routes`](crate::Parts::routes): asked as it would be,
    /// one after the other.
    Route(usize),
}

impl Route {
    /// The way of all requests: these many targets, as `strategy` orders them.
    pub fn default_of(targets: usize, mode: &'static str, strategy: Box<dyn Strategy>) -> Self {
        Self {
            name: TargetId::from(""),
            takes: None,
            mode,
            strategy,
            members: (0..targets).map(Member::Target).collect(),
            failover_on: Vec::new(),
            stays: None,
            hedging: None,
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("name", &self.name)
            .field("mode", &self.mode)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

/// Which targets a route leads to, whichever way.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    targets: Vec<bool>,
    /// None of them has a weight, which means that all are equal.
    is_all_drained: bool,
}

impl Reach {
    /// What the route in place `start` leads to, among so many targets.
    pub(crate) fn of(routes: &[&Route], start: usize, targets: &[Arc<Target>]) -> Self {
        let (mut seen, mut open) = (vec![false; routes.len()], vec![start]);
        let mut reached = vec![false; targets.len()];
        while let Some(at) = open.pop() {
            if mem::replace(&mut seen[at], true) {
                continue;
            }
            for member in &routes[at].members {
                match *member {
                    Member::Target(index) if index < targets.len() => reached[index] = true,
                    Member::Route(inner) if inner < routes.len() => open.push(inner),
                    _ => {}
                }
            }
        }
        let mut weights = targets.iter().zip(&reached).filter(|(_, is_in)| **is_in);
        let is_all_drained = weights.all(|(target, _)| target.parts().weight <= 0.0);
        Self { targets: reached, is_all_drained }
    }

    pub(crate) fn has(&self, target: usize) -> bool {
        self.targets.get(target).copied().unwrap_or_default()
    }

    /// Whether targets of weight 0 are drained here: not where all have that weight.
    pub(crate) fn drains(&self) -> bool {
        !self.is_all_drained
    }
}
