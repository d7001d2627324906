//! Lists, page by page: newest first, each page with an opaque cursor to the next.

use super::problem::{FieldError, Problem};
use crate::identity::is_identifier;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;

/// How many items a page has when nothing is said.
const DEFAULT_LIMIT: i64 = 20;
/// How many items a page has at most.
const MAX_LIMIT: i64 = 100;

/// Which page is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageRequest {
    /// How many items.
    pub(crate) limit: i64,
    /// Only what comes after the item with this id.
    pub(crate) after: Option<String>,
}

impl PageRequest {
    /// From the query's `limit` and `cursor`.
    pub(crate) fn read(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, Problem> {
        let refused = |pointer, detail| Problem::fields(vec![FieldError { pointer, detail }]);
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| refused("#/limit", "a number from 1 to 100"))?,
        };
        let after = match cursor {
            None => None,
            Some(text) => Some(position(text).ok_or_else(|| {
                refused("#/cursor", "the `next_cursor` of an earlier answer, or nothing for the first page")
            })?),
        };
        Ok(Self { limit, after })
    }

    /// How many items to read to find out whether there is another page.
    pub(crate) fn to_read(&self) -> i64 {
        self.limit + 1
    }

    /// The page, of what was read.
    pub(crate) fn page<T, A>(
        &self,
        mut read: Vec<T>,
        id: impl Fn(&T) -> &str,
        answer: impl Fn(T) -> A,
    ) -> Page<A> {
        let limit = usize::try_from(self.limit).unwrap_or_default();
        let more = read.len() > limit;
        read.truncate(limit);
        let next_cursor = read.last().filter(|_| more).map(|last| BASE64_URL_SAFE_NO_PAD.encode(id(last)));
        Page { items: read.into_iter().map(answer).collect(), next_cursor }
    }
}

fn position(cursor: &str) -> Option<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    String::from_utf8(bytes).ok().filter(|id| is_identifier(id))
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items, newest first.
    items: Vec<T>,
    /// Leads to the next page; null on the last one.
    next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_what_comes_after_the_page() {
        let first = PageRequest::read(Some("2"), None).unwrap();
        let page = first.page(vec!["c", "b", "a"], |id| id, str::to_owned);
        assert_eq!(page.items, ["c", "b"]);
        let second = PageRequest::read(None, page.next_cursor.as_deref()).unwrap();
        assert_eq!(second, PageRequest { limit: 20, after: Some("b".into()) });
        assert_eq!(second.page(vec!["a"], |id| id, str::to_owned).next_cursor, None);
    }

    #[test]
    fn limits_and_cursors_that_do_not_fit_are_refused() {
        for limit in ["0", "101", "-1", "x", ""] {
            assert!(PageRequest::read(Some(limit), None).is_err(), "{limit}");
        }
        for cursor in ["", "!", "YSBi"] {
            assert!(PageRequest::read(None, Some(cursor)).is_err(), "{cursor}");
        }
    }
}
