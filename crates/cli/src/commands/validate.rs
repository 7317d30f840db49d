//! `validate`: everything that is wrong with a configuration file, without starting anything.

use std::path::{Path, PathBuf};

use ferro_gateway::Config;

use crate::{
    Exit,
    arguments::Validate,
    configuration::{self, Findings},
    exit::Failure,
    output::is_written,
    session::{DOUBTFUL, GOOD, Session},
};

pub(crate) fn run(session: &mut Session<'_>, typed: Validate) -> Result<Exit, Failure> {
    let file = file(session, typed)?;
    let config = match configuration::load(&file, session.options.strict, &session.registry) {
        Ok(config) => config,
        Err(findings) => return refuse(session, &file, &findings),
    };
    let findings = configuration::check(&config, &session.registry, &session.around.environment);
    if !findings.errors.is_empty() {
        return refuse(session, &file, &findings);
    }
    let format = session.format();
    if is_written(&mut *session.around.out, format, &configuration::written(&config))? {
        for warning in &findings.warnings {
            session.warn(warning)?;
        }
    } else {
        summarize(session, &config)?;
        report(session, &findings)?;
    }
    Ok(Exit::Success)
}

fn file(session: &Session<'_>, typed: Validate) -> Result<PathBuf, Failure> {
    match (typed.file, &session.options.config) {
        (Some(_), Some(_)) => {
            Err(Failure::Usage("the file is named twice, once behind --config".to_owned()))
        }
        (Some(file), None) => Ok(session.around.directory.join(file)),
        (None, _) => session.config_file().ok_or_else(|| {
            let message = "there is no file to check: name one, or set GATEWAY_CONFIG";
            Failure::Usage(message.to_owned())
        }),
    }
}

fn refuse(session: &mut Session<'_>, file: &Path, findings: &Findings) -> Result<Exit, Failure> {
    let count = findings.errors.len();
    let mistakes = if count == 1 { "mistake" } else { "mistakes" };
    session.note(format_args!("{}: {count} {mistakes}", file.display()))?;
    session.report(findings)?;
    Ok(Exit::Failure)
}

fn summarize(session: &mut Session<'_>, config: &Config) -> Result<(), Failure> {
    let or_none = |names: Vec<String>| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    let plugin = |(name, is_on)| format!("{name} ({})", if is_on { "enabled" } else { "disabled" });
    let targets = config.targets.iter().map(|target| match target.kind() == target.virtual_key {
        true => target.virtual_key.clone(),
        false => format!("{} ({})", target.virtual_key, target.kind()),
    });
    let providers = or_none(targets.collect());
    let plugins = or_none(configuration::plugins(config).into_iter().map(plugin).collect());
    let tick = session.painted(GOOD, "✓");
    session.say(format_args!("{tick} Config is valid\n"))?;
    session.say(format_args!("Strategy    {}", config.strategy.mode))?;
    session.say(format_args!("Targets     {}", config.targets.len()))?;
    session.say(format_args!("Providers   {providers}"))?;
    session.say(format_args!("Plugins     {plugins}"))?;
    session.say(format_args!("Aliases     {}", config.aliases.len()))?;
    Ok(())
}

fn report(session: &mut Session<'_>, findings: &Findings) -> Result<(), Failure> {
    if !findings.inactive.is_empty() {
        session.say("\nInactive, understood and without effect so far:")?;
        for inactive in &findings.inactive {
            session.say(format_args!("  {inactive}"))?;
        }
    }
    if !findings.warnings.is_empty() {
        session.say("")?;
    }
    for warning in &findings.warnings {
        let word = session.painted(DOUBTFUL, "warning:");
        session.say(format_args!("{word} {warning}"))?;
    }
    Ok(())
}
