//! The arguments of `spin-harness test`.

use super::audit::Judging;
use super::settings::{LabelledStore, Pair};
use crate::explore::{FaultEffects, SweepOptions};
use crate::report::{shell_text, shell_word};
use crate::sandbox::{Guide, Injection, RecordSource};
use crate::snapshot::Mode;
use crate::storage::Limits;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Run scenarios.
#[derive(Args, Debug)]
pub(super) struct TestArguments {
    /// Feature files, folders of them, or single scenarios (`visits.feature:12`) [default: features]
    pub(super) paths: Vec<PathBuf>,
    /// The app of scenarios that name none: a manifest, or a folder with a spin.toml [default: spin.toml]
    #[arg(short, long = "from", visible_alias = "file", value_name = "APP")]
    pub(super) from: Option<PathBuf>,
    /// The build profile of that app [default: the one that its `[application.tool.harness]` names, if it does]
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The runtime config of scenarios that name none
    #[arg(long, value_name = "FILE")]
    pub(super) runtime_config_file: Option<PathBuf>,
    /// Give an application variable a value
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub(super) variables: Vec<Pair>,
    /// Give every component an environment variable
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub(super) environment: Vec<Pair>,
    /// Store a value in the key-value store `default` before every scenario
    #[arg(long = "key-value", value_name = "KEY=VALUE")]
    pub(super) key_values: Vec<Pair>,
    /// Make the calls on a key-value store on a real one too, from which it is filled: a copy of Spin's file
    /// (`default=sqlite:.spin/sqlite_key_value.db`), or a Redis database that is empty (`default=redis://localhost/1`), which
    /// scenarios change one after the other. An answer that differs fails the scenario
    #[arg(long = "key-value-store", value_name = "LABEL=STORE")]
    pub(super) key_value_stores: Vec<LabelledStore>,
    /// Record what a real server on this machine answers: requests of the app to ORIGIN that no step answers go to the server at
    /// URL, of scenarios that have a recording (`Given outgoing HTTP is replayed from "recordings/api.toml"`), which is made or
    /// renewed: `https://api.example.com=http://127.0.0.1:8080`
    #[arg(long, value_name = "ORIGIN=URL", conflicts_with_all = ["faults", "schedule", "verify_least"])]
    pub(super) record: Vec<RecordSource>,
    /// Run SQL on the SQLite database `default` before every scenario, or `@FILE` or `@FILE:LABEL`: the file's, on that database
    #[arg(long, value_name = "SQL")]
    pub(super) sqlite: Vec<String>,
    /// Run only scenarios whose tags satisfy this: `@slow and not (@redis or @wip)`
    #[arg(short, long, value_name = "EXPRESSION")]
    pub(super) tags: Option<String>,
    /// Run only scenarios whose name this matches
    #[arg(short, long, value_name = "REGEX")]
    pub(super) name: Option<String>,
    /// How many scenarios run at once [default: one for each core]
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub(super) jobs: Option<u16>,
    /// The seed of everything random [default: 1]
    #[arg(long, value_name = "N", value_parser = seed)]
    pub(super) seed: Option<u64>,

