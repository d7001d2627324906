//! Things that end with the value that made them.
//!
//! A [`Lifetime`] owns a folder, processes and whatever else it did to the machine. Before each step the way back is
//! written to the folder's `undo` file; a guard process undoes them all once the owner is gone, however it went:
//! dropped, panicked, interrupted or killed.

mod process;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result};

pub use process::Process;

const GUARD: &str = include_str!("guard.sh");

/// The environment variable by which the guard finds processes that left their parents.
const MARKER: &str = "TESTBED_LIFETIME";

/// Owner of a folder, processes and other resources, which end with it.
#[derive(Debug)]
pub struct Lifetime {
    dir: PathBuf,
    address: Ipv4Addr,
    undo: Mutex<File>,
    guard: Option<(Child, ChildStdin)>,
}

impl Lifetime {
    /// Begins a lifetime in a new folder below the system's temporary one; `name` becomes part of the folder's name.
    pub fn begin(name: &str) -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix(&format!("cc-lite-{name}-"))
            // Daemons that run as users of their own have to pass through.
            .permissions(fs::Permissions::from_mode(0o711))
            .tempdir()
            .context("no temporary folder could be made: check that TMPDIR exists and is writable")?
            .keep();
        Self::begin_in(dir)
    }

    /// Begins a lifetime in `dir`, which is made, and removed at the end.
    pub fn begin_at(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir)
            .and_then(|()| fs::set_permissions(dir, fs::Permissions::from_mode(0o711)))
            .with_context(|| format!("the folder {} could not be made", dir.display()))?;
        Self::begin_in(dir.to_owned())
    }

    fn begin_in(dir: PathBuf) -> Result<Self> {
        let script = dir.join("guard.sh");
        fs::write(&script, GUARD)?;
        let undo = OpenOptions::new().create(true).append(true).open(dir.join("undo"))?;
        let mut guard = Command::new("bash")
            .args([script.as_os_str(), dir.as_os_str()])
            .env_remove(MARKER)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("bash could not be started: install the package bash")?;
        let stdin = guard.stdin.take().context("the guard has no standard input")?;
        // 127.64.0.0/10: each lifetime has an address of its own, so that fixed ports never meet.
        let [a, b, c] = rand::random::<[u8; 3]>();
        let address = Ipv4Addr::new(127, 64 + a % 64, b, c.clamp(1, 254));
        Ok(Self { dir, address, undo: Mutex::new(undo), guard: Some((guard, stdin)) })
    }

    /// The folder that goes with this lifetime.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A loopback address that no other lifetime uses.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Notes how to undo the next step; called before the step, so the command has to bear that it never happened.
    pub fn on_end(&self, program: &str, args: &[&str]) -> Result<()> {
        self.note_shell(
            &std::iter::once(program).chain(args.iter().copied()).map(quoted).collect::<Vec<_>>().join(" "),
        )
    }

    /// Starts `command` in the background; its output goes to `<dir>/<name>.log`. At the end it gets SIGTERM, and
    /// SIGKILL after `grace_seconds`.
    pub fn spawn(&self, name: &str, command: &mut Command, grace_seconds: u32) -> Result<Process> {
        command.env(MARKER, &self.dir);
        let process = Process::spawn(command, &self.dir.join(format!("{name}.log")))
            .with_context(|| format!("{name} could not be started ({})", command.get_program().display()))?;
        self.note_shell(&format!("end {} {} {grace_seconds}", process.pid(), process.start_time()))?;
        Ok(process)
    }

    /// Lets everything outlive this value; [`Lifetime::end_at`] ends it.
    pub fn keep(mut self) -> Result<()> {
        if let Some((mut guard, mut stdin)) = self.guard.take() {
            stdin.write_all(b"keep\n")?;
            guard.wait()?;
        }
        Ok(())
    }

    /// Ends what was kept in `dir`. Nothing there: nothing to do.
    pub fn end_at(dir: &Path) -> Result<()> {
        let script = dir.join("guard.sh");
        if script.exists() {
            let text = fs::read_to_string(&script)?;
            let status =
                Command::new("bash").args(["-c", &text, "guard", &dir.to_string_lossy(), "now"]).status()?;
            anyhow::ensure!(status.success(), "not all of {} could be undone: see above", dir.display());
        }
        Ok(())
    }

    /// The same, with a line of shell that may call the functions of `guard.sh`.
    pub(crate) fn note_shell(&self, line: &str) -> Result<()> {
        let mut undo = self.undo.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        undo.write_all(format!("{line}\n").as_bytes())
            .with_context(|| format!("{} could not be written", self.dir.join("undo").display()))
    }
}

impl Drop for Lifetime {
    fn drop(&mut self) {
        if let Some((mut guard, stdin)) = self.guard.take() {
            drop(stdin);
            // The guard has bounds of its own; nothing useful could be done about its failure here.
            let _ = guard.wait();
        }
    }
}

/// `text` as one word of a shell command.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
