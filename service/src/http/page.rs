//! Lists, page by page, each page with an opaque cursor to the next. A cursor goes with the list that it was given for:
//! with its path, its filters and its order.

use super::problem::Problem;
use crate::identity::is_identifier;
use crate::store::listing::{Order, Position, SortKey, SortValue};
use crate::wording::{Sentence, say};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Debug;
use utoipa::ToSchema;

/// How many items a page has when nothing is said.
const DEFAULT_LIMIT: i64 = 20;
/// How many items a page has at most.
const MAX_LIMIT: i64 = 100;

/// Which page is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageRequest {
    limit: i64,
    after: Option<Position>,
    /// Of the list.
    list: u64,
}

impl PageRequest {
    /// From the query's `limit` and `cursor`, of a list in the order of its ids. `list` is which list it is: what it is
    /// of, and its filters.
    pub(crate) fn read(
        limit: Option<&str>,
        cursor: Option<&str>,
        list: &impl Debug,
    ) -> Result<Self, Problem> {
        Self::of(limit, cursor, list, |value| value.is_none())
    }

    /// The same of a list in the order of `key`, which becomes a part of which list it is.
    pub(crate) fn ordered<K: SortKey>(
        limit: Option<&str>,
        cursor: Option<&str>,
        (key, ascending): (K, bool),
        list: &impl Debug,
    ) -> Result<(Self, Order<K>), Problem> {
        let mut page = Self::of(limit, cursor, &(list, key, ascending), |value| key.takes(value))?;
        let order = Order { key, ascending, after: page.after.take() };
        Ok((page, order))
    }

    fn of(
        limit: Option<&str>,
        cursor: Option<&str>,
        list: &impl Debug,
        fits: impl Fn(Option<&SortValue>) -> bool,
    ) -> Result<Self, Problem> {
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => {
                text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
                    Problem::field("#/limit", say!("give-number-between", least = 1_i64, most = MAX_LIMIT))
                })?
            }
        };
        let list = fingerprint(list);
        let after = cursor.map(|text| position(text, list, fits)).transpose()?;
        Ok(Self { limit, after, list })
    }

    /// The id that the page comes after, in a list in the order of ids.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_ref().map(|position| position.id.as_str())
    }

    /// How many items to read to find out whether there is another page.
    pub(crate) fn to_read(&self) -> i64 {
        self.limit + 1
    }

    /// The page, of what was read, in a list in the order of ids.
    pub(crate) fn page<T, A>(
        &self,
        read: Vec<T>,
        id: impl Fn(&T) -> &str,
        answer: impl Fn(T) -> A,
    ) -> Page<A> {
        self.page_at(read, |item| Position { value: None, id: id(item).to_owned() }, answer)
    }

    /// The page, of what was read; `position` says where an item stands in the list.
    pub(crate) fn page_at<T, A>(
        &self,
        mut read: Vec<T>,
        position: impl Fn(&T) -> Position,
        answer: impl Fn(T) -> A,
    ) -> Page<A> {
        let limit = usize::try_from(self.limit).unwrap_or_default();
        let more = read.len() > limit;
        read.truncate(limit);
        let next_cursor = read.last().filter(|_| more).map(|last| {
            let Position { value, id } = position(last);
            let cursor = Cursor { value, id, list: self.list };
            BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
        });
        Page { items: read.into_iter().map(answer).collect(), next_cursor }
    }
}

/// What a query's `sort` asks for: a key by one of the `names`, with `-` before it for the greatest first; without it,
/// `usual`. `detail` tells the names.
pub(crate) fn sort<K: Copy>(
    text: Option<&str>,
    usual: (K, bool),
    names: &[(&str, K)],
    detail: Sentence,
) -> Result<(K, bool), Problem> {
    let Some(text) = text else { return Ok(usual) };
    let (name, ascending) = text.strip_prefix('-').map_or((text, true), |name| (name, false));
    let key = names.iter().find(|(known, _)| *known == name).map(|(_, key)| *key);
    key.map(|key| (key, ascending)).ok_or_else(|| Problem::field("#/sort", detail))
}

/// As it is given out, in base64.
#[derive(Serialize, Deserialize)]
struct Cursor {
    value: Option<SortValue>,
    id: String,
    list: u64,
}

