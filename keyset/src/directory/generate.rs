//! The first key set of a bare directory: made by exactly one of several starting processes, whole or not at all.

#[cfg(test)]
mod crashes;

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use ed25519_dalek::rand_core::CryptoRng;
use rustix::{
    fs::{AtFlags, FlockOperation, Mode, OFlags},
    io::Errno,
};
use zeroize::Zeroizing;

use super::{
    DATA_LINK, Directory, DirectoryError,
    access::{Identity, Rules},
    io_error,
};
use crate::{JWKS_JSON, KeyPair, KeySet, PRIVATE_PEM, PUBLIC_PEM};

/// Where a set is written before its files are moved into place, private key last. What a crash leaves here is
/// finished or thrown away by the next start.
const STAGING: &str = ".new";

const DIRECTORY_MODE: Mode = Mode::RWXU;
const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);
const WRITE_ADVICE: &str =
    "make the key directory writable for the user of this process, and see that its disk has room";

/// Loads the key set, having made the directory and a set of one new pair first if there is neither.
///
/// Of several processes exactly one makes the set and all load it. The private key appears last, when all is on disk:
/// a crash at any point leaves either no set, which the next call makes or completes, or a whole one. A mounted
/// directory is only loaded, as by [`load`](super::load).
pub fn load_or_generate(path: &Path, rng: &mut impl CryptoRng) -> Result<KeySet, DirectoryError> {
    let directory = create_or_open(path)?;
    let identity = Identity::effective();
    if !directory.has(DATA_LINK)? && (!directory.has(PRIVATE_PEM)? || directory.has(STAGING)?) {
        let rules = Rules::bare(&identity);
        directory.check(&rules)?;
        directory.settle(&rules, rng)?;
    }
    directory.load(&identity)
}

fn create_or_open(path: &Path) -> Result<Directory, DirectoryError> {
    match rustix::fs::mkdir(path, DIRECTORY_MODE) {
        Ok(()) => {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or_else(|| Path::new("."));
            File::open(parent).and_then(|parent| parent.sync_all()).map_err(|error| DirectoryError::Io {
                action: "write to disk",
                path: parent.to_owned(),
                advice: WRITE_ADVICE,
                error,
            })?;
        }
        Err(Errno::EXIST) => {}
        Err(error) => {
            let advice = "create its parent directory and let the user of this process write there";
            return Err(io_error("create", path.to_owned(), advice, error));
        }
    }
    Directory::open(path)
}

impl Directory {
    /// Leaves a whole set and no staging directory behind. The lock ends with the opened directory or the process.
    fn settle(&self, rules: &Rules, rng: &mut impl CryptoRng) -> Result<(), DirectoryError> {
        rustix::fs::flock(&self.fd, FlockOperation::LockExclusive)
            .map_err(|error| io_error("lock", self.path.clone(), WRITE_ADVICE, error))?;
        if self.has(PRIVATE_PEM)? {
            return self.discard_staging();
        }
        if self.staged_is_whole(rules)? {
            return self.publish();
        }
        // Nothing moves out of a staging directory before it is whole, so public files beside it are somebody else's.
        if self.has(PUBLIC_PEM)? || self.has(JWKS_JSON)? {
            return Err(DirectoryError::Orphaned(self.path.clone()));
        }
        self.discard_staging()?;
        self.stage(&KeySet::of_pair(KeyPair::generate(rng)))?;
        self.publish()
    }

    fn staging(&self) -> Result<Option<Directory>, DirectoryError> {
        match Self::open_at(&self.fd, STAGING, self.path.join(STAGING)) {
            Ok(staging) => Ok(Some(staging)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(self.io_error("open", STAGING, "remove it", error)),
        }
    }

    /// The private key is staged last, so a readable one means that the others were staged too.
    fn staged_is_whole(&self, rules: &Rules) -> Result<bool, DirectoryError> {
        let Some(staging) = self.staging()? else { return Ok(false) };
        let private = staging.read(PRIVATE_PEM, rules)?.unwrap_or_default();
        Ok(str::from_utf8(&private).is_ok_and(|pem| KeyPair::from_pem(pem).is_ok()))
    }

    fn stage(&self, set: &KeySet) -> Result<(), DirectoryError> {
        rustix::fs::mkdirat(&self.fd, STAGING, DIRECTORY_MODE)
            .map_err(|error| self.io_error("create", STAGING, WRITE_ADVICE, error))?;
        let staging = Self::open_at(&self.fd, STAGING, self.path.join(STAGING))
            .map_err(|error| self.io_error("open", STAGING, WRITE_ADVICE, error))?;
        for (name, bytes) in set.to_files() {
            staging.write_new(name, &bytes).map_err(|error| DirectoryError::Io {
                action: "write",
                path: staging.path.join(name),
                advice: WRITE_ADVICE,
                error,
            })?;
        }
        staging.sync()?;
        self.sync()
    }

    fn write_new(&self, name: &str, bytes: &Zeroizing<Vec<u8>>) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::openat(&self.fd, name, flags, FILE_MODE)?);
        file.write_all(bytes)?;
        file.sync_all()
    }

    /// Moves the staged files into place; those that an earlier attempt moved are there already.
    fn publish(&self) -> Result<(), DirectoryError> {
        let Some(staging) = self.staging()? else { return Ok(()) };
        for name in [PUBLIC_PEM, JWKS_JSON, PRIVATE_PEM] {
            if !staging.has(name)? {
                continue;
            }
            if self.has(name)? {
                return Err(DirectoryError::Orphaned(self.path.clone()));
            }
            if name == PRIVATE_PEM {
                // The public files reach the disk before the file that makes them a set.
                self.sync()?;
            }
            rustix::fs::renameat(&staging.fd, name, &self.fd, name)
                .map_err(|error| self.io_error("write", name, WRITE_ADVICE, error))?;
        }
        self.sync()?;
        self.discard_staging()
    }

    fn discard_staging(&self) -> Result<(), DirectoryError> {
        let Some(staging) = self.staging()? else { return Ok(()) };
        for name in [PUBLIC_PEM, JWKS_JSON, PRIVATE_PEM] {
            match rustix::fs::unlinkat(&staging.fd, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(staging.io_error("remove", name, "remove it by hand", error)),
            }
        }
        rustix::fs::unlinkat(&self.fd, STAGING, AtFlags::REMOVEDIR)
            .map_err(|error| self.io_error("remove", STAGING, "remove it by hand", error))?;
        self.sync()
    }

    fn sync(&self) -> Result<(), DirectoryError> {
        rustix::fs::fsync(&self.fd)
            .map_err(|error| io_error("write to disk", self.path.clone(), WRITE_ADVICE, error))
    }
}
