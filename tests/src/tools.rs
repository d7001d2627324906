//! The programs a cluster is made of, built from `tools/go.mod` once a machine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::go_build::GoBuild;

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

/// The minors of Kubernetes before the newest that are supported, and what their programs are built from.
pub const OLDER: [(&str, [(&str, &str); 2]); 3] = [
    (
        "1.36",
        [
            ("go.mod", include_str!("../matrix/1.36/go.mod")),
            ("go.sum", include_str!("../matrix/1.36/go.sum")),
        ],
    ),
    (
        "1.35",
        [
            ("go.mod", include_str!("../matrix/1.35/go.mod")),
            ("go.sum", include_str!("../matrix/1.35/go.sum")),
        ],
    ),
    (
        "1.34",
        [
            ("go.mod", include_str!("../matrix/1.34/go.mod")),
            ("go.sum", include_str!("../matrix/1.34/go.sum")),
        ],
    ),
];

/// The programs that are built for each older minor.
const OF_A_MINOR: [(&str, &str); 3] = [
    ("k8s.io/kubernetes/cmd/kube-apiserver", "kube-apiserver"),
    ("k8s.io/kubernetes/cmd/kube-controller-manager", "kube-controller-manager"),
    ("k8s.io/kubernetes/cmd/kubectl", "kubectl"),
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
        let build =
            GoBuild { name: "tools", what: "Kubernetes' programs", sources: &SOURCES, programs: &PROGRAMS };
        Ok(Self { bin: build.bin().await? })
    }

    /// The programs of an older minor of Kubernetes that [`OLDER`] has, beside those of the cache that have no minor. For
    /// the API-server tier: what runs on nodes is not among them, but the newest.
    pub async fn of_minor(minor: &str) -> Result<Self> {
        let newest = Self::ready().await?;
        let Some((_, sources)) = OLDER.iter().find(|(known, _)| *known == minor) else {
            let older: Vec<_> = OLDER.iter().map(|(minor, _)| *minor).collect();
            bail!("there are no programs of Kubernetes {minor}: choose one of {}", older.join(", "));
        };
        let (name, what) = (format!("kubernetes-{minor}"), format!("the programs of Kubernetes {minor}"));
        let build = GoBuild { name: &name, what: &what, sources, programs: &OF_A_MINOR };
        let tools = Self { bin: build.bin().await? };
        for (_, program) in PROGRAMS {
            let (here, there) = (tools.bin.join(program), newest.program(program));
            if OF_A_MINOR.iter().all(|(_, own)| *own != program)
                && fs::read_link(&here).ok() != Some(there.clone())
            {
                // The newest ones were built anew since.
                let _ = fs::remove_file(&here);
                std::os::unix::fs::symlink(&there, &here)?;
            }
        }
        Ok(tools)
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
