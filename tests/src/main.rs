//! `testbed`: the local cluster as a command.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use testbed::chart_values;
use testbed::product::{Product, repository};
use testbed::progress::step;
use testbed::tools::Tools;
use testbed::up::{self, Target};
use testbed::{ApiServer, Cluster, RabbitMq};

/// A real Kubernetes with RabbitMQ on this machine, and the product in it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the programs of a cluster, where the cache has none.
    Tools {
        /// An older minor of Kubernetes, such as 1.34, for `CC_LITE_CLUSTER_BIN`: the programs' folder is printed.
        #[arg(long)]
        kubernetes: Option<String>,
    },
    /// Print the chart's README with the table of values that `values.yaml` makes.
    ChartReadme,
    /// Build the container images and print their names, archives and sizes.
    Images,
    /// Start a cluster with the product in it, and show it at work.
    Up {
        /// Where to install it.
        #[arg(long, value_enum, default_value_t = Where::Local)]
        cluster: Where,
        /// With `--cluster current`: where to push the images, such as `registry.example.com/comms`.
        #[arg(long)]
        image_repository: Option<String>,
    },
    /// Show the module at work again.
    Demo,
    /// End what `up` started and leave nothing behind.
    Down,
    /// Build a program of this workspace, unless it is up to date, and print where it is.
    Program {
        /// Its name, such as `cc-lite`.
        name: String,
    },
    /// Print the picture of the rotation that was recorded in this file.
    DrawRotation {
        /// Such as `docs/key-rotation.json`.
        recorded: PathBuf,
    },
    /// Run a command that tests on real parts: `AMQP_URL` names a broker that ends with it, and `CC_LITE_PROGRAM` the
    /// service, which is built first where it names none yet.
    WithBroker {
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Run one part in the foreground until it is interrupted.
    Run {
        #[arg(value_enum)]
        part: Part,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    /// A cluster of its own on this machine.
    Local,
    /// The current kubectl context.
    Current,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Part {
    /// etcd, kube-apiserver and kube-controller-manager.
    ApiServer,
    /// A cluster with two nodes.
    Cluster,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::select! {
        outcome = run(arguments.command) => outcome,
        signal = interrupted() => signal.and_then(|()| anyhow::bail!("interrupted")),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("testbed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Program { name } => println!("{}", testbed::product::built(&name).await?.display()),
        Command::WithBroker { command } => return with_broker(&command).await,
        Command::Tools { kubernetes: None } => {
            step("Kubernetes' programs", Tools::ready()).await?;
            step("what tries the chart", testbed::chart_tools::helm_unittest()).await?;
            step("what NetworkPolicies are judged by", testbed::cyclonus::ready()).await?;
            step("what tells autoscalers what pods use", testbed::metrics_server::ready()).await?;
            step("definitions of other projects", testbed::upstream::ready()).await?;
        }
        Command::Tools { kubernetes: Some(minor) } => {
            let tools = step("Kubernetes' programs", Tools::of_minor(&minor)).await?;
            println!("{}", tools.bin().display());
        }
        Command::ChartReadme => chart_readme()?,
        Command::DrawRotation { recorded } => {
            let recorded = fs::read(&recorded).with_context(|| recorded.display().to_string())?;
            print!("{}", testbed::timeline::draw(&serde_json::from_slice(&recorded)?));
        }
        Command::Images => images().await?,
        Command::Up { cluster: Where::Local, .. } => up::up(&Target::Local).await?,
        Command::Up { cluster: Where::Current, image_repository } => {
            up::up(&Target::CurrentContext { image_repository }).await?;
        }
        Command::Demo => up::demo().await?,
        Command::Down => up::down()?,
        Command::Run { part } => foreground(part).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command beside a broker, and gives the command's exit code.
async fn with_broker(command: &[OsString]) -> Result<ExitCode> {
    let (name, arguments) = command.split_first().context("there is no command to run")?;
    let service = match std::env::var_os("CC_LITE_PROGRAM") {
        Some(program) => PathBuf::from(program),
        None => testbed::product::built("cc-lite").await?,
    };
    let broker = RabbitMq::start().await?;
    let status = tokio::process::Command::new(name)
        .args(arguments)
        .env("AMQP_URL", broker.url())
        .env("CC_LITE_PROGRAM", service)
        .kill_on_drop(true)
        .status()
        .await
        .with_context(|| format!("{} could not be started", name.display()))?;
    // Ended by a signal, it has no code.
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

fn chart_readme() -> Result<()> {
    let chart = repository().join("charts/comms-operator");
    let [readme, values] = ["README.md", "values.yaml"].map(|name| fs::read_to_string(chart.join(name)));
    print!("{}", chart_values::readme(&readme?, &values?)?);
    Ok(())
}

async fn images() -> Result<()> {
    let product = Product::build().await?;
    for image in [&product.service, &product.operator] {
        #[expect(clippy::cast_precision_loss, reason = "a size in MB with one decimal")]
        let megabytes = image.size()? as f64 / 1e6;
        println!("{}  {}  {megabytes:.1} MB", image.reference, image.archive.display());
    }
    Ok(())
}

async fn foreground(part: Part) -> Result<()> {
    let ready = |what: &str, kubeconfig: Option<PathBuf>| {
        println!("{what} is ready; it ends with this command.");
        if let Some(path) = kubeconfig {
            println!("export KUBECONFIG={}", path.display());
        }
    };
    match part {
        Part::ApiServer => {
            let server = step("starting an API server", ApiServer::start()).await?;
            ready("The API server", Some(server.kubeconfig().to_owned()));
            std::future::pending::<()>().await;
            drop(server);
        }
        Part::Cluster => {
            let cluster = step("starting a cluster", Cluster::start()).await?;
            ready("The cluster", cluster.access().kubeconfig().map(ToOwned::to_owned));
            std::future::pending::<()>().await;
            drop(cluster);
        }
    }
    Ok(())
}

/// Resolves on Ctrl-C or SIGTERM; what runs is dropped then, and cleans up.
async fn interrupted() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = terminated.recv() => {}
    }
    Ok(())
}
