//! The key directory: where a key set lies on disk, who may reach it, and how the first one is made.
//!
//! Two layouts, told apart by the link `..data`:
//! - **bare** (no link; beside a program on a desk or server): owned by the effective user, directory 0700 and files
//!   0600 at most. [`load_or_generate`] makes the set when there is none.
//! - **mounted** (a Kubernetes Secret volume): files owned by root, at most readable for a group of ours, nothing for
//!   others. The kubelet writes each generation of the Secret to a directory of its own and then switches the link
//!   (`AtomicWriter`, kubernetes `pkg/volume/util/atomic_writer.go`); all files are read through one opened
//!   generation, so that a set is never a mixture.
//!
//! Owner and mode are those of the opened files, and no link is followed but `..data`.

mod access;
mod generate;
#[cfg(test)]
mod switching;

use std::{
    ffi::CString,
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Mode, OFlags, Stat},
    io::Errno,
};
use zeroize::Zeroizing;

use self::access::{Identity, Rules};
pub use self::{
    access::{AccessError, Fault},
    generate::load_or_generate,
};
use crate::{JWKS_JSON, KeySet, KeySetError, PRIVATE_PEM, PUBLIC_PEM};

/// The link that the kubelet switches from one generation of a mounted Secret to the next.
const DATA_LINK: &str = "..data";
/// A file longer than this, in bytes, is no key file: a whole Secret holds no more.
const MAX_FILE_LENGTH: u64 = 1 << 20;
/// How often a mount may switch generations under one reading; the kubelet leaves seconds between two.
const MAX_SWITCHES: usize = 100;

/// Why a key directory was not loaded or made. Each message is whole, its cause included.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// There is no directory.
    #[error("there is no key directory {}: create it with `mkdir -m 700`, or name another", .0.display())]
    Absent(PathBuf),
    /// The path is a link or something else than a directory.
    #[error("{} is not a directory itself (a link counts as none): name the directory that holds the keys", .0.display())]
    NotADirectory(PathBuf),
    /// Owner, mode or kind of an entry is not as it has to be.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The files do not make a key set.
    #[error("key directory {}: {error}", .path.display())]
    Set {
        /// The key directory.
        path: PathBuf,
        /// What is wrong with them.
        error: KeySetError,
    },
    /// A key file is longer than any key file is.
    #[error("{} is longer than {MAX_FILE_LENGTH} bytes: it is not a key file, restore the one meant", .0.display())]
    TooLong(PathBuf),
    /// `..data` points outside of the mount.
    #[error("{} does not point into its own directory: mount the Secret as a volume, without links of your own", .0.display())]
    ForeignLink(PathBuf),
    /// The mount changed all the while it was being read.
    #[error("{} changed {MAX_SWITCHES} times while it was read: find out what rewrites it, then try again", .0.display())]
    Unsettled(PathBuf),
    /// There are public parts but no private key, so nothing may be made in their place.
    #[error(
        "{} has {PUBLIC_PEM} or {JWKS_JSON} but no {PRIVATE_PEM}: \
         restore the private key, or move these files away to have a new set made", .0.display()
    )]
    Orphaned(PathBuf),
    /// The operating system refused.
    #[error("cannot {action} {} ({error}): {advice}", .path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What to do about it.
        advice: &'static str,
        /// The refusal.
        error: io::Error,
    },
}

/// Loads the key set of a bare or mounted directory.
pub fn load(path: &Path) -> Result<KeySet, DirectoryError> {
    Directory::open(path)?.load(&Identity::effective())
}

/// An opened directory; `path` is kept for messages alone.
struct Directory {
    fd: OwnedFd,
    path: PathBuf,
}

impl Directory {
    fn open(path: &Path) -> Result<Self, DirectoryError> {
        Self::open_at(rustix::fs::CWD, path, path.to_owned()).map_err(|error| match error {
            Errno::NOENT => DirectoryError::Absent(path.to_owned()),
            // A link gives NOTDIR or LOOP, depending on the file system.
            Errno::NOTDIR | Errno::LOOP => DirectoryError::NotADirectory(path.to_owned()),
            error => io_error("open", path.to_owned(), "let the user of this process read it", error),
        })
    }

