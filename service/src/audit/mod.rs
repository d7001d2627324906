//! Who read or changed what. A change's entry is in the transaction of the change; reads are gathered and written down
//! every second, so that reading stays cheap.

mod reads;

pub use reads::ReadLog;

use jiff::Timestamp;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The organisation.
    pub organization_id: String,
    /// When; of several reads, the first.
    pub at: Timestamp,
    /// Who.
    pub user_id: String,
    /// What they did: the method and the route, such as `POST /calls/{id}/start`.
    pub action: String,
    /// To what: the path of the resource, such as `/calls/0199…`; of a list, with the names of its filters.
    pub object: String,
    /// Status code of the answer; of a change, 0: it was made.
    pub status: i64,
    /// How often within the second.
    pub count: i64,
    /// The request; of several reads, the first.
    pub request_id: String,
}
