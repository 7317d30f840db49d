//! What can be typed.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit::Failure;

/// One fast binary between applications and LLM vendors.
#[derive(Debug, Parser)]
#[command(name = "ferrogw", version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What may be typed before or behind any command; a command that has no use for it refuses it.
#[derive(Args, Debug, Default)]
pub(crate) struct Options {
    /// The configuration file (.yaml, .yml or .json); goes before `GATEWAY_CONFIG`
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Refuse a configuration file in which anything is odd: a key that nobody knows, or that does nothing
    #[arg(long, global = true)]
    pub(crate) strict: bool,
    /// How results are written: for people, or for programs
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    /// Write without colours, as `NO_COLOR` does
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Yaml,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the gateway (what happens without a command)
    #[cfg(feature = "serve")]
    Serve,
    /// Start the gateway with a scripted vendor, and send two requests through it
    #[cfg(feature = "demo")]
    Demo(Demo),
    /// Write a first configuration file for the providers that the environment configures
    Init(Init),
    /// Check a configuration file, and say everything that is wrong with it
    Validate(Validate),
    /// Check what the gateway will find here: variables, configuration, port, limits, clock
    Doctor(Doctor),
    /// Ask a running gateway why a request went where it went
    Explain(Explain),
    /// List the kinds of providers of this build, the variables that they read, and how they were tested
    Providers(Providers),
    /// Print the version
    Version,
}

#[cfg(feature = "demo")]
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Exit after the two requests, also in a terminal: 0 only if both answers were exact
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Init {
    /// How the file is written; its name's extension unless said
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) config_format: Option<FileFormat>,
    /// The file to write [default: config.yaml, or config.json]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// For scripts; nothing is ever asked
    #[arg(long)]
    pub(crate) non_interactive: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Providers {
    /// The kind to tell everything about
    pub(crate) kind: Option<String>,
}

/// How a configuration file is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FileFormat {
    Yaml,
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct Validate {
    /// The file; --config or `GATEWAY_CONFIG` unless said
    pub(crate) file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// A running gateway, which must answer; goes before `FERROGW_URL`
    #[arg(long, value_name = "URL")]
    pub(crate) gateway_url: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The request's name: what its reply said in the header `x-request-id`
    pub(crate) id: String,
    /// The gateway; goes before `FERROGW_URL` [default: `http://localhost:8080`]
    #[arg(long, value_name = "URL")]
    pub(crate) gateway_url: Option<String>,
}

impl Arguments {
    /// Reads what was typed. Existing charts pass `-config`, with one dash.
    pub(crate) fn read(
        typed: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, clap::Error> {
        let mut is_option = true;
        Self::try_parse_from(typed.into_iter().map(|argument| {
            let argument = argument.into();
            is_option &= argument != "--";
            match argument.to_str() {
                Some("-config") if is_option => "--config".into(),
                Some(text) if is_option && text.starts_with("-config=") => {
                    format!("-{text}").into()
                }
                _ => argument,
            }
        }))
    }
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            #[cfg(feature = "serve")]
            Self::Serve => "serve",
            #[cfg(feature = "demo")]
            Self::Demo(_) => "demo",
            Self::Init(_) => "init",
            Self::Validate(_) => "validate",
            Self::Doctor(_) => "doctor",
            Self::Explain(_) => "explain",
            Self::Providers(_) => "providers",
            Self::Version => "version",
        }
    }

    /// Whether it reads a configuration, and whether it has results that can be written in several
    /// ways.
    fn takes(&self) -> (bool, bool) {
        match self {
            #[cfg(feature = "serve")]
            Self::Serve => (true, false),
            #[cfg(feature = "demo")]
            Self::Demo(_) => (false, false),
            Self::Init(_) => (false, false),
            Self::Validate(_) | Self::Doctor(_) => (true, true),
            Self::Explain(_) | Self::Providers(_) | Self::Version => (false, true),
        }
    }

    /// Refuses an option that this command would silently do nothing with.
    pub(crate) fn refuse_unused(&self, options: &Options) -> Result<(), Failure> {
        let (takes_config, takes_format) = self.takes();
        for (option, is_typed, is_taken) in [
            ("--config", options.config.is_some(), takes_config),
            ("--strict", options.strict, takes_config),
            ("--format", options.format.is_some(), takes_format),
        ] {
            if is_typed && !is_taken {
                let message = format!("`{}` has no use for {option}", self.name());
                return Err(Failure::Usage(message));
            }
        }
        Ok(())
    }
}
