//! A background process whose output is kept and whose end is noticed.

use std::fs::{self, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::wait::eventually;

/// A running (or ended) background process.
#[derive(Debug, Clone)]
pub struct Process {
    pid: u32,
    start_time: u64,
    log: PathBuf,
    exit: Arc<OnceLock<ExitStatus>>,
}

impl Process {
    pub(super) fn spawn(command: &mut Command, log: &Path) -> Result<Self> {
        let output = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let pid = child.id();
        let start_time = start_time(pid).context("it ended at once")?;
        let exit = Arc::new(OnceLock::new());
        let seen = Arc::clone(&exit);
        // A thread of its own reaps the child, so that it is gone for everyone who looks for its id.
        std::thread::spawn(move || {
            if let Ok(status) = child.wait() {
                let _ = seen.set(status);
            }
        });
        Ok(Self { pid, start_time, log: log.to_owned(), exit })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn start_time(&self) -> u64 {
        self.start_time
    }

    /// How it ended; `None` while it runs.
    pub fn exited(&self) -> Option<ExitStatus> {
        self.exit.get().copied()
    }

    /// Where its standard output and error go.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The last `lines` lines of its output, to be shown with a failure.
    pub fn log_tail(&self, lines: usize) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let all: Vec<_> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// Sends `signal`. A process that has ended already is left in peace.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        if self.exited().is_none()
            && let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw)
        {
            match kill_process(pid, signal) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => bail!("process {} could not be signalled: {error}", self.pid),
            }
        }
        Ok(())
    }

    /// Sends `signal` and waits for the end.
    pub async fn end(&self, signal: Signal, within: Duration) -> Result<ExitStatus> {
        self.signal(signal)?;
        eventually(within, "the process ends", async || {
            self.exited().with_context(|| format!("process {} still runs", self.pid))
        })
        .await
    }
}

/// Field 22 of `/proc/PID/stat` (proc(5)), in clock ticks since boot.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}
