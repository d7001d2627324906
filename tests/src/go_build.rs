//! Programs built from a `go.mod` of this repository, once a machine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use rustix::fs::{FlockOperation, flock};
use tokio::process::Command;

use crate::fingerprint::fingerprint;
use crate::progress::step;
use crate::tools::cache_dir;

/// What is built from what.
#[derive(Debug)]
pub(crate) struct GoBuild<'a> {
    /// The beginning of the folder's name in the cache; the hash of the sources follows.
    pub(crate) name: &'a str,
    /// What a person sees while it is built, such as `Kubernetes' programs`.
    pub(crate) what: &'a str,
    /// Files and their texts, `go.mod` and `go.sum` among them.
    pub(crate) sources: &'a [(&'a str, &'a str)],
    /// Package of each program, and the name that it is to have.
    pub(crate) programs: &'a [(&'a str, &'a str)],
}

impl GoBuild<'_> {
    /// The folder of the programs, built first if need be. It is made beside its place and renamed, so that an
    /// interrupted build never passes for a whole one.
    pub(crate) async fn bin(&self) -> Result<PathBuf> {
        let hash = fingerprint(self.sources.iter().map(|(_, text)| text.as_bytes()), 16);
        let bin = cache_dir()?.join(format!("{}-{hash}", self.name));
        if !bin.is_dir() {
            self.build(&bin).await?;
        }
        Ok(bin)
    }

    /// The program of a build that has one, built first if need be.
    pub(crate) async fn program(&self) -> Result<PathBuf> {
        let [(_, name)] = self.programs else { bail!("{} is more than one program", self.what) };
        Ok(self.bin().await?.join(name))
    }

    async fn build(&self, bin: &Path) -> Result<()> {
        // Names may have dots, so that `with_extension` would take a part of them.
        let beside = |end: &str| -> Result<PathBuf> {
            let name = bin.file_name().context("the folder has a name")?.to_string_lossy();
            Ok(bin.with_file_name(format!("{name}.{end}")))
        };
        let lock = File::create(beside("lock")?)?;
        step("waiting for another build of the same tools", async {
            let lock = lock.try_clone()?;
            Ok(tokio::task::spawn_blocking(move || flock(&lock, FlockOperation::LockExclusive)).await??)
        })
        .await?;
        if bin.is_dir() {
            return Ok(());
        }
        let (source, unfinished) = (beside("src")?, beside("new")?);
        for (name, text) in self.sources {
            let path = source.join(name);
            fs::create_dir_all(path.parent().context("a source has a folder")?)?;
            fs::write(path, text)?;
        }
        for (number, (package, name)) in self.programs.iter().enumerate() {
            let what = format!(
                "building {}, once on this machine: {} of {}, {name}",
                self.what,
                number + 1,
                self.programs.len()
            );
            step(&what, self.install(package, name, &source, &unfinished)).await?;
        }
        fs::rename(&unfinished, bin)?;
        fs::remove_dir_all(&source)?;
        Ok(())
    }

    async fn install(&self, package: &str, name: &str, source: &Path, into: &Path) -> Result<()> {
        let output = Command::new("go")
            .current_dir(source)
            .env("GOBIN", into)
            .env("GOFLAGS", "-mod=mod")
            .env("CGO_ENABLED", "0")
            .args(["install", "-trimpath", "-tags", "no_btrfs,no_devmapper,no_zfs", "-ldflags"])
            .args([&self.linker_flags(), package])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("go could not be started: install Go 1.26 or newer and put it on PATH")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{package} did not build:\n{errors}");
        let installed = installed_name(package);
        if installed != name {
            fs::rename(into.join(installed), into.join(name))?;
        }
        Ok(())
    }

    /// Kubernetes' programs say which version they are by what the linker is told.
    fn linker_flags(&self) -> String {
        let Some(version) = self.kubernetes_version() else { return "-s -w".into() };
        let mut numbers = version.trim_start_matches('v').split('.');
        let mut next = || numbers.next().unwrap_or_default();
        format!(
            "-s -w -X k8s.io/component-base/version.gitVersion={version} -X \
             k8s.io/component-base/version.gitMajor={} -X k8s.io/component-base/version.gitMinor={}",
            next(),
            next()
        )
    }

    /// The version of Kubernetes that `go.mod` names, such as `v1.37.2`.
    pub(crate) fn kubernetes_version(&self) -> Option<&str> {
        let (_, mod_file) = self.sources.iter().find(|(name, _)| *name == "go.mod")?;
        let required = mod_file.lines().map(|line| line.trim().trim_start_matches("require "));
        required
            .filter_map(|line| line.strip_prefix("k8s.io/kubernetes "))
            .find_map(|rest| rest.split(' ').next())
    }
}

/// What `go install` calls a package's program: its path's last element that is not a major version.
fn installed_name(package: &str) -> &str {
    let is_version =
        |element: &str| element.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
    package.rsplit('/').find(|element| !is_version(element)).unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use super::{GoBuild, installed_name};

    #[test]
    fn a_program_has_the_name_of_its_package() {
        assert_eq!(installed_name("k8s.io/kubernetes/cmd/kubectl"), "kubectl");
        assert_eq!(installed_name("go.etcd.io/etcd/server/v3"), "server");
        assert_eq!(installed_name("./dns"), "dns");
    }

    #[test]
    fn programs_of_kubernetes_are_told_their_version() {
        let of = |text: &'static str| {
            GoBuild { name: "a", what: "a", sources: &[("go.mod", text)], programs: &[] }.linker_flags()
        };
        assert!(
            of("require (\n\tk8s.io/kubernetes v1.37.2 // indirect\n)").contains("gitVersion=v1.37.2 -X"),
            "{}",
            of("require (\n\tk8s.io/kubernetes v1.37.2 // indirect\n)")
        );
        assert!(of("require k8s.io/kubernetes v1.34.4\n").contains("gitMinor=34"));
        assert_eq!(of("require k8s.io/api v0.37.2\n"), "-s -w");
    }
}
