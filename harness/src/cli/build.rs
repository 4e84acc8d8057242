//! `--build`: runs the build commands of the app's components, as `spin build` would.

use super::output::Output;
use crate::app::{BuildStep, Manifest};
use std::process::Command;

/// Runs every build command, its output going to standard error; says which one failed.
///
/// # Errors
///
/// A command cannot be started or fails.
pub(super) fn build(manifest: &Manifest, output: &Output) -> Result<(), String> {
    let steps = manifest.build_steps();
    if steps.is_empty() {
        output.note(format!(
            "nothing to build: no component of {} has a build command",
            manifest.path.display()
        ));
    }
    for step in &steps {
        for command in &step.commands {
            output.note(format!("building component {}: {command}", step.component));
            run(step, command)?;
        }
    }
    Ok(())
}

fn run(step: &BuildStep, command: &str) -> Result<(), String> {
    let what = || {
        format!(
            "the build of component \"{}\" failed: `{command}` in {}",
            step.component,
            step.workdir.display()
        )
    };
    if !step.workdir.is_dir() {
        return Err(format!("{}: there is no such folder", what()));
    }
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).current_dir(&step.workdir);
    // Standard output is the report's.
    shell
        .stdout(std::io::stderr())
        .stdin(std::process::Stdio::null());
    let status = shell
        .status()
        .map_err(|error| format!("{}: {error}", what()))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("{}: {status}", what())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> BuildStep {
        BuildStep {
            component: "api".into(),
            commands: Vec::new(),
            workdir: std::env::temp_dir(),
        }
    }

    #[test]
    fn a_failing_build_names_component_command_and_status() {
        assert_eq!(run(&step(), "true"), Ok(()));
        let error = run(&step(), "exit 3").unwrap_err();
        assert!(
            error.starts_with("the build of component \"api\" failed: `exit 3` in "),
            "{error}"
        );
        assert!(error.ends_with("exit status: 3"), "{error}");
        let nowhere = BuildStep {
            workdir: "/nowhere/at/all".into(),
            ..step()
        };
        assert!(
            run(&nowhere, "true")
                .unwrap_err()
                .ends_with("there is no such folder")
        );
    }
}