    /// Run every scenario again with each of its calls of stores and services failing, as the tag `@fault-sweep` does; KINDS says how:
    /// default, traps, hangs, lost, stale, corrupt, torn, errors such as no-such-store, all; and pairs of failures
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true)]
    pub(super) fault_sweep: Option<Option<FaultEffects>>,
    /// Run scenarios once, with this call failing, in place of their sweep: `set#2: other: disk full`
    #[arg(long = "fault", value_name = "CALL: EFFECT")]
    pub(super) faults: Vec<Injection>,
    /// Run every scenario in each order in which its requests at once can interleave, up to a bound, as the tag
    /// `@schedule-sweep` does [default: 1000 orders]
    #[arg(long, value_name = "BOUND", value_parser = orders, num_args = 0..=1, require_equals = true)]
    pub(super) schedule_sweep: Option<Option<std::num::NonZeroUsize>>,
    /// Run scenarios once, in this order, in place of their sweep: `1x3 2x3 1`
    #[arg(long, value_name = "ORDER")]
    pub(super) schedule: Option<Guide>,
    /// Run everything twice, and fail a scenario whose two runs differ
    #[arg(long)]
    pub(super) check_determinism: bool,
    /// Stop after the first scenario that does not pass
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Run the components' build commands first
    #[arg(long)]
    pub(super) build: bool,
    /// What to do with snapshots that are missing or different [default: check if CI is set, else review]
    #[arg(long, value_name = "MODE")]
    pub(super) snapshots: Option<SnapshotMode>,
    /// Keep the snapshots of all feature files in this folder [default: `snapshots` beside each feature file]
    #[arg(long, value_name = "DIR")]
    pub(super) snapshots_dir: Option<PathBuf>,
    /// Which limits the stores enforce [default: documented]
    #[arg(long, value_name = "WHICH")]
    pub(super) limits: Option<LimitsChoice>,
    /// Change a bound of each request: compute, memory, response, log or time, such as `memory=2 GiB`
    #[arg(long = "bound", value_name = "NAME=VALUE")]
    pub(super) bounds: Vec<Pair>,
    /// Report what the scenarios used of what the manifest grants, and the least manifest that would have done
    #[arg(long)]
    pub(super) audit: bool,
    /// Write what the scenarios used to this file, for `spin-harness audit --observed FILE`
    #[arg(long, value_name = "FILE", requires = "audit")]
    pub(super) observed: Option<PathBuf>,
    /// Write the least manifest to this file, as a patch of spin.toml
    #[arg(long, value_name = "FILE", requires = "audit")]
    pub(super) patch: Option<PathBuf>,
    /// Run the scenarios again with the least manifest
    #[arg(long, requires = "audit")]
    pub(super) verify_least: bool,
    #[command(flatten)]
    pub(super) judging: Judging,
    /// Leave out how long things took: the same run then gives the same bytes
    #[arg(long)]
    pub(super) no_durations: bool,
    /// Show only what did not pass, and the totals
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Show every step, request, storage call and log line as it happens
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// What runs these scenarios again; the command itself, unless a program of the user's own has it.
    #[arg(skip = "spin-harness test".to_owned())]
    pub(super) command: String,
    /// Whether it is no error that no scenario has the name that was asked for.
    #[arg(skip)]
    pub(super) may_be_nothing: bool,
}

// Rust's own words for a number that is none are those of a programmer.

fn jobs(text: &str) -> Result<u16, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=1024).contains(number));
    number.ok_or_else(|| "expected a whole number from 1 to 1024".to_owned())
}

fn seed(text: &str) -> Result<u64, String> {
    let expected = || format!("expected a whole number from 0 to {}", u64::MAX);
    text.parse().map_err(|_| expected())
}

fn orders(text: &str) -> Result<std::num::NonZeroUsize, String> {
    let expected = || "expected how many orders to try, a whole number from 1".to_owned();
    text.parse().map_err(|_| expected())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SnapshotMode {
    /// They fail, and nothing is written
    Check,
    /// They fail, and a .snap.new is left for review
    Review,
    /// They are written and pass
    Update,
}

/// The sets of limits by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LimitsChoice {
    /// Those that the store's provider documents
    Documented,
    /// None, as under `spin up`
    None,
}

impl From<LimitsChoice> for Limits {
    fn from(choice: LimitsChoice) -> Self {
        match choice {
            LimitsChoice::Documented => Self::Documented,
            LimitsChoice::None => Self::None,
        }
    }
}

impl TestArguments {
    /// The manifest, or the folder that has it, as the user named it.
    pub(super) fn manifest(&self) -> PathBuf {
        self.from
            .clone()
            .unwrap_or_else(|| PathBuf::from("spin.toml"))
    }

