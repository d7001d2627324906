//! Who may own and reach key files. The rules are pure: facts of an opened file in, a fault out.

use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Stat};

/// An entry of the key directory that is not owned or protected as it has to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {fault}", .path.display())]
pub struct AccessError {
    /// The entry.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an entry of the key directory. Modes are the permission bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A link, directory, pipe or device where a file has to be.
    #[error("is not a regular file: put the key file itself there, not a link to it")]
    NotAFile,
    /// Bare: another owner than the effective user.
    #[error(
        "belongs to uid {owner}, but this process runs as uid {user}: \
         `chown {user}` it, or name a key directory of this user"
    )]
    OtherOwner {
        /// The owner found.
        owner: u32,
        /// The effective user.
        user: u32,
    },
    /// Bare: open to group or others, or executable.
    #[error("has mode {mode:04o}, which is open to more than its owner needs: `chmod {wanted:o}` it")]
    Loose {
        /// The mode found.
        mode: u32,
        /// The mode to give it.
        wanted: u32,
    },
    /// Mounted: another owner than root.
    #[error(
        "belongs to uid {owner}, but a mounted Secret belongs to root: mount the Secret itself as a volume"
    )]
    MountOwner {
        /// The owner found.
        owner: u32,
    },
    /// Mounted: open to others, or writable for the group.
    #[error("has mode {mode:04o}, which others could use: set `defaultMode: 0440` on the Secret's volume")]
    MountLoose {
        /// The mode found.
        mode: u32,
    },
    /// Mounted: readable for a group that this process is not in.
    #[error(
        "is readable for group {group}, which this process is not in: \
         set the pod's `securityContext.fsGroup` to a group of its own"
    )]
    MountGroup {
        /// The group found.
        group: u32,
    },
}

/// Whom this process acts as.
pub(super) struct Identity {
    user: u32,
    groups: Vec<u32>,
}

impl Identity {
    pub(super) fn effective() -> Self {
        let own = rustix::process::getegid().as_raw();
        let others = rustix::process::getgroups().unwrap_or_default();
        Self {
            user: rustix::process::geteuid().as_raw(),
            groups: std::iter::once(own).chain(others.into_iter().map(rustix::fs::Gid::as_raw)).collect(),
        }
    }
}

/// What a layout asks of its entries.
pub(super) enum Rules {
    Bare { user: u32 },
    Mounted { owner: u32, groups: Vec<u32> },
}

const ROOT: u32 = 0;
const BARE_FILE: u32 = 0o600;
const BARE_DIRECTORY: u32 = 0o700;
/// The owner is root, so its write bit opens nothing to anyone.
const MOUNTED_FILE: u32 = 0o640;
const GROUP_READ: u32 = 0o040;
const OTHERS_WRITE: u32 = 0o002;

impl Rules {
    pub(super) fn bare(identity: &Identity) -> Self {
        Self::Bare { user: identity.user }
    }

    pub(super) fn mounted(identity: &Identity) -> Self {
        Self::Mounted { owner: ROOT, groups: identity.groups.clone() }
    }

    pub(super) fn check_file(&self, path: &Path, stat: &Stat) -> Result<(), AccessError> {
        self.file_fault(stat).map_or(Ok(()), |fault| Err(AccessError { path: path.to_owned(), fault }))
    }

    pub(super) fn check_directory(&self, path: &Path, stat: &Stat) -> Result<(), AccessError> {
        self.directory_fault(stat).map_or(Ok(()), |fault| Err(AccessError { path: path.to_owned(), fault }))
    }

