//! Statements that reach past the copy of a scenario: they are not sent, since nothing would take them back. MySQL's databases
//! are open to one another, so that a statement may name any of them.

use super::lexer::{Token, tokens};
use crate::sandbox::rdbms::real::copies::PREFIX;

/// Databases that statements may read: what is in them, the server itself keeps.
const OF_SERVER: [&str; 3] = ["information_schema", "performance_schema", "sys"];

/// Words after which a table is named.
const BEFORE_TABLES: [&str; 17] = [
    "from",
    "join",
    "into",
    "update",
    "table",
    "tables",
    "view",
    "procedure",
    "function",
    "trigger",
    "event",
    "exists",
    "references",
    "call",
    "like",
    "to",
    "ignore",
];

/// Verbs of statements about the server, and what those are about.
const OF_THE_SERVER: [(&str, &str); 19] = [
    ("backup", "the server"),
    ("binlog", "the server"),
    ("cache", "the server"),
    ("change", "replication"),
    ("clone", "the server"),
    ("flush", "the server"),
    ("grant", "users"),
    ("install", "plugins"),
    ("kill", "other connections"),
    ("purge", "the server"),
    ("reset", "the server"),
    ("restart", "the server"),
    ("revoke", "users"),
    ("shutdown", "the server"),
    ("slave", "replication"),
    ("stop", "replication"),
    ("uninstall", "plugins"),
    ("use", "another database"),
    ("xa", "transactions that outlive their connection"),
];

/// The other databases of a server that a copy is on.
pub(in super::super) struct Around {
    /// The name of the copy.
    own: String,
    /// Those that the user may see.
    others: Vec<String>,
}

impl Around {
    pub fn new(own: &str, all: impl IntoIterator<Item = String>) -> Self {
        let own = own.to_owned();
        let others = all.into_iter().filter(|it| *it != own).collect();
        Self { own, others }
    }

    /// What a statement is about besides the copy, if it is about that.
    pub fn reaches(&self, statement: &str) -> Option<String> {
        let tokens = tokens(statement);
        let of_server = about_the_server(&tokens).map(str::to_owned);
        of_server.or_else(|| {
            let database = self.named_in(&tokens)?;
            Some(format!("the database `{database}`"))
        })
    }

    /// What else than the copy a definition is about, wherever in it that is said.
    pub fn is_about(&self, definition: &str) -> Option<&'static str> {
        within(&tokens(definition))
    }

    /// Another database that the definition of something names.
    pub fn named_by(&self, definition: &str) -> Option<String> {
        self.named_in(&tokens(definition)).map(str::to_owned)
    }

    /// Another database that is named, as `NAME.TABLE` or `NAME.TABLE.COLUMN`. A table may have the name of a database: then
    /// `NAME.COLUMN` is meant where the statement names the table by itself too, and not in the place of a table.
    fn named_in<'a>(&self, tokens: &'a [Token<'a>]) -> Option<&'a str> {
        let is_dot = |at: usize| tokens.get(at) == Some(&Token::Dot);
        let begins = |at: usize| at == 0 || !is_dot(at - 1);
        let mut named = tokens.iter().enumerate().filter_map(|(at, token)| {
            let name = token.name()?;
            (begins(at) && is_dot(at + 1) && self.is_other(name)).then_some((at, name))
        });
        let found = named.find(|(at, name)| {
            let stands_alone = |other: usize, token: &Token<'_>| {
                token.name().is_some_and(|it| it.eq_ignore_ascii_case(name))
                    && begins(other)
                    && !is_dot(other + 1)
            };
            let is_table = tokens
                .iter()
                .enumerate()
                .any(|(other, token)| stands_alone(other, token));
            is_dot(at + 3) || !is_table || is_place_of_table(tokens, *at)
        });
        found.map(|(_, name)| name)
    }

    fn is_other(&self, name: &str) -> bool {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        let is_copy = name
            .get(..PREFIX.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(PREFIX));
        !is(&self.own)
            && !OF_SERVER.iter().any(|it| is(it))
            && (is_copy || self.others.iter().any(|it| is(it)))
    }
}

