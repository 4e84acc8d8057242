//! What a kind of real server must be able to do to stand behind the gate.

use super::super::DatabaseServer;
use super::super::failure::Said;
use super::super::served::SqlReply;
use super::super::value::ServerValue;
use super::{PATIENCE, Trouble};
use crate::sandbox::service::SqlOperation;

/// Bytes of a result that Spin takes (`MAX_HOST_BUFFERED_BYTES` in `crates/world/src/lib.rs`).
pub(super) const MOST_BYTES: usize = 128 << 20;

/// What Spin says of a result that is larger.
pub(super) fn too_large() -> String {
    format!("query result exceeds limit of {MOST_BYTES} bytes")
}

/// A statement as a guest sent it.
pub(in super::super) struct Sent {
    pub operation: SqlOperation,
    pub text: String,
    pub parameters: Vec<ServerValue>,
    /// Whether the guest takes the rows one after the other: it then gets those before an error too.
    pub streams: bool,
}

/// A connection to a real server, by the client that Spin has for its kind.
pub(super) trait Client: Sized + 'static {
    /// The kind.
    const SERVER: DatabaseServer;

    /// Leads to a database, or to a server without one.
    type Address: Clone + Send + 'static;

    /// Why the client or the server refuses.
    type Error;

    /// What else is known of a copy: by it, statements about more than the copy are told from others.
    type Around;

    /// The database that an address names.
    fn database(address: &Self::Address) -> String;

    /// The same server and user, and another database, or none.
    fn to_database(address: &Self::Address, database: Option<&str>) -> Self::Address;

    async fn connect(address: &Self::Address) -> Result<Self, NotConnected<Self::Error>>;

    /// Says goodbye, so that the server need not find out.
    async fn close(self);

    /// Sends a statement and waits for all of the answer. The inner error is what Spin says of it, the outer one is our own.
    async fn send(&mut self, sent: &Sent) -> Result<Result<SqlReply, Said>, Trouble>;

    /// Has the server end a statement that was not waited for.
    async fn cancel(&mut self);

    /// Copies a database to one of that name.
    async fn copy(&mut self, original: &str, name: &str) -> Result<Self::Around, NotCopied>;

    /// Drops what there is of a copy that could not be made. Gives whether nothing is left of it.
    async fn discard(self, beside: &Self::Address, name: &str, why: &NotCopied) -> bool;

    /// Drops a copy, with the connections of the same user to it.
    async fn remove(beside: &Self::Address, name: &str) -> Result<(), NotConnected<Self::Error>>;

    /// Whether it was refused because somebody uses the copy.
    fn is_in_use(error: &Self::Error) -> bool;

    /// What Spin says of a connection that is refused.
    fn said(error: &Self::Error) -> Said;

    /// An error for people.
    fn for_people(error: &Self::Error) -> String;

    /// What a statement is about besides the copy, if it is about that.
    fn reaches(around: &Self::Around, statement: &str) -> Option<String>;
}

/// Why there is no connection, or no answer on it.
pub(super) enum NotConnected<E> {
    Refused(E),
    TooSlow,
}

impl<E> NotConnected<E> {
    pub fn for_people<C: Client<Error = E>>(&self) -> String {
        match self {
            Self::Refused(error) => C::for_people(error),
            Self::TooSlow => format!("it did not answer within {} s", PATIENCE.as_secs()),
        }
    }
}

/// Why there is no copy.
pub(super) enum NotCopied {
    TooSlow,
    Refused {
        /// For people.
        reason: String,
        /// What the server calls it, where it says so.
        code: String,
    },
}
