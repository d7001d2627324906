//! What tries the chart by itself: helm-unittest, built from `chart/go.mod` once a machine.

use std::path::PathBuf;

use anyhow::Result;

use crate::go_build::GoBuild;

const SOURCES: [(&str, &str); 2] =
    [("go.mod", include_str!("../chart/go.mod")), ("go.sum", include_str!("../chart/go.sum"))];

/// The program helm-unittest.
pub async fn helm_unittest() -> Result<PathBuf> {
    let programs = [("github.com/helm-unittest/helm-unittest/cmd/helm-unittest", "helm-unittest")];
    let build = GoBuild { name: "chart", what: "the chart's tools", sources: &SOURCES, programs: &programs };
    build.program().await
}
