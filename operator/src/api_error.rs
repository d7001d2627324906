//! Answers of the API server as sentences.

use std::fmt;

/// A failed call, told in one sentence.
#[derive(Debug)]
pub struct ApiError(Box<kube::Error>);

impl ApiError {
    /// The same request would fail again until a person changes something.
    pub fn needs_a_person(&self) -> bool {
        matches!(self.code(), Some(400 | 401 | 403 | 413 | 415 | 422))
    }

    /// The operator lacks a permission, or a policy or quota refuses.
    pub fn is_forbidden(&self) -> bool {
        self.code() == Some(403)
    }

    /// The object has changed since it was read.
    pub fn is_conflict(&self) -> bool {
        self.code() == Some(409)
    }

    fn code(&self) -> Option<u16> {
        match &*self.0 {
            kube::Error::Api(status) => Some(status.code),
            _ => None,
        }
    }
}

impl From<kube::Error> for ApiError {
    fn from(error: kube::Error) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            // The answer names the verb and the resource.
            kube::Error::Api(status) if status.code == 403 && status.message.contains(" cannot ") => {
                write!(
                    f,
                    "{}; grant the operator's ServiceAccount that verb, or install its chart with rbac.create=true",
                    status.message
                )
            }
            kube::Error::Api(status) if status.message.is_empty() => {
                write!(f, "the API server answered {} {}", status.code, status.reason)
            }
            kube::Error::Api(status) => f.write_str(&status.message),
            other => write!(f, "{other}"),
        }
    }
}

impl std::error::Error for ApiError {}
