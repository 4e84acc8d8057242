//! What the database servers of tests have in common: a word where there is none, a free port, and a start that is tried again.

use spin_harness::snapshot::Mode;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A word on standard error where this machine has no such server.
///
/// # Panics
///
/// `CI` is set: there the test must happen.
pub fn is_missing(server: &str, hint: &str) {
    let ci = std::env::var("CI").ok();
    assert!(
        Mode::for_ci(ci.as_deref()) != Mode::Check,
        "the tests of a real {server} need one; {hint}"
    );
    // Not by `eprintln!`, which a test that passes keeps to itself.
    let _ = writeln!(
        std::io::stderr(),
        "nothing passed on to a real {server}, for want of one; {hint}"
    );
}

/// That a command which prepares a server succeeded.
pub fn is_done(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts a server on a free port: what to run there, whether this very server answers yet, and how it is ended.
pub fn start(
    command: impl Fn(u16) -> Command,
    answers: impl Fn(u16) -> Option<bool>,
    end: fn(&mut Child),
) -> (Child, u16) {
    // Another process may take a port between our look and the server's start.
    for _ in 0..10 {
        let port = free_port();
        let mut process = command(port)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if is_up(&mut process, || answers(port)) {
            return (process, port);
        }
        end(&mut process);
    }
    panic!("the server did not start in ten attempts");
}

/// Waits until a server answers; whether it is the one that was started.
fn is_up(process: &mut Child, answers: impl Fn() -> Option<bool>) -> bool {
    for _ in 0..1_500 {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        if let Some(is_ours) = answers() {
            return is_ours;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Does something with a client, and waits until that is done.
pub fn block_on<R>(done: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(done)
}
