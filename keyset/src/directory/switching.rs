//! Reading a mount while the kubelet switches generations under it.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, symlink},
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::StdRng};

use super::{Directory, DirectoryError, Rules};
use crate::{Jwk, Jwks, KeyPair, KeySet};

fn pair(seed: u64) -> KeyPair {
    KeyPair::generate(&mut StdRng::seed_from_u64(seed))
}

/// A signing pair, and two keys to accept: without its JWK set, or with another's, the set would be another.
fn set(signing: u64, also: u64) -> KeySet {
    let jwk = |seed| {
        let key = pair(seed).public().clone();
        Jwk { kid: key.thumbprint(), key }
    };
    KeySet::new(pair(signing), Jwks::new([jwk(signing), jwk(also)]).unwrap()).unwrap()
}

/// One update as the kubelet makes it: a new generation, the link replaced, then the old generation removed file by
/// file.
fn switch(mount: &Path, number: usize, set: &KeySet) {
    let name = format!("..generation.{number}");
    fs::DirBuilder::new().mode(0o755).create(mount.join(&name)).unwrap();
    for (file, bytes) in set.to_secret_data() {
        let mut options = fs::OpenOptions::new();
        let mut file =
            options.write(true).create_new(true).mode(0o440).open(mount.join(&name).join(file)).unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
    }
    let old = fs::read_link(mount.join("..data")).ok();
    symlink(&name, mount.join("..data_tmp")).unwrap();
    fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    if let Some(old) = old {
        fs::remove_dir_all(mount.join(old)).unwrap();
    }
}

/// The rules of a mount, but for files of whoever runs this test.
fn rules_for_files_in(path: &Path) -> Rules {
    let stat = fs::metadata(path).unwrap();
    Rules::Mounted { owner: stat.uid(), groups: vec![stat.gid()] }
}

#[test]
fn a_reading_under_switches_is_of_the_old_or_the_new_generation_and_never_a_mixture() {
    const SWITCHES: usize = 400;
    let root = tempfile::tempdir().unwrap();
    let mount = root.path();
    // The same pair with other accepted keys, and another pair: every file differs between some two.
    let sets = [set(1, 2), set(1, 3), set(4, 2)];
    let digests: BTreeSet<&str> = sets.iter().map(KeySet::set_sha256).collect();
    switch(mount, 0, &sets[0]);
    let rules = rules_for_files_in(mount);
    let directory = Directory::open(mount).unwrap();

    let done = AtomicBool::new(false);
    let readings = AtomicUsize::new(0);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !done.load(Ordering::Relaxed) {
                let loaded = match directory.load_mounted(&rules) {
                    Ok(set) => set,
                    // Switches far faster than any kubelet's may outrun a slow machine; that is an answer too.
                    Err(DirectoryError::Unsettled(_)) => continue,
                    Err(error) => panic!("reading number {}: {error}", readings.load(Ordering::Relaxed)),
                };
                readings.fetch_add(1, Ordering::Relaxed);
                assert!(digests.contains(loaded.set_sha256()), "a set that no generation held: {loaded:?}");
                seen.insert(loaded.set_sha256().to_owned());
            }
            seen
        });
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut number = 0;
        while number < SWITCHES || readings.load(Ordering::Relaxed) < SWITCHES {
            assert!(Instant::now() < deadline, "{number} switches, {readings:?} readings in a minute");
            if reader.is_finished() {
                break;
            }
            number += 1;
            switch(mount, number, &sets[number % sets.len()]);
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert_eq!(seen.len(), sets.len(), "every generation was read at some time");
}

#[test]
fn a_generation_without_jwks_is_just_the_pair() {
    let root = tempfile::tempdir().unwrap();
    switch(root.path(), 1, &set(1, 2));
    fs::remove_file(root.path().join("..data").join(crate::JWKS_JSON)).unwrap();
    let loaded = Directory::open(root.path()).unwrap().load_mounted(&rules_for_files_in(root.path()));
    assert_eq!(loaded.unwrap().set_sha256(), KeySet::of_pair(pair(1)).set_sha256());
}
