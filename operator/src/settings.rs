//! The command line; every flag can be given by the environment, too.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Runs Voice by Kraliki's communications module on Kubernetes: one `CommsModule`, one running module.
#[derive(Debug, Parser)]
#[command(name = "comms-operator", version)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look after the modules of the cluster that the kubeconfig or the pod's service account gives access to
    Run(Run),
    /// Print the definition of the resource, to be applied to a cluster, as YAML
    Crd,
}

/// Settings of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Namespace to look after; all where none is given
    #[arg(long, env = "WATCH_NAMESPACE", value_parser = namespace)]
    pub watch_namespace: Option<String>,

    /// Image of modules whose resource names none
    #[arg(long, env = "DEFAULT_IMAGE", default_value = concat!("cc-lite:", env!("CARGO_PKG_VERSION")), value_parser = image)]
    pub default_image: String,

    /// Whether `spec.podTemplate` may leave the restricted Pod Security profile. Whoever may write `CommsModule`s can then
    /// have pods with whatever rights their namespace admits
    #[arg(long, env = "ALLOW_UNRESTRICTED_PODS", default_value_t = false, value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    pub allow_unrestricted_pods: bool,

    /// Namespace of the operator's own pods, which may reach the management port of modules' pods, and of its Lease. Where
    /// none is given, `NetworkPolicies` let no operator reach that port, and the Lease is in the pod's own namespace, or in
    /// that of the kubeconfig's context
    #[arg(long, env = "OPERATOR_NAMESPACE", value_parser = namespace)]
    pub operator_namespace: Option<String>,

    /// Address to serve /livez, /readyz and /metrics on
    #[arg(long, env = "HEALTH_ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::UNSPECIFIED))]
    pub health_address: IpAddr,

    /// Port to serve /livez, /readyz and /metrics on
    #[arg(long, env = "HEALTH_PORT", default_value_t = 8080)]
    pub health_port: u16,

    /// Whether to work only while holding a Lease, so that of several replicas one works
    #[arg(long, env = "LEADER_ELECTION", default_value_t = true, action = clap::ArgAction::Set)]
    pub leader_election: bool,

    /// Name of the Lease
    #[arg(long, env = "LEASE_NAME", default_value = "comms-operator", value_parser = lease_name)]
    pub lease_name: String,

    /// File with what is logged, as in `RUST_LOG`, which it takes the place of. It is read again when it changes, and on
    /// SIGHUP
    #[arg(long, env = "LOG_LEVEL_FILE")]
    pub log_level_file: Option<PathBuf>,

    /// Collector that traces of reconciles are sent to by OTLP over HTTP, such as `http://127.0.0.1:4318`; no traces where
    /// none is given
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true)]
    pub otlp_endpoint: Option<String>,

    /// Form of the log; `RUST_LOG` says what is in it
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Json)]
    pub log_format: LogFormat,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

fn namespace(text: &str) -> Result<String, String> {
    let valid = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if valid && !text.is_empty() && text.len() <= 63 {
        Ok(text.to_owned())
    } else {
        Err("give the name of one namespace, such as telephony, or leave it out for all".into())
    }
}

fn lease_name(text: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    if !text.is_empty() && text.len() <= 253 && text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("give a name of lower-case letters, digits, '-' and '.', such as comms-operator".into())
    }
}

fn image(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        Err("give an image as [registry/]repository[:tag][@digest]".into())
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn unrestricted_pods_are_allowed_by_the_flag_alone_or_with_a_value() {
        for (arguments, allowed) in [
            (&["comms-operator", "run"][..], false),
            (&["comms-operator", "run", "--allow-unrestricted-pods"], true),
            (&["comms-operator", "run", "--allow-unrestricted-pods=false"], false),
        ] {
            let Command::Run(run) = CommandLine::parse_from(arguments).command else { panic!("it runs") };
            assert_eq!(run.allow_unrestricted_pods, allowed, "{arguments:?}");
        }
    }

    #[test]
    fn bad_values_are_refused_with_what_fits() {
        for (arguments, expected) in [
            (["comms-operator", "run", "--watch-namespace=A b"], "give the name of one namespace"),
            (["comms-operator", "run", "--default-image="], "give an image as"),
            (["comms-operator", "run", "--health-port=99999"], "99999 is not in 0..=65535"),
            (["comms-operator", "run", "--lease-name=A b"], "give a name of lower-case letters"),
            (["comms-operator", "run", "--leader-election=maybe"], "[possible values: true, false]"),
        ] {
            let error = CommandLine::try_parse_from(arguments).expect_err("a bad value").to_string();
            assert!(error.contains(expected), "expected {expected:?} in {error:?}");
        }
    }
}
