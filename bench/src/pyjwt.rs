//! PyJWT in a process of its own, which checks tokens when it is told to.

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use testbed::venv::Venv;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/pyjwt.py");

/// It ends with this value.
pub(crate) struct PyJwt {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl PyJwt {
    /// For tokens signed with this key.
    pub(crate) fn start(venv: &Venv, public_pem: &str) -> Result<Self> {
        let mut child = Command::new(venv.python())
            .arg(SCRIPT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("PyJWT could not be started")?;
        let mut requests = child.stdin.take().context("it has a standard input")?;
        let answers = BufReader::new(child.stdout.take().context("it has a standard output")?);
        writeln!(requests, "{}", serde_json::to_string(public_pem)?)?;
        Ok(Self { child, requests, answers })
    }

    /// Checks each token once; microseconds each.
    pub(crate) fn check(&mut self, tokens: &[String]) -> Result<f64> {
        writeln!(self.requests, "{}", serde_json::to_string(tokens)?)?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        line.trim().parse().with_context(|| format!("PyJWT answered `{line}`"))
    }
}

impl Drop for PyJwt {
    fn drop(&mut self) {
        // One that has ended already is reaped all the same.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
