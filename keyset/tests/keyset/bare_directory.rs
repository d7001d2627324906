//! The key directory of a bare program.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::Barrier,
};

use keyset::{
    JWKS_JSON, KeySet, KeySetError, PRIVATE_PEM, PUBLIC_PEM,
    directory::{AccessError, DirectoryError, Fault, load, load_or_generate},
};
use rand::{SeedableRng, rngs::StdRng};

use crate::{pair, set};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A directory as `load_or_generate` leaves it, with the key set of `seed`.
fn written(root: &Path, seed: u64) -> PathBuf {
    let path = root.join("keys");
    fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
    for (name, bytes) in set(seed).to_secret_data() {
        fs::write(path.join(&name), bytes).unwrap();
        set_mode(&path.join(&name), 0o600);
    }
    path
}

fn names(path: &Path) -> BTreeSet<String> {
    fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn fault(result: Result<KeySet, DirectoryError>) -> (PathBuf, Fault) {
    match result {
        Err(DirectoryError::Access(AccessError { path, fault })) => (path, fault),
        other => panic!("expected a refusal by owner, mode or kind, saw {other:?}"),
    }
}

#[test]
fn a_missing_directory_is_made_for_the_owner_alone_and_loads_the_same_ever_after() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join(".keys");
    let made = load_or_generate(&path, &mut StdRng::seed_from_u64(1)).unwrap();

    assert_eq!(made.set_sha256(), set(1).set_sha256());
    let expected: BTreeSet<String> = [PRIVATE_PEM, PUBLIC_PEM, JWKS_JSON].map(str::to_owned).into();
    assert_eq!(names(&path), expected);
    assert_eq!(mode(&path), 0o700);
    for name in &expected {
        assert_eq!(mode(&path.join(name)), 0o600, "{name}");
    }
    assert_eq!(load(&path).unwrap().set_sha256(), made.set_sha256());
    let again = load_or_generate(&path, &mut StdRng::seed_from_u64(2)).unwrap();
    assert_eq!(again.set_sha256(), made.set_sha256());
}

#[test]
fn an_existing_private_directory_keeps_what_else_it_holds() {
    let root = tempfile::tempdir().unwrap();
    set_mode(root.path(), 0o700);
    fs::write(root.path().join("notes"), "kept").unwrap();
    load_or_generate(root.path(), &mut StdRng::seed_from_u64(1)).unwrap();
    assert_eq!(fs::read_to_string(root.path().join("notes")).unwrap(), "kept");
    assert_eq!(names(root.path()).len(), 4);
}

#[test]
fn of_many_that_start_at_once_one_makes_the_set_and_all_load_it() {
    const STARTERS: u64 = 32;
    for round in 0..8 {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(".keys");
        let barrier = Barrier::new(usize::try_from(STARTERS).unwrap());
        let sets: BTreeSet<String> = std::thread::scope(|scope| {
            let starters: Vec<_> = (0..STARTERS)
                .map(|seed| {
                    let (path, barrier) = (&path, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        let mut rng = StdRng::seed_from_u64(round * STARTERS + seed);
                        load_or_generate(path, &mut rng).unwrap().set_sha256().to_owned()
                    })
                })
                .collect();
            starters.into_iter().map(|starter| starter.join().unwrap()).collect()
        });
        assert_eq!(sets.len(), 1, "round {round}: every starter holds the same set");
        assert_eq!(names(&path).len(), 3, "round {round}: nothing else is left: {:?}", names(&path));
    }
}

#[test]
fn a_set_without_jwks_is_just_the_pair() {
    let root = tempfile::tempdir().unwrap();
    let path = written(root.path(), 1);
    fs::remove_file(path.join(JWKS_JSON)).unwrap();
    assert_eq!(load(&path).unwrap().set_sha256(), set(1).set_sha256());
}

#[test]
fn anything_looser_than_0600_refuses() {
    let root = tempfile::tempdir().unwrap();
    let path = written(root.path(), 1);
    for name in [PRIVATE_PEM, PUBLIC_PEM, JWKS_JSON] {
        for loose in [0o640, 0o604, 0o620, 0o602, 0o700, 0o644, 0o4600] {
            set_mode(&path.join(name), loose);
            let seen = fault(load(&path));
            assert_eq!(seen, (path.join(name), Fault::Loose { mode: loose, wanted: 0o600 }));
        }
        set_mode(&path.join(name), 0o400);
        assert!(load(&path).is_ok(), "{name} may be tighter");
        set_mode(&path.join(name), 0o600);
    }
}

#[test]
fn a_directory_open_to_others_refuses_before_anything_is_made_in_it() {
    let root = tempfile::tempdir().unwrap();
    for loose in [0o750, 0o755, 0o770, 0o777, 0o1777] {
        set_mode(root.path(), loose);
        let seen = fault(load_or_generate(root.path(), &mut StdRng::seed_from_u64(1)));
        assert_eq!(seen, (root.path().to_owned(), Fault::Loose { mode: loose, wanted: 0o700 }));
        assert_eq!(names(root.path()), BTreeSet::new());
    }
}

