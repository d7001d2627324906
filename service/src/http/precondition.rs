//! Versions of resources as entity tags (RFC 9110 sections 8.8.3 and 13.1.1).

use super::problem::{Problem, ProblemKind};
use crate::ledger::Expected;
use crate::wording::say;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header::IF_MATCH};
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// The entity tag of a version.
pub(crate) fn etag(version: i64) -> HeaderValue {
    // Digits between quotes are always a header value.
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// What `If-Match` asks for.
pub(crate) struct IfMatch(pub(crate) Expected);

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "ETag of the version that the change is meant for; another one is answered by 412.",
            ))
            .schema(Some(
                ObjectBuilder::new().schema_type(Type::String).pattern(Some(r#"^(\*|"\d+"(, ?"\d+")*)$"#)),
            ))
            .example(Some(serde_json::json!("\"1\"")));
        vec![parameter.build()]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        expected(&parts.headers)
            .map(Self)
            .ok_or_else(|| Problem::new(ProblemKind::MalformedRequest, say!("if-match-unreadable")))
    }
}

fn expected(headers: &HeaderMap) -> Option<Expected> {
    let mut versions = Vec::new();
    let mut any = !headers.contains_key(IF_MATCH);
    for value in headers.get_all(IF_MATCH) {
        for tag in value.to_str().ok()?.split(',').map(str::trim) {
            if tag == "*" {
                any = true;
                continue;
            }
            // A weak tag never matches here (section 13.1.1), and neither does one that is not ours.
            let quoted = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
            if let (false, Ok(version)) = (tag.starts_with("W/"), quoted.parse()) {
                versions.push(version);
            }
        }
    }
    Some(if any { Expected::Any } else { Expected::Versions(versions) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Option<Expected> {
        expected(&values.iter().map(|value| (IF_MATCH, HeaderValue::from_static(value))).collect())
    }

    #[test]
    fn only_strong_tags_of_ours_match() {
        assert_eq!(read(&[]), Some(Expected::Any));
        assert_eq!(read(&["*"]), Some(Expected::Any));
        assert_eq!(read(&["\"3\""]), Some(Expected::Versions(vec![3])));
        assert_eq!(read(&["\"3\", \"4\"", "\"5\""]), Some(Expected::Versions(vec![3, 4, 5])));
        assert_eq!(read(&["W/\"3\""]), Some(Expected::Versions(vec![])));
        assert_eq!(read(&["\"x\""]), Some(Expected::Versions(vec![])));
        assert_eq!(read(&["3"]), None);
        assert_eq!(read(&[""]), None);
        assert_eq!(etag(3), "\"3\"");
    }
}
