//! Which findings are denied, and which are left out: what the options and the manifest say, in words.

use std::fmt;
use std::str::FromStr;

use super::{Code, Severity};

/// A word that is neither a code, nor a severity, nor `all`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no finding `{word}`; {advice}")]
pub struct UnknownCode {
    word: String,
    advice: String,
}

/// Which findings are meant: those of one code, those of one severity, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selection {
    /// Every finding.
    All,
    /// Those of a severity.
    Severity(Severity),
    /// Those of a code.
    Code(Code),
}

impl FromStr for Selection {
    type Err = UnknownCode;

    fn from_str(word: &str) -> Result<Self, UnknownCode> {
        if word == "all" {
            return Ok(Self::All);
        }
        let severity = Severity::ALL.into_iter().find(|one| one.name() == word);
        let code = || Code::ALL.into_iter().find(|code| code.name() == word);
        let selection = severity
            .map(Self::Severity)
            .or_else(|| code().map(Self::Code));
        selection.ok_or_else(|| {
            let names = Code::ALL.map(Code::name);
            let severities = Severity::ALL.map(Severity::name);
            let candidates = severities.into_iter().chain(["all"]).chain(names);
            let near = crate::app::nearest(word, candidates);
            UnknownCode {
                word: word.chars().take(60).collect(),
                advice: match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "there are `{}`; `error`, `warning`, `information`; and `all`",
                        names.join("`, `")
                    ),
                },
            }
        })
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("all"),
            Self::Severity(severity) => severity.fmt(formatter),
            Self::Code(code) => code.fmt(formatter),
        }
    }
}

/// Which findings are denied, and which are not told at all.
///
/// What is said of a code goes before what is said of its severity, and that before `all`; of two that say as much, the
/// command line goes before the manifest.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    said: Vec<(Selection, Level)>,
}

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// It is told, and the command succeeds.
    #[default]
    Told,
    /// It is told, and the command fails.
    Denied,
    /// It is left out.
    Allowed,
}

impl Levels {
    /// Nothing is denied, nothing left out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what goes before everything added later.
    #[must_use]
    pub fn then(mut self, deny: &[Selection], allow: &[Selection]) -> Self {
        let denied = deny.iter().map(|it| (*it, Level::Denied));
        let allowed = allow.iter().map(|it| (*it, Level::Allowed));
        self.said.extend(denied.chain(allowed));
        self
    }

    /// What becomes of a finding of this code and severity.
    pub fn of(&self, code: Code, severity: Severity) -> Level {
        let fits = [
            Selection::Code(code),
            Selection::Severity(severity),
            Selection::All,
        ];
        fits.into_iter()
            .find_map(|fit| self.said.iter().find(|(selection, _)| *selection == fit))
            .map_or(Level::Told, |(_, level)| *level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_name_and_all_are_different() {
        for code in Code::ALL {
            assert_eq!(code.name().parse(), Ok(Selection::Code(code)));
            assert!(!code.why().is_empty() && !code.title().is_empty());
        }
        let error = "unused-grants"
            .parse::<Selection>()
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "there is no finding `unused-grants`; did you mean `unused-grant`?"
        );
    }

    #[test]
    fn a_code_goes_before_its_severity_and_the_command_line_before_the_manifest() {
        let parse = |words: &[&str]| -> Vec<Selection> {
            words.iter().map(|word| word.parse().unwrap()).collect()
        };
        let levels = Levels::new()
            .then(&parse(&["all", "shared-store"]), &parse(&["secret-file"]))
            .then(
                &parse(&["secret-file"]),
                &parse(&["warning", "shared-store"]),
            );
        let of = |code: Code| levels.of(code, code.severity());
        assert_eq!(of(Code::SharedStore), Level::Denied);
        assert_eq!(of(Code::SecretFile), Level::Allowed);
        assert_eq!(of(Code::WildcardHost), Level::Allowed);
        assert_eq!(of(Code::UndefinedStore), Level::Denied);
        assert_eq!(
            Levels::new().of(Code::UndefinedStore, Severity::Error),
            Level::Told
        );
    }
}
