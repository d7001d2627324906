//! What this repository makes, as it is installed: two images, a chart, and a plugin of kubectl.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use futures::future::try_join;
use serde::Deserialize;

use crate::access::Access;
use crate::image::Image;

/// The namespace of the operator.
pub const OPERATOR_NAMESPACE: &str = "comms-system";

const NO_CARGO: &str = "cargo could not be started: is it on PATH?";

/// The images of service and operator.
#[derive(Debug, Clone)]
pub struct Product {
    /// `cc-lite`.
    pub service: Image,
    /// `comms-operator`.
    pub operator: Image,
    /// The program `kubectl-comms`.
    pub plugin: PathBuf,
}

impl Product {
    /// Builds both programs and their images from this checkout; what is built already is taken as it is.
    pub async fn build() -> Result<Self> {
        let programs = programs().await?;
        let program = |name: &str| named(&programs, name);
        let (service, operator) = try_join(
            Image::build("cc-lite", program("cc-lite")?, &repository().join("service/Containerfile")),
            Image::build(
                "comms-operator",
                program("comms-operator")?,
                &repository().join("operator/Containerfile"),
            ),
        )
        .await?;
        Ok(Self { service, operator, plugin: program("kubectl-comms")?.to_owned() })
    }

    /// Pushes both images to a registry's path, and gives the product under its names there.
    pub async fn push(&self, repository: &str) -> Result<Self> {
        let (service, operator) =
            try_join(self.service.push(repository), self.operator.push(repository)).await?;
        Ok(Self { service, operator, plugin: self.plugin.clone() })
    }

    /// Installs the chart, or upgrades to it, and waits until the operator runs. The nodes have to know the images.
    pub async fn install(&self, access: &Access) -> Result<()> {
        let chart = repository().join("charts/comms-operator");
        let values = self.chart_values();
        let mut args = vec!["upgrade", "--install", "comms-operator", path(&chart)?];
        args.extend(["--namespace", OPERATOR_NAMESPACE, "--create-namespace", "--wait", "--timeout", "120s"]);
        args.extend(values.iter().map(String::as_str));
        access.helm(&args).await.map(drop)
    }

    /// The flags by which the chart takes these images.
    pub fn chart_values(&self) -> Vec<String> {
        let mut flags = Vec::new();
        for (key, image) in [("image", &self.operator), ("operand.image", &self.service)] {
            let (repository, tag) = image.reference.rsplit_once(':').unwrap_or((&image.reference, "latest"));
            flags.push(format!("--set-string={key}.repository={repository},{key}.tag={tag}"));
        }
        flags
    }
}

/// The root of this checkout.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8: move the checkout", path.display()))
}

/// A program of this workspace, for a test that starts it. It is built now, unless it is up to date.
pub fn program(name: &str) -> &'static Path {
    static ALL: OnceLock<Vec<PathBuf>> = OnceLock::new();
    named(ALL.get_or_init(|| for_tests("--bins", "")), name).unwrap_or_else(|error| panic!("{error}"))
}

/// An example of this workspace, likewise.
pub fn example(name: &str) -> &'static Path {
    static ALL: OnceLock<Vec<PathBuf>> = OnceLock::new();
    named(ALL.get_or_init(|| for_tests("--examples", "examples")), name)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn for_tests(what: &str, folder: &str) -> Vec<PathBuf> {
    // What measures coverage has built them with the tests, in its own way.
    let made = match std::env::var_os("LLVM_PROFILE_FILE") {
        Some(_) => beside_the_test(folder),
        None => cargo_build(what).output().context(NO_CARGO).and_then(|output| executables(&output)),
    };
    made.unwrap_or_else(|error| panic!("{error:#}"))
}

/// What is in `folder` of the folder that the running test's own folder is in.
fn beside_the_test(folder: &str) -> Result<Vec<PathBuf>> {
    let test = std::env::current_exe()?;
    let above = test.parent().and_then(Path::parent).context("a test is in a folder")?;
    above.join(folder).read_dir()?.map(|entry| Ok(entry?.path())).collect()
}

/// A program of this workspace, for a command that needs it. It is built now, unless it is up to date.
pub async fn built(name: &str) -> Result<PathBuf> {
    Ok(named(&programs().await?, name)?.to_owned())
}

/// All programs of this workspace. The building ends with whoever waits for it.
async fn programs() -> Result<Vec<PathBuf>> {
    let output = tokio::process::Command::from(cargo_build("--bins")).kill_on_drop(true).output();
    executables(&output.await.context(NO_CARGO)?)
}

fn named<'a>(programs: &'a [PathBuf], name: &str) -> Result<&'a Path> {
    let found = programs.iter().find(|path| path.file_name().is_some_and(|file| file == name));
    found.map(PathBuf::as_path).with_context(|| format!("cargo built no program {name}"))
}

fn cargo_build(what: &str) -> Command {
    let mut cargo = Command::new("cargo");
    // What `cargo run` and `cargo test` tell the programs that they start would look like changed settings to build
    // scripts, and have dependencies built once more.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            cargo.env_remove(name);
        }
    }
    cargo
        .current_dir(repository())
        // The whole workspace, as all other commands: a choice of packages would have dependencies built once more, with
        // other features.
        .args(["build", "--release", "--workspace", what, "--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    cargo
}

fn executables(output: &Output) -> Result<Vec<PathBuf>> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    anyhow::ensure!(output.status.success(), "the programs did not build: see above");
    let lines = String::from_utf8_lossy(&output.stdout);
    Ok(lines.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable).collect())
}
