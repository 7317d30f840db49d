//! A request and its candidates, as a test says them.

use std::collections::BTreeMap;

use ferro_core::{
    Candidate, KeyId, Order, Principal, Strategy, SurfaceKind, TargetId, View, chat::ChatRequest,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Rolls that are tried where something must hold for any.
pub(crate) const ROLLS: u64 = 2_000;

/// A request: whatever is not said is as plain as can be.
pub(crate) struct Ask {
    pub(crate) request: ChatRequest,
    pub(crate) principal: Principal,
    pub(crate) headers: HeaderMap,
    pub(crate) surface: SurfaceKind,
    pub(crate) tokens: Option<u64>,
}

impl Ask {
    /// A chat request with these fields beside or instead of the model `m` and a greeting.
    pub(crate) fn with(fields: &str) -> Self {
        let plain = [r#""model":"m""#, r#""messages":[{"role":"user","content":"hello"}]"#];
        let is_said = |field: &str| fields.contains(field.split(':').next().unwrap());
        let mut body: Vec<_> = plain.into_iter().filter(|field| !is_said(field)).collect();
        body.extend((!fields.is_empty()).then_some(fields));
        let body = format!("{{{}}}", body.join(","));
        Self {
            request: ChatRequest::parse(body.into_bytes()).unwrap(),
            principal: Principal::ANONYMOUS,
            headers: HeaderMap::new(),
            surface: SurfaceKind::Chat,
            tokens: None,
        }
    }

    pub(crate) fn plain() -> Self {
        Self::with("")
    }

    /// The user says this.
    pub(crate) fn says(text: &str) -> Self {
        Self::with(&format!(r#""messages":[{{"role":"user","content":"{text}"}}]"#))
    }

    pub(crate) fn on(self, surface: SurfaceKind) -> Self {
        Self { surface, ..self }
    }

    pub(crate) fn of_tokens(self, tokens: u64) -> Self {
        Self { tokens: Some(tokens), ..self }
    }

    pub(crate) fn by(self, key: &str) -> Self {
        Self { principal: Principal::new(KeyId::from(key)), ..self }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers.append(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub(crate) fn order(
        &self,
        strategy: &dyn Strategy,
        candidates: &[Candidate<'_>],
        roll: u64,
    ) -> Order {
        let view =
            View::new(&self.request, &self.principal, &self.headers, self.surface, candidates);
        let mut view = view.with_roll(roll);
        view.prompt_tokens = self.tokens;
        let mut order = Order::default();
        strategy.order(&view, &mut order);
        order
    }

    /// The names in their order.
    pub(crate) fn names(
        &self,
        strategy: &dyn Strategy,
        candidates: &[Candidate<'_>],
        roll: u64,
    ) -> String {
        names(candidates, &self.order(strategy, candidates, roll))
    }
}

/// The names of the targets in their order, with spaces between them.
pub(crate) fn names(candidates: &[Candidate<'_>], order: &Order) -> String {
    let name = |pick: &ferro_core::Pick| candidates[pick.candidate].target.as_str();
    order.picks().iter().map(name).collect::<Vec<_>>().join(" ")
}

/// Targets that are called `a`, `b`, `c` and so on.
pub(crate) fn targets<const N: usize>() -> [TargetId; N] {
    let mut names = 'a'..='z';
    std::array::from_fn(|_| TargetId::from(names.next().unwrap().to_string()))
}

/// What `state` makes of a candidate for each target, in their order.
pub(crate) fn candidates<'a, T, const N: usize>(
    targets: &'a [TargetId; N],
    states: [T; N],
    state: impl Fn(&mut Candidate<'a>, T),
) -> Vec<Candidate<'a>> {
    let made = targets.iter().zip(states).map(|(target, typed)| {
        let mut candidate = Candidate::new(target);
        state(&mut candidate, typed);
        candidate
    });
    made.collect()
}

/// Candidates with these weights.
pub(crate) fn weighted<const N: usize>(
    targets: &[TargetId; N],
    weights: [f64; N],
) -> Vec<Candidate<'_>> {
    candidates(targets, weights, |candidate, weight| candidate.weight = weight)
}

/// How often each name stood first in the orders of many rolls, as shares.
pub(crate) fn shares_of(names: impl Iterator<Item = String>) -> BTreeMap<String, f64> {
    let (mut counts, mut all) = (BTreeMap::new(), 0.0);
    for name in names {
        *counts.entry(name).or_insert(0.0) += 1.0;
        all += 1.0;
    }
    counts.values_mut().for_each(|count| *count /= all);
    counts
}
