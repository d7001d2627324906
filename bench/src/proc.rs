//! What a process and its children use, as proc(5) tells it.

use anyhow::{Context, Result, bail};
use std::fs;
use std::time::Duration;

/// Ticks of processor time in a second, in what the kernel shows (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Memory of a process and its children, in MiB; what they share counts for each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// `VmRSS`.
    pub(crate) resident: f64,
    /// `VmHWM`: the most it ever was.
    pub(crate) peak: f64,
}

pub(crate) fn memory(root: u32) -> Result<Memory> {
    let mut sum = Memory::default();
    for pid in tree(root)? {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
            kibibytes.unwrap_or_default() / 1024.0
        };
        sum.resident += mebibytes("VmRSS:");
        sum.peak += mebibytes("VmHWM:");
    }
    Ok(sum)
}

/// Processor time used so far, in seconds.
pub(crate) fn cpu_seconds(root: u32) -> Result<f64> {
    let ticks = |pid: u32| {
        let stat = stat(pid)?;
        Some(stat.get(11)?.parse::<f64>().ok()? + stat.get(12)?.parse::<f64>().ok()?)
    };
    Ok(tree(root)?.into_iter().filter_map(ticks).sum::<f64>() / TICKS_PER_SECOND)
}

/// Waits until the process has nothing left to do: until it uses no more than an idle server's now and then.
pub(crate) async fn settled(root: u32) -> Result<()> {
    let mut before = cpu_seconds(root)?;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = cpu_seconds(root)?;
        if now - before < 0.025 {
            return Ok(());
        }
        before = now;
    }
    bail!("a server was still at work 20 seconds after the last request")
}

/// The process and everything that came of it.
fn tree(root: u32) -> Result<Vec<u32>> {
    let entries = fs::read_dir("/proc").context("/proc cannot be read")?;
    let parents: Vec<(u32, u32)> = entries
        .filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Some((pid, stat(pid)?.get(1)?.parse().ok()?))
        })
        .collect();
    let mut found = vec![root];
    let mut looked_at = 0;
    while let Some(parent) = found.get(looked_at).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        looked_at += 1;
    }
    Ok(found)
}

/// The fields of `/proc/PID/stat` from the third on: after the name, which may hold anything.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(") ")?.1.split(' ').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_something() {
        let own = std::process::id();
        let memory = memory(own).unwrap();
        assert!(memory.resident > 0.1 && memory.peak >= memory.resident, "{memory:?}");
        assert!(tree(own).unwrap().contains(&own));
    }
}
