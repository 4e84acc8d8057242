//! Feature files as a test of the user's own crate, where steps of their own are linked in.

use super::arguments::TestArguments;
use super::output::Output;
use super::test;
use crate::report::shell_word;
use clap::{ColorChoice, Parser};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the scenarios under a folder, as the command `spin-harness test` does: for a test of your own crate with
/// `harness = false`, whose steps belong to the same [`World`](crate::steps::World).
///
/// It takes the command's options from the arguments of the process: `cargo test --test gherkin -- --tags @slow -v`.
/// An argument that is no option is a part of the names of the scenarios to run, as in any Rust test, or the place of
/// one (`features/visits.feature:12`), as the report names it. A name that no scenario has is no error: `cargo test NAME`
/// asks every test of a crate for it. Paths start from the folder of your `Cargo.toml`, where
/// cargo runs tests; the app of scenarios that name none is the `spin.toml` there.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     spin_harness::cli::run_features("features")
/// }
/// ```
///
/// The exit code is the command's: 0 if everything passed, 1 if a scenario did not, 2 if something could not be done.
pub fn run_features(folder: impl AsRef<Path>) -> ExitCode {
    if std::env::args_os().any(|argument| argument == "--list") {
        // Tools that ask every test of a crate for its parts get none: scenarios are found when they run.
        return ExitCode::SUCCESS;
    }
    let Arguments { mut test, color } = Arguments::parse_from(without_libtest(std::env::args_os()));
    of_folder(&mut test, folder.as_ref());
    test.command = command();
    ExitCode::from(test::run(&test, &Output::new(color)))
}

/// Runs the scenarios of this crate's feature files.
#[derive(Debug, Parser)]
#[command(max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    test: TestArguments,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

/// Without what cargo's own tests take and what has no meaning here; the number of threads is that of jobs.
fn without_libtest(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    const MEANINGLESS: [&str; 5] = [
        "--nocapture",
        "--no-capture",
        "--show-output",
        "--include-ignored",
        "--exact",
    ];
    arguments
        .filter(|argument| !MEANINGLESS.iter().any(|option| argument == option))
        .map(|argument| match argument.to_str() {
            Some(text) if text.starts_with("--test-threads") => {
                text.replacen("--test-threads", "--jobs", 1).into()
            }
            _ => argument,
        })
        .collect()
}

/// What stands for paths is a name, unless it is a path.
fn of_folder(test: &mut TestArguments, folder: &Path) {
    let (paths, names): (Vec<PathBuf>, Vec<PathBuf>) =
        test.paths.drain(..).partition(|path| is_path(path));
    test.paths = match paths.is_empty() {
        true => vec![folder.to_owned()],
        false => paths,
    };
    if names.is_empty() {
        return;
    }
    test.may_be_nothing = true;
    let mut patterns: Vec<String> = names
        .iter()
        .map(|name| regex::escape(&name.to_string_lossy()))
        .collect();
    patterns.extend(test.name.take());
    test.name = Some(patterns.join("|"));
}

/// A name of a scenario may be that of a folder by accident.
fn is_path(argument: &Path) -> bool {
    let text = argument.to_string_lossy();
    text.ends_with(".feature")
        || text.contains(".feature:")
        || (text.contains('/') && argument.is_dir())
}

/// What runs this program again: by cargo, where cargo has started it.
fn command() -> String {
    let program = std::env::args_os().next().map(PathBuf::from);
    let program = program.unwrap_or_default();
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    // Cargo puts a hash behind the name of the target.
    let by_cargo = stem.rsplit_once('-').filter(|(_, hash)| {
        hash.len() == 16 && hash.chars().all(|digit| digit.is_ascii_hexdigit())
    });
    match (std::env::var("CARGO_PKG_NAME"), by_cargo) {
        (Ok(package), Some((target, _))) => format!(
            "cargo test -p {} --test {} --",
            shell_word(&package),
            shell_word(target)
        ),
        _ => shell_word(&program.to_string_lossy()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> TestArguments {
        let words = std::iter::once(&"gherkin").chain(arguments);
        let words = without_libtest(words.map(OsString::from));
        let mut test = Arguments::try_parse_from(words).unwrap().test;
        of_folder(&mut test, Path::new("features"));
        test
    }

    #[test]
    fn an_argument_is_a_name_or_a_place() {
        let folder = [PathBuf::from("features")];
        assert_eq!(parsed(&[]).paths, folder);
        assert_eq!(parsed(&[]).name, None);
        let named = parsed(&["a visit (first)", "--seed", "7", "two"]);
        assert_eq!(named.paths, folder);
        assert!(named.may_be_nothing && !parsed(&["--name", "two"]).may_be_nothing);
        assert_eq!(named.name.as_deref(), Some(r"a visit \(first\)|two"));
        let alone = parsed(&["features/visits.feature:12"]);
        assert_eq!(alone.paths, [PathBuf::from("features/visits.feature:12")]);
        assert_eq!(alone.name, None);
    }

    #[test]
    fn what_cargo_passes_to_every_test_is_no_error() {
        let test = parsed(&["--nocapture", "--test-threads=3", "-q"]);
        assert_eq!(test.paths, [PathBuf::from("features")]);
    }
}
