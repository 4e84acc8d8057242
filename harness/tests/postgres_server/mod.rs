//! A Postgres server for the tests of the whole program.

use super::database_server::{block_on, is_done, is_missing, start};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;
use tokio_postgres::{Client, NoTls};

/// The user that may do everything; nobody needs a password.
const USER: &str = "tester";

/// A server of the test's own, which ends with it.
pub struct Server {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts one on a free port. `None`, after a word on standard error, where this machine has no Postgres.
    ///
    /// # Panics
    ///
    /// There is none and `CI` is set: there the test must happen.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            is_missing(
                "Postgres",
                "install it, with `apt-get install postgresql` or so",
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        give_away(folder.path());
        let data = folder.path().join("data");
        let made = of_server(&programs.join("initdb"))
            .args(["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"])
            .args(["--username", USER, "--pgdata"])
            .arg(&data)
            .current_dir(folder.path())
            .output()
            .unwrap();
        is_done(&made);
        let command = |port: u16| {
            let mut command = of_server(&programs.join("postgres"));
            command
                .arg("-D")
                .arg(&data)
                .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
                .args(["-c", "unix_socket_directories=", "-c", "fsync=off"])
                .current_dir(folder.path());
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
        self.url_of(USER, database)
    }

    /// The address of a database, for a user.
    pub fn url_of(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database and runs statements in it.
    pub fn create(&self, database: &str, statements: &str) {
        self.run("postgres", &format!("create database {database}"));
        self.run(database, statements);
    }

    /// Runs statements in a database.
    pub fn run(&self, database: &str, statements: &str) {
        let url = self.url(database);
        connected(&url, async |client| client.batch_execute(statements).await).unwrap();
    }

    /// The first column of what a query gives, as text.
    pub fn ask(&self, database: &str, query: &str) -> Vec<String> {
        let url = self.url(database);
        let rows = connected(&url, async |client| client.query(query, &[]).await);
        rows.unwrap().iter().map(|row| row.get(0)).collect()
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
    act: impl AsyncFnOnce(&Client) -> Result<R, tokio_postgres::Error>,
) -> Result<R, tokio_postgres::Error> {
    block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let connection = tokio::spawn(connection);
        let result = act(&client).await;
        drop(client);
        let _ = connection.await;
        result
    })
}

/// Where Debian has the programs of its newest Postgres, which are not in `PATH`; elsewhere they may be there.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut folders: Vec<PathBuf> = versions.flatten().map(|it| it.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

/// A program of the server, which refuses to run as root: then it runs as the user that Debian's package makes.
fn of_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
        .arg(program);
    command
}

fn give_away(folder: &Path) {
    if is_root() {
        run("chown", [OsStr::new("postgres"), folder.as_os_str()]);
    }
}

fn run(program: &str, arguments: impl IntoIterator<Item = impl Into<OsString>>) {
    let arguments = arguments.into_iter().map(Into::into);
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{program}");
}

/// Whether a server answers there, and is the one with these data.
fn answers(port: u16, data: &Path) -> Option<bool> {
    let url = format!("postgres://{USER}@127.0.0.1:{port}/postgres");
    let folder = connected(&url, async |client| {
        client.query_one("show data_directory", &[]).await
    });
    let folder: String = folder.ok()?.get(0);
    Some(Path::new(&folder) == data)
}

/// Ends it at once, but not so abruptly that it leaves shared memory behind.
fn end(process: &mut Child) {
    let id = process.id().to_string();
    let _ = Command::new("kill").args(["-QUIT", &id]).status();
    for _ in 0..500 {
        if !matches!(process.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = process.kill();
    let _ = process.wait();
}
