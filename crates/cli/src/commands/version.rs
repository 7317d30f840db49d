//! `version`: which build this is.

use serde::Serialize;

use crate::{Exit, exit::Failure, output::is_written, session::Session};

/// Which build this is. What the build was not told is `unknown`.
#[derive(Serialize)]
struct Version {
    version: &'static str,
    commit: &'static str,
    /// When what was built was written: the date of the commit, unless the build was told another.
    built: &'static str,
    rustc: &'static str,
    os_arch: String,
}

pub(crate) fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let version = Version {
        version: env!("CARGO_PKG_VERSION"),
        commit: env!("FERRO_COMMIT"),
        built: env!("FERRO_DATE"),
        rustc: env!("FERRO_RUSTC"),
        os_arch: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
    };
    let format = session.format();
    if !is_written(&mut *session.around.out, format, &version)? {
        session.say(format_args!("Version   {}", version.version))?;
        session.say(format_args!("Commit    {}", version.commit))?;
        session.say(format_args!("Built     {}", version.built))?;
        session.say(format_args!("Rust      {}", version.rustc))?;
        session.say(format_args!("OS/Arch   {}", version.os_arch))?;
    }
    Ok(Exit::Success)
}
