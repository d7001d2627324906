//! The programs a cluster is made of, built from `tools/go.mod` once a machine.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use rustix::fs::{FlockOperation, flock};
use tokio::process::Command;

use crate::fingerprint::fingerprint;
use crate::progress::step;

/// What `tools/` holds; the built programs are kept under the hash of these.
const SOURCES: [(&str, &str); 3] = [
    ("go.mod", include_str!("../tools/go.mod")),
    ("go.sum", include_str!("../tools/go.sum")),
    ("dns/main.go", include_str!("../tools/dns/main.go")),
];

/// Package of each program, and the name it goes by here.
const PROGRAMS: [(&str, &str); 12] = [
    ("go.etcd.io/etcd/server/v3", "etcd"),
    ("k8s.io/kubernetes/cmd/kube-apiserver", "kube-apiserver"),
    ("k8s.io/kubernetes/cmd/kube-controller-manager", "kube-controller-manager"),
    ("k8s.io/kubernetes/cmd/kube-scheduler", "kube-scheduler"),
    ("k8s.io/kubernetes/cmd/kubelet", "kubelet"),
    ("k8s.io/kubernetes/cmd/kube-proxy", "kube-proxy"),
    ("k8s.io/kubernetes/cmd/kubectl", "kubectl"),
    ("github.com/containerd/containerd/v2/cmd/containerd", "containerd"),
    ("github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2", "containerd-shim-runc-v2"),
    ("github.com/containerd/containerd/v2/cmd/ctr", "ctr"),
    ("helm.sh/helm/v4/cmd/helm", "helm"),
    ("./dns", "dns"),
];

/// A folder of built programs.
#[derive(Debug, Clone)]
pub struct Tools {
    bin: PathBuf,
}

impl Tools {
    /// The programs in the folder that `CC_LITE_CLUSTER_BIN` names, else those of the cache, built first if need be
    /// (some minutes, once).
    pub async fn ready() -> Result<Self> {
        if let Some(bin) = env::var_os("CC_LITE_CLUSTER_BIN") {
            let tools = Self { bin: bin.into() };
            for (_, name) in PROGRAMS {
                ensure!(
                    tools.program(name).is_file(),
                    "CC_LITE_CLUSTER_BIN is {}, which has no {name}: unset it to have the programs built",
                    tools.bin.display()
                );
            }
            return Ok(tools);
        }
        let bin =
            cache_dir()?.join(format!("tools-{}", fingerprint(SOURCES.map(|(_, text)| text.as_bytes()), 16)));
        if !bin.is_dir() {
            build(&bin).await?;
        }
        Ok(Self { bin })
    }

    /// The folder, for a `PATH`.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The path of one program. etcd's may go by the name that `go install` gives it.
    pub fn program(&self, name: &str) -> PathBuf {
        let path = self.bin.join(name);
        if name == "etcd" && !path.exists() { self.bin.join("server") } else { path }
    }
}

/// Where things that outlive a checkout are kept: `$XDG_CACHE_HOME/cc-lite`, else `~/.cache/cc-lite`.
pub fn cache_dir() -> Result<PathBuf> {
    let cache = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
        (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
        (_, Some(home)) => PathBuf::from(home).join(".cache"),
        _ => bail!("neither XDG_CACHE_HOME nor HOME is set: set one, so that built tools have a place"),
    };
    let dir = cache.join("cc-lite");
    fs::create_dir_all(&dir).with_context(|| format!("{} could not be made", dir.display()))?;
    Ok(dir)
}

/// Builds into a folder beside `bin` and renames it, so that an interrupted build never passes for a whole one.
async fn build(bin: &Path) -> Result<()> {
    let lock = File::create(bin.with_extension("lock"))?;
    step("waiting for another build of the same tools", async {
        let lock = lock.try_clone()?;
        Ok(tokio::task::spawn_blocking(move || flock(&lock, FlockOperation::LockExclusive)).await??)
    })
    .await?;
    if bin.is_dir() {
        return Ok(());
    }
    let source = bin.with_extension("src");
    let unfinished = bin.with_extension("new");
    for (name, text) in SOURCES {
        let path = source.join(name);
        fs::create_dir_all(path.parent().context("a source has a folder")?)?;
        fs::write(path, text)?;
    }
    for (number, (package, name)) in PROGRAMS.iter().enumerate() {
        let what = format!(
            "building Kubernetes' programs, once on this machine: {} of {}, {name}",
            number + 1,
            PROGRAMS.len()
        );
        step(&what, install(package, &source, &unfinished)).await?;
    }
    fs::rename(unfinished.join("server"), unfinished.join("etcd"))?;
    fs::rename(&unfinished, bin)?;
    fs::remove_dir_all(&source)?;
    Ok(())
}

async fn install(package: &str, source: &Path, into: &Path) -> Result<()> {
    let version = kubernetes_version()?;
    let mut numbers = version.trim_start_matches('v').split('.');
    let flags = format!(
        "-s -w -X k8s.io/component-base/version.gitVersion={version} -X \
         k8s.io/component-base/version.gitMajor={} -X k8s.io/component-base/version.gitMinor={}",
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default()
    );
    let output = Command::new("go")
        .current_dir(source)
        .env("GOBIN", into)
        .env("GOFLAGS", "-mod=mod")
        .env("CGO_ENABLED", "0")
        .args(["install", "-trimpath", "-tags", "no_btrfs,no_devmapper,no_zfs", "-ldflags", &flags, package])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("go could not be started: install Go 1.26 or newer and put it on PATH")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{package} did not build:\n{errors}");
    Ok(())
}

/// The version that `go.mod` names, such as `v1.37.2`.
pub fn kubernetes_version() -> Result<&'static str> {
    let (_, mod_file) = SOURCES[0];
    mod_file
        .lines()
        .find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes "))
        .and_then(|rest| rest.split_whitespace().next())
        .context("tools/go.mod does not name k8s.io/kubernetes")
}
