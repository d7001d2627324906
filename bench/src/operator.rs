//! A thousand modules: our operator beside one that is written with controller-runtime.

use crate::report::table;
use crate::statistics::{Spread, figure, median};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use testbed::lifetime::Lifetime;
use testbed::product::repository;
use testbed::progress::step;
use testbed::tools::Tools;
use testbed::wait::eventually;

/// Secrets that are nobody's, for the figure that says what they cost.
const UNRELATED_SECRETS: usize = 10_000;
/// Settings of this part; fewer modules are for trying it out.
const MODULES: (&str, usize) = ("BENCH_MODULES", 1000);
const ROUNDS: (&str, usize) = ("BENCH_ROUNDS", 3);

/// How long one run may take; three minutes of it are idle.
const LONGEST_RUN: Duration = Duration::from_mins(60);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Go,
    Ours,
}

/// One figure of a run: its name, whether it is each module's, and where it is in what the measuring tool says; several
/// places are added up.
struct Figure(&'static str, bool, &'static [&'static str]);

const FIGURES: [Figure; 14] = [
    Figure("until all are converged, s", false, &["/create/s"]),
    Figure("until nothing more is asked or written for them, s", false, &["/create/settle_s"]),
    Figure("writes a new module", true, &["/create/requests/writes", "/create/settle_requests/writes"]),
    Figure("requests a new module", true, &["/create/requests/total", "/create/settle_requests/total"]),
    Figure("operator CPU for the new ones, s", false, &["/create/settled_cpu_s/operator"]),
    Figure("until all have a changed port, s", false, &["/change/s"]),
    Figure("writes a change", true, &["/change/requests/writes", "/change/settle_requests/writes"]),
    Figure("operator CPU for the changes, s", false, &["/change/settled_cpu_s/operator"]),
    Figure("until all deleted Services are back, s", false, &["/drift/s"]),
    Figure("writes a repair", true, &["/drift/requests/writes", "/drift/settle_requests/writes"]),
    Figure("writes at a restart", false, &["/restart/requests/writes"]),
    Figure("operator CPU of a restart, s", false, &["/restart/cpu_s"]),
    Figure("memory at rest, MiB", false, &["/create/settled_rss_mib"]),
    Figure("memory at most, MiB", false, &["/change/rss_peak_mib"]),
];

/// Measures both in turns; about 50 minutes.
pub(crate) async fn measure() -> Result<String> {
    let (modules, rounds) = (setting(MODULES)?, setting(ROUNDS)?);
    let setup = Setup::prepare().await?;
    let (mut go, mut ours) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        for (operator, runs) in [(Operator::Go, &mut go), (Operator::Ours, &mut ours)] {
            let what = format!("{modules} modules with {}, round {round} of {rounds}", operator.name());
            let run = setup.run(operator, modules, "alone,create,idle,change,drift,restart", None);
            runs.push(step(&what, run).await?);
        }
    }
    let mut rows = vec![
        [&format!("{modules} modules"), "controller-runtime", "comms-operator", "÷ controller-runtime's"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let each = |runs: &[Value], Figure(_, a_module, places): &Figure| -> Result<Vec<f64>> {
        let share = if *a_module { f64::from(u32::try_from(modules)?) } else { 1.0 };
        runs.iter().map(|run| Ok(sum(run, places)? / share)).collect()
    };
    for row in &FIGURES {
        let (go, ours) = (each(&go, row)?, each(&ours, row)?);
        let ratio = if median(&go) > 0.0 { Spread::of_ratios(&ours, &go).to_string() } else { "–".into() };
        rows.push(vec![row.0.to_owned(), Spread::of(&go).to_string(), Spread::of(&ours).to_string(), ratio]);
    }
    let idle = |runs: &[Value]| -> Result<Vec<f64>> {
        runs.iter()
            .map(|run| {
                Ok(sum(run, &["/idle/requests/total"])?
                    - sum(run, &["/idle/requests/leases"])?
                    - watches(run))
            })
            .collect()
    };
    rows.push(vec![
        "requests in 3 idle minutes, leases and watches apart".into(),
        Spread::of(&idle(&go)?).to_string(),
        Spread::of(&idle(&ours)?).to_string(),
        "–".into(),
    ]);

    let secrets = setup.unrelated_secrets()?;
    let what = format!("{modules} modules beside {UNRELATED_SECRETS} Secrets of others");
    let beside = step(&what, setup.run(Operator::Ours, modules, "create", Some(&secrets))).await?;
    let peak = |run: &Value| sum(run, &["/create/rss_peak_mib"]);
    let alone = ours.iter().map(peak).collect::<Result<Vec<_>>>()?;
    Ok(format!(
        "{}\nBeside {UNRELATED_SECRETS} Secrets of others, comms-operator's memory is at most {} MiB after the modules are \
         made; without them {} MiB.",
        table(&rows),
        figure(peak(&beside)?),
        Spread::of(&alone)
    ))
}

impl Operator {
    fn name(self) -> &'static str {
        match self {
            Self::Go => "controller-runtime",
            Self::Ours => "comms-operator",
        }
    }
}

/// Watches that were begun anew in the idle minutes.
fn watches(run: &Value) -> f64 {
    let by = run.pointer("/idle/requests/by").and_then(Value::as_object);
    by.into_iter()
        .flatten()
        .filter(|(what, _)| what.starts_with("watch "))
        .filter_map(|(_, count)| count.as_f64())
        .sum()
}

/// The sum of the numbers at these places of a run's figures.
fn sum(run: &Value, places: &[&str]) -> Result<f64> {
    let number = |place: &&str| {
        run.pointer(place)
            .and_then(Value::as_f64)
            .with_context(|| format!("the measuring tool gave no {place}: {run}"))
    };
    places.iter().map(number).sum()
}

fn setting((name, default): (&str, usize)) -> Result<usize> {
    match std::env::var(name) {
        Ok(text) => text.parse().ok().filter(|count| *count > 0).with_context(|| {
            format!("{name} is {text}: give a number above 0, or leave it out for {default}")
        }),
        Err(_) => Ok(default),
    }
}

/// What runs need.
struct Setup {
    folder: tempfile::TempDir,
    tools: Tools,
}

impl Setup {
    async fn prepare() -> Result<Self> {
        let setup = Self { folder: tempfile::tempdir()?, tools: Tools::ready().await? };
        let build = async {
            let mut go = tokio::process::Command::new("go");
            go.current_dir(peer()).env("CGO_ENABLED", "0").args(["build", "-ldflags=-s -w", "-o"]);
            let built = go.arg(setup.reference()).arg(".").status().await;
            ensure!(
                built.context("go could not be started: install Go 1.26 or newer")?.success(),
                "the peer did not build"
            );
            Ok(())
        };
        step("building the operator written with controller-runtime", build).await?;
        // The measuring script knows etcd by the name that `go install` gives it.
        fs::create_dir(setup.bin())?;
        for (program, name) in [
            ("etcd", "server"),
            ("kube-apiserver", "kube-apiserver"),
            ("kube-controller-manager", "kube-controller-manager"),
            ("kubectl", "kubectl"),
        ] {
            symlink(setup.tools.program(program), setup.bin().join(name))?;
        }
        Ok(setup)
    }

    fn reference(&self) -> PathBuf {
        self.folder.path().join("reference")
    }

    fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// One run on an API server of its own.
    async fn run(
        &self,
        operator: Operator,
        modules: usize,
        phases: &str,
        extra: Option<&Path>,
    ) -> Result<Value> {
        let life = Lifetime::begin("measure")?;
        let figures = life.dir().join("figures.json");
        let mut command = Command::new("bash");
        command.args(["-c", "exec \"$@\" > \"$FIGURES\"", "measure"]).arg(peer().join("measure.sh"));
        command.env("FIGURES", &figures).env("K8S_BIN", self.bin()).env("RUN_DIR", life.dir().join("run"));
        if let Some(extra) = extra {
            command.env("EXTRA", extra);
        }
        match operator {
            Operator::Go => {
                command.arg(format!("{} --leader-elect", self.reference().display()));
                command.arg(peer().join("crd.yaml")).arg(peer().join("cr.yaml")).arg(modules.to_string());
            }
            Operator::Ours => {
                let program = std::env::current_exe()?.with_file_name("comms-operator");
                command
                    .arg(format!("{} run --health-address=127.0.0.1 --health-port=18080", program.display()));
                command.arg(repository().join("crds/commsmodules.yaml")).arg(peer().join("ours.yaml"));
                command.arg(modules.to_string());
                command.arg(
                    "-children=serviceaccounts,secrets,persistentvolumeclaims,services,deployments.apps",
                );
            }
        }
        let script = life.spawn("measure", command.arg(format!("-phases={phases}")), 10)?;
        let ended = eventually(LONGEST_RUN, "the measuring script ends", async || {
            script.exited().context("it still runs")
        })
        .await?;
        ensure!(ended.success(), "measure.sh ended with {ended}:\n{}", script.log_tail(30));
        let figures = fs::read(&figures)?;
        serde_json::from_slice(&figures)
            .with_context(|| format!("measure.sh gave no figures:\n{}", script.log_tail(30)))
    }

    /// A file with a list of Secrets that are nobody's.
    fn unrelated_secrets(&self) -> Result<PathBuf> {
        let mut text = String::new();
        for number in 0..UNRELATED_SECRETS {
            let secret = json!({
                "apiVersion": "v1", "kind": "Secret", "stringData": {"value": "x".repeat(1024)},
                "metadata": {"name": format!("unrelated-{number}"), "namespace": "default"},
            });
            writeln!(text, "---\n{secret}")?;
        }
        let file = self.folder.path().join("secrets.yaml");
        fs::write(&file, text)?;
        Ok(file)
    }
}

/// The peer's folder.
fn peer() -> PathBuf {
    repository().join("bench/peers/go-operator")
}
