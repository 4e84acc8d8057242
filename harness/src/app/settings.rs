//! The harness's own settings, `[application.tool.harness]` of the manifest. Spin passes over that table.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::document::{self, Fields, Located};
use super::problem::{Problem, Report, suggest};

/// What `[application.tool.harness]` says. Nothing said is the default; the command line overrides all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HarnessSettings {
    /// Feature files and folders of them; absolute.
    pub features: Vec<Located<PathBuf>>,
    /// The build profile.
    pub profile: Option<Located<String>>,
    /// The runtime config; absolute.
    pub runtime_config_file: Option<Located<PathBuf>>,
    /// The folder of the snapshots; absolute.
    pub snapshots: Option<PathBuf>,
    /// The seed that chance follows from.
    pub seed: Option<u64>,
    /// How many scenarios run at once; at least 1.
    pub jobs: Option<usize>,
    /// Which scenarios run: a tag expression, not parsed.
    pub tags: Option<String>,
    /// Which limits of key-value stores hold.
    pub limits: Option<Limits>,
    /// The address that requests come from.
    pub client_address: Option<SocketAddr>,
    /// Host and port that requests are sent to.
    pub authority: Option<String>,
    /// How much a request may use.
    pub bounds: Bounds,
    /// Real stores behind the labels of key-value stores.
    pub key_value_stores: Vec<KeyValueStoreSetting>,
    /// What snapshots replace.
    pub redactions: Vec<Redaction>,
    /// Headers that snapshots leave out; lower case.
    pub volatile_headers: Vec<String>,
    /// Findings of the audit that make it fail; not parsed.
    pub deny: Vec<Located<String>>,
    /// Findings of the audit that it leaves out; not parsed.
    pub allow: Vec<Located<String>>,
}

/// A real store behind a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValueStoreSetting {
    /// The label.
    pub label: String,
    /// Which store, such as `sqlite:.spin/sqlite_key_value.db`; not parsed.
    pub store: Located<String>,
    /// Where a path in it starts from.
    pub root: PathBuf,
}

/// Which limits of key-value stores hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limits {
    /// Those that the documentation of the store's provider names.
    #[default]
    Documented,
    /// None, as in `spin up`.
    None,
}

/// How much one request may use; what is not said has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Computing.
    pub compute: Option<ComputeBound>,
    /// Memory, in bytes.
    pub memory: Option<u64>,
    /// The body of the response, in bytes.
    pub response: Option<u64>,
    /// What the guest logs, in bytes.
    pub log: Option<u64>,
    /// Virtual time, from the request to the end of the instance's work.
    pub time: Option<Duration>,
}

/// A bound on computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComputeBound {
    /// About as much as a machine does in this time.
    Time(Duration),
    /// Exactly this much of wasmtime's fuel.
    Fuel(u64),
}

/// Something that differs from run to run, and what stands for it in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redaction {
    /// The value at a place in a JSON body.
    JsonPath {
        /// Such as `$.id`.
        path: String,
        /// What to write in its place.
        with: String,
    },
    /// Every match of a regular expression.
    Regex {
        /// In the syntax of the `regex` crate; known to be valid.
        regex: String,
        /// What to write in its place; may use groups (`$1`).
        with: String,
    },
}

/// The code of what is wrong with a setting: Spin looks at none of them.
pub(crate) const BAD_SETTING: &str = "app::bad_setting";

