//! What goes wrong with the broker, in words that tell what to do and never who logs in.

use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::{Error, ErrorKind};
use std::io;

/// The error in words.
pub(super) fn sentence(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ProtocolError(error) => without_user(&of_protocol(error)),
        ErrorKind::IOError(error) => of_io(error.kind(), &error.to_string()),
        _ => error.to_string(),
    }
}

/// What the broker closed a channel for, if it was that.
pub(super) fn closed_for(error: &Error) -> Option<&AMQPSoftError> {
    let ErrorKind::ProtocolError(error) = error.kind() else { return None };
    let AMQPErrorKind::Soft(reason) = error.kind() else { return None };
    Some(reason)
}

fn of_protocol(error: &AMQPError) -> String {
    match error.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)
            if error.get_message().as_str().contains("ogin") =>
        {
            format!(
                "the broker refuses the login ({}): see to the user and password in RABBITMQ_URL",
                error.get_message()
            )
        }
        AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
            format!(
                "the broker refuses the virtual host ({}): see to RABBITMQ_URL, and to the user's permissions",
                error.get_message()
            )
        }
        _ => error.to_string(),
    }
}

fn of_io(kind: io::ErrorKind, error: &str) -> String {
    // A signature does not fit where an authority of the same name has another key.
    if error.contains("UnknownIssuer") || error.contains("BadSignature") {
        return format!(
            "the broker's certificate is of an authority that is not known here ({error}): give that authority's \
             certificate as RABBITMQ_CA_FILE"
        );
    }
    if error.contains("certificate") {
        return format!(
            "the broker's certificate does not fit ({error}): see to it, and to the host in RABBITMQ_URL"
        );
    }
    match kind {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => format!("the broker closed the connection ({error})"),
        _ => format!("the broker cannot be reached ({error})"),
    }
}

/// RabbitMQ names the user in some of its messages.
fn without_user(text: &str) -> String {
    let Some((before, rest)) = text.split_once("user '") else { return text.to_owned() };
    let after = rest.split_once('\'').map_or("", |(_, after)| after);
    format!("{before}this user{}", without_user(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_names_the_user() {
        let error = AMQPError::new(
            AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED),
            "NOT_ALLOWED - access to vhost 'voice' refused for user 'secret-name' from here".into(),
        );
        assert_eq!(
            sentence(&Error::from(ErrorKind::ProtocolError(error))),
            "the broker refuses the virtual host (NOT_ALLOWED - access to vhost 'voice' refused for this user from \
             here): see to RABBITMQ_URL, and to the user's permissions"
        );
    }

    #[test]
    fn a_certificate_that_nobody_known_vouches_for_is_told_with_what_to_give() {
        let told = |error| of_io(io::ErrorKind::InvalidData, error);
        assert!(told("invalid peer certificate: UnknownIssuer").ends_with("as RABBITMQ_CA_FILE"));
        assert!(
            told("invalid peer certificate: Expired").starts_with("the broker's certificate does not fit")
        );
    }

    #[test]
    fn a_broker_that_is_away_and_one_that_went_away_are_told_apart() {
        let refused = of_io(io::ErrorKind::ConnectionRefused, "Connection refused");
        assert_eq!(refused, "the broker cannot be reached (Connection refused)");
        let reset = of_io(io::ErrorKind::ConnectionReset, "Connection reset by peer");
        assert_eq!(reset, "the broker closed the connection (Connection reset by peer)");
    }
}
