//! How fast the harness is, in one run against bare wasmtime. `cargo bench` prints a table; README.md beside this file
//! says what the figures mean and what they were.

mod bare;

use bare::Bare;
use spin_harness::sandbox::Sandbox;
use spin_harness::trigger::Request;
use spin_harness::{App, Fault, Operation};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const METHOD: &str = "POST";
const PATH: &str = "/sequence";
const BODY: &str = "get a\nget b";
const TUPLES: [(&str, &str); 2] = [("a", "1"), ("b", "2")];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/apps")
}

fn main() {
    // `cargo test` runs benches once without `--bench`; there is nothing to test here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let app = fixtures().join("key-value-2");
    let wasm = app.join("key-value-2.wasm");
    let bare = Bare::new(&wasm, false);
    let loaded = App::from(&app)
        .runtime_config(
            spin_harness::app::RuntimeConfig::load(&app.join("runtime-config.toml")).unwrap(),
        )
        .load()
        .unwrap();

    // `cargo bench -- library` measures only that.
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|wanted| wanted == name);
    if wanted("library") {
        println!("\n1. library: sandbox, two tuples, one request with two gets, two assertions");
        library(&bare, &Bare::new(&wasm, true), &loaded);
    }
    if wanted("gherkin") {
        println!("\n2. gherkin: four-step scenarios, end to end through the binary");
        gherkin(&bare, &app);
    }
    if wanted("start") {
        println!(
            "\n3. start: start to finish of one scenario, warm cache; memory by number of scenarios"
        );
        start(&app);
    }
    if wanted("sweep") {
        println!(
            "\n4. sweep: every storage call of every scenario made to fail, through the binary"
        );
        sweep(&bare, &app);
    }
    if wanted("audit") {
        println!("\n6. audit: ten components, nothing compiled, start to finish");
        audit();
    }
    if wanted("latency") {
        println!("\n5. latency: an hour of virtual time in every storage call, against none");
        latency(&loaded);
    }
}

/// The static audit of an app with ten components, each of a file of its own, from the start of the process to its end:
/// of 190 KB each, and of 25 MiB each, as Python makes them.
fn audit() {
    let wasm = std::fs::read(fixtures().join("key-value-2/key-value-2.wasm")).unwrap();
    // A custom section in front of nothing: what an audit passes over, as it does code.
    let mut large = wasm.clone();
    large.extend([0, 0x84, 0x80, 0xc0, 0x0c, 3]);
    large.extend(b"pad");
    large.resize(wasm.len() + 9 + (25 << 20), 0);
    for (what, bytes) in [("190 KB each", wasm), ("25 MiB each", large)] {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest =
            String::from("spin_manifest_version = 2\n[application]\nname = \"ten\"\n");
        for number in 0..10 {
            std::fs::write(folder.path().join(format!("c{number}.wasm")), &bytes).unwrap();
            manifest.push_str(&format!(
                "[[trigger.http]]\nroute = \"/c{number}\"\ncomponent = \"c-x{number}\"\n[component.c-x{number}]\n\
                 source = \"c{number}.wasm\"\nkey_value_stores = [\"default\"]\n"
            ));
        }
        std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
        let times = (0..21).map(|_| {
            let begun = Instant::now();
            let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
                .args(["audit", "--deny", "error"])
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            begun.elapsed().as_secs_f64() * 1e3
        });
        let time = median(times.collect());
        println!("   {what}: {time:.1} ms");
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Microseconds of one call of `work`, over a batch.
fn batch(size: u32, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..size {
        work();
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(size)
}

fn bare_request(runtime: &tokio::runtime::Runtime, bare: &Bare) {
    let uri = "http://localhost:3000/sequence";
    let (status, body) = runtime.block_on(bare.request(METHOD, uri, BODY, &TUPLES));
    assert_eq!(status, 200);
    assert_eq!(body.as_ref(), b"1\n2");
}

fn library_request(app: &App) {
    let sandbox: Sandbox = app.sandbox();
    for (key, value) in TUPLES {
        sandbox.key_value("default").set(key, value);
    }
    let response = sandbox.send_blocking(Request::new(METHOD, PATH).unwrap().body(BODY));
    assert_eq!(response.text(), "1\n2");
    let gets = sandbox
        .journal()
        .storage_calls()
        .filter(|call| call.storage_operation() == Some(Operation::Get))
        .count();
    assert_eq!(gets, 2);
}

fn library(bare: &Bare, fuelled: &Bare, app: &App) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for _ in 0..500 {
        bare_request(&runtime, bare);
        bare_request(&runtime, fuelled);
        library_request(app);
    }
    let (mut bares, mut ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut fuelleds, mut fuelled_ratios) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        let a = batch(1000, || bare_request(&runtime, bare));
        let fuelled = batch(1000, || bare_request(&runtime, fuelled));
        let b = batch(1000, || library_request(app));
        fuelleds.push(fuelled);
        fuelled_ratios.push(b / fuelled);
        bares.push(a);
        ours.push(b);
        ratios.push(b / a);
    }
    println!(
        "   library {:.1} us; bare {:.1} us, ratio {:.2}; bare that counts fuel as we do {:.1} us, ratio {:.2} (at most 1.25)",
        median(ours),
        median(bares),
        median(ratios),
        median(fuelleds),
        median(fuelled_ratios)
    );
}

/// Seconds that `threads` threads need for `count` bare requests together.
fn bare_on(threads: usize, count: usize, bare: &Bare) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .build()
                    .unwrap();
                for _ in 0..count / threads {
                    bare_request(&runtime, bare);
                }
            });
        }
    });
    start.elapsed().as_secs_f64()
}