/// Reads a query's `cursor`, which must be one of this list.
fn position(text: &str, list: u64, fits: impl Fn(Option<&SortValue>) -> bool) -> Result<Position, Problem> {
    let cursor: Cursor = BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .filter(|cursor: &Cursor| is_identifier(&cursor.id) && is_kept(cursor.value.as_ref()))
        .ok_or_else(|| Problem::field("#/cursor", say!("give-cursor")))?;
    if cursor.list != list || !fits(cursor.value.as_ref()) {
        return Err(Problem::field("#/cursor", say!("give-cursor-of-list")));
    }
    Ok(Position { value: cursor.value, id: cursor.id })
}

/// Whether a database could hold it.
fn is_kept(value: Option<&SortValue>) -> bool {
    !matches!(value, Some(SortValue::Text(text)) if text.contains('\0'))
}

/// The same in every process of a release.
fn fingerprint(list: &impl Debug) -> u64 {
    let digest: [u8; 32] = Sha256::digest(format!("{list:?}")).into();
    digest[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items, in the list's order.
    items: Vec<T>,
    /// Leads to the next page; null on the last one.
    next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::users::UserKey;

    #[test]
    fn a_cursor_leads_to_what_comes_after_the_page() {
        let first = PageRequest::read(Some("2"), None, &"letters").unwrap();
        let page = first.page(vec!["c", "b", "a"], |id| id, str::to_owned);
        assert_eq!(page.items, ["c", "b"]);
        let second = PageRequest::read(None, page.next_cursor.as_deref(), &"letters").unwrap();
        assert_eq!((second.to_read(), second.after()), (21, Some("b")));
        assert_eq!(second.page(vec!["a"], |id| id, str::to_owned).next_cursor, None);
    }

    #[test]
    fn a_cursor_goes_with_its_list_its_filters_and_its_order() {
        let first = PageRequest::read(Some("1"), None, &("letters", Some("x"))).unwrap();
        let cursor = first.page(vec!["b", "a"], |id| id, str::to_owned).next_cursor;
        let read = |list: (&str, Option<&str>)| PageRequest::read(None, cursor.as_deref(), &list).is_ok();
        assert!(read(("letters", Some("x"))));
        assert!(!read(("letters", None)) && !read(("digits", Some("x"))));
        let ordered = |key, ascending| {
            PageRequest::ordered(None, cursor.as_deref(), (key, ascending), &("letters", Some("x")))
        };
        assert!(ordered(UserKey::Email, true).is_err());
    }

    #[test]
    fn limits_and_cursors_that_do_not_fit_are_refused() {
        for limit in ["0", "101", "-1", "x", ""] {
            assert!(PageRequest::read(Some(limit), None, &"").is_err(), "{limit}");
        }
        for cursor in ["", "!", "YSBi"] {
            assert!(PageRequest::read(None, Some(cursor), &"").is_err(), "{cursor}");
        }
    }

    #[test]
    fn a_forged_cursor_gives_no_value_that_the_order_does_not_have() {
        let key = UserKey::Email;
        let list = fingerprint(&(&"users", key, true));
        let read = |value, id: &str| {
            let cursor = serde_json::to_vec(&Cursor { value, id: id.to_owned(), list }).unwrap();
            let cursor = BASE64_URL_SAFE_NO_PAD.encode(cursor);
            PageRequest::ordered(None, Some(&cursor), (key, true), &"users").map(|(_, order)| order.after)
        };
        let text = |text: &str| Some(SortValue::Text(text.to_owned()));
        assert_eq!(read(text("a@b"), "u").unwrap().unwrap(), Position { value: text("a@b"), id: "u".into() });
        for (value, id) in
            [(None, "u"), (Some(SortValue::Number(1)), "u"), (text("\0"), "u"), (text("a"), "\0")]
        {
            assert!(read(value.clone(), id).is_err(), "{value:?} {id:?}");
        }
    }

    #[test]
    fn an_order_is_named_with_or_without_a_minus() {
        let names = [("email", 1), ("size", 2)];
        let read =
            |text| sort(text, (0, false), &names, say!("give-sort", names = vec!["email", "size"])).ok();
        assert_eq!(read(None), Some((0, false)));
        assert_eq!((read(Some("size")), read(Some("-email"))), (Some((2, true)), Some((1, false))));
        for bad in ["", "-", "--size", "colour"] {
            assert_eq!(read(Some(bad)), None, "{bad}");
        }
    }
}
