//! Running another program to its end.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Runs `command` and gives its standard output; a failure shows its standard error.
pub async fn output(command: &mut Command) -> Result<String> {
    output_with_input(command, b"").await
}

/// The same, with `input` as standard input.
pub async fn output_with_input(command: &mut Command, input: &[u8]) -> Result<String> {
    let program = command.as_std().get_program().to_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} could not be started", program.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not want its input closes the pipe; what it printed tells more than that.
        let _ = stdin.write_all(input).await;
    }
    let output = child.wait_with_output().await?;
    ensure!(
        output.status.success(),
        "`{}` ended with {}: {}",
        shown(command),
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn shown(command: &Command) -> String {
    let command = command.as_std();
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(name).chain(args).collect::<Vec<_>>().join(" ")
}