/// A feature file with so many scenarios of four steps.
fn feature(folder: &Path, app: &Path, scenarios: usize) -> PathBuf {
    use std::fmt::Write as _;
    let mut text = String::from("Feature: many\n");
    for number in 0..scenarios {
        write!(
            text,
            "\n  Scenario: number {number}\n    Given the key-value store \"default\" contains:\n      | key | value |\n      \
             | a | 1 |\n      | b | {number} |\n    When I send POST \"/sequence\" with the body:\n      \"\"\"\n      get a\n      get b\n      \"\"\"\n    \
             Then the response status is 200\n    And the response body contains \"{number}\"\n"
        )
        .unwrap();
    }
    let file = folder.join(format!("many-{scenarios}.feature"));
    std::fs::write(&file, text).unwrap();
    std::fs::copy(
        app.join("key-value-2.wasm"),
        folder.join("key-value-2.wasm"),
    )
    .unwrap();
    file
}

fn harness(app: &Path, feature: &Path, jobs: usize) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spin-harness"));
    command
        .arg("test")
        .arg(feature)
        .arg("--from")
        .arg(app)
        .arg("--runtime-config-file")
        .arg(app.join("runtime-config.toml"))
        .args(["--color", "never", "--jobs", &jobs.to_string()]);
    command
}

fn run(mut command: Command) -> f64 {
    let start = Instant::now();
    let output = command.output().unwrap();
    let took = start.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    took
}

/// Microseconds of a bare request and of one of the command's, and their ratio: medians of five turns each.
fn against_bare(
    threads: usize,
    requests: usize,
    bare: &Bare,
    command: impl Fn() -> Command,
) -> [f64; 3] {
    run(command());
    let mut turns = [const { Vec::new() }; 3];
    for _ in 0..5 {
        let (a, b) = (bare_on(threads, requests, bare), run(command()));
        let each = 1e6 / requests as f64;
        for (of, figure) in turns.iter_mut().zip([a * each, b * each, b / a]) {
            of.push(figure);
        }
    }
    turns.map(median)
}

