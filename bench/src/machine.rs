//! Where and with what the figures were measured.

use anyhow::{Context, Result};
use cc_lite::clock::{Clock, SystemClock};
use std::fs;
use std::time::Duration;
use testbed::command::output;
use testbed::venv::Venv;
use tokio::process::Command;

/// Prints the versions of what runs beside cc-lite.
const PEER_VERSIONS: &str = "import sys; from importlib.metadata import version; \
    print('Python', sys.version.split()[0], *(f'· {name} {version(name)}' for name in \
    ['fastapi', 'uvicorn', 'PyJWT', 'bcrypt']))";

/// One paragraph.
pub(crate) async fn facts(venv: &Venv) -> Result<String> {
    let cores = std::thread::available_parallelism()?.get();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let kernel: Vec<&str> = kernel.trim().split('.').take(2).collect();
    // What others do, while we do nothing: the load average would still tell of our own doings before.
    let busy = percent_busy().await?;
    let date = SystemClock.now().strftime("%Y-%m-%d");
    let memory = gibibytes_of_memory()?;
    let commit = first_line("git", &["rev-parse", "--short", "HEAD"]).await?;
    let rust = first_line("rustc", &["--version"]).await?;
    let peer = output(Command::new(venv.python()).args(["-c", PEER_VERSIONS])).await?;
    Ok(format!(
        "Measured on {date}: {cores} × {}, {memory} GiB, Linux {}, processors {busy} % busy with other things{}.\n\
         cc-lite {} ({commit}) · {} · {}.",
        cpu_model()?,
        kernel.join("."),
        if busy > 20 { ": **so much that rates and latencies say little**" } else { "" },
        env!("CARGO_PKG_VERSION"),
        rust.split(" (").next().unwrap_or_default(),
        peer.trim()
    ))
}

/// How much of the processors' time anybody takes within two seconds.
async fn percent_busy() -> Result<u64> {
    let (idle_before, all_before) = processor_time()?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (idle, all) = processor_time()?;
    let passed = (all - all_before).max(1);
    Ok(100 - (100 * (idle - idle_before) / passed).min(100))
}

/// Idle time and all time of the processors together since the machine's start, in ticks (`proc_stat(5)`).
fn processor_time() -> Result<(u64, u64)> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().context("/proc/stat is empty")?;
    // user nice system idle iowait irq softirq steal; what follows is part of the first two.
    let ticks = line.split_whitespace().skip(1).take(8).map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    let idle = ticks.iter().skip(3).take(2).sum();
    Ok((idle, ticks.iter().sum()))
}

fn cpu_model() -> Result<String> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let model =
        text.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    Ok(model.map_or(std::env::consts::ARCH, |(_, model)| model).to_owned())
}

fn gibibytes_of_memory() -> Result<u64> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let kibibytes = text.split_whitespace().nth(1).context("/proc/meminfo is empty")?;
    Ok(kibibytes.parse::<u64>()?.div_ceil(1 << 20))
}

async fn first_line(program: &str, args: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    let text = output(command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args)).await?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
