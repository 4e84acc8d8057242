//! Files that are broken, huge or malicious: an error with a place, and never a panic, a hang or an overflow.

use std::time::{Duration, Instant};

use miette::Diagnostic;

use super::super::*;
use super::{all, parse, with};

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "app"
[application.tool.harness]
bounds = { compute = "5 s" }
redactions = [{ regex = 'x', with = "y" }]
[variables]
host = { default = "é" }
[[trigger.http]]
route = "/:a/..."
component = { source = "x.wasm", variables = { v = "{{ host }}" } }
[[trigger.redis]]
component = "api"
[component.api]
source = { url = "https://x", digest = "sha256:0" }
files = [{ source = "a", destination = "/" }]
[component.api.dependencies]
"a:b/c@1.0.0" = "1.0"
[[variables_provider]]
[key_value_store.x]
type = "redis"
"#;

/// Whatever comes out must also print.
fn try_all(text: &str) {
    if let Err(error) = parse(text) {
        print_it(&error);
    }
    if let Err(error) = RuntimeConfig::parse("rc.toml", text) {
        print_it(&error);
    }
}

fn print_it(error: &LoadError) -> String {
    let mut text = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .render_report(&mut text, error)
        .unwrap();
    for problem in error.problems() {
        assert!(!problem.message.is_empty());
        let _ = (problem.location(), problem.help(), problem.underlined());
    }
    text
}

#[test]
fn every_truncation_is_survived() {
    for end in (0..APP.len()).filter(|end| APP.is_char_boundary(*end)) {
        try_all(&APP[..end]);
        try_all(&APP[end..]);
    }
}

#[test]
fn every_value_in_every_place_is_survived() {
    for value in [
        "1",
        "-9223372036854775809",
        "1e400",
        "nan",
        "true",
        "\"\"",
        "\"é{{\"",
        "[]",
        "[[]]",
        "{}",
        "{ a = 1 }",
        "1979-05-27",
        "\"\\u0000\"",
    ] {
        for (index, line) in APP.lines().enumerate() {
            let Some((key, _)) = line.split_once(" = ") else {
                continue;
            };
            let mut lines: Vec<String> = APP.lines().map(str::to_owned).collect();
            lines[index] = format!("{key} = {value}");
            try_all(&lines.join("\n"));
        }
    }
}

#[test]
fn every_single_byte_changed_is_survived() {
    for index in 0..APP.len() {
        for byte in [b'"', b'[', b'{', b'.', b'\n', b'\0', b'='] {
            let mut bytes = APP.as_bytes().to_vec();
            bytes[index] = byte;
            if let Ok(text) = String::from_utf8(bytes) {
                try_all(&text);
            }
        }
    }
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}", "{a=".repeat(200_000)),
        format!("{}a = 1", "a.".repeat(200_000)),
        format!("[{}a]", "a.".repeat(200_000)),
        format!("[[{}a]]", "a.".repeat(200_000)),
    ] {
        let error = parse(&text).unwrap_err();
        assert!(
            all(&error).contains("recur"),
            "{}",
            all(&error).chars().take(300).collect::<String>()
        );
        assert!(
            print_it(&error).len() < 5_000,
            "a long line must not fill the screen"
        );
        assert!(RuntimeConfig::parse("rc.toml", &text).is_err());
    }
}

#[test]
fn ten_megabytes_are_read_in_time() {
    let many_components: String = (0..150_000)
        .map(|number| format!("[component.c{number}]\nsource = \"x.wasm\"\nnope = 1\n"))
        .collect();
    let long_string = format!("description = \"{}\"\n", "x".repeat(10_000_000));
    let many_unknown: String = (0..300_000)
        .map(|number| format!("unknown_field_{number} = 1\n"))
        .collect();
    for (name, text) in [
        ("components", with(&many_components)),
        ("string", with(&long_string)),
        ("unknown", with(&many_unknown)),
        (
            "one line",
            format!("spin_manifest_version = {}", "9".repeat(10_000_000)),
        ),
        ("empty lines", "\n".repeat(10_000_000)),
        (
            "one long list",
            with(&format!("ai_models = [{}]\n", "1,".repeat(1_000_000))),
        ),
        (
            "inline",
            with(&"[[trigger.http]]\nroute = \"/\"\ncomponent.source = \"x\"\n".repeat(50_000)),
        ),
        (
            "nobody",
            with(&"[[trigger.x]]\ncomponent = \"nobody\"\n".repeat(100_000)),
        ),
    ] {
        let start = Instant::now();
        match parse(&text) {
            Ok(manifest) => {
                assert!(["string", "inline"].contains(&name), "{name}");
                Router::new(&manifest.triggers);
                assert!(manifest.check_sources().is_err());
            }
            Err(error) => {
                assert!(error.problems().count() <= 21);
                assert!(print_it(&error).len() < 50_000, "{name}");
            }
        }
        // Generous, since it is an unoptimised build on a busy machine; anything quadratic takes minutes.
        println!("{name}: {:?}", start.elapsed());
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{name} took {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn many_triggers_do_not_take_forever() {
    let triggers: String = (0..5_000)
        .map(|number| {
            format!(
                "[[trigger.http]]\nroute = \"/r{number}\"\ncomponent = {{ source = \"x.wasm\" }}\n"
            )
        })
        .collect();
    let start = Instant::now();
    let manifest = parse(&with(&triggers)).unwrap();
    assert_eq!(manifest.triggers.len(), 5_001);
    assert_eq!(
        Router::new(&manifest.triggers)
            .route("/r4999")
            .unwrap()
            .raw_route,
        "/r4999"
    );
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn files_that_are_no_text_are_refused_with_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spin.toml");
    std::fs::write(&path, b"name = \"x\"\nab = \xff\xfe\n").unwrap();
    let error = Manifest::load(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the manifest {} is not UTF-8 text", path.display())
    );
    assert!(all(&error).contains("spin.toml:2:6"), "{}", all(&error));
    std::fs::write(&path, b"\0asm\x01\0\0\0").unwrap();
    assert!(Manifest::load(&path).is_err());
    std::fs::write(&path, vec![b'x'; 17 * 1024 * 1024]).unwrap();
    assert_eq!(
        Manifest::load(&path).unwrap_err().to_string(),
        format!("the manifest {} is larger than 16 MiB", path.display())
    );
    // A folder named as the file.
    assert!(
        RuntimeConfig::load(folder.path())
            .unwrap_err()
            .to_string()
            .starts_with("cannot read the runtime config")
    );
}

/// A device has no end.
#[cfg(unix)]
#[test]
fn a_file_without_an_end_is_refused() {
    let error = RuntimeConfig::load(std::path::Path::new("/dev/zero")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the runtime config /dev/zero is larger than 16 MiB"
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_fine() {
    let text = format!("\u{feff}{}", with("").replace('\n', "\r\n"));
    assert!(parse(&text).is_ok(), "{}", all(&parse(&text).unwrap_err()));
}