fn gherkin(bare: &Bare, app: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let count = 10_000;
    let feature = feature(folder.path(), app, count);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for jobs in [1, cores] {
        let [bare, ours, ratio] = against_bare(jobs, count, bare, || harness(app, &feature, jobs));
        println!(
            "   {jobs} threads: bare {bare:.1} us, scenario {ours:.1} us, ratio {ratio:.2} (at most 2)"
        );
    }
}

/// The calls of a request of these benches: open, get, get. A sweep makes each of them fail once.
const CALLS: usize = 3;

fn sweep(bare: &Bare, app: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let (scenarios, requests) = (10_000, 10_000 * (1 + CALLS));
    let plain = feature(folder.path(), app, scenarios);
    let text = std::fs::read_to_string(&plain).unwrap();
    // The guest answers 500 where it cannot open the store, and goes on after a get that failed.
    let text = text.replace("Feature:", "@fault-sweep\nFeature:").replace(
        "Then the response status is 200\n",
        "Then the response status is one of 200, 500\n",
    );
    let text: String = text
        .lines()
        .filter(|line| !line.contains("the response body contains"))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&plain, text).unwrap();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for jobs in [1, cores] {
        let [bare, ours, ratio] = against_bare(jobs, requests, bare, || harness(app, &plain, jobs));
        println!(
            "   {jobs} threads, {scenarios} scenarios, {requests} requests: bare {bare:.1} us, run of a sweep {ours:.1} us, ratio {ratio:.2} (at most 1.5)"
        );
    }
}

fn latency(app: &App) {
    use spin_harness::sandbox::{Bounds, SandboxOptions};
    let request = |hours: u64| {
        let day = Duration::from_secs(24 * 3600);
        let options = SandboxOptions {
            bounds: Bounds {
                time: day,
                ..Bounds::default()
            },
            ..SandboxOptions::default()
        };
        let mut sandbox = Sandbox::with_options(app, options).unwrap();
        if hours > 0 {
            let slow = Fault::on_any().takes(Duration::from_secs(hours * 3600));
            sandbox.faults().push(slow);
        }
        for (key, value) in TUPLES {
            sandbox.key_value("default").set(key, value);
        }
        let response = sandbox.send_blocking(Request::new(METHOD, PATH).unwrap().body(BODY));
        assert_eq!(response.text(), "1\n2");
        assert_eq!(
            response.took(),
            Duration::from_secs(hours * 3600 * CALLS as u64)
        );
    };
    let (mut none, mut hour) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        none.push(batch(500, || request(0)));
        hour.push(batch(500, || request(1)));
    }
    println!(
        "   without {:.1} us, with three hours {:.1} us",
        median(none),
        median(hour)
    );
}

fn start(app: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let one = feature(folder.path(), app, 1);
    run(harness(app, &one, 2));
    let times: Vec<f64> = (0..15).map(|_| run(harness(app, &one, 2)) * 1e3).collect();
    println!("   one scenario: {:.1} ms (under 60)", median(times));
    for count in [1_000, 10_000, 100_000] {
        // A file of the size that people write, as often as needed.
        let files = folder.path().join(format!("in-all-{count}"));
        std::fs::create_dir(&files).unwrap();
        let file = feature(folder.path(), app, 500);
        for number in 0..count / 500 {
            std::fs::copy(&file, files.join(format!("{number}.feature"))).unwrap();
        }
        match peak_memory(harness(app, &files, 2)) {
            Some(kilobytes) => {
                println!("   {count} scenarios: peak memory {} MiB", kilobytes / 1024)
            }
            None => println!("   {count} scenarios: peak memory is not measured on this system"),
        }
    }
}

/// Peak resident memory of a run in KiB, as Linux accounts for it while the process is there.
fn peak_memory(mut command: Command) -> Option<u64> {
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        if let Ok(text) = std::fs::read_to_string(&status)
            && let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:"))
        {
            let figure: String = line.chars().filter(char::is_ascii_digit).collect();
            peak = figure.parse().ok().max(peak);
        }
        if child.try_wait().unwrap().is_some() {
            return peak;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
