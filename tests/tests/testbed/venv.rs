//! Environments of Python: built once, whoever asks, and again after an interruption.

use std::fs;

use testbed::command::output;
use testbed::venv::{REQUIREMENTS, Venv};
use tokio::process::Command;

const NOTHING: [(&str, &str); 1] = [(REQUIREMENTS, "# No package.\n")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_environment_asked_for_twice_at_once_is_built_once() {
    let cache = tempfile::tempdir().unwrap();
    let ready = || Venv::ready_in(cache.path(), "empty", &NOTHING);
    let (one, other) = tokio::join!(ready(), ready());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.dir(), other.dir());
    let ran = output(Command::new(one.python()).args(["-c", "import sys; print(sys.prefix)"])).await.unwrap();
    assert_eq!(ran.trim_end(), one.dir().display().to_string());

    let mark = one.dir().join("mark");
    fs::write(&mark, "").unwrap();
    ready().await.unwrap();
    assert!(mark.exists(), "expected the same environment, and it was built again");
    fs::remove_file(one.dir().join(".whole")).unwrap();
    ready().await.unwrap();
    assert!(!mark.exists(), "expected a new environment in place of one that was not whole");
}
