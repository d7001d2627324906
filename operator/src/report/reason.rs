//! Why conditions are as they are: the stable words that people and programs act on.

use crate::decide::HoldReason;

/// Makes the enum and the list of its words from one list, so that neither can lack one.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $reason:ident,)+) => {
        /// Why a condition is as it is.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(super) enum Reason {
            $($(#[doc = $doc])+ $reason,)+
            /// Of pods and Deployments, in the words of those who look after them.
            Theirs(String),
        }

        impl Reason {
            /// The operator's own words.
            #[cfg(test)]
            const OWN: &[&str] = &[$(stringify!($reason)),+];

            /// The word as conditions and events have it.
            pub(super) fn as_str(&self) -> &str {
                match self {
                    $(Self::$reason => stringify!($reason),)+
                    Self::Theirs(reason) => reason,
                }
            }
        }
    };
}

reasons! {
    /// All pods are of the present spec and ready.
    Serving,
    /// Pods are being replaced.
    RollingOut,
    /// Another image is tried in a pod of its own.
    TryingImage,
    /// Pods that were ready are no longer.
    PodsNotReady,
    /// The spec asks for no pods.
    ScaledToZero,
    /// Nothing is left to be done.
    Complete,
    /// Changes wait until the resource is no longer paused.
    Paused,
    /// Changes are made.
    NotPaused,
    /// The stored object is no `CommsModule`.
    Malformed,
    /// The spec is one that admission would refuse.
    InvalidSpec,
    /// An object of somebody else has the name of a child.
    NameTaken,
    /// Children of a deleted module of the same name are still there.
    PredecessorPresent,
    /// A referenced Secret or an entry of it is missing.
    SecretNotFound,
    /// Another namespace does not let the module refer to what is in it.
    ReferenceNotGranted,
    /// An entry of a Secret is not what it should be.
    InvalidSecret,
    /// The module's key Secret does not hold a key set.
    InvalidKeys,
    /// The image cannot be had or does not run.
    ImageUnusable,
    /// The pod template leaves the restricted profile.
    UnrestrictedPod,
    /// The operator lacks a permission.
    Forbidden,
    /// The API server refuses a child.
    ChildRefused,
    /// There are keys to sign with.
    Available,
    /// Another key is about to sign, or has just begun to.
    Rotating,
    /// Pods learn that a key is revoked.
    Revoking,
    /// A rotation cannot go on.
    RotationHeld,
    /// Platform mode has no keys.
    NotUsed,
    /// Nothing can be said.
    NotObserved,
    /// It answers.
    Connected,
    /// No broker is given.
    NotConfigured,
    /// Publishing is switched off.
    Disabled,
    /// The first connection is being made.
    Connecting,
    /// The broker cannot be reached.
    BrokerUnreachable,
    /// A pod of a former spec publishes nothing.
    BrokerNotInUse,
    /// The database cannot be used.
    DatabaseUnavailable,
    /// What leads to the module, or watches it, is in force as far as can be seen.
    InPlace,
    /// The cluster lacks the kind that is asked for.
    KindMissing,
    /// A Gateway does not take the route.
    RouteRefused,
}

impl From<HoldReason> for Reason {
    fn from(reason: HoldReason) -> Self {
        match reason {
            HoldReason::InvalidSpec => Self::InvalidSpec,
            HoldReason::NameTaken => Self::NameTaken,
            HoldReason::PredecessorPresent => Self::PredecessorPresent,
            HoldReason::SecretNotFound => Self::SecretNotFound,
            HoldReason::ReferenceNotGranted => Self::ReferenceNotGranted,
            HoldReason::InvalidSecret => Self::InvalidSecret,
            HoldReason::InvalidKeys => Self::InvalidKeys,
            HoldReason::ImageUnusable => Self::ImageUnusable,
            HoldReason::UnrestrictedPod => Self::UnrestrictedPod,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Reason;

    /// The words in backticks of the table of conditions, but for its first column.
    fn documented() -> BTreeSet<&'static str> {
        include_str!("../../../docs/commsmodule.md")
            .lines()
            .skip_while(|line| !line.starts_with("| condition |"))
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .filter_map(|row| row.trim_start_matches('|').split_once('|'))
            .flat_map(|(_, reasons)| reasons.split('`').skip(1).step_by(2))
            .collect()
    }

    #[test]
    fn the_documentation_lists_the_reasons_that_there_are_and_no_others() {
        let own: BTreeSet<&str> = Reason::OWN.iter().copied().collect();
        let documented = documented();
        let lacking: Vec<_> = own.difference(&documented).collect();
        let unknown: Vec<_> = documented.difference(&own).collect();
        assert!(
            lacking.is_empty() && unknown.is_empty(),
            "the table of conditions in docs/commsmodule.md lacks {lacking:?}, and has {unknown:?}, which no condition gives"
        );
    }
}
