//! What a value left behind on the machine, and owners that are killed to find out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use testbed::wait::eventually;

/// The file to which an owner writes its value's folder.
const REPORT: &str = "TESTBED_OWNER_REPORTS_TO";
const WITHIN: Duration = Duration::from_secs(30);

/// Every process that carries `dir` in its environment or command line or works inside of it.
pub(crate) fn processes_of(dir: &Path) -> Vec<String> {
    let dir = dir.to_str().expect("a folder's name is text");
    let mut found = Vec::new();
    for process in fs::read_dir("/proc").expect("/proc is there").flatten() {
        let path = process.path();
        let name = process.file_name().to_string_lossy().into_owned();
        if !name.bytes().all(|byte| byte.is_ascii_digit()) || name == std::process::id().to_string() {
            continue;
        }
        let text =
            |file: &str| String::from_utf8_lossy(&fs::read(path.join(file)).unwrap_or_default()).into_owned();
        let cwd = fs::read_link(path.join("cwd")).unwrap_or_default();
        let command = text("cmdline").replace('\0', " ");
        if text("environ").contains(dir) || command.contains(dir) || cwd.starts_with(dir) {
            found.push(format!("{name}: {command}"));
        }
    }
    found
}

/// Waits until neither `dir` nor any process of it is left.
pub(crate) async fn nothing_is_left_of(dir: &Path) -> Result<()> {
    eventually(WITHIN, "nothing is left", async || {
        let processes = processes_of(dir);
        ensure!(processes.is_empty(), "still running: {processes:#?}");
        ensure!(!dir.exists(), "{} is still there", dir.display());
        Ok(())
    })
    .await
}

/// For the owner's side: tells where its value lives and then holds it until the process is killed. Without somebody
/// to tell, as when all ignored tests are run by hand, it does nothing.
pub(crate) async fn hold<T>(start: impl Future<Output = Result<T>>, dir: impl Fn(&T) -> PathBuf) {
    let Some(report) = std::env::var_os(REPORT).map(PathBuf::from) else { return };
    let value = start.await.expect("the owner's value starts");
    // Renamed into place, so that it is read whole.
    let draft = report.with_extension("draft");
    fs::write(&draft, dir(&value).to_str().expect("a folder's name is text")).expect("the report is written");
    fs::rename(draft, report).expect("the report is in place");
    std::future::pending::<()>().await;
    drop(value);
}

/// Runs the ignored test `name`, which is to [`hold`] something, in a process of its own, kills that process once it
/// holds it, and gives the folder of what it held.
pub(crate) async fn folder_of_a_killed_owner(name: &str) -> Result<PathBuf> {
    let dir = tempfile::tempdir()?;
    let report = dir.path().join("report");
    let mut owner = Owner(
        Command::new(std::env::current_exe()?)
            .args([name, "--exact", "--ignored"])
            .env(REPORT, &report)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?,
    );
    let held = eventually(Duration::from_mins(2), "the owner holds its value", async || {
        ensure!(owner.0.try_wait()?.is_none(), "the owner ended: {name}");
        fs::read_to_string(&report).context("no report yet")
    })
    .await?;
    let held = PathBuf::from(held);
    ensure!(!processes_of(&held).is_empty(), "nothing runs in {}", held.display());
    owner.0.kill()?;
    owner.0.wait()?;
    Ok(held)
}

struct Owner(Child);

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
