//! A key directory that tests change as people and the kubelet do.

use keyset::{JWKS_JSON, Jwk, Jwks, KeyPair, KeySet, PRIVATE_PEM, PUBLIC_PEM};
use rand::{SeedableRng, rngs::StdRng};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Contents by file name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The key pair of this number: the same whenever it is asked for.
pub(crate) fn pair(number: u64) -> KeyPair {
    KeyPair::generate(&mut StdRng::seed_from_u64(number))
}

/// A set that signs with one key and accepts others too.
pub(crate) fn set(signing: u64, also: &[u64]) -> KeySet {
    let keys = also.iter().chain([&signing]).map(|number| pair(*number).public().clone());
    let jwks = keys.map(|key| Jwk { kid: key.thumbprint(), key });
    KeySet::new(pair(signing), Jwks::new(jwks).unwrap()).unwrap()
}

/// How a key directory is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Beside a program: files replaced one by one.
    Bare,
    /// A Secret's volume: generations, and a link that is switched.
    Mounted,
}

impl Layout {
    /// Those that this process can make: files as the kubelet's belong to root.
    pub(crate) fn all() -> &'static [Self] {
        if rustix::process::geteuid().is_root() { &[Self::Bare, Self::Mounted] } else { &[Self::Bare] }
    }
}

/// Whom the files are open to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Those who have to read them.
    Proper,
    /// Everybody.
    Loose,
}

/// A key directory.
pub(crate) struct KeyDirectory {
    path: PathBuf,
    layout: Layout,
    generation: Cell<usize>,
}

impl KeyDirectory {
    /// A new one that holds this set.
    pub(crate) fn with(path: PathBuf, layout: Layout, set: &KeySet) -> Self {
        DirBuilder::new().mode(0o700).create(&path).unwrap();
        let this = Self { path, layout, generation: Cell::default() };
        this.put(&set.to_secret_data(), Access::Proper);
        this
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces all that lies in it.
    pub(crate) fn put(&self, files: &Files, access: Access) {
        let mode = match (self.layout, access) {
            (Layout::Bare, Access::Proper) => 0o600,
            (Layout::Bare, Access::Loose) => 0o644,
            (Layout::Mounted, Access::Proper) => 0o440,
            (Layout::Mounted, Access::Loose) => 0o444,
        };
        match self.layout {
            Layout::Bare => self.replace_each(files, mode),
            Layout::Mounted => self.switch(files, mode),
        }
    }

    fn replace_each(&self, files: &Files, mode: u32) {
        for name in [JWKS_JSON, PUBLIC_PEM, PRIVATE_PEM] {
            let path = self.path.join(name);
            match files.get(name) {
                Some(bytes) => {
                    let next = self.path.join("next");
                    write(&next, bytes, mode);
                    fs::rename(next, path).unwrap();
                }
                None if path.exists() => fs::remove_file(path).unwrap(),
                None => {}
            }
        }
    }

    /// As `AtomicWriter` does it: a new generation, the link renamed over the old one, then the old generation removed.
    fn switch(&self, files: &Files, mode: u32) {
        let number = self.generation.replace(self.generation.get() + 1);
        let name = format!("..generation.{number}");
        let generation = self.path.join(&name);
        fs::create_dir(&generation).unwrap();
        fs::set_permissions(&generation, Permissions::from_mode(0o755)).unwrap();
        for (name, bytes) in files {
            write(&generation.join(name), bytes, mode);
        }
        let (link, next) = (self.path.join("..data"), self.path.join("..data_tmp"));
        let old = fs::read_link(&link);
        symlink(&name, &next).unwrap();
        fs::rename(next, link).unwrap();
        for name in [JWKS_JSON, PUBLIC_PEM, PRIVATE_PEM] {
            let (path, is_there) = (self.path.join(name), files.contains_key(name));
            match path.is_symlink() {
                false if is_there => symlink(Path::new("..data").join(name), path).unwrap(),
                true if !is_there => fs::remove_file(path).unwrap(),
                _ => {}
            }
        }
        if let Ok(old) = old {
            fs::remove_dir_all(self.path.join(old)).unwrap();
        }
    }

    /// Takes the whole directory away.
    pub(crate) fn remove(&self) {
        fs::rename(&self.path, self.aside()).unwrap();
    }

    /// Puts it back.
    pub(crate) fn restore(&self) {
        fs::rename(self.aside(), &self.path).unwrap();
    }

    fn aside(&self) -> PathBuf {
        self.path.with_extension("aside")
    }
}

fn write(path: &Path, bytes: &[u8], mode: u32) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
