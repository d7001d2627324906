//! Why a command could not do what it was asked for, as sentences that say what to do.

use std::{error::Error, io};

use kube::config::KubeconfigError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no kubeconfig, or it does not say which cluster.
    #[error("no cluster is chosen: {0}; set KUBECONFIG, or choose a context with kubectl config use-context")]
    NoCluster(String),
    /// The API server does not answer.
    #[error(
        "the API server of the cluster cannot be reached: {0}; see whether kubectl get --raw /readyz answers"
    )]
    Unreachable(String),
    /// The API server does not know the user.
    #[error("the API server does not know who you are ({0}): renew your credentials for this cluster")]
    Unauthorized(String),
    /// The user may not do this.
    #[error("{0}; ask for a role that may, such as {1} in that namespace")]
    Forbidden(String, &'static str),
    /// The cluster has no `CommsModule`s.
    #[error("this cluster knows no CommsModules: install the operator's chart, or choose another --context")]
    NotInstalled,
    /// There is no such module.
    #[error("there is no CommsModule {name} in namespace {namespace}{}", among(.known))]
    NoSuchModule {
        /// What was asked for.
        name: String,
        /// Where.
        namespace: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// There is none at all.
    #[error(
        "there is no CommsModule in namespace {0}: choose another --namespace, or see all with kubectl comms status \
         --all-namespaces"
    )]
    NoModule(String),
    /// There are several, and none was named.
    #[error("namespace {namespace} has several CommsModules: name one of {}", .known.join(", "))]
    SeveralModules {
        /// Where.
        namespace: String,
        /// Which.
        known: Vec<String>,
    },
    /// What was asked for is not there, for a reason that the sentence has.
    #[error("{0}")]
    Absent(String),
    /// The API server refuses for another reason.
    #[error("the API server answered: {0}")]
    Api(String),
    /// A local port cannot be had.
    #[error("{address} cannot be listened on: {source}; choose another --port, or leave it out")]
    Listen {
        /// Address and port.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// What was to be printed cannot be.
    #[error("the output could not be written: {0}")]
    Output(#[from] io::Error),
    /// What was to be printed is no JSON or YAML.
    #[error("the output could not be formed: {0}")]
    Form(String),
}

impl Failure {
    /// The exit code, as `--help` lists them.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoSuchModule { .. } | Self::NoModule(_) => 3,
            Self::Unauthorized(_) | Self::Forbidden(..) => 4,
            Self::NoCluster(_) | Self::Unreachable(_) => 5,
            Self::SeveralModules { .. } => 2,
            Self::NotInstalled
            | Self::Absent(_)
            | Self::Api(_)
            | Self::Listen { .. }
            | Self::Output(_)
            | Self::Form(_) => 1,
        }
    }

    /// The failure of a call that `role` allows.
    pub fn of_call(error: kube::Error, role: &'static str) -> Self {
        match error {
            kube::Error::Api(status) => match status.code {
                401 => Self::Unauthorized(told(&status.message, &status.reason)),
                403 => Self::Forbidden(told(&status.message, &status.reason), role),
                // Of an object that is missing the answer tells the name; of a kind that is, it does not.
                404 if status.details.as_ref().is_none_or(|details| details.name.is_empty()) => {
                    Self::NotInstalled
                }
                _ => Self::Api(told(&status.message, &status.reason)),
            },
            kube::Error::Auth(error) => Self::Unauthorized(cause(&error)),
            kube::Error::SerdeError(error) => Self::Api(error.to_string()),
            other => Self::Unreachable(cause(&other)),
        }
    }
}

impl From<KubeconfigError> for Failure {
    fn from(error: KubeconfigError) -> Self {
        Self::NoCluster(cause(&error))
    }
}

fn told(message: &str, reason: &str) -> String {
    let text = if message.is_empty() { reason } else { message };
    text.trim_end_matches('.').to_owned()
}

fn among(known: &[String]) -> String {
    if known.is_empty() {
        ": choose another --namespace, or see all with kubectl comms status --all-namespaces".to_owned()
    } else {
        format!(": there are {}", known.join(", "))
    }
}

/// The innermost reason, which is the one that a person can act on, behind what was being done.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let (outer, inner) = (error.to_string(), innermost.to_string());
    if outer.contains(&inner) { outer } else { inner }
}
