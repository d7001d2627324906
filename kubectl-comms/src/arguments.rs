//! The command line.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::output::Format;

/// Shows how communications modules (`CommsModule`s) are, opens them, and turns their keys.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl-comms",
    bin_name = "kubectl comms",
    version,
    after_help = "Exit codes: 0 done, 2 wrong usage, 3 no such module, 4 not allowed, 5 no cluster, 1 anything else."
)]
pub struct Arguments {
    /// Which cluster, and where in it.
    #[command(flatten)]
    pub cluster: ClusterChoice,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Which cluster, and where in it.
#[derive(Debug, Default, Clone, Args)]
pub struct ClusterChoice {
    /// Namespace of the module; the context's unless given
    #[arg(short, long, global = true, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// Context of the kubeconfig; the current one unless given
    #[arg(long, global = true, value_name = "CONTEXT")]
    pub context: Option<String>,
    /// Kubeconfig file; what KUBECONFIG names, else ~/.kube/config, unless given
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show how a module is, or all of them, and what to do next
    Status(Status),
    /// Print the first administrator's password
    Password(Password),
    /// Show the events of a module and of what was made for it
    Events(Events),
    /// Ask for a new key to sign with
    Rotate(Rotate),
    /// Have a key refused from now on
    Revoke(Revoke),
    /// Forward a local port to a module, and open its API in a browser
    Open(Open),
    /// Print a completion script for `kubectl-comms`
    Completion {
        /// The shell that is to complete
        shell: Shell,
    },
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Module; all of the namespace unless given
    #[arg(value_parser = name)]
    pub name: Option<String>,
    /// Modules of all namespaces
    #[arg(short = 'A', long, conflicts_with = "name")]
    pub all_namespaces: bool,
    /// As JSON or YAML, for programs
    #[arg(short, long, value_enum)]
    pub output: Option<Format>,
}

/// Arguments of `password`.
#[derive(Debug, Args)]
pub struct Password {
    /// Module; may be left out where there is one only
    #[arg(value_parser = name)]
    pub name: Option<String>,
    /// As JSON or YAML, with the e-mail address to sign in with
    #[arg(short, long, value_enum)]
    pub output: Option<Format>,
}

/// Arguments of `events`.
#[derive(Debug, Args)]
pub struct Events {
    /// Module; may be left out where there is one only
    #[arg(value_parser = name)]
    pub name: Option<String>,
    /// Go on with new ones until interrupted
    #[arg(short, long)]
    pub follow: bool,
    /// As JSON or YAML; with --follow an object a line, or a document each
    #[arg(short, long, value_enum)]
    pub output: Option<Format>,
}

/// Arguments of `rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    /// Module; may be left out where there is one only
    #[arg(value_parser = name)]
    pub name: Option<String>,
}

/// Arguments of `revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// Module; may be left out where there is one only
    #[arg(value_parser = name)]
    pub name: Option<String>,
    /// Id of the key, as `status` shows it, or its beginning
    #[arg(short, long, value_name = "KID")]
    pub kid: String,
    /// Revoke it though it is the one that signs
    #[arg(short, long)]
    pub yes: bool,
}

/// Arguments of `open`.
#[derive(Debug, Args)]
pub struct Open {
    /// Module; may be left out where there is one only
    #[arg(value_parser = name)]
    pub name: Option<String>,
    /// Local port; the module's own where it is free, else any, unless given
    #[arg(short, long, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Local address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub address: IpAddr,
    /// Print the address and open no browser
    #[arg(long)]
    pub no_browser: bool,
}

/// A module's name, which may have its kind before it as kubectl prints it.
fn name(text: &str) -> Result<String, String> {
    let name = match text.split_once('/') {
        Some((kind, name)) if is_kind(kind) => name,
        Some((kind, _)) => return Err(format!("{kind} is no CommsModule: give the module's name alone")),
        None => text,
    };
    if name.is_empty() {
        return Err("give the module's name, as kubectl get comms shows it".into());
    }
    Ok(name.to_owned())
}

fn is_kind(kind: &str) -> bool {
    let kind = kind.strip_suffix(".comms.kraliki.com").unwrap_or(kind);
    ["comms", "commsmodule", "commsmodules"].contains(&kind.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_module_is_named_as_kubectl_names_it() {
        for text in ["acme", "comms/acme", "commsmodule/acme", "commsmodules.comms.kraliki.com/acme"] {
            assert_eq!(name(text).as_deref(), Ok("acme"), "{text}");
        }
        let refused = "pod is no CommsModule: give the module's name alone".to_owned();
        assert_eq!(name("pod/acme"), Err(refused));
        assert!(name("comms/").is_err());
    }

    #[test]
    fn flags_of_the_cluster_may_stand_before_and_after_the_command() {
        for words in [["-n", "a", "status"], ["status", "-n", "a"]] {
            let words = ["kubectl-comms"].into_iter().chain(words);
            let arguments = Arguments::try_parse_from(words).expect("a command line");
            assert_eq!(arguments.cluster.namespace.as_deref(), Some("a"));
        }
    }
}