    /// What to do about a file that cannot be opened.
    pub(super) fn unreadable_advice(&self) -> &'static str {
        match self {
            Self::Bare { .. } => "make the user of this process its owner, with mode 0600",
            Self::Mounted { .. } => {
                "set the pod's `securityContext.fsGroup` and `defaultMode: 0440` on the Secret's volume"
            }
        }
    }

    fn file_fault(&self, stat: &Stat) -> Option<Fault> {
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Some(Fault::NotAFile);
        }
        let mode = stat.st_mode & 0o7777;
        match self {
            Self::Bare { user } if stat.st_uid != *user => {
                Some(Fault::OtherOwner { owner: stat.st_uid, user: *user })
            }
            Self::Bare { .. } if mode & !BARE_FILE != 0 => Some(Fault::Loose { mode, wanted: BARE_FILE }),
            Self::Mounted { owner, .. } if stat.st_uid != *owner => {
                Some(Fault::MountOwner { owner: stat.st_uid })
            }
            Self::Mounted { .. } if mode & !MOUNTED_FILE != 0 => Some(Fault::MountLoose { mode }),
            Self::Mounted { groups, .. } if mode & GROUP_READ != 0 && !groups.contains(&stat.st_gid) => {
                Some(Fault::MountGroup { group: stat.st_gid })
            }
            _ => None,
        }
    }

    fn directory_fault(&self, stat: &Stat) -> Option<Fault> {
        let mode = stat.st_mode & 0o7777;
        match self {
            Self::Bare { user } if stat.st_uid != *user => {
                Some(Fault::OtherOwner { owner: stat.st_uid, user: *user })
            }
            // Inherited set-group-ID is harmless.
            Self::Bare { .. } if mode & 0o077 != 0 => Some(Fault::Loose { mode, wanted: BARE_DIRECTORY }),
            Self::Mounted { owner, .. } if stat.st_uid != *owner => {
                Some(Fault::MountOwner { owner: stat.st_uid })
            }
            Self::Mounted { .. } if mode & OTHERS_WRITE != 0 => Some(Fault::MountLoose { mode }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::fd::AsFd};

    use super::*;

    const OURS: u32 = 2000;
    const FILE: u32 = 0o100_000;
    const DIRECTORY: u32 = 0o040_000;

    fn identity() -> Identity {
        Identity { user: 1000, groups: vec![1000, OURS] }
    }

    /// Facts of an entry; what the rules do not look at is that of some file of this machine.
    fn entry(kind: u32, owner: u32, group: u32, mode: u32) -> Stat {
        let mut stat = rustix::fs::fstat(File::open("/dev/null").unwrap().as_fd()).unwrap();
        stat.st_uid = owner;
        stat.st_gid = group;
        stat.st_mode = kind | mode;
        stat
    }

    #[test]
    fn a_mounted_file_is_roots_and_at_most_readable_for_a_group_of_ours() {
        let fault =
            |owner, group, mode| Rules::mounted(&identity()).file_fault(&entry(FILE, owner, group, mode));
        for mode in [0o400, 0o440, 0o600, 0o640] {
            assert_eq!(fault(0, OURS, mode), None, "{mode:o}");
        }
        for mode in [0o444, 0o460, 0o441, 0o550, 0o644, 0o660, 0o777] {
            assert_eq!(fault(0, OURS, mode), Some(Fault::MountLoose { mode }), "{mode:o}");
        }
        assert_eq!(fault(1000, OURS, 0o440), Some(Fault::MountOwner { owner: 1000 }));
        assert_eq!(fault(0, 0, 0o440), Some(Fault::MountGroup { group: 0 }));
        assert_eq!(fault(0, 0, 0o400), None, "a group without rights may be any");
    }

    #[test]
    fn a_mounted_generation_is_roots_and_not_writable_for_others() {
        let fault =
            |owner, mode| Rules::mounted(&identity()).directory_fault(&entry(DIRECTORY, owner, OURS, mode));
        // 2755 is what the kubelet makes with an fsGroup.
        for mode in [0o2755, 0o755, 0o750] {
            assert_eq!(fault(0, mode), None, "{mode:o}");
        }
        assert_eq!(fault(0, 0o1777), Some(Fault::MountLoose { mode: 0o1777 }));
        assert_eq!(fault(1000, 0o755), Some(Fault::MountOwner { owner: 1000 }));
    }

    #[test]
    fn a_bare_file_is_the_users_and_nobody_elses() {
        let fault = |owner, mode| Rules::bare(&identity()).file_fault(&entry(FILE, owner, OURS, mode));
        assert_eq!(fault(1000, 0o600), None);
        assert_eq!(fault(1000, 0o400), None);
        assert_eq!(fault(0, 0o600), Some(Fault::OtherOwner { owner: 0, user: 1000 }));
        assert_eq!(fault(1000, 0o640), Some(Fault::Loose { mode: 0o640, wanted: 0o600 }));
    }

    #[test]
    fn only_regular_files_are_key_files_in_either_layout() {
        for rules in [Rules::bare(&identity()), Rules::mounted(&identity())] {
            for kind in [0o010_000, 0o020_000, DIRECTORY, 0o060_000, 0o120_000, 0o140_000] {
                assert_eq!(rules.file_fault(&entry(kind, 0, OURS, 0o400)), Some(Fault::NotAFile), "{kind:o}");
            }
        }
    }
}
