//! What an API server was asked: its audit log, of which each line is read once.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verb: String,
    /// Path and query.
    pub uri: String,
}

impl Request {
    /// Whether it asked for a change, even for one that changed nothing.
    pub fn is_write(&self) -> bool {
        matches!(self.verb.as_str(), "create" | "update" | "patch" | "delete" | "deletecollection")
    }
}

#[derive(Deserialize)]
struct Line {
    verb: String,
    #[serde(rename = "requestURI")]
    uri: String,
    user: User,
    stage: String,
}

#[derive(Deserialize)]
struct User {
    username: String,
}

/// The audit log of an API server.
#[derive(Debug)]
pub(crate) struct AuditLog {
    path: PathBuf,
    so_far: Mutex<SoFar>,
}

#[derive(Debug, Default)]
struct SoFar {
    /// Up to where the file is read.
    offset: u64,
    by_user: HashMap<String, Vec<Request>>,
}

impl AuditLog {
    /// In this file, which may be made later.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, so_far: Mutex::default() }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What `user` has asked so far, oldest first.
    pub(crate) fn requests_of(&self, user: &str) -> Result<Vec<Request>> {
        let mut so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        so_far.go_on(&self.path).with_context(|| format!("the audit log {}", self.path.display()))?;
        Ok(so_far.by_user.get(user).cloned().unwrap_or_default())
    }
}

impl SoFar {
    fn go_on(&mut self, path: &Path) -> Result<()> {
        let mut file = File::open(path)?;
        ensure!(file.metadata()?.len() >= self.offset, "it begins anew: what was read of it is gone");
        file.seek(SeekFrom::Start(self.offset))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        // The last line may not be there whole yet.
        let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in text[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let Line { verb, uri, user, stage } = serde_json::from_slice(line)?;
            // A watch shows twice: when it starts and when it ends.
            if verb != "watch" || stage == "ResponseStarted" {
                self.by_user.entry(user.username).or_default().push(Request { verb, uri });
            }
        }
        self.offset += u64::try_from(end)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;

    use super::AuditLog;

    #[test]
    fn each_line_is_read_once_and_a_line_only_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = AuditLog::new(folder.path().join("audit.log"));
        let mut file = OpenOptions::new().create(true).append(true).open(log.path()).expect("a file");
        let line = |verb: &str, stage: &str, user: &str| {
            format!(
                "{{\"verb\":\"{verb}\",\"requestURI\":\"/api\",\"stage\":\"{stage}\",\"user\":{{\"username\":\"{user}\"}}}}\n"
            )
        };
        let verbs = || -> Vec<String> {
            let requests = log.requests_of("a").expect("a log");
            requests.into_iter().map(|request| request.verb).collect()
        };
        assert!(verbs().is_empty());
        let second = line("watch", "ResponseStarted", "a");
        let (begin, end) = second.split_at(20);
        write!(
            file,
            "{}{}{begin}",
            line("get", "ResponseComplete", "a"),
            line("list", "ResponseComplete", "b")
        )
        .expect("written");
        assert_eq!(verbs(), ["get"]);
        write!(file, "{end}{}", line("watch", "ResponseComplete", "a")).expect("written");
        assert_eq!(verbs(), ["get", "watch"]);
        assert_eq!(verbs(), ["get", "watch"]);
    }
}
