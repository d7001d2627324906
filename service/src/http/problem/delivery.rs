//! Errors about the delivery of events.

use super::{Problem, ProblemKind};
use crate::deliveries::DeliveryError;
use crate::wording::Spoken;

impl From<DeliveryError> for Problem {
    fn from(error: DeliveryError) -> Self {
        let detail = error.sentence();
        match error {
            DeliveryError::Unknown => Self::not_found(),
            DeliveryError::NotParked(delivery) => {
                let state = match delivery.as_str() {
                    "published" => "published",
                    "local" => "local",
                    _ => "pending",
                };
                Self::new(ProblemKind::EventState, detail).in_state(state, &[])
            }
            DeliveryError::Store(error) => error.into(),
        }
    }
}
