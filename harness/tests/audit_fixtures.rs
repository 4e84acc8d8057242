//! An app for each finding of the audit, and a page for each: what `docs/audit` shows is what the audit says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use spin_harness::audit::Code;

/// Codes that follow from scenarios: their pages show lines of the shop.
const OF_SCENARIOS: [Code; 2] = [Code::DeniedAttempt, Code::UnexercisedGrant];
/// The app with no finding.
const CLEAN: &str = "clean";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn fixtures() -> PathBuf {
    repository().join("fixtures/apps/audit")
}

fn pages() -> PathBuf {
    repository().join("docs/audit")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn page(code: &str) -> String {
    read(&pages().join(format!("{code}.md")))
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Codes whose findings need no scenarios and a fixture of their own.
fn with_fixture() -> Vec<Code> {
    let codes = Code::ALL.into_iter();
    codes.filter(|code| !OF_SCENARIOS.contains(code)).collect()
}

fn command(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("it ends by itself");
    (code, text(output.stdout), text(output.stderr))
}

/// The exit code of an audit with these options, and its only audit.
#[track_caller]
fn audit(app: &Path, options: &[&str]) -> (i32, Value) {
    let app = app.to_str().unwrap();
    let arguments = [&["audit", app, "--format", "json"], options].concat();
    let (code, text, errors) = command(&arguments);
    let report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{text}{errors}"));
    let audits = report["audits"].as_array().unwrap();
    assert_eq!(audits.len(), 1, "{arguments:?}");
    (code, audits[0].clone())
}

fn findings(audit: &Value) -> &[Value] {
    audit["findings"].as_array().unwrap()
}

fn codes(audit: &Value) -> Vec<&str> {
    let findings = findings(audit).iter();
    findings
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

/// The blocks of a language, in order.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    text.split(&opening)
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block))
        .collect()
}

/// Whether the lines stand there whole, one after the other.
fn has_lines(text: &str, shown: &str) -> bool {
    format!("\n{text}\n").contains(&format!("\n{shown}\n"))
}

/// The file of an app in which lines stand.
fn file_with(app: &Path, shown: &str) -> Option<&'static str> {
    ["spin.toml", "runtime-config.toml"]
        .into_iter()
        .find(|name| {
            let path = app.join(name);
            path.exists() && has_lines(&read(&path), shown)
        })
}

#[test]
fn there_is_an_app_for_each_code() {
    let mut expected: BTreeSet<String> = with_fixture()
        .iter()
        .map(|code| code.name().to_owned())
        .collect();
    assert_eq!(expected.len(), 22);
    expected.insert(CLEAN.to_owned());
    assert_eq!(names(&fixtures()), expected);
}

#[test]
fn each_app_has_its_finding_once_and_no_other() {
    for code in with_fixture() {
        let name = code.name();
        let (exit, audit) = audit(&fixtures().join(name), &[]);
        assert_eq!((exit, codes(&audit)), (0, vec![name]), "{audit:#}");
        assert_eq!(audit["app"], name);
        assert!(
            !audit["components"].as_array().unwrap().is_empty(),
            "{name}"
        );
        let finding = &findings(&audit)[0];
        assert_eq!(finding["severity"], code.severity().name(), "{name}");
        assert_eq!(finding["why"], code.why(), "{name}");
        assert_eq!(finding["denied"], false, "{name}");
        assert_ne!(finding["help"], "", "{name}");
        let place = &finding["place"];
        let file = Path::new(place["file"].as_str().unwrap());
        let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
        let text = read(file);
        let line = text.lines().nth(line - 1).unwrap();
        let column = usize::try_from(place["column"].as_u64().unwrap()).unwrap();
        assert!(column <= line.chars().count(), "{name}: {place} of {line}");
    }
}

#[test]
fn what_is_denied_fails_and_what_is_allowed_does_not() {
    for code in with_fixture() {
        let app = fixtures().join(code.name());
        let (exit, denied) = audit(&app, &["--deny", code.name()]);
        assert_eq!(exit, 1, "{code}");
        assert_eq!(findings(&denied)[0]["denied"], true, "{code}");
        assert_eq!(
            audit(&app, &["--deny", code.severity().name()]).0,
            1,
            "{code}"
        );
        let (exit, allowed) = audit(&app, &["--deny", "all", "--allow", code.name()]);
        assert_eq!((exit, findings(&allowed).len()), (0, 0), "{code}");
    }
}

