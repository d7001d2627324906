//! What a later `up` has to know about this one.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::fingerprint::fingerprint;
use crate::product::{Product, repository};

/// Kept in the cluster's folder once all is up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// Of what was installed.
    pub(super) fingerprint: String,
    /// The broker as seen from this host.
    pub(super) amqp_url: String,
}

impl Record {
    /// Changes with the images, the chart and the example.
    pub(super) fn fingerprint_of(product: &Product) -> Result<String> {
        let mut parts = vec![
            product.service.reference.clone().into_bytes(),
            product.operator.reference.clone().into_bytes(),
        ];
        let mut folders = vec![repository().join("charts/comms-operator"), repository().join("examples")];
        while let Some(folder) = folders.pop() {
            let mut entries =
                fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
            entries.sort();
            for path in entries {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    parts.push(fs::read(path)?);
                }
            }
        }
        Ok(fingerprint(parts.iter().map(Vec::as_slice), 16))
    }

    /// The record in `dir`, if all was up once.
    pub(super) fn read(dir: &Path) -> Result<Option<Self>> {
        let path = dir.join("up.json");
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&fs::read(path)?)?))
    }

    pub(super) fn write(&self, dir: &Path) -> Result<()> {
        Ok(fs::write(dir.join("up.json"), serde_json::to_vec(self)?)?)
    }
}