/// Reads the table. Paths start from `root`.
pub(crate) fn read(fields: &Fields<'_>, root: &Path) -> HarnessSettings {
    let report = fields.report;
    let path = |text: String| super::paths::lexically_normal(&root.join(text));
    let located = |text: Located<String>| Located {
        value: path(text.value),
        span: text.span,
    };
    let settings = HarnessSettings {
        features: fields
            .strings("features")
            .into_iter()
            .map(located)
            .collect(),
        profile: fields.string("profile"),
        runtime_config_file: fields.string("runtime_config_file").map(located),
        snapshots: fields.text("snapshots").map(path),
        seed: fields.get("seed").and_then(|node| {
            let seed = document::whole_number(node);
            if seed.is_none() {
                let text = "`seed` must be a whole number from 0 to 18446744073709551615";
                report.add(
                    node.span(),
                    Problem::error(BAD_SETTING, text).labelled("is none"),
                );
            }
            seed
        }),
        jobs: fields.get("jobs").and_then(|node| {
            let jobs = document::whole_number(node).and_then(|jobs| usize::try_from(jobs).ok());
            let jobs = jobs.filter(|jobs| *jobs > 0);
            if jobs.is_none() {
                let text = "`jobs` must be a whole number, and at least 1";
                report.add(
                    node.span(),
                    Problem::error(BAD_SETTING, text).labelled("is none"),
                );
            }
            jobs
        }),
        tags: fields.text("tags"),
        limits: fields
            .string("limits")
            .and_then(|text| limits(report, &text)),
        client_address: fields.string("client_address").and_then(|text| {
            parsed(
                report,
                &text,
                text.value.parse().ok(),
                "an address and a port such as \"127.0.0.1:1\"",
            )
        }),
        authority: fields.string("authority").and_then(|text| {
            let valid = !text.value.is_empty()
                && !text.value.contains(|c: char| c == '/' || c.is_whitespace());
            let authority = valid.then(|| text.value.clone());
            parsed(
                report,
                &text,
                authority,
                "a host, or a host and a port, such as \"localhost:3000\"",
            )
        }),
        bounds: fields
            .table("bounds")
            .map(|fields| bounds(&fields))
            .unwrap_or_default(),
        key_value_stores: fields
            .string_map("key_value_stores")
            .into_iter()
            .map(|(label, store)| KeyValueStoreSetting {
                label: label.value,
                store,
                root: root.to_owned(),
            })
            .collect(),
        redactions: fields
            .array("redactions")
            .into_iter()
            .filter_map(|node| redaction(&Fields::of(report, node)?))
            .collect(),
        volatile_headers: fields
            .texts("volatile_headers")
            .into_iter()
            .map(|name| name.to_ascii_lowercase())
            .collect(),
        deny: fields.strings("deny"),
        allow: fields.strings("allow"),
    };
    fields.refuse_others();
    settings
}

/// Notes a value that could not be parsed.
fn parsed<T>(
    report: &Report,
    text: &Located<String>,
    value: Option<T>,
    expected: &str,
) -> Option<T> {
    if value.is_none() {
        let message = format!(
            "invalid value: string {:?}, expected {expected}",
            text.value
        );
        report.add(
            text.span.clone(),
            Problem::error(BAD_SETTING, message).labelled(format!("expected {expected}")),
        );
    }
    value
}

fn limits(report: &Report, text: &Located<String>) -> Option<Limits> {
    match text.value.as_str() {
        "documented" => Some(Limits::Documented),
        "none" => Some(Limits::None),
        other => {
            let message = format!("unknown variant `{other}`, expected `documented` or `none`");
            report.add(
                text.span.clone(),
                Problem::error(BAD_SETTING, message)
                    .labelled("no such limits")
                    .maybe_help(suggest(other, ["documented", "none"], "there are")),
            );
            None
        }
    }
}

