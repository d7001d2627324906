//! The operator on the real API server with its controllers, and without nodes: what a kubelet would report is written
//! by the tests.

#![expect(clippy::needless_pass_by_value, reason = "specs are written in place")]

mod admission;
mod around;
mod broker_cluster;
mod chart;
mod children;
mod claims;
mod crashes;
mod deletion;
mod dry_run;
mod examples;
mod fault;
mod faults;
mod fields;
mod idle;
mod key_rotation;
mod kubectl;
mod lacking;
mod leases;
mod malformed;
mod network_admission;
mod network_policy;
mod pod_policy;
mod pods;
mod program;
mod references;
mod repairs;
mod rights;
mod state;
mod traces;
mod trial;
mod uninstall;
mod workload;
