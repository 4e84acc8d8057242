//! Sentences about services besides key-value, one subject for each.

use super::super::reference::Subject;
use super::{NOTHING, TEXT, Takes, given, then};

pub(super) static SUBJECTS: &[Subject] = &[Subject {
    name: "SQLite databases",
    about: r#"A real SQLite, in memory, one database for each label of the runtime config, `libsql` ones too. Statements of several steps build on
each other; a file may be one that Spin keeps a database in, such as `.spin/sqlite_db.db`. In a table of rows the headings are the
columns of the query, `null` is NULL, a blob is `base64:…`, and a cell may be `matches:REGEX` or `json:…`. SQL sees the
scenario's time, and what it draws at random follows from the seed. A database of type `spin` without a `path` is one that no step
can see: as under `spin up`, each connection then has one of its own.

A connection that another one keeps waiting waits for 5 s of virtual time, and then fails with `io: database is locked`.

```gherkin
Then the query "select id, state from orders" on the SQLite database "default" returns:
  | id | state |
  | 1  | paid  |
```"#,
    steps: &[
        given(r#"the SQLite database "default" has run:"#, TEXT),
        given(
            r#"the SQLite database "default" has run "create table orders (id integer primary key, state text)""#,
            NOTHING,
        ),
        given(
            r#"the SQLite database "default" has run the file "migrations/1.sql""#,
            NOTHING,
        ),
        given(
            r#"the SQLite database "default" is loaded from "orders.db""#,
            NOTHING,
        ),
        then(
            r#"the query "select id, state from orders" on the SQLite database "default" returns:"#,
            Takes::Table(&["id", "state"]),
        ),
        then(
            r#"the query "select * from orders" on the SQLite database "default" returns nothing"#,
            NOTHING,
        ),
        then(
            r#"the SQLite database "default" matches the snapshot "after checkout""#,
            NOTHING,
        ),
    ],
}];
