//! Without a file, the environment says who is asked, in an order that never changes.

use ferro_config::{Config, Mode};
use ferro_core::{
    BuildContext, BuildError, Built, Description, EnvVar, ProviderFactory, Registry, Settings,
};

struct Kind(&'static str, &'static [EnvVar]);

impl ProviderFactory for Kind {
    fn describe(&self) -> Description {
        Description::new(self.0, &[]).with_env(self.1)
    }

    fn build(&self, _: &BuildContext<'_>, _: Settings) -> Result<Built, BuildError> {
        Err(BuildError::new("this test builds nothing"))
    }
}

const fn required(name: &'static str) -> EnvVar {
    EnvVar { name, meaning: "a key", required: true }
}

static ZEBRA: Kind = Kind("zebra", &[required("ZEBRA_KEY")]);
static ANT: Kind = Kind("ant", &[required("ANT_KEY"), required("ANT_REGION")]);
static OPEN: Kind = Kind("open", &[EnvVar { name: "OPEN_KEY", meaning: "a key", required: false }]);
static ZEBRA_AGAIN: Kind = Kind("zebra", &[required("ANT_KEY")]);

fn check(set: &[(&str, &str)], expected: &[&str]) {
    let registry = Registry::new().providers(&[&ZEBRA, &ANT, &OPEN, &ZEBRA_AGAIN]);
    let vars = |name: &str| {
        set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    let config = Config::from_environment(&registry, &vars);
    let names: Vec<_> = config.targets.iter().map(|t| t.virtual_key.as_str()).collect();
    assert_eq!(names, expected);
    assert_eq!(config.strategy.mode, Mode::Fallback);
}

#[test]
fn targets_stand_in_the_order_in_which_the_build_lists_them() {
    check(&[("ANT_KEY", "1"), ("ANT_REGION", "eu"), ("ZEBRA_KEY", "2")], &["zebra", "ant"]);
}

#[test]
fn a_kind_that_lacks_a_variable_is_left_out() {
    check(&[("ANT_KEY", "1"), ("ANT_REGION", ""), ("ZEBRA_KEY", "2")], &["zebra"]);
    check(&[], &[]);
}

#[test]
fn a_kind_that_requires_nothing_is_not_guessed() {
    check(&[("OPEN_KEY", "1"), ("ZEBRA_KEY", "2")], &["zebra"]);
}

#[test]
fn of_a_kind_that_is_listed_twice_the_first_decides() {
    check(&[("ANT_KEY", "1"), ("ZEBRA_KEY", "2")], &["zebra"]);
    check(&[("ANT_KEY", "1")], &[]);
}
