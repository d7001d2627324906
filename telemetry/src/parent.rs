//! The trace that a request belongs to.

use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::TraceContextExt,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The longest `tracestate` that is kept, in bytes: what W3C Trace Context, section 3.3.1.5, asks for.
const MAX_STATE: usize = 512;

struct Headers<'a> {
    parent: &'a str,
    state: Option<&'a str>,
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => Some(self.parent),
            "tracestate" => self.state,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// Makes the span, which has not been entered yet, a part of the trace that these headers tell of (W3C Trace Context). A
/// malformed `traceparent` is ignored, and so are both where the span is already a part of a trace.
pub fn continue_trace(span: &Span, traceparent: &str, tracestate: Option<&str>) {
    if !is_well_formed(traceparent) || Span::current().context().span().span_context().is_valid() {
        return;
    }
    let state = tracestate.filter(|state| state.len() <= MAX_STATE);
    let context = TraceContextPropagator::new().extract(&Headers { parent: traceparent, state });
    if context.span().span_context().is_valid() {
        // Without traces there is nothing to set.
        let _ = span.set_parent(context);
    }
}

/// Whether the text has the form of section 3.2: of version 00 exactly, of a later one at its beginning.
fn is_well_formed(traceparent: &str) -> bool {
    let (Some(known), rest) = (traceparent.get(..55), traceparent.get(55..).unwrap_or_default()) else {
        return false;
    };
    let form = known.bytes().enumerate().all(|(at, byte)| match at {
        2 | 35 | 52 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    });
    form && match &known[..2] {
        "ff" => false,
        "00" => rest.is_empty(),
        _ => rest.is_empty() || rest.starts_with('-'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_parent_is_told_apart() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(is_well_formed(good));
        assert!(is_well_formed(&good.replacen("00", "cc", 1)));
        assert!(is_well_formed(&format!("{}-more", good.replacen("00", "cc", 1))));
        for bad in [
            String::new(),
            "00-1-1-01".to_owned(),
            good.to_uppercase(),
            good.replacen("00", "ff", 1),
            good.replacen("00", "0+", 1),
            format!("{good}-more"),
            format!("{}more", good.replacen("00", "cc", 1)),
            good.replace('-', "_"),
            good[..54].to_owned(),
            format!("{}č", &good[..54]),
        ] {
            assert!(!is_well_formed(&bad), "{bad}");
        }
    }
}
