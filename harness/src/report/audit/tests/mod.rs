//! The forms of a report: what they look like, and that nothing in a name of the user's can break them.

mod github;
mod json;
mod markdown;
mod sarif;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::{sentence, terminal};
use crate::app::{GrantKind, Manifest, RuntimeConfig};
use crate::audit::{
    Audit, AuditedComponent, AuditedDependency, AuditedGrant, Binary, BinaryError, Code, Finding,
    Inherits, Least, Levels, Nested, Observed, Place, Reach, Removed, Selection, Severity, Use,
};

/// Names that mean something to one of the forms.
const HOSTILE: [&str; 30] = [
    "a|b",
    "`code`",
    "one ` alone",
    "``|``",
    "\\|",
    "back\\slash\\",
    "new\nline",
    "carriage\r\nreturn",
    "| --- |\n| --- |",
    "<script>alert(1)</script>",
    "</code></td>",
    "--><!-- <!--",
    "&amp;&#124;&lt;",
    "*bold* _slanted_ ~~struck~~",
    "[here](https://example.com/a_b_c)",
    "![image](x)",
    "@somebody #12 $x$",
    "100% %0A::error::no",
    "::error file=x,line=1::no",
    "a,b:c;d]e=f",
    "##[error]no",
    "{0} {{ host }} }{",
    "\"quoted\" 'too'",
    "über → 日本語 🦀",
    "\u{202e}backwards",
    "\0\u{1b}[31m\u{7}",
    "tab\tand\u{2028}separator",
    "",
    " ",
    " blank before and after ",
];

fn real(app: &str, config: Option<&str>) -> Audit {
    let folder = Path::new("../fixtures/apps").join(app);
    let config = config.map(|name| Arc::new(RuntimeConfig::load(&folder.join(name)).unwrap()));
    Audit::of(&folder, config).unwrap()
}

/// Two real apps: one of whose findings are denied or allowed, and one that scenarios used.
fn two_apps() -> [Audit; 2] {
    let module = real("module", None);
    let deny = [Selection::Code(Code::UnusedGrant)];
    let used = |operation: &str, keys: &[(&str, u64)]| Use {
        operations: BTreeMap::from([(operation.to_owned(), 3)]),
        keys: keys
            .iter()
            .map(|(key, count)| ((*key).to_owned(), *count))
            .collect(),
        ..Use::default()
    };
    let denied = Use {
        denied: 2,
        ..Use::default()
    };
    let stores = |uses: Vec<(&str, Use)>| {
        let uses = uses.into_iter().map(|(name, one)| (name.to_owned(), one));
        BTreeMap::from([(GrantKind::KeyValueStore, uses.collect())])
    };
    let observed = Observed {
        app: "shop".to_owned(),
        scenarios: 12,
        failed: 0,
        defined: BTreeSet::new(),
        components: BTreeMap::from([
            (
                "catalog".to_owned(),
                stores(vec![
                    ("default", used("get", &[("page:*", 3)])),
                    ("orders", denied),
                ]),
            ),
            (
                "checkout".to_owned(),
                stores(vec![("orders", used("set", &[("order:*", 3)]))]),
            ),
        ]),
    };
    let grants =
        real("grants", Some("runtime-config.toml")).with_observed(observed, &manifest("grants"));
    let allow = [Selection::Code(Code::SharedStore)];
    [
        module.judged(&Levels::new().then(&deny, &[])),
        grants.judged(&Levels::new().then(&[], &allow)),
    ]
}

fn manifest(app: &str) -> Manifest {
    Manifest::load(Path::new(&format!("../fixtures/apps/{app}/spin.toml"))).unwrap()
}

fn place(file: &str, line: usize) -> Place {
    Place {
        file: file.to_owned(),
        line,
        column: 3,
        end_line: line,
        end_column: 9,
    }
}

