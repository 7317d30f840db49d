//! A share of the traffic for each variant of an experiment.

use std::{str::FromStr, sync::Arc};

use ferro_core::{Order, Strategy, TargetId, View};
use http::HeaderName;

use crate::{
    StrategyError,
    draw::{Dice, race, scatter},
    shares::{Shares, sound},
};

/// Draws a variant by weight and asks its target; the order carries the variant's label.
///
/// Several targets with one label are one variant: if the one that was drawn fails, another of the
/// label takes its place, and nobody else does, so that a failure does not tilt the experiment. Where
/// no variant can be asked there is no experiment: the targets outside it are, in their order.
#[derive(Debug)]
pub struct AbTest {
    /// Invariant: variants with the same label share one, so that to tell them apart is no comparison
    /// of texts.
    variants: Vec<Variant>,
    /// Targets that are in the experiment and get nothing of it, also when others fail.
    drained: Vec<TargetId>,
    sticky: Option<Sticky>,
}

/// A target in an experiment.
#[derive(Clone, Debug)]
pub struct Variant {
    target: TargetId,
    weight: Option<f64>,
    label: Arc<str>,
}

impl Variant {
    /// A target with its share of the experiment (1 where it is not said, 0 for none) and the name
    /// of its variant (the target's own where that is empty).
    pub fn new(target: impl Into<TargetId>, weight: Option<f64>, label: &str) -> Self {
        let target = target.into();
        let label = if label.is_empty() { target.as_str() } else { label };
        Self { label: label.into(), target, weight }
    }

    fn share(&self) -> Option<f64> {
        sound(self.weight.unwrap_or(1.0))
    }
}

/// Whose requests get the same variant every time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Sticky {
    /// Those of one end user, as the request names it.
    User,
    /// Those of one access key.
    Key,
    /// Those with one value in this header.
    Header(HeaderName),
}

impl FromStr for Sticky {
    type Err = StrategyError;

    /// By the words of a configuration: `user`, `key` or `header:<name>`.
    fn from_str(word: &str) -> Result<Self, StrategyError> {
        let unknown = || StrategyError::word("sticky", word, "user, key, header:<name>");
        match word.split_once(':') {
            None if word == "user" => Ok(Self::User),
            None if word == "key" => Ok(Self::Key),
            Some(("header", name)) => name.parse().map(Self::Header).map_err(|_| unknown()),
            _ => Err(unknown()),
        }
    }
}

impl Sticky {
    /// The roll that stands for whoever this request is for; `None` if it does not say.
    fn roll(&self, view: &View<'_>) -> Option<u64> {
        let whose = match self {
            Self::User => view.subject.user()?.as_bytes(),
            Self::Key => view.principal.key.as_ref()?.as_bytes(),
            Self::Header(name) => view.headers.get(name)?.as_bytes(),
        };
        (!whose.is_empty()).then(|| scatter(whose))
    }
}

impl AbTest {
    /// An experiment with these variants. Where every share is 0 they are equal.
    ///
    /// # Errors
    ///
    /// There is no variant, or a share is no number from 0 on.
    pub fn new(mut variants: Vec<Variant>) -> Result<Self, StrategyError> {
        if variants.is_empty() {
            return Err(StrategyError::nothing("ab-test", "ab_variants"));
        }
        for variant in &variants {
            if let Some(share) = variant.weight.filter(|share| !share.is_finite() || *share < 0.0) {
                return Err(StrategyError::Share { target: variant.target.clone(), share });
            }
        }
        if variants.iter().all(|variant| variant.share().is_none()) {
            variants.iter_mut().for_each(|variant| variant.weight = None);
        }
        for n in 1..variants.len() {
            let same = variants[..n].iter().find(|earlier| earlier.label == variants[n].label);
            if let Some(label) = same.map(|earlier| Arc::clone(&earlier.label)) {
                variants[n].label = label;
            }
        }
        let drained = drained(&variants);
        Ok(Self { variants, drained, sticky: None })
    }

    /// The same experiment, in which whoever comes again gets the same variant, as long as its
    /// target can be asked. A request that does not say whose it is is drawn like any other.
    pub fn with_sticky(self, sticky: Option<Sticky>) -> Self {
        Self { sticky, ..self }
    }
}

impl Strategy for AbTest {
    fn order(&self, view: &View<'_>, out: &mut Order) {
        let shares = Shares::of(view.candidates);
        let roll = self.sticky.as_ref().and_then(|sticky| sticky.roll(view)).unwrap_or(view.roll);
        let variants = self.variants.iter().enumerate();
        let line = race(Dice::new(roll), variants.filter_map(|(n, v)| Some((n, v.share()?))));
        let mut drawn = line.iter().map(|n| &self.variants[n]);

        if let Some((variant, at)) = drawn.find_map(|v| Some((v, shares.find(&v.target)?))) {
            out.set_label(Arc::clone(&variant.label));
            out.push(at, "its variant was drawn");
            let peers = drawn.filter(|other| Arc::ptr_eq(&other.label, &variant.label));
            let found = peers.filter_map(|other| shares.find(&other.target));
            out.extend(found.map(|at| (at, "of the same variant")));
            return;
        }
        for (at, _) in shares.live() {
            if !self.drained.contains(view.candidates[at].target) {
                out.push(at, "no variant can be asked: in order");
            }
        }
    }
}

/// The targets that have no share in any of their places.
fn drained(variants: &[Variant]) -> Vec<TargetId> {
    let has_share = |target: &TargetId| {
        variants.iter().any(|variant| variant.target == *target && variant.share().is_some())
    };
    let targets = variants.iter().map(|variant| &variant.target);
    targets.filter(|target| !has_share(target)).cloned().collect()
}
