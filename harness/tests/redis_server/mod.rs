//! A Redis server for tests: those of the whole program, and those in the library that compare its stores with the real one.
#![allow(dead_code, reason = "each test file uses part of it")]

// Whoever includes this file has it.
use super::Mode;
use redis::{Client, Connection, cmd};
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server of the test's own, which ends with it.
pub struct Server {
    process: Child,
    client: Client,
    /// Where it is.
    pub url: String,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts one on a free port. `None`, after a word on standard error, where this machine has no `redis-server`.
    ///
    /// # Panics
    ///
    /// There is none and `CI` is set: there the comparison must happen.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // Another process may take a port between our look and the server's start.
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .unwrap()
                .port();
            let started = Command::new("redis-server")
                .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
                .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .stdin(Stdio::null())
                .spawn();
            let mut process = match started {
                Ok(process) => process,
                Err(error) => {
                    let hint = "install it, with `apt-get install redis-server` or so";
                    let ci = std::env::var("CI").ok();
                    assert!(
                        Mode::for_ci(ci.as_deref()) != Mode::Check,
                        "the comparison with Redis needs `redis-server`: {error}; {hint}"
                    );
                    // Not by `eprintln!`, which a test that passes keeps to itself.
                    let _ = writeln!(
                        std::io::stderr(),
                        "not compared with Redis, for want of `redis-server`; {hint}"
                    );
                    return None;
                }
            };
            let url = format!("redis://127.0.0.1:{port}");
            let client = Client::open(&*url).unwrap();
            if is_up(&mut process, &client) {
                return Some(Self {
                    process,
                    client,
                    url,
                    _folder: folder,
                });
            }
            end(&mut process);
        }
        panic!("`redis-server` did not start in ten attempts");
    }

    /// A connection to it.
    pub fn connect(&self) -> Connection {
        self.client.get_connection().unwrap()
    }
}

/// Waits until this very process answers.
fn is_up(process: &mut Child, client: &Client) -> bool {
    for _ in 0..500 {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        let id = client.get_connection().and_then(|mut connection| {
            let info: String = cmd("INFO").arg("server").query(&mut connection)?;
            Ok(info)
        });
        if let Ok(info) = id {
            let ours = format!("process_id:{}\r", process.id());
            return info.lines().any(|line| line == ours.trim_end());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}