    fn open_at(parent: impl AsFd, name: impl rustix::path::Arg, path: PathBuf) -> rustix::io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self { fd: rustix::fs::openat(parent, name, flags, Mode::empty())?, path })
    }

    fn load(&self, identity: &Identity) -> Result<KeySet, DirectoryError> {
        if self.has(DATA_LINK)? {
            self.load_mounted(&Rules::mounted(identity))
        } else {
            self.load_files(&Rules::bare(identity))
        }
    }

    /// Whether there is an entry of this name, a dangling link included.
    fn has(&self, name: &str) -> Result<bool, DirectoryError> {
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => {
                Err(self.io_error("look at", name, "let the user of this process search it", error))
            }
        }
    }

    /// Reads through one generation. A generation that the kubelet took away meanwhile may have lost files and is
    /// discarded: it switches the link before it removes anything, so an unchanged link means an unchanged generation.
    fn load_mounted(&self, rules: &Rules) -> Result<KeySet, DirectoryError> {
        for _ in 0..MAX_SWITCHES {
            let target = self.data_target()?;
            let Some(name) = generation_name(&target) else {
                return Err(DirectoryError::ForeignLink(self.path.join(DATA_LINK)));
            };
            let loaded = match Self::open_at(&self.fd, name, self.path.join(name)) {
                Ok(generation) => generation.load_files(rules),
                Err(error) => Err(self.io_error("open", name, "mount the Secret as a volume again", error)),
            };
            if self.data_target()? == target {
                return loaded;
            }
        }
        Err(DirectoryError::Unsettled(self.path.clone()))
    }

    fn data_target(&self) -> Result<CString, DirectoryError> {
        rustix::fs::readlinkat(&self.fd, DATA_LINK, Vec::new()).map_err(|error| {
            self.io_error("read the link", DATA_LINK, "mount the Secret as a volume again", error)
        })
    }

    fn load_files(&self, rules: &Rules) -> Result<KeySet, DirectoryError> {
        self.check(rules)?;
        let private = self.read(PRIVATE_PEM, rules)?;
        let public = self.read(PUBLIC_PEM, rules)?;
        let jwks = self.read(JWKS_JSON, rules)?;
        KeySet::from_files(|name| match name {
            PRIVATE_PEM => private.as_ref().map(|bytes| bytes.as_slice()),
            PUBLIC_PEM => public.as_ref().map(|bytes| bytes.as_slice()),
            _ => jwks.as_ref().map(|bytes| bytes.as_slice()),
        })
        .map_err(|error| DirectoryError::Set { path: self.path.clone(), error })
    }

    /// A file's contents, or `None` when there is no such file.
    fn read(&self, name: &str, rules: &Rules) -> Result<Option<Zeroizing<Vec<u8>>>, DirectoryError> {
        let path = self.path.join(name);
        // NONBLOCK: opening a pipe must not wait for its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(AccessError { path, fault: Fault::NotAFile }.into()),
            Err(error) => return Err(io_error("open", path, rules.unreadable_advice(), error)),
        };
        let stat = stat(&fd, &path)?;
        rules.check_file(&path, &stat)?;
        let length = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if length > MAX_FILE_LENGTH {
            return Err(DirectoryError::TooLong(path));
        }
        // Room for all at once: a vector that grows leaves copies of a private key behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1));
        File::from(fd).take(length).read_to_end(&mut bytes).map_err(|error| DirectoryError::Io {
            action: "read",
            path,
            advice: "check the disk, then try again",
            error,
        })?;
        Ok(Some(bytes))
    }

    fn check(&self, rules: &Rules) -> Result<(), DirectoryError> {
        Ok(rules.check_directory(&self.path, &stat(&self.fd, &self.path)?)?)
    }

    fn io_error(
        &self,
        action: &'static str,
        name: &str,
        advice: &'static str,
        error: Errno,
    ) -> DirectoryError {
        io_error(action, self.path.join(name), advice, error)
    }
}

/// The target of `..data` if it is what the kubelet writes: the name of a hidden directory beside the link.
fn generation_name(target: &CString) -> Option<&str> {
    let name = target.to_str().ok()?;
    (name.starts_with("..") && name.len() > 2 && !name.contains('/')).then_some(name)
}

fn stat(fd: &OwnedFd, path: &Path) -> Result<Stat, DirectoryError> {
    rustix::fs::fstat(fd)
        .map_err(|error| io_error("look at", path.to_owned(), "check the disk, then try again", error))
}

fn io_error(action: &'static str, path: PathBuf, advice: &'static str, error: Errno) -> DirectoryError {
    DirectoryError::Io { action, path, advice, error: error.into() }
}