fn bounds(fields: &Fields<'_>) -> Bounds {
    let report = fields.report;
    let size = |name: &'static str| {
        let text = fields.string(name)?;
        parsed(
            report,
            &text,
            parse_size(&text.value),
            "a size such as \"16 MiB\"",
        )
    };
    let bounds = Bounds {
        compute: fields.get("compute").and_then(|node| match node.get_ref() {
            toml::de::DeValue::Integer(_) => {
                document::unsigned(report, node).map(ComputeBound::Fuel)
            }
            toml::de::DeValue::String(text) => {
                let text = Located {
                    value: text.to_string(),
                    span: node.span(),
                };
                parsed(
                    report,
                    &text,
                    parse_duration(&text.value),
                    "a duration such as \"5 s\"",
                )
                .map(ComputeBound::Time)
            }
            _ => {
                document::wrong_type(
                    report,
                    node,
                    "a duration such as \"5 s\" or an amount of fuel",
                );
                None
            }
        }),
        memory: size("memory"),
        response: size("response"),
        log: size("log"),
        time: fields.string("time").and_then(|text| {
            parsed(
                report,
                &text,
                parse_duration(&text.value),
                "a duration such as \"60 s\"",
            )
        }),
    };
    fields.refuse_others();
    bounds
}

fn redaction(fields: &Fields<'_>) -> Option<Redaction> {
    let with = fields.required_string("with");
    let (path, regex) = (fields.string("json_path"), fields.string("regex"));
    fields.refuse_others();
    let with = with?.value;
    match (path, regex) {
        (Some(path), None) => {
            let valid = crate::value::JsonPath::parse(&path.value).is_ok();
            let valid = valid.then(|| path.value.clone());
            let path = parsed(fields.report, &path, valid, "a JSON path such as \"$.id\"")?;
            Some(Redaction::JsonPath { path, with })
        }
        (None, Some(regex)) => {
            if let Err(error) = regex::Regex::new(&regex.value) {
                let reason = error.to_string();
                // The library draws the expression first; its last line says what is wrong.
                let reason = reason
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                fields.report.add(
                    regex.span,
                    Problem::error(BAD_SETTING, format!("invalid regular expression: {reason}"))
                        .labelled("not a regular expression"),
                );
                return None;
            }
            Some(Redaction::Regex {
                regex: regex.value,
                with,
            })
        }
        _ => {
            fields.report.add(
                fields.span.clone(),
                Problem::error(BAD_SETTING, "a redaction has either `json_path` or `regex`")
                    .labelled("has none of them, or both"),
            );
            None
        }
    }
}

/// A duration as people write it: `250 ms`, `30 s`, `5 minutes`, `2 hours`. A fraction of a millisecond rounds up.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let milliseconds = match unit {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "minute" | "minutes" => 60_000.0,
        "h" | "hour" | "hours" => 3_600_000.0,
        _ => return None,
    };
    let total = (number * milliseconds).ceil();
    // Beyond this, whole milliseconds are no longer exact.
    (total <= 9e15).then(|| Duration::from_millis(total as u64))
}

/// A size in bytes as people write it: `512 bytes`, `16 MiB`. 1 MB is 1 MiB.
pub fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let bytes = match unit.to_ascii_lowercase().as_str() {
        "b" | "byte" | "bytes" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1_048_576.0,
        "g" | "gb" | "gib" => 1_073_741_824.0,
        _ => return None,
    };
    let total = (number * bytes).ceil();
    (total <= 9e15).then_some(total as u64)
}

fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))?;
    let (number, unit) = text.split_at(end);
    Some((number.replace('_', "").parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_people_write_them() {
        for (text, milliseconds) in [
            ("250 ms", 250),
            ("30 s", 30_000),
            ("5 minutes", 300_000),
            ("2 hours", 7_200_000),
            ("1.5s", 1_500),
            ("0.1 ms", 1),
            ("1 minute", 60_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "5",
            "s",
            "5 days",
            "-1 s",
            "1.2.3 s",
            "999999999999999999 hours",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_count_in_powers_of_1024() {
        for (text, bytes) in [
            ("1 GiB", 1 << 30),
            ("16 MiB", 16 << 20),
            ("1 MB", 1_048_576),
            ("10 bytes", 10),
            ("1_000 B", 1_000),
            ("0.5 KiB", 512),
        ] {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
        }
        for text in ["", "1", "MiB", "1 TiB", "-1 B"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }
}
