//! The walk through the API in the documentation, run as it is written.

use crate::fixture::{ADMIN, Database, PASSWORD, Plan};
use testbed::command::output_with_input;
use testbed::venv::Venv;
use tokio::process::Command;

const PAGE: &str = include_str!("../../../docs/api.md");

/// All blocks of code in this language, one after the other.
fn blocks(language: &str) -> String {
    let begin = format!("```{language}\n");
    let blocks: Vec<&str> =
        PAGE.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!blocks.is_empty(), "docs/api.md has no block of {language}");
    blocks.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_through_the_api_goes_as_it_is_written() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    let environment = [("API", service.api.as_str()), ("EMAIL", ADMIN), ("PASSWORD", PASSWORD)];
    let shell = format!("set -euo pipefail\n{}", blocks("sh"));
    let told = output_with_input(Command::new("bash").envs(environment), shell.as_bytes()).await.unwrap();
    // What the page says beside its lines.
    let expected: Vec<&str> = PAGE
        .lines()
        .filter(|line| line.starts_with("api ") || line.contains("| jq"))
        .filter_map(|line| line.rsplit_once("   # ").or_else(|| line.rsplit_once(" # ")))
        .flat_map(|(_, said)| said.split(", "))
        .map(str::trim)
        .collect();
    assert!(expected.len() > 8, "{expected:?}");
    let mut rest = told.as_str();
    for said in expected {
        let place =
            rest.find(said).unwrap_or_else(|| panic!("expected `{said}` next, got {rest:?} of {told}"));
        rest = &rest[place + said.len()..];
    }
    let node = Venv::ready("contract", &crate::contract::LOCK_FILES).await.unwrap().node();
    let mut command = Command::new(node);
    command.args(["--input-type=module", "-"]).envs(environment);
    let told = output_with_input(&mut command, blocks("js").as_bytes()).await.unwrap();
    assert_eq!(told.trim(), "completed");
}
