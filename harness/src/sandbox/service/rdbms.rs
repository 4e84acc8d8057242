//! Postgres and MySQL as the gate sees them.

use super::{ErrorCase, Family, ServiceInterface, ServiceOperation, Turns};
use crate::sandbox::DatabaseServer;
use crate::sandbox::KeyPattern;

/// The five that all of these interfaces have. What `fermyon:spin/postgres` and `mysql` without a version call
/// `other-error` is `other` here too.
const ERRORS: &[ErrorCase] = &[
    ErrorCase::with_text("connection-failed"),
    ErrorCase::with_text("bad-parameter"),
    ErrorCase::with_text("query-failed"),
    ErrorCase::with_text("value-conversion-failed"),
    ErrorCase::with_text("other"),
];

/// Postgres servers, each at an address.
pub(super) static POSTGRES: Family = Family {
    name: "postgres",
    interfaces: &[&POSTGRES_1, &POSTGRES_2, &POSTGRES_3, &POSTGRES_4],
    operations: &OF_POSTGRES,
    key_words: "of statement",
    label_words: Some("at"),
    normal_label: crate::value::without_secrets,
    key_pattern: KeyPattern::new,
    answers_in_turn: |state| state.servers.answers_in_turn(DatabaseServer::Postgres),
    swept: |_, _, _| true,
};

/// MySQL servers, each at an address.
pub(super) static MYSQL: Family = Family {
    name: "mysql",
    interfaces: &[&MYSQL_1, &MYSQL_2, &MYSQL_3],
    operations: &OF_MYSQL,
    answers_in_turn: |state| state.servers.answers_in_turn(DatabaseServer::MySql),
    swept: |_, _, _| true,
    ..POSTGRES
};

const fn interface(name: &'static str, family: &'static str) -> ServiceInterface {
    ServiceInterface {
        name,
        family,
        errors: ERRORS,
        // The server is gone before; after, only its answer is lost, which Spin tells as a failed query.
        injected: "connection-failed: injected failure",
        injected_after: "query-failed: injected failure",
        is_async: false,
        turns: Turns::WhereTold,
        also: &[],
    }
}

pub(crate) static POSTGRES_1: ServiceInterface = interface("fermyon:spin/postgres", "postgres");
pub(crate) static POSTGRES_2: ServiceInterface =
    interface("fermyon:spin/postgres@2.0.0", "postgres");
pub(crate) static POSTGRES_3: ServiceInterface =
    interface("spin:postgres/postgres@3.0.0", "postgres");
/// Every 4.x, of which each has all that those before it have. Some of its functions are `async` ones.
pub(crate) static POSTGRES_4: ServiceInterface =
    interface("spin:postgres/postgres@4.2.0", "postgres");
pub(crate) static MYSQL_1: ServiceInterface = interface("fermyon:spin/mysql", "mysql");
pub(crate) static MYSQL_2: ServiceInterface = interface("fermyon:spin/mysql@2.0.0", "mysql");
pub(crate) static MYSQL_3: ServiceInterface = ServiceInterface {
    is_async: true,
    ..interface("spin:mysql/mysql@3.0.0", "mysql")
};

/// A call of these interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SqlOperation {
    /// Opens a connection.
    Open,
    /// Asks for rows.
    Query,
    /// Does not.
    Execute,
}

/// Either may change something: `insert … returning` is asked for rows. None can be lost: what would be undone is not
/// kept, since answers are stated.
const fn statement(name: &'static str) -> ServiceOperation {
    ServiceOperation::writes(name)
}

static POSTGRES_OPEN: ServiceOperation = ServiceOperation::opens("postgres open");
static POSTGRES_QUERY: ServiceOperation = statement("postgres query");
static POSTGRES_EXECUTE: ServiceOperation = statement("postgres execute");
static MYSQL_OPEN: ServiceOperation = ServiceOperation::opens("mysql open");
static MYSQL_QUERY: ServiceOperation = statement("mysql query");
static MYSQL_EXECUTE: ServiceOperation = statement("mysql execute");

/// Those of Postgres.
static OF_POSTGRES: [&ServiceOperation; 3] = [&POSTGRES_OPEN, &POSTGRES_QUERY, &POSTGRES_EXECUTE];

/// Those of MySQL.
static OF_MYSQL: [&ServiceOperation; 3] = [&MYSQL_OPEN, &MYSQL_QUERY, &MYSQL_EXECUTE];

/// The operation of a kind of server.
pub(crate) fn sql_operation(
    server: DatabaseServer,
    operation: SqlOperation,
) -> &'static ServiceOperation {
    let of_server = match server {
        DatabaseServer::Postgres => &OF_POSTGRES,
        DatabaseServer::MySql => &OF_MYSQL,
    };
    of_server[operation as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_the_name_of_its_server() {
        for (server, operation, name) in [
            (
                DatabaseServer::Postgres,
                SqlOperation::Open,
                "postgres open",
            ),
            (
                DatabaseServer::Postgres,
                SqlOperation::Query,
                "postgres query",
            ),
            (
                DatabaseServer::Postgres,
                SqlOperation::Execute,
                "postgres execute",
            ),
            (
                DatabaseServer::MySql,
                SqlOperation::Execute,
                "mysql execute",
            ),
        ] {
            assert_eq!(sql_operation(server, operation).name, name);
        }
    }

    #[test]
    fn older_versions_of_the_fourth_are_the_newest() {
        for (import, interface) in [
            ("fermyon:spin/postgres", Some(&POSTGRES_1)),
            ("spin:postgres/postgres@3.0.0", Some(&POSTGRES_3)),
            ("spin:postgres/postgres@4.0.0", Some(&POSTGRES_4)),
            ("spin:postgres/postgres@4.2.0", Some(&POSTGRES_4)),
            ("spin:postgres/postgres@5.0.0", None),
        ] {
            assert_eq!(ServiceInterface::of_import(import), interface, "{import}");
        }
    }
}
