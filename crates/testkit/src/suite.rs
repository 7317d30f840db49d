//! The provider suite as trials: which laws each factory is tried by, and how that is told.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use ferro_core::{ProviderFactory, Registry, SurfaceKind, Way};
use libtest_mimic::{Arguments, Failed, Trial};

use crate::{
    bench::Bench,
    fixture::Fixtures,
    known::Known,
    laws::{self, Suited, Verdict},
    surfaces::{self, With},
};

/// Tries every provider of a crate by every law of what it claims, with the fixtures below
/// `fixtures` (a path from the crate's own folder), and returns what a test's `main` does.
///
/// The trials that are known to fail are listed in `known-failures.txt` beside that folder.
pub fn providers(factories: &[&'static dyn ProviderFactory], fixtures: &str) -> ExitCode {
    let suite = Suite::new(factories, Path::new(fixtures));
    let trials = suite.trials.into_iter().map(Checked::into_trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The same suite as a value, for who wants its verdicts and not a report: a test of the suite.
pub struct Suite {
    trials: Vec<Checked>,
}

/// One named check.
struct Checked {
    name: String,
    /// Whether it is listed as failing.
    is_known: bool,
    check: Box<dyn FnOnce() -> Verdict + Send>,
}

impl Checked {
    fn new(name: String, check: impl FnOnce() -> Verdict + Send + 'static) -> Self {
        Self { name, is_known: false, check: Box::new(check) }
    }

    /// The verdict, in which a panic is a failure like any other, and a known failure is none.
    fn verdict(self) -> Verdict {
        let verdict = catch_unwind(AssertUnwindSafe(self.check)).unwrap_or_else(|panic| {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("it panics: {}", words.unwrap_or("no words")))
        });
        match (verdict, self.is_known) {
            (Ok(()), true) => Err("known to fail, but passes: take it off the list".to_owned()),
            (Err(_), true) => Ok(()),
            (verdict, false) => verdict,
        }
    }

    fn into_trial(self) -> Trial {
        let kind = if self.is_known { "known failure" } else { "" };
        Trial::test(self.name.clone(), move || self.verdict().map_err(Failed::from)).with_kind(kind)
    }
}

impl Suite {
    /// The suite for these factories, with the fixtures below this folder.
    pub fn new(factories: &[&'static dyn ProviderFactory], fixtures: &Path) -> Self {
        let known = Known::load(&fixtures.with_file_name("known-failures.txt"));
        let fixtures = Fixtures::load(fixtures);
        let mut trials = of_the_crate(factories, &fixtures);
        for factory in factories.iter().copied() {
            of_a_factory(factory, &fixtures, &mut trials);
        }
        let strays = known.strays(trials.iter().map(|trial| trial.name.as_str()));
        for trial in &mut trials {
            trial.is_known = known.entry(&trial.name).is_some();
        }
        trials.push(Checked::new(
            "crate::every_known_failure_names_a_trial".to_owned(),
            move || {
                if strays.is_empty() { Ok(()) } else { Err(strays.join("\n")) }
            },
        ));
        Self { trials }
    }

    /// The names of the trials.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.trials.iter().map(|trial| trial.name.as_str())
    }

    /// Runs everything here and now, and returns the trials that fail, with why.
    pub fn failures(self) -> Vec<(String, String)> {
        let run = |trial: Checked| Some((trial.name.clone(), trial.verdict().err()?));
        self.trials.into_iter().filter_map(run).collect()
    }
}

impl std::fmt::Debug for Suite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

fn of_the_crate(factories: &[&'static dyn ProviderFactory], fixtures: &Fixtures) -> Vec<Checked> {
    let twice = Registry::new().providers(factories).duplicates();
    let descriptions: Vec<_> = factories.iter().map(|factory| factory.describe()).collect();
    let claims: BTreeMap<_, Vec<_>> = descriptions
        .iter()
        .map(|d| (d.kind, d.surfaces.iter().map(|surface| surface.as_str()).collect()))
        .collect();
    let strays = fixtures.strays(&claims);
    let none = |what: Vec<String>| if what.is_empty() { Ok(()) } else { Err(what.join("\n")) };
    let mut trials = vec![
        Checked::new("crate::no_kind_is_listed_twice".to_owned(), move || {
            none(twice.into_iter().map(str::to_owned).collect())
        }),
        Checked::new("crate::every_fixture_is_somebodys".to_owned(), move || none(strays)),
    ];
    for (place, why) in fixtures.faults.clone() {
        trials.push(Checked::new(format!("crate::fixture::{place}"), move || Err(why)));
    }
    trials
}

fn of_a_factory(
    factory: &'static dyn ProviderFactory,
    fixtures: &Fixtures,
    trials: &mut Vec<Checked>,
) {
    let description = factory.describe();
    let kind = description.kind;
    for law in laws::OF_FACTORIES {
        trials.push(Checked::new(format!("{kind}::{}", law.name), || (law.check)(factory)));
    }
    for surface in SurfaceKind::ALL {
        let Some(way) = description.way(*surface) else { continue };
        if surfaces::with(*surface, OfASurface { factory, way, fixtures, trials }).is_none() {
            let name = format!("{kind}::{}::the_suite_has_laws_for_it", surface.as_str());
            trials.push(Checked::new(name, || Err("it has none yet".to_owned())));
        }
    }
}

/// Adds the trials of one surface of a factory.
struct OfASurface<'a> {
    factory: &'static dyn ProviderFactory,
    way: Way,
    fixtures: &'a Fixtures,
    trials: &'a mut Vec<Checked>,
}

impl With for OfASurface<'_> {
    type Out = ();

    fn with<S: Suited>(self) {
        let Self { factory, way, fixtures, trials } = self;
        match way {
            Way::Own => of_a_surface::<S>(factory, fixtures, trials),
            Way::Over(other) => over_another::<S>(factory, other, fixtures, trials),
        }
    }
}

/// A surface that is served over another: what the vendor says on that one is what there is to play,
/// and the laws that compare it with what the client gets are the other's.
fn over_another<S: Suited>(
    factory: &'static dyn ProviderFactory,
    other: SurfaceKind,
    fixtures: &Fixtures,
    trials: &mut Vec<Checked>,
) {
    let (kind, surface) = (factory.describe().kind, S::KIND.as_str());
    let impossible = fixtures.impossible(kind, other.as_str());
    let mut cases = fixtures.of(kind, other.as_str());
    // Those that ask for something in the other's words cannot be asked here.
    cases.retain(|case| case.request.is_none());
    for law in S::laws_over() {
        let (cases, impossible) = (cases.clone(), impossible.clone());
        trials.push(Checked::new(format!("{kind}::{surface}::{}", law.name), move || {
            (law.check)(&Bench::new(factory, cases).without(impossible))
        }));
    }
}

fn of_a_surface<S: Suited>(
    factory: &'static dyn ProviderFactory,
    fixtures: &Fixtures,
    trials: &mut Vec<Checked>,
) {
    let (kind, surface) = (factory.describe().kind, S::KIND.as_str());
    let (cases, impossible) = (fixtures.of(kind, surface), fixtures.impossible(kind, surface));
    let place = format!("{kind}::{surface}");
    for law in S::laws() {
        let (cases, impossible) = (cases.clone(), impossible.clone());
        trials.push(Checked::new(format!("{place}::{}", law.name), move || {
            (law.check)(&Bench::new(factory, cases).without(impossible))
        }));
    }
    // The large are a law's own: played once, not twice.
    for case in cases.iter().filter(|case| !case.is_large()) {
        let (name, case) = (format!("{place}::case::{}", case.name), Arc::clone(case));
        trials.push(Checked::new(name, move || {
            laws::case(&Bench::<S>::new(factory, Vec::new()), &case)
        }));
    }
}
