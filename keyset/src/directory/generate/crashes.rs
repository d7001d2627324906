//! What each point of a crash leaves behind, and that the next start makes it whole.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rand::{SeedableRng, rngs::StdRng};

use super::{STAGING, load_or_generate};
use crate::{JWKS_JSON, KeyPair, KeySet, PRIVATE_PEM, PUBLIC_PEM, directory::DirectoryError};

fn set(seed: u64) -> KeySet {
    KeySet::of_pair(KeyPair::generate(&mut StdRng::seed_from_u64(seed)))
}

fn directory(path: &Path) {
    fs::DirBuilder::new().mode(0o700).create(path).unwrap();
}

fn file(path: PathBuf, bytes: &[u8]) {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    std::io::Write::write_all(&mut options.open(path).unwrap(), bytes).unwrap();
}

/// The state after `steps` of: make the directory, make the staging one, write half and all of each staged file, move
/// each of them into place, remove the staging directory.
fn crashed_after(steps: usize, path: &Path, set: &KeySet) {
    let files = set.to_files();
    let staging = path.join(STAGING);
    let mut left = steps;
    let mut step = |action: &dyn Fn()| {
        if left > 0 {
            left -= 1;
            action();
        }
    };
    step(&|| directory(path));
    step(&|| directory(&staging));
    for (name, bytes) in &files {
        step(&|| file(staging.join(name), &bytes[..bytes.len() / 2]));
        step(&|| fs::write(staging.join(name), bytes).unwrap());
    }
    for (name, _) in &files {
        step(&|| fs::rename(staging.join(name), path.join(name)).unwrap());
    }
    step(&|| fs::remove_dir(&staging).unwrap());
}

const STEPS: usize = 2 + 6 + 3 + 1;
/// From here on the staged set is whole.
const STAGED: usize = 2 + 6;

#[test]
fn after_a_crash_at_any_point_the_next_start_has_a_whole_set_and_no_leftovers() {
    for steps in 0..=STEPS {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("keys");
        crashed_after(steps, &path, &set(1));

        let loaded = load_or_generate(&path, &mut StdRng::seed_from_u64(2)).unwrap();
        let expected = if steps < STAGED { set(2) } else { set(1) };
        assert_eq!(loaded.set_sha256(), expected.set_sha256(), "after {steps} steps");
        let mut names: Vec<_> = fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, [PRIVATE_PEM, PUBLIC_PEM, JWKS_JSON], "after {steps} steps");
    }
}

#[test]
fn before_the_private_key_is_in_place_there_is_no_set_to_load() {
    for steps in 1..STEPS - 1 {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("keys");
        crashed_after(steps, &path, &set(1));
        let seen = crate::directory::load(&path);
        let missing =
            matches!(&seen, Err(DirectoryError::Set { error: crate::KeySetError::Missing(PRIVATE_PEM), .. }));
        assert!(missing, "after {steps} steps: {seen:?}");
    }
}
