//! The codes of findings: what each is about, how bad it is, and why it matters.

use std::fmt;
use std::str::FromStr;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The app will not load, or not do what the manifest says.
    Error,
    /// It is probably not meant so, or dangerous.
    Warning,
    /// Somebody should know.
    Information,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Information];

    /// `error`, `warning` or `information`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a finding is about. Each has a page in `docs/audit/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Granted, and no import of the component could use it.
    UnusedGrant,
    /// Imported, and nothing granted.
    UngrantedImport,
    /// A component that imports everything, whatever it uses.
    WholeWorldImport,
    /// A granted key-value store that no runtime config defines.
    UndefinedStore,
    /// A granted SQLite database that no runtime config defines.
    UndefinedDatabase,
    /// A store or database that is defined, and granted to nobody.
    UnreachableStore,
    /// Several components share a store or database.
    SharedStore,
    /// Several labels are one Redis, and share all their keys.
    SharedRedisUrl,
    /// A secret application variable reaches a component.
    SecretVariable,
    /// A dependency may do what the component that uses it may do.
    InheritedPermissions,
    /// An outbound host that stands for any.
    WildcardHost,
    /// An outbound host that is spoken to without encryption.
    PlainHttpHost,
    /// Two triggers on one route.
    DuplicateRoute,
    /// A mounted file that looks like a secret.
    SecretFile,
    /// A mounted file that lies outside of the app.
    OutsideFile,
    /// A name that Spin refuses.
    RefusedName,
    /// A field that is deprecated.
    DeprecatedField,
    /// A field that Spin passes over.
    IgnoredField,
    /// Anything else that Spin refuses.
    RefusedManifest,
    /// The code of a component is not there.
    MissingComponent,
    /// The code of a component is no WebAssembly that can be read.
    UnreadableComponent,
    /// Scenarios saw a component being denied a store.
    DeniedAttempt,
    /// A grant that no scenario used.
    UnexercisedGrant,
}

