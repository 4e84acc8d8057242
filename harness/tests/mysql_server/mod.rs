//! A MariaDB server for the tests of the whole program.

use super::database_server::{block_on, is_done, is_missing, start};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, Opts};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// The user that may do everything, and its password.
const USER: &str = "tester";
const PASSWORD: &str = "secret";

/// A server of the test's own, which ends with it.
pub struct Server {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts one on a free port. `None`, after a word on standard error, where this machine has no MariaDB.
    ///
    /// # Panics
    ///
    /// There is none and `CI` is set: there the test must happen.
    pub fn start() -> Option<Self> {
        let (Some(server), Some(install)) = (program("mariadbd"), program("mariadb-install-db"))
        else {
            is_missing(
                "MySQL",
                "install MariaDB, with `apt-get install mariadb-server` or so",
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        // A script, which takes the value of an option in the same word alone.
        let made = of_server(&install)
            .arg(format!("--datadir={}", data.display()))
            // A server that starts empties it, whoever else uses it.
            .arg(format!("--tmpdir={}", folder.path().display()))
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .output()
            .unwrap();
        is_done(&made);
        // A user with a password, and nobody without one.
        let users = folder.path().join("users.sql");
        let statements = format!(
            "create user {USER}@'%' identified by '{PASSWORD}';\ngrant all on *.* to {USER}@'%' with grant option;\n\
             delete from mysql.global_priv where user <> '{USER}' and user <> 'mariadb.sys';\nflush privileges;\n"
        );
        std::fs::write(&users, statements).unwrap();
        let command = |port: u16| {
            let mut command = of_server(&server);
            command
                .arg("--datadir")
                .arg(&data)
                .arg("--tmpdir")
                .arg(folder.path())
                .arg("--init-file")
                .arg(&users)
                .arg("--socket")
                .arg(folder.path().join("socket"))
                .arg("--pid-file")
                .arg(folder.path().join("pid"))
                .args(["--port", &port.to_string(), "--bind-address=127.0.0.1"])
                .args(["--skip-log-bin", "--innodb-flush-log-at-trx-commit=0"]);
            command
        };
        let (process, port) = start(command, |port| answers(port, &data), end);
        Some(Self {
            process,
            port,
            _folder: folder,
        })
    }

    /// The address of a database, for the user that may do everything.
    pub fn url(&self, database: &str) -> String {
        self.url_of(&format!("{USER}:{PASSWORD}"), database)
    }

    /// The address of a database, for a user, with the password where there is one.
    pub fn url_of(&self, user: &str, database: &str) -> String {
        format!("mysql://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database and runs statements in it.
    pub fn create(&self, database: &str, statements: &str) {
        self.run("", &format!("create database {database}"));
        self.run(database, statements);
    }

    /// Runs statements in a database, or in none.
    pub fn run(&self, database: &str, statements: &str) {
        let url = self.url(database);
        connected(&url, async |connection| {
            connection.query_drop(statements).await
        })
        .unwrap();
    }

    /// The first column of what a query gives, as text.
    pub fn ask(&self, database: &str, query: &str) -> Vec<String> {
        let url = self.url(database);
        connected(&url, async |connection| connection.query(query).await).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// Does something on a connection of its own, and waits until the server has closed that.
fn connected<R>(
    url: &str,
    act: impl AsyncFnOnce(&mut Conn) -> Result<R, Error>,
) -> Result<R, Error> {
    block_on(async {
        let mut connection = Conn::new(Opts::from_url(url)?).await?;
        let result = act(&mut connection).await;
        connection.disconnect().await?;
        result
    })
}

/// Where Debian has the programs, which may not be in `PATH`; elsewhere they are there.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin".into(), "/usr/bin".into()]);
    let mut programs = folders.iter().map(|folder| folder.join(name));
    programs.find(|program| program.is_file())
}

/// A program of the server, without the settings of this machine. It refuses to run as root unless that is said.
fn of_server(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--no-defaults");
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() == b"0" {
        command.arg("--user=root");
    }
    command
}

/// Whether a server answers there, and is the one with these data.
fn answers(port: u16, data: &Path) -> Option<bool> {
    let url = format!("mysql://{USER}:{PASSWORD}@127.0.0.1:{port}/?prefer_socket=false");
    let folder = connected(&url, async |connection| {
        connection.query_first("select @@datadir").await
    });
    let folder: String = folder.ok().flatten()?;
    Some(Path::new(&folder) == data)
}

fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}