#[test]
fn the_clean_app_has_grants_of_every_kind_and_no_finding() {
    let (exit, audit) = audit(&fixtures().join(CLEAN), &["--deny", "all"]);
    assert_eq!((exit, findings(&audit).len()), (0, 0), "{audit:#}");
    let components = audit["components"].as_array().unwrap();
    let grants = components
        .iter()
        .flat_map(|component| component["grants"].as_array().unwrap());
    let kinds: BTreeSet<&str> = grants
        .map(|grant| grant["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}

#[test]
fn every_code_has_a_row_and_a_page() {
    let table = page("README");
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| ["))
        .collect();
    let expected = Code::ALL.map(|code| {
        let (severity, title) = (code.severity(), code.title());
        format!("| [{code}]({code}.md) | {severity} | {title} |")
    });
    assert_eq!(rows, expected);
    let mut files: BTreeSet<String> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    files.insert("README.md".to_owned());
    assert_eq!(names(&pages()), files);
    for code in Code::ALL {
        let text = page(code.name());
        let severity = code.severity().name();
        let (first, rest) = severity.split_at(1);
        let beginning = format!("# {code}\n\n{}{rest}. ", first.to_uppercase());
        assert!(text.starts_with(&beginning), "{code}: {beginning}");
        for part in ["**What is found.**", "**Why it matters.**", "**Example.**"] {
            assert!(text.contains(part), "{code}: {part}");
        }
        for part in ["**To mend it,**", "**To allow it"] {
            assert!(text.contains(part), "{code}: {part}");
        }
    }
}

#[test]
fn pages_show_lines_of_the_apps_and_what_the_audit_says_of_them() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for code in with_fixture() {
        let (text, app) = (page(code.name()), fixtures().join(code.name()));
        let lines = blocks(&text, "toml")[0];
        assert!(
            file_with(&app, lines).is_some(),
            "{code}: not there:\n{lines}"
        );
        let (_, audit) = audit(&app, &[]);
        let message = findings(&audit)[0]["message"].as_str().unwrap();
        let shown = blocks(&text, "text");
        assert_eq!(shown.len(), 1, "{code}");
        assert_eq!(words(shown[0]), words(message), "{code}");
    }
    for code in OF_SCENARIOS {
        let lines = page(code.name());
        let lines = blocks(&lines, "toml")[0];
        let shop = repository().join("fixtures/apps/shop");
        assert!(
            file_with(&shop, lines).is_some(),
            "{code}: not there:\n{lines}"
        );
    }
}

#[test]
fn toml_in_the_pages_is_toml() {
    let mut count = 0;
    for name in names(&pages()) {
        for block in blocks(&read(&pages().join(&name)), "toml") {
            if let Err(error) = block.parse::<toml::Table>() {
                panic!("{name}: {error}\n{block}");
            }
            count += 1;
        }
    }
    // One with the finding and one without in nearly every page.
    assert!(count >= 2 * Code::ALL.len(), "{count}");
}

/// Where the second block of a page stands for the first, it is tried.
#[test]
fn what_mends_a_finding_mends_it() {
    let not_so = [
        // Something is added to another file, or built.
        Code::UndefinedStore,
        Code::UndefinedDatabase,
        Code::UnreachableStore,
        Code::OutsideFile,
        Code::MissingComponent,
        Code::UnreadableComponent,
        // Scenarios are written, or another SDK is taken.
        Code::WholeWorldImport,
        // What remains is found as well.
        Code::InheritedPermissions,
    ];
    let mut mended = 0;
    for code in with_fixture() {
        if not_so.contains(&code) {
            continue;
        }
        let text = page(code.name());
        let [before, after, ..] = blocks(&text, "toml")[..] else {
            panic!("{code}: nothing mends it");
        };
        let app = fixtures().join(code.name());
        let copy = tempfile::tempdir().unwrap();
        copy_folder(&app, copy.path());
        let file = copy.path().join(file_with(&app, before).unwrap());
        std::fs::write(&file, read(&file).replacen(before, after, 1)).unwrap();
        // Its components stay where they are.
        let manifest = copy.path().join("spin.toml");
        let apps = format!("\"{}/", repository().join("fixtures/apps").display());
        std::fs::write(&manifest, read(&manifest).replace("\"../../", &apps)).unwrap();
        let (_, audit) = audit(copy.path(), &[]);
        assert!(!codes(&audit).contains(&code.name()), "{code}: {audit:#}");
        let only_unknown = codes(&audit).iter().all(|it| *it == "undefined-store");
        assert!(only_unknown, "{code}: {audit:#}");
        mended += 1;
    }
    assert_eq!(mended, 14);
}

fn copy_folder(from: &Path, to: &Path) {
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy_folder(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

#[test]
fn the_link_of_outside_file_is_a_link_that_leads_somewhere() {
    let link = fixtures().join("outside-file/pages/terms.txt");
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(!read(&link).is_empty());
}

#[test]
fn the_shop_has_several_components_and_its_scenarios_pass() {
    let shop = repository().join("fixtures/apps/shop");
    let (_, audit) = audit(&shop, &[]);
    let components = audit["components"].as_array().unwrap();
    assert!(components.len() >= 5, "{}", components.len());
    let (exit, text, errors) = command(&["test", "--from", shop.to_str().unwrap()]);
    assert_eq!(exit, 0, "{text}{errors}");
    assert!(text.contains("14 scenarios (14 passed)"), "{text}");
}

#[test]
fn the_page_about_the_audit_shows_what_really_comes_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/audit/README.md")).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
            .args(arguments)
            .args(["--color", "never"])
            .current_dir(&root)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let outputs = [
        run(&["audit", "fixtures/apps/shop"]),
        run(&[
            "test",
            "--audit",
            "--from",
            "fixtures/apps/shop",
            "--no-durations",
        ]),
    ];
    let blocks: Vec<&str> = page
        .split("```text\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect();
    assert_eq!(blocks.len(), outputs.len());
    for (block, output) in blocks.into_iter().zip(outputs) {
        // Lines that are left out are shown as `…`.
        let mut rest = output.as_str();
        for part in block.split("\n…\n") {
            let Some((_, after)) = rest.split_once(part) else {
                panic!("the page should show:\n{output}\nand not:\n{part}");
            };
            rest = after;
        }
    }
}
