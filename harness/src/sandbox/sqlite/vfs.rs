//! Where SQLite keeps a scenario's databases and what time it sees: SQLite's own memory, shared by the connections that
//! name the same database, and the scenario's clock in place of the machine's.

use rusqlite::ffi;
use std::cell::Cell;
use std::ffi::{CStr, c_int};
use std::sync::OnceLock;
use std::time::Duration;

/// The name under which SQLite finds it.
const NAME: &CStr = c"spin-harness";

/// Milliseconds from SQLite's epoch, noon of 24 November 4714 BC, to the Unix epoch (SQLite, "Date And Time Functions").
const UNIX_EPOCH: i64 = 210_866_760_000_000;

thread_local! {
    /// The time that SQLite sees on this thread, in milliseconds since its epoch.
    static NOW: Cell<i64> = const { Cell::new(UNIX_EPOCH) };
}

/// Has SQLite see this time, since the Unix epoch, from now on.
pub(super) fn set_time(now: Duration) {
    let millis = i64::try_from(now.as_millis()).unwrap_or(i64::MAX - UNIX_EPOCH);
    NOW.set(UNIX_EPOCH.saturating_add(millis));
}

/// The name to open databases with; registers it first where that has not been done.
///
/// # Errors
///
/// SQLite has no databases in memory, or is out of memory.
pub(super) fn name() -> rusqlite::Result<&'static str> {
    static REGISTERED: OnceLock<c_int> = OnceLock::new();
    let code = *REGISTERED.get_or_init(register);
    match code {
        ffi::SQLITE_OK => NAME.to_str().map_err(rusqlite::Error::Utf8Error),
        code => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)),
    }
}

fn register() -> c_int {
    // SAFETY: finding starts SQLite up where that was not done, and gives a pointer that is valid as long as the process.
    let memory = unsafe { ffi::sqlite3_vfs_find(c"memdb".as_ptr()) };
    if memory.is_null() {
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: it is not null, and nobody writes to it once SQLite has started.
    let mut ours = unsafe { *memory };
    ours.zName = NAME.as_ptr();
    ours.pNext = std::ptr::null_mut();
    ours.xCurrentTimeInt64 = Some(current_time);
    // SAFETY: SQLite keeps the pointer for good, and so long the box lives; its functions are those of `memdb`, which work
    // on nothing but what they are given, and ours.
    unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 0) }
}

/// What SQLite asks for the time.
unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = NOW.get() };
    ffi::SQLITE_OK
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::{Connection, OpenFlags};

    fn open(path: &str) -> Connection {
        Connection::open_with_flags_and_vfs(path, OpenFlags::default(), name().unwrap()).unwrap()
    }

    #[test]
    fn sqlite_sees_the_time_that_is_set() {
        let database = open("/vfs-time");
        set_time(Duration::from_secs(1_767_225_600));
        let now = |sql: &str| -> String { database.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(now("select datetime('now')"), "2026-01-01 00:00:00");
        assert_eq!(now("select current_timestamp"), "2026-01-01 00:00:00");
        set_time(Duration::from_millis(1_767_225_601_500));
        assert_eq!(
            now("select strftime('%Y-%m-%d %H:%M:%f', 'now')"),
            "2026-01-01 00:00:01.500"
        );
    }

    #[test]
    fn connections_of_one_name_share_a_database_and_others_do_not() {
        let (a, b, c) = (open("/vfs-one"), open("/vfs-one"), open("/vfs-other"));
        a.execute_batch("create table t (x); insert into t values (1)")
            .unwrap();
        let count = |database: &Connection| {
            database.query_row("select count(*) from t", [], |row| row.get::<_, i64>(0))
        };
        assert_eq!(count(&b).unwrap(), 1);
        assert!(count(&c).is_err());
    }
}
