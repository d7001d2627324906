//! Lists, page by page: newest first, each page with an opaque cursor to the next.

use super::problem::Problem;
use crate::identity::is_identifier;
use crate::wording::say;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
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
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => {
                text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
                    Problem::field("#/limit", say!("give-number-between", least = 1_i64, most = MAX_LIMIT))
                })?
            }
        };
        let after = match cursor {
            None => None,
            Some(text) => {
                Some(position(text).ok_or_else(|| Problem::field("#/cursor", say!("give-cursor")))?)
            }
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

/// Where an ordered list goes on: behind the item with this value and id. It goes with the order and the filters that
/// it was given for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    value: Option<i64>,
    id: String,
    /// Of order and filters.
    list: u64,
}

impl Cursor {
    /// Behind `id` in the list that `list` describes.
    pub(crate) fn new(value: Option<i64>, id: String, list: &str) -> Self {
        Self { value, id, list: fingerprint(list) }
    }

    /// Reads a query's `cursor`, which must be one of this list.
    pub(crate) fn read(text: &str, list: &str) -> Result<(Option<i64>, String), Problem> {
        let refused = |detail| Problem::field("#/cursor", detail);
        let cursor: Self = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| refused(say!("give-cursor")))?;
        if cursor.list != fingerprint(list) {
            return Err(refused(say!("give-cursor-of-list")));
        }
        Ok((cursor.value, cursor.id))
    }

    /// As it is given out.
    fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// The same in every process and release.
fn fingerprint(list: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(list).into();
    digest[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A query's `limit`.
pub(crate) fn limit(text: Option<&str>) -> Result<i64, Problem> {
    Ok(PageRequest::read(text, None)?.limit)
}

/// A page of an ordered list, of what was read: one item more than `limit`, if there is one.
pub(crate) fn ordered_page<T, A>(
    mut read: Vec<T>,
    limit: i64,
    cursor: impl Fn(&T) -> Cursor,
    answer: impl Fn(T) -> A,
) -> Page<A> {
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = read.len() > limit;
    read.truncate(limit);
    let next_cursor = read.last().filter(|_| more).map(|last| cursor(last).text());
    Page { items: read.into_iter().map(answer).collect(), next_cursor }
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