/// Whether a table is named there.
fn is_place_of_table(tokens: &[Token<'_>], at: usize) -> bool {
    let is = |back: usize, word: &str| at.checked_sub(back).is_some_and(|it| tokens[it].is(word));
    let is_condition = is(1, "like") && !tokens[0].is("create");
    let is_of_insert = is(2, "key") && is(1, "update");
    !is_condition && !is_of_insert && BEFORE_TABLES.iter().any(|word| is(1, word))
}

/// What is made, changed or dropped anywhere in a statement or a routine: `database` and `schema` are words that no column can
/// have for a name, and `user` is one only where a table is altered.
fn within(tokens: &[Token<'_>]) -> Option<&'static str> {
    let changes = ["create", "drop", "alter", "replace"];
    let alters_table = tokens.first().is_some_and(|verb| verb.is("alter"));
    tokens.windows(2).find_map(|pair| {
        let is_one = |words: &[&str]| words.iter().any(|it| pair[1].is(it));
        match changes.iter().any(|it| pair[0].is(it)) {
            true if is_one(&["database", "schema"]) => Some("databases"),
            true if is_one(&["user", "role"]) && !alters_table => Some("users"),
            _ => None,
        }
    })
}

/// What a statement is about if it is about the server, its users or its databases as such.
fn about_the_server(tokens: &[Token<'_>]) -> Option<&'static str> {
    let has = |word: &str| tokens.iter().any(|it| it.is(word));
    let pairs = || tokens.windows(2);
    if pairs().any(|it| it[0].is("into") && (it[1].is("outfile") || it[1].is("dumpfile"))) {
        return Some("files of the server");
    }
    if let Some(what) = within(tokens) {
        return Some(what);
    }
    let verb = tokens.first()?;
    let second = tokens.get(1).unwrap_or(&Token::Other);
    if let Some((_, what)) = OF_THE_SERVER.iter().find(|(word, _)| verb.is(word)) {
        return Some(what);
    }
    if verb.is("set")
        && ["global", "persist", "persist_only", "password"]
            .iter()
            .any(|it| has(it))
    {
        return Some("the settings of the server");
    }
    if verb.is("start") && !second.is("transaction") {
        return Some("replication");
    }
    if (verb.is("lock") || verb.is("unlock")) && second.is("instance") {
        return Some("the server");
    }
    if verb.is("rename") && second.is("user") {
        return Some("users");
    }
    if !["create", "drop", "alter"].iter().any(|it| verb.is(it)) {
        return None;
    }
    if has("soname") {
        return Some("plugins");
    }
    let replaced = second.is("or") && tokens.get(2).is_some_and(|it| it.is("replace"));
    let object = tokens.get(if replaced { 3 } else { 1 })?;
    let objects = [
        (["database", "schema"], "databases"),
        (["user", "role"], "users"),
        (["server", "instance"], "the server"),
        (["tablespace", "undo"], "tablespaces"),
        (["logfile", "resource"], "the server"),
    ];
    let about = objects
        .into_iter()
        .find(|(words, _)| words.iter().any(|it| object.is(it)));
    about.map(|(_, what)| what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(statement: &str) -> Option<String> {
        let all = ["shop", "users", "mysql", "sys", "information_schema"];
        let around = Around::new("spin_harness_1", all.map(str::to_owned));
        around.reaches(statement)
    }

    #[test]
    fn what_is_about_the_server_is_known_by_its_first_words() {
        for (statement, expected) in [
            ("drop database shop", "databases"),
            (
                " -- all of it\n/* more */ DROP\tSCHEMA if exists shop",
                "databases",
            ),
            ("/*!50000 drop database shop */", "databases"),
            ("create or replace user u", "users"),
            ("grant all on *.* to u", "users"),
            ("rename user a to b", "users"),
            (
                "set @@global.max_connections = 1",
                "the settings of the server",
            ),
            (
                "SET GLOBAL max_connections = 1",
                "the settings of the server",
            ),
            ("use shop", "another database"),
            ("select 1 into outfile '/tmp/x'", "files of the server"),
            ("create function f returns string soname 'f.so'", "plugins"),
            ("kill 7", "other connections"),
            ("start slave", "replication"),
            ("create procedure p() drop database shop", "databases"),
            ("begin not atomic drop schema shop; end", "databases"),
            (
                "set statement max_statement_time=1 for drop database shop",
                "databases",
            ),
            (
                "create trigger t after insert on o for each row drop user u",
                "users",
            ),
        ] {
            assert_eq!(about(statement).as_deref(), Some(expected), "{statement}");
        }
        for statement in [
            "create table `databases` (x int)",
            "drop table if exists users",
            "create temporary table t (id int)",
            "select 'drop database shop'",
            "set @global_name = 1",
            "start transaction",
            "alter table t drop user",
            "select `drop`, `database` from t",
            "lock tables users write",
            "/* without an end",
            "",
        ] {
            assert_eq!(about(statement), None, "{statement}");
        }
    }

    #[test]
    fn another_database_is_known_by_its_name() {
        for (statement, named) in [
            ("delete from shop.orders", "shop"),
            ("insert into `Shop` . `orders` values (1)", "Shop"),
            ("select * from a join mysql.user on true", "mysql"),
            ("update shop.orders set n = 1", "shop"),
            // There is a table of that name too.
            (
                "insert into users.orders select users.id from users",
                "users",
            ),
            ("update users.orders, users set users.orders.n = 1", "users"),
            ("select * from a, users.orders", "users"),
            ("drop table spin_harness_2.t", "spin_harness_2"),
        ] {
            let expected = format!("the database `{named}`");
            assert_eq!(about(statement), Some(expected), "{statement}");
        }
        for statement in [
            "select users.id from users where users.name like users.id",
            "insert into users values (1) on duplicate key update users.n = 1",
            "select shop.id from orders shop where shop.id = 1",
            "select table_name from information_schema.tables",
            "select 'shop.orders', o.shop.x from orders o",
            "select * from orders -- shop.orders",
            "delete from spin_harness_1.t",
        ] {
            assert_eq!(about(statement), None, "{statement}");
        }
    }
}
