//! The codes of findings: what each is about, how bad it is, and why it matters.

use std::fmt;

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
    /// An outbound host with a variable that the app does not declare.
    UndefinedVariable,
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
    pub const ALL: [Self; 24] = [
        Self::UnusedGrant,
        Self::UngrantedImport,
        Self::WholeWorldImport,
        Self::UndefinedStore,
        Self::UndefinedDatabase,
        Self::UndefinedVariable,
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
        self.facts().name
    }

    /// How bad its findings are, unless one says otherwise.
    pub fn severity(self) -> Severity {
        self.facts().severity
    }

    /// What it is about, in a few words.
    pub fn title(self) -> &'static str {
        self.facts().title
    }

    /// Why it matters.
    pub fn why(self) -> &'static str {
        self.facts().why
    }

    fn facts(self) -> Facts {
        use Severity::{Error, Information, Warning};
        let facts = |name, severity, title, why| Facts {
            name,
            severity,
            title,
            why,
        };
        match self {
            Self::UnusedGrant => facts(
                "unused-grant",
                Warning,
                "Granted, and no import could use it",
                "a grant that nothing can use only widens what a fault or a later change of the component could reach",
            ),
            Self::UngrantedImport => facts(
                "ungranted-import",
                Warning,
                "Imported, and nothing granted",
                "whatever the component tries through it is refused: every open answers access-denied",
            ),
            Self::WholeWorldImport => facts(
                "whole-world-import",
                Information,
                "The imports prove nothing",
                "this SDK imports every interface whether the app uses it or not, so the imports neither prove nor rule out a use",
            ),
            Self::UndefinedStore => facts(
                "undefined-store",
                Error,
                "A granted key-value store is not defined",
                "Spin refuses to load an app with a grant that nothing stands behind",
            ),
            Self::UndefinedDatabase => facts(
                "undefined-database",
                Error,
                "A granted SQLite database is not defined",
                "Spin refuses to load an app with a grant that nothing stands behind",
            ),
            Self::UndefinedVariable => facts(
                "undefined-variable",
                Error,
                "An outbound host names a variable that is not declared",
                "Spin loads the app, and then denies the component every outgoing request, whatever its other entries allow",
            ),
            Self::UnreachableStore => facts(
                "unreachable-store",
                Warning,
                "Defined, and granted to nobody",
                "nothing in the app can open it: a label is misspelt, or the store is left over",
            ),
            Self::SharedStore => facts(
                "shared-store",
                Information,
                "Several components share a store",
                "each of them can read, change and delete what the others wrote",
            ),
            Self::SharedRedisUrl => facts(
                "shared-redis-url",
                Warning,
                "Several labels are one Redis",
                "Spin puts no label into the keys: what is written under one label is read, overwritten and deleted under the other",
            ),
            Self::SecretVariable => facts(
                "secret-variable",
                Information,
                "A secret reaches a component",
                "the component can read it, and with it everything that the component logs, stores or sends",
            ),
            Self::InheritedPermissions => facts(
                "inherited-permissions",
                Information,
                "A dependency inherits permissions",
                "code that somebody else may have written acts with the component's own permissions",
            ),
            Self::WildcardHost => facts(
                "wildcard-host",
                Warning,
                "An outbound host that is any host",
                "a component that is taken over can send what it knows to anybody",
            ),
            Self::PlainHttpHost => facts(
                "plain-http-host",
                Warning,
                "An outbound host without encryption",
                "whoever is on the way can read and change what is sent",
            ),
            Self::DuplicateRoute => facts(
                "duplicate-route",
                Warning,
                "Two triggers on one route",
                "one of them never runs, and nothing says so at run time",
            ),
            Self::SecretFile => facts(
                "secret-file",
                Warning,
                "A mounted file looks like a secret",
                "the component can read it, and it is part of everything that is made of the app, such as a published image",
            ),
            Self::OutsideFile => facts(
                "outside-file",
                Warning,
                "A mounted file lies outside of the app",
                "on another machine, or in what is published of the app, it may be another file, or none",
            ),
            Self::RefusedName => facts(
                "refused-name",
                Error,
                "A name that Spin refuses",
                "Spin refuses to load the app",
            ),
            Self::DeprecatedField => facts(
                "deprecated-field",
                Warning,
                "A deprecated field",
                "a later version of Spin may refuse it",
            ),
            Self::IgnoredField => facts(
                "ignored-field",
                Warning,
                "A field that Spin passes over",
                "it has no effect, and is probably misspelt",
            ),
            Self::RefusedManifest => facts(
                "refused-manifest",
                Error,
                "Spin refuses the manifest",
                "Spin refuses to load the app",
            ),
            Self::MissingComponent => facts(
                "missing-component",
                Error,
                "A component's code is not there",
                "without it the app does not start, and nothing can be said of what it imports",
            ),
            Self::UnreadableComponent => facts(
                "unreadable-component",
                Error,
                "A component's code cannot be read",
                "Spin cannot run it, and nothing can be said of what it imports",
            ),
            Self::DeniedAttempt => facts(
                "denied-attempt",
                Warning,
                "A component was denied what it asked for",
                "either a grant is missing, or the component asks for what it should not",
            ),
            Self::UnexercisedGrant => facts(
                "unexercised-grant",
                Warning,
                "A grant that no scenario used",
                "either a scenario is missing, or the grant is not needed",
            ),
        }
    }
}

/// What is said of a code.
struct Facts {
    name: &'static str,
    severity: Severity,
    title: &'static str,
    why: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
