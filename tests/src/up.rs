//! `make up`, `make demo` and `make down`: a cluster that outlives its command, with the product in it.

mod current_context;
mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::access::Access;
use crate::cluster::Cluster;
use crate::demo::Demo;
use crate::image::Image;
use crate::lifetime::Lifetime;
use crate::module::{Account, Module};
use crate::node::load;
use crate::product::{Product, repository};
use crate::progress::{note, step};
use crate::rabbitmq::RabbitMq;
use crate::tools::Tools;

use record::Record;

/// Where the example lives, and what it is called in `examples/commsmodule.yaml`.
const NAMESPACE: &str = "default";
const MODULE: &str = "comms";
const EXCHANGE: &str = "ocelot.events";

/// Where `up` installs.
#[derive(Debug)]
pub enum Target {
    /// A cluster of its own on this machine.
    Local,
    /// The current kubectl context, with images pushed to the repository.
    CurrentContext {
        /// Such as `registry.example.com/comms`.
        image_repository: Option<String>,
    },
}

/// Brings everything up and shows it at work; what is up already is left as it is.
pub async fn up(target: &Target) -> Result<()> {
    match target {
        Target::Local => Box::pin(local()).await,
        Target::CurrentContext { image_repository } => {
            Box::pin(current_context::up(image_repository.as_deref())).await
        }
    }
}

/// Shows the module at work again.
pub async fn demo() -> Result<()> {
    let record = Record::read(&state_dir())?.context("nothing is up: start it with `make up`")?;
    show(&access().await?, &record).await
}

/// Ends what `up` started.
pub fn down() -> Result<()> {
    let dir = state_dir();
    if !dir.exists() {
        println!("Nothing is up.");
        return Ok(());
    }
    end(&dir)?;
    if dir.exists() {
        bail!("{} is still there: see what uses it with `fuser -vm {}`", dir.display(), dir.display());
    }
    println!("All is down; nothing is left.");
    Ok(())
}

async fn local() -> Result<()> {
    let dir = state_dir();
    note("building the programs (cargo shows how far it is)");
    let product = step("container images", Product::build()).await?;
    let current = Record::fingerprint_of(&product)?;
    let earlier = Record::read(&dir)?;
    let access = access().await?;
    let running = dir.exists() && access.kubectl(&["get", "--raw", "/readyz"]).await.is_ok();
    if let Some(record) = &earlier
        && running
        && record.fingerprint == current
    {
        note("everything is up already, and nothing has changed since (`make demo` shows a call again)");
        table(&access, NAMESPACE).await?;
        return closing(&access).await;
    }

    let record = match earlier {
        Some(record) if running => Record { fingerprint: current, ..record },
        _ => {
            end(&dir)?;
            let cluster = step("a Kubernetes cluster with two nodes", Cluster::start_at(&dir)).await?;
            let broker =
                step("RabbitMQ", RabbitMq::builder().bind(cluster.host()).at(&broker_dir()).start()).await?;
            access.expose(NAMESPACE, "rabbitmq", 5672, broker.address()).await?;
            let uri = broker.url_at(&format!("rabbitmq.{NAMESPACE}.svc"), 5672);
            let secret = ["create", "secret", "generic", "rabbitmq", "--namespace", NAMESPACE];
            access.kubectl(&[&secret[..], &[&format!("--from-literal=uri={uri}")]].concat()).await?;
            let record = Record { fingerprint: current, amqp_url: broker.url() };
            cluster.keep()?;
            broker.keep()?;
            record
        }
    };
    for image in [&product.service, &product.operator] {
        load_on_nodes(&access, &dir, image).await?;
    }
    step("the operator, by Helm", product.install(&access)).await?;
    let example = fs::read_to_string(repository().join("examples/commsmodule.yaml"))?;
    access.apply(&example).await?;
    step("the module becomes Ready", wait_until_ready(&access, NAMESPACE)).await?;
    record.write(&dir)?;
    table(&access, NAMESPACE).await?;
    show(&access, &record).await?;
    closing(&access).await
}

/// Ends the broker and the cluster in `dir`, as far as an earlier run has left them there.
fn end(dir: &Path) -> Result<()> {
    Lifetime::end_at(&broker_dir())?;
    Lifetime::end_at(dir)
}

async fn load_on_nodes(access: &Access, dir: &Path, image: &Image) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let node = entry?.path();
        if node.join("containerd.toml").exists() {
            load(access.tools(), &node, image).await?;
        }
    }
    Ok(())
}

async fn wait_until_ready(access: &Access, namespace: &str) -> Result<()> {
    let module = format!("commsmodule/{MODULE}");
    let waited = access
        .kubectl(&["wait", "--for=condition=Ready", &module, "--namespace", namespace, "--timeout=180s"])
        .await;
    if let Err(error) = waited {
        let seen = access.kubectl(&["describe", &module, "--namespace", namespace]).await.unwrap_or_default();
        return Err(error.context(format!("the module did not become Ready; it says:\n{seen}")));
    }
    Ok(())
}

async fn table(access: &Access, namespace: &str) -> Result<()> {
    println!("\n$ kubectl get comms\n{}", access.kubectl(&["get", "comms", "--namespace", namespace]).await?);
    Ok(())
}

async fn show(access: &Access, record: &Record) -> Result<()> {
    let client = access.client().await?;
    let module = Module::behind_service(&client, NAMESPACE, MODULE).await?;
    let admin = Account::admin_of(&client, NAMESPACE, MODULE).await?;
    // A Service answers a moment after its first pod is Ready.
    crate::wait::eventually(Duration::from_secs(20), "the module answers", async || {
        module.call(reqwest::Method::GET, "/health", None, None).await
    })
    .await?;
    Demo { module: &module, admin: &admin, events: Some((&record.amqp_url, EXCHANGE)) }.show().await
}

async fn closing(access: &Access) -> Result<()> {
    let module = Module::behind_service(&access.client().await?, NAMESPACE, MODULE).await?;
    let kubeconfig = access.kubeconfig().map(|path| path.display().to_string()).unwrap_or_default();
    println!(
        "\nThe module is at   {}\nkubectl            export KUBECONFIG={kubeconfig}\nadmin password     kubectl get secret \
         {MODULE}-admin -o jsonpath='{{.data.password}}' | base64 -d\nend it             make down",
        module.base()
    );
    Ok(())
}

async fn access() -> Result<Access> {
    Ok(Access::with_kubeconfig(Tools::ready().await?, state_dir().join("kubeconfig")))
}

/// Each checkout has a cluster of its own. The path is short, for Unix sockets' sake.
fn state_dir() -> PathBuf {
    let checkout = crate::fingerprint::fingerprint([repository().as_os_str().as_encoded_bytes()], 8);
    std::env::temp_dir().join(format!("cc-lite-up-{checkout}"))
}

fn broker_dir() -> PathBuf {
    let mut name = state_dir().into_os_string();
    name.push("-rabbitmq");
    name.into()
}
