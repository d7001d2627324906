//! What this repository makes, as it is installed: two images, a chart, and a plugin of kubectl.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use futures::future::try_join;
use serde::Deserialize;

use crate::access::Access;
use crate::image::Image;

/// The namespace of the operator.
pub const OPERATOR_NAMESPACE: &str = "comms-system";

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
        let programs = tokio::task::spawn_blocking(programs).await??;
        let program = |name: &str| {
            let found =
                programs.iter().map(Path::new).find(|path| path.file_name().is_some_and(|file| file == name));
            found.with_context(|| format!("cargo built no program {name}"))
        };
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

/// A program of this workspace, by its name. It is built now, unless it is up to date.
pub fn program(name: &str) -> &'static str {
    // What measures coverage has built the programs with the tests, in its own way.
    static BESIDE: OnceLock<Result<Vec<String>>> = OnceLock::new();
    let programs = BESIDE.get_or_init(|| match std::env::var_os("LLVM_PROFILE_FILE") {
        Some(_) => beside_this_one(),
        None => programs(),
    });
    let programs = programs.as_ref().unwrap_or_else(|error| panic!("{error:#}"));
    let found = programs.iter().find(|path| Path::new(path).file_name().is_some_and(|file| file == name));
    found.unwrap_or_else(|| panic!("there is no program {name} among {programs:?}"))
}

/// The programs in the folder above that of the running test.
fn beside_this_one() -> Result<Vec<String>> {
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent).context("a test is in a folder")?;
    let entries: Vec<_> = folder.read_dir()?.collect::<Result<_, _>>()?;
    entries.into_iter().map(|entry| text(entry.path())).collect()
}

fn text(path: PathBuf) -> Result<String> {
    let path = path.into_os_string().into_string();
    path.map_err(|path| anyhow::anyhow!("{} is not UTF-8: move the checkout", path.display()))
}

fn programs() -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<String>,
    }
    let mut cargo = Command::new("cargo");
    // What `cargo run` and `cargo test` tell the programs that they start would look like changed settings to build
    // scripts, and have dependencies built once more.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .current_dir(repository())
        // The whole workspace, as all other commands: a choice of packages would have dependencies built once more, with
        // other features.
        .args(["build", "--release", "--workspace", "--bins", "--message-format", "json-render-diagnostics"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started: is it on PATH?")?;
    anyhow::ensure!(output.status.success(), "the programs did not build: see above");
    let lines = String::from_utf8_lossy(&output.stdout);
    Ok(lines.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok()?.executable).collect())
}
