//! What the documentation has one do with the API, run as it is written.

use crate::fixture::{ADMIN, Database, PASSWORD, Plan, Service};
use testbed::command::output_with_input;
use testbed::venv::Venv;
use tokio::process::Command;

const WALK: &str = include_str!("../../../docs/api.md");
const TRANSCRIPTS: &str = include_str!("../../../docs/transcripts.md");

/// All blocks of code in this language, in order.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    let blocks: Vec<&str> =
        page.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!blocks.is_empty(), "the page has no block of {language}");
    blocks
}

/// Runs lines of a shell; they have to say in order what the page says beside its lines.
async fn run(service: &Service, lines: &str, page: &str) {
    let environment = [("API", service.api.as_str()), ("EMAIL", ADMIN), ("PASSWORD", PASSWORD)];
    let shell = format!("set -euo pipefail\n{lines}");
    let told = output_with_input(Command::new("bash").envs(environment), shell.as_bytes()).await.unwrap();
    let expected: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("api ") || line.contains("| jq"))
        .filter_map(|line| line.rsplit_once("   # ").or_else(|| line.rsplit_once(" # ")))
        .flat_map(|(_, said)| said.split(", "))
        .map(str::trim)
        .collect();
    assert!(expected.len() > 2, "{expected:?}");
    let mut rest = told.as_str();
    for said in expected {
        let place =
            rest.find(said).unwrap_or_else(|| panic!("expected `{said}` next, got {rest:?} of {told}"));
        rest = &rest[place + said.len()..];
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_through_the_api_goes_as_it_is_written() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    run(&service, &blocks(WALK, "sh").join("\n"), WALK).await;
    let environment = [("API", service.api.as_str()), ("EMAIL", ADMIN), ("PASSWORD", PASSWORD)];
    let node = Venv::ready("contract", &crate::contract::LOCK_FILES).await.unwrap().node();
    let mut command = Command::new(node);
    command.args(["--input-type=module", "-"]).envs(environment);
    let told = output_with_input(&mut command, blocks(WALK, "js").concat().as_bytes()).await.unwrap();
    assert_eq!(told.trim(), "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_transcripts_goes_as_it_is_written() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    let login = blocks(WALK, "sh")[..2].join("\n");
    let call = format!("CALL={}", service.admin().await.whole_call().await);
    let lines = format!("{login}\n{call}\n{}", blocks(TRANSCRIPTS, "sh").join("\n"));
    run(&service, &lines, TRANSCRIPTS).await;
}
