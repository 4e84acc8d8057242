//! One seed, one report: the whole of `features/`, run again and again, with other numbers of jobs and with nothing compiled
//! before, says the same to the byte.
//!
//! Run with `-v`, so that every request, response and storage call is part of what is compared.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The numbers of jobs, in rotation.
const JOBS: [&str; 3] = ["1", "2", "8"];

/// What one run of the command said.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Report {
    code: Option<i32>,
    out: String,
    err: String,
}

/// What `spin-harness test` says of features with this seed and number of jobs.
fn report(features: &str, seed: &str, jobs: &str, cache: &Path) -> Report {
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(["test", features, "-v", "--seed", seed, "--jobs", jobs])
        .args(["--snapshots", "check", "--snapshots-dir", "snapshots"])
        .args(["--no-durations", "--color", "never"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env("SPIN_HARNESS_CACHE", cache)
        .output()
        .unwrap();
    Report {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The same without the notes of what is being compiled: these are about this machine at this moment. Gives how many
/// there were.
fn without_compiling(report: Report) -> (Report, usize) {
    let is_note = |line: &&str| line.starts_with("compiling ");
    let notes = report.err.lines().filter(is_note).count();
    let rest = report.err.lines().filter(|line| !is_note(line));
    let err = rest.map(|line| format!("{line}\n")).collect();
    (Report { err, ..report }, notes)
}

/// Where two texts part, with the lines around.
fn parting(one: &str, other: &str) -> Option<String> {
    if one == other {
        return None;
    }
    let same = one.lines().zip(other.lines());
    let line = same.take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        let lines: Vec<_> = text.lines().skip(line.saturating_sub(3)).take(7).collect();
        lines.join("\n")
    };
    let number = line + 1;
    Some(format!(
        "line {number}:\n{}\n--- and in the other run:\n{}",
        around(one),
        around(other)
    ))
}

#[track_caller]
fn assert_same(what: &str, first: &Report, other: &Report) {
    for (stream, one, other) in [
        ("standard output", &first.out, &other.out),
        ("standard error", &first.err, &other.err),
    ] {
        if let Some(parting) = parting(one, other) {
            panic!("{what} parts from the first run on {stream}, {parting}");
        }
    }
    assert_eq!(first.code, other.code, "{what}");
}

/// The first run of all: it compiles everything itself. The cache is then full.
fn cold(cache: &Path) -> Report {
    let (report, notes) = without_compiling(report("features", "1", "8", cache));
    assert!(notes > 10, "only {notes} components were compiled");
    assert_eq!(report.code, Some(0), "{}", report.err);
    // Storage calls are in it, so it is the long report that is compared.
    assert!(report.out.lines().count() > 5000);
    report
}

#[test]
fn the_report_is_the_same_cold_and_warm_whatever_the_number_of_jobs() {
    let cache = tempfile::tempdir().unwrap();
    let first = cold(cache.path());
    for jobs in JOBS {
        let again = report("features", "1", jobs, cache.path());
        assert_same(&format!("a run with --jobs {jobs}"), &first, &again);
    }
}

/// Takes minutes: `cargo test --test determinism -- --ignored`; `.ci/run` does.
#[test]
#[ignore = "100 runs of everything take minutes"]
fn a_hundred_runs_give_one_report() {
    let cache = tempfile::tempdir().unwrap();
    let first = cold(cache.path());
    let number = AtomicUsize::new(1);
    // As many at once as there are cores: the runs are to disturb each other.
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    if number >= 100 {
                        break;
                    }
                    let jobs = JOBS[number % JOBS.len()];
                    let again = report("features", "1", jobs, cache.path());
                    let what = format!("run {} with --jobs {jobs}", number + 1);
                    assert_same(&what, &first, &again);
                }
            });
        }
    });
}

#[test]
fn another_seed_gives_another_report() {
    // Else the comparison above would prove nothing.
    let cache = tempfile::tempdir().unwrap();
    let of_seed =
        |seed| without_compiling(report("features/at-once.feature", seed, "2", cache.path())).0;
    let (one, other) = (of_seed("1"), of_seed("2"));
    let parting = parting(&one.out, &other.out).expect("two seeds, one report");
    assert!(parting.starts_with("line "), "{parting}");
    assert_eq!(one, of_seed("1"));
}