#[test]
fn the_refusal_names_the_file_the_mode_and_the_command_that_mends_it() {
    let root = tempfile::tempdir().unwrap();
    let path = written(root.path(), 1);
    set_mode(&path.join(PRIVATE_PEM), 0o644);
    assert_eq!(
        load(&path).unwrap_err().to_string(),
        format!(
            "{} has mode 0644, which is open to more than its owner needs: `chmod 600` it",
            path.join(PRIVATE_PEM).display()
        )
    );
}

#[test]
fn anothers_files_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = written(root.path(), 1);
    let user = fs::metadata(&path).unwrap().uid();
    if user == 0 {
        std::os::unix::fs::chown(path.join(PRIVATE_PEM), Some(65534), None).unwrap();
        let seen = fault(load(&path));
        assert_eq!(seen, (path.join(PRIVATE_PEM), Fault::OtherOwner { owner: 65534, user: 0 }));
    } else {
        // Root's own directory, which anyone may open.
        let seen = fault(load(Path::new("/usr")));
        assert_eq!(seen, (PathBuf::from("/usr"), Fault::OtherOwner { owner: 0, user }));
    }
}

#[test]
fn links_pipes_and_directories_are_no_key_files() {
    let root = tempfile::tempdir().unwrap();
    let path = written(root.path(), 1);
    let file = path.join(PUBLIC_PEM);
    let aside = root.path().join("aside.pem");
    fs::rename(&file, &aside).unwrap();

    symlink(&aside, &file).unwrap();
    assert_eq!(fault(load(&path)), (file.clone(), Fault::NotAFile));
    fs::remove_file(&file).unwrap();

    rustix::fs::mknodat(
        rustix::fs::CWD,
        &file,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    assert_eq!(fault(load(&path)), (file.clone(), Fault::NotAFile));
    fs::remove_file(&file).unwrap();

    fs::DirBuilder::new().mode(0o600).create(&file).unwrap();
    assert_eq!(fault(load(&path)), (file.clone(), Fault::NotAFile));
}

#[test]
fn a_linked_directory_a_file_and_nothing_are_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let path = written(root.path(), 1);
    let link = root.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(matches!(load(&link), Err(DirectoryError::NotADirectory(named)) if named == link));
    let file = path.join(PUBLIC_PEM);
    assert!(matches!(load(&file), Err(DirectoryError::NotADirectory(named)) if named == file));
    let absent = root.path().join("absent");
    assert!(matches!(load(&absent), Err(DirectoryError::Absent(named)) if named == absent));
    let orphan = absent.join("keys");
    let seen = load_or_generate(&orphan, &mut StdRng::seed_from_u64(1));
    assert!(
        matches!(&seen, Err(DirectoryError::Io { action: "create", path, .. }) if *path == orphan),
        "{seen:?}"
    );
}

#[test]
fn half_a_set_is_refused_and_never_replaced() {
    let root = tempfile::tempdir().unwrap();
    let path = written(root.path(), 1);
    let error = |result: Result<KeySet, DirectoryError>| match result {
        Err(DirectoryError::Set { error, .. }) => error,
        other => panic!("expected a refused set, saw {other:?}"),
    };

    let private = fs::read(path.join(PRIVATE_PEM)).unwrap();
    fs::write(path.join(PRIVATE_PEM), &private[..private.len() / 2]).unwrap();
    let torn = error(load_or_generate(&path, &mut StdRng::seed_from_u64(2)));
    assert_eq!(torn, KeySetError::Private(keyset::PrivateKeyError::NotPkcs8Pem));
    fs::write(path.join(PRIVATE_PEM), &private).unwrap();

    fs::write(path.join(PUBLIC_PEM), pair(2).public().to_pem()).unwrap();
    assert_eq!(error(load(&path)), KeySetError::PairMismatch);

    fs::remove_file(path.join(PUBLIC_PEM)).unwrap();
    let halved = error(load_or_generate(&path, &mut StdRng::seed_from_u64(2)));
    assert_eq!(halved, KeySetError::Missing(PUBLIC_PEM));
    assert_eq!(fs::read(path.join(PRIVATE_PEM)).unwrap(), private);

    fs::remove_file(path.join(PRIVATE_PEM)).unwrap();
    let orphaned = load_or_generate(&path, &mut StdRng::seed_from_u64(2));
    assert!(matches!(&orphaned, Err(DirectoryError::Orphaned(named)) if *named == path), "{orphaned:?}");
    assert_eq!(names(&path), [JWKS_JSON.to_owned()].into());
}

#[test]
fn a_file_too_long_to_be_a_key_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = written(root.path(), 1);
    fs::write(path.join(JWKS_JSON), vec![b' '; (1 << 20) + 1]).unwrap();
    let seen = load(&path);
    assert!(
        matches!(&seen, Err(DirectoryError::TooLong(named)) if *named == path.join(JWKS_JSON)),
        "{seen:?}"
    );
}
