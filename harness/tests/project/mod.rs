//! A project as a user has it, and what the command says in it: for the tests of the whole program.
#![allow(dead_code, reason = "each test file uses part of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps");

pub const GOOD_FEATURE: &str = "Feature: f\n  Scenario: counts\n    When I send GET \"/visit\"\n    Then the response body is \"1\"\n";

pub const GOOD_MANIFEST: &str = r#"spin_manifest_version = 2

[application]
name = "visits"
version = "1.0.0"

[[trigger.http]]
route = "/..."
component = "visits"

[component.visits]
source = "visits.wasm"
key_value_stores = ["default"]
"#;

/// A folder with the app of the README and a feature that passes; each test breaks one thing in it.
pub struct Project(pub tempfile::TempDir);

impl Project {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = Self(folder);
        project.write("spin.toml", GOOD_MANIFEST);
        project.write("features/visits.feature", GOOD_FEATURE);
        let wasm = Path::new(FIXTURES).join("visits/visits.wasm");
        std::fs::copy(wasm, project.path("visits.wasm")).unwrap();
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, &[])
    }

    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &OsStr)]) -> Outcome {
        let output = Command::new(env!("CARGO_BIN_EXE_spin-harness"))
            .args(arguments)
            .current_dir(self.0.path())
            .env_remove("CI")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        Outcome::of(output)
    }

    #[track_caller]
    pub fn test(&self) -> Outcome {
        self.run(&["test", "--color", "never"])
    }
}

pub struct Outcome {
    pub code: i32,
    pub text: String,
}

impl Outcome {
    pub fn of(output: Output) -> Self {
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let code = output
            .status
            .code()
            .unwrap_or_else(|| panic!("ended by a signal: {text}"));
        Self { code, text }
    }

    pub fn without_lines(mut self, begin: &str) -> Self {
        let kept: Vec<_> = self
            .text
            .lines()
            .filter(|line| !line.starts_with(begin))
            .collect();
        self.text = kept.join("\n");
        self
    }

    /// Whether a thread of the command did; what a guest writes to its log has the guest's name before it.
    pub fn has_panicked(&self) -> bool {
        self.text
            .lines()
            .any(|line| line.starts_with("thread ") && line.contains("panicked at"))
    }

    #[track_caller]
    pub fn is(self, code: i32, parts: &[&str]) -> Self {
        // Long messages are wrapped; only the words count.
        let flat = |text: &str| {
            text.split(|c: char| c.is_whitespace() || c == '│')
                .filter(|w| !w.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let text = flat(&self.text);
        for part in parts {
            assert!(
                text.contains(&flat(part)),
                "expected {part:?} in:\n{}",
                self.text
            );
        }
        assert_eq!(self.code, code, "{}", self.text);
        assert!(!self.has_panicked(), "{}", self.text);
        self
    }
}
