//! `make up CLUSTER=current`: the product in a cluster of the user's.

use std::io::IsTerminal;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::oneshot;

use super::{EXCHANGE, MODULE, table, wait_until_ready};
use crate::access::Access;
use crate::demo::Demo;
use crate::module::{Account, Module};
use crate::product::{OPERATOR_NAMESPACE, Product, repository};
use crate::progress::{note, step};
use crate::tools::Tools;

/// What a person sees before anything is touched, and then what `up` does elsewhere. The broker is the user's own:
/// `AMQP_URL` names it as pods see it; without it the module runs without events. `AMQP_URL_HERE` names it as seen from
/// this machine; without it the events are published but not shown.
pub(super) async fn up(image_repository: Option<&str>) -> Result<()> {
    let repository_name = image_repository
        .context("CLUSTER=current needs IMAGE_REPOSITORY, a registry path that the cluster pulls from and you may push to")?;
    let access = Access::current_context(Tools::ready().await?);
    let context =
        access.kubectl(&["config", "current-context"]).await.context("kubectl has no current context")?;
    let server = access
        .kubectl(&["config", "view", "--minify", "--output=jsonpath={.clusters[0].cluster.server}"])
        .await?;
    let namespace = namespace(&access).await?;
    note(&format!("using the context {} ({server})", context.trim()));
    note(&format!(
        "it gets namespace {OPERATOR_NAMESPACE}, the CommsModule CRD, and module {MODULE} in namespace {namespace}"
    ));
    confirmed().await?;

    let product = step("container images", Product::build()).await?;
    let product = step("pushing the images", product.push(repository_name)).await?;
    step("the operator, by Helm", product.install(&access)).await?;
    let broker = std::env::var("AMQP_URL").ok();
    let example = if let Some(url) = &broker {
        let secret = serde_json::json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"uri": url},
                "metadata": {"name": "rabbitmq", "namespace": namespace}});
        access.apply(&secret.to_string()).await?;
        "examples/commsmodule.yaml"
    } else {
        note("AMQP_URL is not set: the module runs without events");
        "examples/minimal.yaml"
    };
    access.apply(&std::fs::read_to_string(repository().join(example))?).await?;
    step("the module becomes Ready", wait_until_ready(&access, &namespace)).await?;
    table(&access, &namespace).await?;

    let (forward, module) = forwarded(&access).await?;
    let admin = Account::admin_of(&access.client().await?, &namespace, MODULE).await?;
    let events = std::env::var("AMQP_URL_HERE").ok();
    Demo { module: &module, admin: &admin, events: events.as_deref().map(|url| (url, EXCHANGE)) }
        .show()
        .await?;
    drop(forward);
    println!(
        "\nreach it        kubectl port-forward service/{MODULE} 3018\nadmin password  kubectl get secret {MODULE}-admin -o \
         jsonpath='{{.data.password}}' | base64 -d\nend it          kubectl delete comms {MODULE}; helm uninstall \
         comms-operator --namespace {OPERATOR_NAMESPACE}"
    );
    Ok(())
}

/// Waits for a person's consent. Where nobody sits at a terminal, the command itself has named the cluster.
async fn confirmed() -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return Ok(());
    }
    note("Enter goes on; Ctrl-C stops this before anything is touched");
    let (tell, told) = oneshot::channel();
    // A thread of its own: tokio's would keep the program from ending before a line is there.
    std::thread::spawn(move || tell.send(std::io::stdin().read_line(&mut String::new())));
    ensure!(told.await?? > 0, "the input ended without an Enter: nothing was touched");
    Ok(())
}

async fn namespace(access: &Access) -> Result<String> {
    let named = access.kubectl(&["config", "view", "--minify", "--output=jsonpath={..namespace}"]).await?;
    Ok(if named.trim().is_empty() { "default".to_owned() } else { named.trim().to_owned() })
}

/// The module through `kubectl port-forward`, which ends with the first value.
async fn forwarded(access: &Access) -> Result<(Child, Module)> {
    let mut forward = access
        .command("kubectl")
        .args(["port-forward", &format!("service/{MODULE}"), ":http"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdout = forward.stdout.take().context("kubectl has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = lines.next_line().await?.context("kubectl forwarded nothing")?;
    // It prints a line for each connection, and would end with the first that nobody can read.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    // Forwarding from 127.0.0.1:40123 -> 3018
    let address = line.split_whitespace().nth(2).unwrap_or_default();
    ensure!(address.contains(':'), "kubectl said: {line}");
    let module = Module::at(format!("http://{address}"))?;
    Ok((forward, module))
}