/// An audit in which every field says something, all of it about `name`.
fn of_name(name: &str) -> Audit {
    let text = || name.to_owned();
    let binary = Binary {
        is_component: true,
        imports: vec![text(), "wasi:io/poll@0.2.0".to_owned()],
        nested: vec![
            Nested {
                name: Some(text()),
                imports: vec![text()],
            },
            Nested {
                name: None,
                imports: Vec::new(),
            },
        ],
        producers: vec![text()],
    };
    let mut proves_nothing = Reach::default();
    proves_nothing.unproven = Some(text());
    let dependency = |inherits, binary| AuditedDependency {
        name: text(),
        source: text(),
        binary,
        reach: Reach::default(),
        inherits,
        place: place(name, 4),
    };
    let grants = GrantKind::ALL
        .into_iter()
        .zip([None, Some(true), Some(false)].into_iter().cycle());
    let grants = grants.map(|(kind, usable)| AuditedGrant {
        kind,
        name: text(),
        place: usable.map(|_| place(name, 5)),
        backing: usable.map(|_| text()),
        usable,
        used: None,
    });
    let component = |id: &str, binary, grants| AuditedComponent {
        id: id.to_owned(),
        source: text(),
        binary,
        reach: proves_nothing.clone(),
        dependencies: vec![
            dependency(Inherits::Nothing, Err(BinaryError::Damaged(text()))),
            dependency(Inherits::Everything, Ok(binary_of_module())),
            dependency(Inherits::Fields(vec![text()]), Ok(Binary::default())),
        ],
        grants,
        place: None,
    };
    let uses = BTreeMap::from([(
        text(),
        Use {
            operations: BTreeMap::from([(text(), 1), ("get".to_owned(), 1 << 40)]),
            denied: 2,
            under_other_grants: 3,
            keys: BTreeMap::from([(text(), 4)]),
            more_keys: true,
        },
    )]);
    let observed = Observed {
        app: text(),
        scenarios: 1,
        failed: 1,
        defined: BTreeSet::from([text()]),
        components: BTreeMap::from([(
            text(),
            GrantKind::ALL
                .into_iter()
                .map(|kind| (kind, uses.clone()))
                .collect(),
        )]),
    };
    let mut audit = Audit {
        app: text(),
        manifest: text(),
        runtime_config: Some(text()),
        components: vec![
            component(name, Ok(binary), grants.collect()),
            component("other", Err(BinaryError::Damaged(text())), Vec::new()),
        ],
        findings: Vec::new(),
        allowed: 2,
        observed: None,
        no_least: None,
        least: Some(Least {
            removed: vec![Removed {
                component: text(),
                kind: GrantKind::AiModel,
                name: text(),
            }],
            text: text(),
            patch: "--- spin.toml\n+++ spin.toml\n-```\n".to_owned(),
            folder: None,
        }),
    }
    .with_observed(observed, &manifest("grants"));
    audit.findings = findings(name);
    audit
}

fn binary_of_module() -> Binary {
    Binary {
        is_component: false,
        ..Binary::default()
    }
}

/// A finding of every code, of every severity, some without a place or on several lines.
fn findings(name: &str) -> Vec<Finding> {
    let places = [
        Some(place(name, 2)),
        None,
        Some(Place {
            end_line: 7,
            ..place(name, 6)
        }),
    ];
    let numbered = Code::ALL.into_iter().enumerate();
    numbered
        .map(|(number, code)| Finding {
            severity: Severity::ALL[number % 3],
            component: (number % 2 == 0).then(|| name.to_owned()),
            place: places[number % 3].clone(),
            denied: number % 5 == 0,
            ..Finding::new(
                code,
                format!("component \"{name}\" has `{name}`, {name}"),
                format!("write `[component.\"{name}\"]` or {name}"),
            )
        })
        .collect()
}

fn hostile() -> Vec<Audit> {
    HOSTILE.into_iter().map(of_name).collect()
}

/// Every app of the fixtures.
fn all_real() -> Vec<Audit> {
    let mut apps: Vec<_> = std::fs::read_dir("../fixtures/apps")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("spin.toml").is_file())
        .collect();
    apps.sort();
    let with_config = |folder: &Path| {
        let config = folder.join("runtime-config.toml");
        let config = config
            .is_file()
            .then(|| Arc::new(RuntimeConfig::load(&config).unwrap()));
        Audit::of(folder, config).unwrap()
    };
    let audits: Vec<_> = apps.iter().map(|folder| with_config(folder)).collect();
    assert!(audits.len() > 15);
    audits
}

/// Compares with `snapshots/NAME.snap`; `INSTA_UPDATE=always` writes it.
fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_terminal_report_of_two_apps() {
    let reports: Vec<_> = two_apps()
        .iter()
        .map(|audit| terminal(audit, false, 80))
        .collect();
    assert_snapshot("terminal", &reports.join("\n"));
}

#[test]
fn every_form_ends_with_a_newline_and_is_the_same_each_time() {
    let audits: Vec<Audit> = hostile().into_iter().chain(two_apps()).collect();
    for form in [super::json, super::sarif, super::markdown, super::github] {
        let text = form(&audits);
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
        assert_eq!(text, form(&audits));
    }
}

#[test]
fn no_form_knows_the_machine() {
    let audits: Vec<Audit> = all_real().into_iter().chain(two_apps()).collect();
    let here = std::env::current_dir().unwrap();
    for form in [super::json, super::sarif, super::markdown, super::github] {
        assert!(!form(&audits).contains(here.to_str().unwrap()));
    }
}

#[test]
fn sentences_begin_with_a_capital_unless_a_name_does() {
    assert_eq!(sentence("the store is shared"), "The store is shared.");
    assert_eq!(sentence("leave it out!"), "Leave it out!");
    assert_eq!(
        sentence("key_value_stores is unknown"),
        "key_value_stores is unknown."
    );
    assert_eq!(sentence("`x` is unknown"), "`x` is unknown.");
    assert_eq!(sentence("über"), "über.");
    assert_eq!(sentence("a"), "a.");
    assert_eq!(sentence(""), ".");
}
