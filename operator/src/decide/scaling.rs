//! Who says how many pods there are.

use crate::api::CommsModuleSpec;

use super::{Database, module::InvalidSpec};

/// Who says how many pods there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// `spec.replicas`.
    Fixed(i32),
    /// An autoscaler.
    Automatic {
        /// `spec.replicas`, which it overrules.
        overruled: i32,
        /// Fewest pods.
        min: i32,
        /// Most pods.
        max: i32,
        /// CPU that pods should use on average, in percent of what they request.
        target_cpu: i32,
    },
}

pub(super) fn scaling(spec: &CommsModuleSpec, database: &Database) -> Result<Scaling, InvalidSpec> {
    if spec.replicas < 0 {
        return Err(InvalidSpec::Replicas(spec.replicas));
    }
    let embedded = matches!(database, Database::Embedded { .. });
    if embedded && (spec.replicas > 1 || spec.autoscaling.is_some()) {
        return Err(InvalidSpec::SharedDatabase);
    }
    let Some(autoscaling) = spec.autoscaling else { return Ok(Scaling::Fixed(spec.replicas)) };
    let (min, max) = (autoscaling.min_replicas, autoscaling.max_replicas);
    if spec.replicas == 0 || min < 1 || max < min {
        return Err(InvalidSpec::AutoscalingRange);
    }
    let target_cpu = autoscaling.target_cpu_utilization_percentage;
    Ok(Scaling::Automatic { overruled: spec.replicas, min, max, target_cpu })
}
