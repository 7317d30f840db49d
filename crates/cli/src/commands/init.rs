//! `init`: a first configuration file, for the providers that the environment configures.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use ferro_core::{Description, Secret};
use serde_json::json;

use crate::{
    Exit,
    arguments::{FileFormat, Init},
    exit::Failure,
    session::{GOOD, Session},
    suggestion,
};

pub(crate) fn run(session: &mut Session<'_>, typed: &Init) -> Result<Exit, Failure> {
    let (file, format) = chosen(typed)?;
    let (kinds, is_placeholder) = kinds(session)?;
    let text = match format {
        FileFormat::Yaml => yaml(&kinds, is_placeholder),
        FileFormat::Json => json(&kinds),
    };
    let shown = file.display();
    match write_new(&session.around.directory.join(&file), &text) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            session.say(format_args!("{shown}: skipped, it exists already"))?;
            return Ok(Exit::Success);
        }
        Err(error) => {
            return Err(Failure::Refused(format!("{shown} cannot be written: {error}")));
        }
    }
    let tick = session.painted(GOOD, "✓");
    session.say(format_args!("{tick} {shown} written"))?;
    let names: Vec<_> = kinds.iter().map(|kind| kind.kind).collect();
    if is_placeholder {
        let variable = suggestion::variable(&kinds[0]);
        session.say(format_args!(
            "  No provider is configured by the environment, so a place is held for `{}`: set \
             {variable}, or name another (`ferrogw providers` lists them).",
            names[0]
        ))?;
    } else {
        session.say(format_args!("  targets: {}", names.join(", ")))?;
    }
    hand_over(session, &file)
}

/// Where to write, and how. A file's name decides how it is read, so the two have to agree.
fn chosen(typed: &Init) -> Result<(PathBuf, FileFormat), Failure> {
    let Some(file) = &typed.output else {
        return Ok(match typed.config_format {
            Some(FileFormat::Json) => ("config.json".into(), FileFormat::Json),
            _ => ("config.yaml".into(), FileFormat::Yaml),
        });
    };
    let named = match file.extension().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => FileFormat::Yaml,
        Some("json") => FileFormat::Json,
        _ => {
            let message =
                format!("{}: the name has to end in .yaml, .yml or .json", file.display());
            return Err(Failure::Usage(message));
        }
    };
    if typed.config_format.is_none_or(|format| format == named) {
        Ok((file.clone(), named))
    } else {
        let shown = file.display();
        let message = format!("{shown} would not be read as what --config-format says");
        Err(Failure::Usage(message))
    }
}

/// The kinds that the environment configures, in the order in which the build lists them; else one
/// that holds their place.
fn kinds(session: &Session<'_>) -> Result<(Vec<Description>, bool), Failure> {
    let environment = &*session.around.environment;
    let factories = session.registry.provider_factories().iter();
    let configured = factories.filter(|factory| factory.is_configured(environment));
    let configured: Vec<_> = configured.map(|factory| factory.describe()).collect();
    if !configured.is_empty() {
        return Ok((configured, false));
    }
    match suggestion::of(&session.registry) {
        Some(kind) => Ok((vec![kind], true)),
        None => Err(Failure::Refused("this build has no provider to configure".to_owned())),
    }
}

fn yaml(kinds: &[Description], is_placeholder: bool) -> String {
    let verb = if is_placeholder { "needs" } else { "reads" };
    let targets: String = kinds.iter().map(|kind| target(kind, verb)).collect();
    format!(
        "\
# A configuration of the Ferro AI gateway. `ferrogw validate FILE` checks it.

strategy:
  # The targets are asked in this order, until one answers.
  mode: fallback

# Who can be asked. Keys stay in the environment.
targets:
{targets}
# Names of your own for models.
# aliases:
#   fast: the-name-of-a-small-model
#   smart: the-name-of-a-large-model
"
    )
}

fn target(kind: &Description, verb: &str) -> String {
    let required: Vec<_> =
        kind.env.iter().filter(|variable| variable.required).map(|v| v.name).collect();
    let comment = match required.is_empty() {
        true => String::new(),
        false => format!("  # It {verb} {}.\n", required.join(" and ")),
    };
    format!(
        "\
{comment}  - virtual_key: {}
    retry:
      # Calls in all, the first one included.
      attempts: 3
      on_status_codes: [429, 502, 503]
",
        kind.kind
    )
}

fn json(kinds: &[Description]) -> String {
    let retry = json!({"attempts": 3, "on_status_codes": [429, 502, 503]});
    let targets: Vec<_> =
        kinds.iter().map(|kind| json!({"virtual_key": kind.kind, "retry": retry})).collect();
    let config = json!({"strategy": {"mode": "fallback"}, "targets": targets, "aliases": {}});
    format!("{config:#}\n")
}

/// Writes a file that was not there, for its owner's eyes only. What could not be written whole does
/// not stay.
fn write_new(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file)?;
    opened.write_all(text.as_bytes()).inspect_err(|_| drop(fs::remove_file(file)))
}

/// The one time that the key is printed.
fn hand_over(session: &mut Session<'_>, file: &Path) -> Result<Exit, Failure> {
    let key = Secret::new(format!("fgw_{:032x}", rand::random::<u128>()));
    let (key, shown) = (key.expose(), file.display());
    session.say(format_args!(
        "\nA master key was made for you. It is shown this once and stored nowhere:\n\n  {key}\n\n\
         Start the gateway with it, and show it with every request:\n\n  \
         MASTER_KEY={key} ferrogw --config {shown}\n  \
         curl http://localhost:8080/v1/models -H 'Authorization: Bearer {key}'"
    ))?;
    Ok(Exit::Success)
}
