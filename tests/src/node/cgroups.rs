//! The control groups below which a node's pods live.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::lifetime::Lifetime;

/// Makes `name` in every hierarchy of cgroup v1, or in the one of v2, and has it removed at the end.
pub(super) fn make(life: &Lifetime, name: &str) -> Result<()> {
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let of_type = |kind: &str| -> Vec<PathBuf> {
        mounts
            .lines()
            .filter_map(|line| {
                let mut fields = line.split(' ').skip(1);
                let path = fields.next()?;
                (fields.next()? == kind).then(|| path.into())
            })
            .collect()
    };
    let (v1, v2) = (of_type("cgroup"), of_type("cgroup2"));
    ensure!(
        !v1.is_empty() || !v2.is_empty(),
        "no cgroup hierarchy is mounted: mount one below /sys/fs/cgroup"
    );
    life.note_shell(&format!("remove_cgroups {name}"))?;
    for root in v1 {
        let dir = root.join(name);
        make_dir(&dir)?;
        // A v1 cpuset starts out empty, and nothing may run in an empty one.
        for file in ["cpuset.cpus", "cpuset.mems"] {
            if root.join(file).exists() {
                fs::write(dir.join(file), fs::read(root.join(file))?)?;
            }
        }
    }
    if let [root] = v2.as_slice()
        && of_type("cgroup").is_empty()
    {
        let wanted = fs::read_to_string(root.join("cgroup.controllers"))?;
        for controller in wanted.split_whitespace() {
            // The root hands down what it has; a controller that it keeps to itself is not needed.
            let _ = fs::write(root.join("cgroup.subtree_control"), format!("+{controller}"));
        }
        make_dir(&root.join(name))?;
    }
    Ok(())
}

fn make_dir(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)
        .with_context(|| format!("the cgroup {} could not be made: are you root?", dir.display()))
}
