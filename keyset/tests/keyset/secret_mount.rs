//! A Secret volume's layout. What a real kubelet's ownership allows is beside the code, where it can be injected.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
};

use keyset::{
    JWKS_JSON, PRIVATE_PEM,
    directory::{AccessError, DirectoryError, Fault, load, load_or_generate},
};
use rand::{SeedableRng, rngs::StdRng};

use crate::set;

/// Writes a Secret volume as the kubelet does, all files with `mode`.
fn mount(path: &Path, seed: u64, mode: u32) {
    let generation = path.join("..2026_11_23_10_00_00.1");
    fs::create_dir(&generation).unwrap();
    fs::set_permissions(&generation, fs::Permissions::from_mode(0o755)).unwrap();
    for (name, bytes) in set(seed).to_secret_data() {
        fs::write(generation.join(&name), bytes).unwrap();
        fs::set_permissions(generation.join(&name), fs::Permissions::from_mode(mode)).unwrap();
        symlink(Path::new("..data").join(&name), path.join(&name)).unwrap();
    }
    symlink(generation.file_name().unwrap(), path.join("..data")).unwrap();
}

/// Whether this process can make files that look like a kubelet's.
fn is_root(path: &Path) -> bool {
    fs::metadata(path).unwrap().uid() == 0
}

#[test]
fn a_mount_loads_as_root_and_a_mount_of_somebody_elses_making_is_refused() {
    let root = tempfile::tempdir().unwrap();
    mount(root.path(), 1, 0o440);
    let loaded = load(root.path());
    if is_root(root.path()) {
        assert_eq!(loaded.unwrap().set_sha256(), set(1).set_sha256());
        let link = root.path().join("..data");
        let file = link.join(PRIVATE_PEM).canonicalize().unwrap();
        std::os::unix::fs::chown(&file, Some(65534), None).unwrap();
        let seen = load(root.path());
        let expected = AccessError { path: file, fault: Fault::MountOwner { owner: 65534 } };
        assert!(matches!(&seen, Err(DirectoryError::Access(seen)) if *seen == expected), "{seen:?}");
    } else {
        let fault = match loaded {
            Err(DirectoryError::Access(AccessError { fault, .. })) => fault,
            other => panic!("expected a refused owner, saw {other:?}"),
        };
        assert_eq!(fault, Fault::MountOwner { owner: fs::metadata(root.path()).unwrap().uid() });
    }
}

#[test]
fn nothing_is_ever_made_in_a_mount() {
    let root = tempfile::tempdir().unwrap();
    mount(root.path(), 1, 0o440);
    let generation = root.path().join("..data").canonicalize().unwrap();
    for entry in fs::read_dir(&generation).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let seen = load_or_generate(root.path(), &mut StdRng::seed_from_u64(2));
    assert!(seen.is_err(), "{seen:?}");
    assert_eq!(fs::read_dir(&generation).unwrap().count(), 0);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 5, "three links, ..data and its generation");
}

#[test]
fn a_data_link_that_leaves_the_mount_is_refused() {
    for target in ["/etc", "../elsewhere", "..", "plain", "..a/b"] {
        let root = tempfile::tempdir().unwrap();
        mount(root.path(), 1, 0o440);
        let link = root.path().join("..data");
        fs::remove_file(&link).unwrap();
        symlink(target, &link).unwrap();
        let seen = load(root.path());
        assert!(
            matches!(&seen, Err(DirectoryError::ForeignLink(named)) if *named == link),
            "{target}: {seen:?}"
        );
    }
}

#[test]
fn a_mount_that_others_may_read_is_refused_with_the_volumes_setting() {
    let root = tempfile::tempdir().unwrap();
    mount(root.path(), 1, 0o444);
    if is_root(root.path()) {
        let message = load(root.path()).unwrap_err().to_string();
        let file = root.path().join("..2026_11_23_10_00_00.1").join(PRIVATE_PEM);
        assert_eq!(
            message,
            format!(
                "{} has mode 0444, which others could use: set `defaultMode: 0440` on the Secret's volume",
                file.display()
            )
        );
        assert!(file.with_file_name(JWKS_JSON).exists());
    }
}