    /// What happens to snapshots that are missing or different.
    pub(super) fn mode(&self) -> Mode {
        match self.snapshots {
            Some(SnapshotMode::Check) => Mode::Check,
            Some(SnapshotMode::Review) => Mode::Review,
            Some(SnapshotMode::Update) => Mode::Update,
            None => Mode::for_ci(std::env::var("CI").ok().as_deref()),
        }
    }

    /// The options that a single scenario has to be given to run in the same way.
    pub(super) fn rerun_options(&self) -> String {
        let mut words: Vec<(&str, String)> = Vec::new();
        let path = |path: &PathBuf| path.display().to_string();
        words.extend(self.from.as_ref().map(|app| ("-f", path(app))));
        words.extend(self.profile.clone().map(|name| ("--profile", name)));
        words.extend(
            self.runtime_config_file
                .as_ref()
                .map(|file| ("--runtime-config-file", path(file))),
        );
        words.extend(
            self.snapshots_dir
                .as_ref()
                .map(|folder| ("--snapshots-dir", path(folder))),
        );
        let pairs = [
            ("--variable", &self.variables),
            ("--env", &self.environment),
            ("--key-value", &self.key_values),
            ("--bound", &self.bounds),
        ];
        for (option, pairs) in pairs {
            words.extend(
                pairs
                    .iter()
                    .map(|pair| (option, format!("{}={}", pair.name, pair.value))),
            );
        }
        words.extend(
            self.key_value_stores
                .iter()
                .map(|it| ("--key-value-store", format!("{}={}", it.label, it.store))),
        );
        words.extend(self.sqlite.iter().map(|sql| ("--sqlite", sql.clone())));
        let limits = self.limits.map(|limits| match limits {
            LimitsChoice::Documented => "documented",
            LimitsChoice::None => "none",
        });
        words.extend(limits.map(|limits| ("--limits", limits.to_owned())));
        let words = words.iter();
        let mut options: String = words
            .map(|(option, value)| format!(" {option} {}", shell_word(value)))
            .collect();
        if self.check_determinism {
            options.push_str(" --check-determinism");
        }
        options
    }

    /// What the command line says about running scenarios many times.
    pub(super) fn sweeps(&self) -> SweepOptions {
        SweepOptions {
            fault_sweep: self.fault_sweep.clone().map(Option::unwrap_or_default),
            faults: self.faults.clone(),
            schedule_sweep: self
                .schedule_sweep
                .map(|bound| bound.map_or(SweepOptions::MOST_ORDERS, std::num::NonZeroUsize::get)),
            schedule: self.schedule.clone(),
            check_determinism: self.check_determinism,
        }
    }

    /// The options that run a scenario as often as it was run, and in the same ways. One of its disturbed runs alone is not
    /// recorded.
    pub(super) fn sweep_options(&self) -> String {
        let mut options = String::new();
        for origin in &self.record {
            options.push_str(&format!(" --record {}", shell_word(&origin.to_string())));
        }
        match &self.fault_sweep {
            None => {}
            Some(None) => options.push_str(" --fault-sweep"),
            Some(Some(effects)) => options.push_str(&format!(" --fault-sweep={effects}")),
        }
        match self.schedule_sweep {
            None => {}
            Some(None) => options.push_str(" --schedule-sweep"),
            Some(Some(bound)) => options.push_str(&format!(" --schedule-sweep={bound}")),
        }
        for fault in &self.faults {
            options.push_str(&format!(" --fault {}", shell_text(&fault.to_string())));
        }
        if let Some(schedule) = &self.schedule {
            options.push_str(&format!(
                " --schedule {}",
                shell_text(&schedule.to_string())
            ));
        }
        options
    }

    #[cfg(test)]
    pub(super) fn of(arguments: &[&str]) -> Self {
        #[derive(clap::Parser)]
        struct Whole {
            #[command(flatten)]
            arguments: TestArguments,
        }
        let words = std::iter::once(&"test").chain(arguments);
        <Whole as clap::Parser>::try_parse_from(words)
            .unwrap()
            .arguments
    }
}