impl Code {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 23] = [
        Self::UnusedGrant,
        Self::UngrantedImport,
        Self::WholeWorldImport,
        Self::UndefinedStore,
        Self::UndefinedDatabase,
        Self::UnreachableStore,
        Self::SharedStore,
        Self::SharedRedisUrl,
        Self::SecretVariable,
        Self::InheritedPermissions,
        Self::WildcardHost,
        Self::PlainHttpHost,
        Self::DuplicateRoute,
        Self::SecretFile,
        Self::OutsideFile,
        Self::RefusedName,
        Self::DeprecatedField,
        Self::IgnoredField,
        Self::RefusedManifest,
        Self::MissingComponent,
        Self::UnreadableComponent,
        Self::DeniedAttempt,
        Self::UnexercisedGrant,
    ];

    /// The code as people write it: `unused-grant`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnusedGrant => "unused-grant",
            Self::UngrantedImport => "ungranted-import",
            Self::WholeWorldImport => "whole-world-import",
            Self::UndefinedStore => "undefined-store",
            Self::UndefinedDatabase => "undefined-database",
            Self::UnreachableStore => "unreachable-store",
            Self::SharedStore => "shared-store",
            Self::SharedRedisUrl => "shared-redis-url",
            Self::SecretVariable => "secret-variable",
            Self::InheritedPermissions => "inherited-permissions",
            Self::WildcardHost => "wildcard-host",
            Self::PlainHttpHost => "plain-http-host",
            Self::DuplicateRoute => "duplicate-route",
            Self::SecretFile => "secret-file",
            Self::OutsideFile => "outside-file",
            Self::RefusedName => "refused-name",
            Self::DeprecatedField => "deprecated-field",
            Self::IgnoredField => "ignored-field",
            Self::RefusedManifest => "refused-manifest",
            Self::MissingComponent => "missing-component",
            Self::UnreadableComponent => "unreadable-component",
            Self::DeniedAttempt => "denied-attempt",
            Self::UnexercisedGrant => "unexercised-grant",
        }
    }

    /// How bad its findings are, unless one says otherwise.
    pub fn severity(self) -> Severity {
        match self {
            Self::UndefinedStore
            | Self::UndefinedDatabase
            | Self::RefusedName
            | Self::RefusedManifest
            | Self::MissingComponent
            | Self::UnreadableComponent => Severity::Error,
            Self::WholeWorldImport
            | Self::SharedStore
            | Self::SecretVariable
            | Self::InheritedPermissions => Severity::Information,
            _ => Severity::Warning,
        }
    }

    /// What it is about, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::UnusedGrant => "Granted, and no import could use it",
            Self::UngrantedImport => "Imported, and nothing granted",
            Self::WholeWorldImport => "The imports prove nothing",
            Self::UndefinedStore => "A granted key-value store is not defined",
            Self::UndefinedDatabase => "A granted SQLite database is not defined",
            Self::UnreachableStore => "Defined, and granted to nobody",
            Self::SharedStore => "Several components share a store",
            Self::SharedRedisUrl => "Several labels are one Redis",
            Self::SecretVariable => "A secret reaches a component",
            Self::InheritedPermissions => "A dependency inherits permissions",
            Self::WildcardHost => "An outbound host that is any host",
            Self::PlainHttpHost => "An outbound host without encryption",
            Self::DuplicateRoute => "Two triggers on one route",
            Self::SecretFile => "A mounted file looks like a secret",
            Self::OutsideFile => "A mounted file lies outside of the app",
            Self::RefusedName => "A name that Spin refuses",
            Self::DeprecatedField => "A deprecated field",
            Self::IgnoredField => "A field that Spin passes over",
            Self::RefusedManifest => "Spin refuses the manifest",
            Self::MissingComponent => "A component's code is not there",
            Self::UnreadableComponent => "A component's code cannot be read",
            Self::DeniedAttempt => "A component was denied what it asked for",
            Self::UnexercisedGrant => "A grant that no scenario used",
        }
    }

    /// Why it matters.
    pub fn why(self) -> &'static str {
        match self {
            Self::UnusedGrant => {
                "a grant that nothing can use only widens what a fault or a later change of the component could reach"
            }
            Self::UngrantedImport => {
                "whatever the component tries through it is refused: every open answers access-denied"
            }
            Self::WholeWorldImport => {
                "this SDK imports every interface whether the app uses it or not, so the imports neither prove nor rule out a use"
            }
            Self::UndefinedStore | Self::UndefinedDatabase => {
                "Spin refuses to load an app with a grant that nothing stands behind"
            }
            Self::UnreachableStore => {
                "nothing in the app can open it: a label is misspelt, or the store is left over"
            }
            Self::SharedStore => "each of them can read, change and delete what the others wrote",
            Self::SharedRedisUrl => {
                "Spin puts no label into the keys: what is written under one label is read, overwritten and deleted under the other"
            }
            Self::SecretVariable => {
                "the component can read it, and with it everything that the component logs, stores or sends"
            }
            Self::InheritedPermissions => {
                "code that somebody else may have written acts with the component's own permissions"
            }
            Self::WildcardHost => {
                "a component that is taken over can send what it knows to anybody"
            }
            Self::PlainHttpHost => "whoever is on the way can read and change what is sent",
            Self::DuplicateRoute => "one of them never runs, and nothing says so at run time",
            Self::SecretFile => {
                "the component can read it, and it is part of everything that is made of the app, such as a published image"
            }
            Self::OutsideFile => {
                "on another machine, or in what is published of the app, it may be another file, or none"
            }
            Self::RefusedName | Self::RefusedManifest => "Spin refuses to load the app",
            Self::DeprecatedField => "a later version of Spin may refuse it",
            Self::IgnoredField => "it has no effect, and is probably misspelt",
            Self::MissingComponent => {
                "without it the app does not start, and nothing can be said of what it imports"
            }
            Self::UnreadableComponent => {
                "Spin cannot run it, and nothing can be said of what it imports"
            }
            Self::DeniedAttempt => {
                "either a grant is missing, or the component asks for what it should not"
            }
            Self::UnexercisedGrant => "either a scenario is missing, or the grant is not needed",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

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
