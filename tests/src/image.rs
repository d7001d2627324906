//! Container images that hold one static program and nothing else, built without a registry.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::command::output;
use crate::fingerprint::fingerprint;
use crate::registry::Registry;
use crate::tools::cache_dir;

/// The image that holds a pod's namespaces.
pub const PAUSE: &str = "localhost/pause:1";

/// An image in an archive.
#[derive(Debug, Clone)]
pub struct Image {
    /// Repository and tag, such as `localhost/cc-lite:0123456789ab`.
    pub reference: String,
    /// The OCI archive.
    pub archive: PathBuf,
}

impl Image {
    /// Builds `localhost/<name>` from a `Containerfile` that copies the one `program`. The tag is the hash of both, so
    /// a new build of the same program is the same image, and an image built before is taken as it is.
    pub async fn build(name: &str, program: &Path, containerfile: &Path) -> Result<Self> {
        let read = |file: &Path| {
            fs::read(file).with_context(|| format!("{} is missing: build it first", file.display()))
        };
        let tag = fingerprint([read(program)?.as_slice(), &read(containerfile)?], 12);
        let image = Self {
            reference: format!("localhost/{name}:{tag}"),
            archive: images_dir()?.join(format!("{name}-{tag}.tar")),
        };
        image.assemble(program, containerfile).await?;
        Ok(image)
    }

    /// The pause image, compiled here by the C compiler.
    pub async fn pause() -> Result<Self> {
        let archive = images_dir()?.join("pause-1.tar");
        let image = Self { reference: PAUSE.to_owned(), archive };
        if image.archive.exists() {
            return Ok(image);
        }
        let dir = tempfile::tempdir()?;
        let (source, program, containerfile) =
            (dir.path().join("pause.c"), dir.path().join("pause"), dir.path().join("Containerfile"));
        fs::write(&source, include_str!("node/pause.c"))?;
        fs::write(&containerfile, "FROM scratch\nCOPY pause /pause\nENTRYPOINT [\"/pause\"]\n")?;
        output(Command::new("cc").args(["-static", "-Os", "-s", "-o"]).arg(&program).arg(&source))
            .await
            .context(
                "the pause program was not compiled: install a C compiler (package gcc) with libc6-dev",
            )?;
        image.assemble(&program, &containerfile).await?;
        Ok(image)
    }

    /// The same program in an image of another name and id, for tests that change the image of something that runs. (Kubelets
    /// remember of each id how it came to them, and ask for credentials again where it took some.)
    pub async fn renamed(&self, reference: &str) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let archive = images_dir()?.join(format!("{}.tar", reference.replace(['/', ':'], "-")));
        let store = Store::new(dir.path())?;
        store.run(&["pull", "--quiet", &format!("oci-archive:{}", self.archive.display())]).await?;
        store.run(&["from", "--name", "another", &self.reference]).await?;
        store.run(&["config", "--label", &format!("name={reference}"), "another"]).await?;
        store.run(&["commit", "--quiet", "another", reference]).await?;
        store.push(reference, &archive).await?;
        Ok(Self { reference: reference.to_owned(), archive })
    }

    /// Pushes the image to `repository`/`name` of a registry, with the credentials that `buildah login` or `docker login`
    /// left, and gives its new name.
    pub async fn push(&self, repository: &str) -> Result<Self> {
        self.push_with(repository, &[]).await
    }

    /// Pushes the image to a registry of this machine, and gives its new name.
    pub async fn push_to(&self, registry: &Registry) -> Result<Self> {
        self.push_with(&registry.address().to_string(), &registry.push_flags()).await
    }

    async fn push_with(&self, repository: &str, flags: &[String]) -> Result<Self> {
        let name = self.reference.rsplit('/').next().unwrap_or_default();
        let reference = format!("{}/{name}", repository.trim_end_matches('/'));
        let dir = tempfile::tempdir()?;
        let store = Store::new(dir.path())?;
        store.run(&["pull", "--quiet", &format!("oci-archive:{}", self.archive.display())]).await?;
        let to = format!("docker://{reference}");
        let mut push = vec!["push", "--quiet"];
        push.extend(flags.iter().map(String::as_str));
        push.extend([self.reference.as_str(), &to]);
        store.run(&push).await?;
        Ok(Self { reference, archive: self.archive.clone() })
    }

    /// Compressed size of all layers, in bytes: what a registry would hand out.
    pub fn size(&self) -> Result<u64> {
        Ok(fs::metadata(&self.archive)?.len())
    }

    async fn assemble(&self, program: &Path, containerfile: &Path) -> Result<()> {
        if self.archive.exists() {
            return Ok(());
        }
        let dir = tempfile::tempdir()?;
        let context = dir.path().join("context");
        fs::create_dir(&context)?;
        fs::copy(program, context.join(program.file_name().context("a program has a name")?))?;
        let store = Store::new(dir.path())?;
        let file = containerfile.to_string_lossy().into_owned();
        let build = ["bud", "--isolation", "chroot", "--timestamp", "0", "--quiet"];
        store
            .run(
                &[&build[..], &["--tag", &self.reference, "--file", &file, &context.to_string_lossy()]]
                    .concat(),
            )
            .await?;
        store.push(&self.reference, &self.archive).await
    }
}

/// buildah with storage of its own, in a folder that goes away.
struct Store {
    flags: Vec<String>,
}

impl Store {
    fn new(dir: &Path) -> Result<Self> {
        let (root, run) = (dir.join("store"), dir.join("run"));
        fs::create_dir_all(&root)?;
        fs::create_dir_all(&run)?;
        let flags = [
            "--storage-driver=vfs".into(),
            format!("--root={}", root.display()),
            format!("--runroot={}", run.display()),
        ];
        Ok(Self { flags: flags.into() })
    }

    async fn run(&self, args: &[&str]) -> Result<String> {
        output(Command::new("buildah").args(&self.flags).args(args))
            .await
            .context("buildah did not do it: is the package buildah installed?")
    }

    /// Writes under another name first: a reader never finds half an archive.
    async fn push(&self, reference: &str, archive: &Path) -> Result<()> {
        let unfinished = archive.with_extension(format!("{}.new", std::process::id()));
        self.run(&[
            "push",
            "--quiet",
            reference,
            &format!("oci-archive:{}:{reference}", unfinished.display()),
        ])
        .await?;
        ensure!(unfinished.exists(), "buildah wrote no archive of {reference}");
        Ok(fs::rename(&unfinished, archive)?)
    }
}

fn images_dir() -> Result<PathBuf> {
    let dir = cache_dir()?.join("images");
    fs::create_dir_all(&dir)?;
    Ok(dir)
}
