//! An audit for other programs. `docs/audit.schema.json` says what stands where; change both together.

use serde_json::{Value, json};

use crate::audit::{
    Audit, AuditedComponent, AuditedDependency, AuditedGrant, Binary, BinaryError, Finding,
    Inherits, Least, Nested, Observed, Place, Reach,
};

/// What tells such a report from any other JSON.
pub(super) const FORMAT: &str = "spin-harness-audit";
/// Grows when a reader of the report has to change.
pub(super) const VERSION: u32 = 1;

/// All that is known, as JSON.
pub(crate) fn json(audits: &[Audit]) -> String {
    let audits: Vec<Value> = audits.iter().map(audit).collect();
    let report = json!({ "format": FORMAT, "version": VERSION, "audits": audits });
    format!("{report:#}\n")
}

fn audit(audit: &Audit) -> Value {
    json!({
        "app": audit.app,
        "manifest": audit.manifest,
        "runtime_config": audit.runtime_config,
        "components": audit.components.iter().map(component).collect::<Vec<_>>(),
        "findings": audit.findings.iter().map(finding).collect::<Vec<_>>(),
        "allowed": audit.allowed,
        "observed": audit.observed.as_ref().map(|it| observed(audit, it)),
        "least": audit.least.as_ref().map(least),
        "no_least": audit.no_least.as_ref().map(ToString::to_string),
    })
}

fn component(component: &AuditedComponent) -> Value {
    let code = Code::of(&component.binary, &component.reach);
    json!({
        "id": component.id,
        "place": component.place.as_ref().map(place),
        "source": component.source,
        "kind": code.kind,
        "error": code.error,
        "imports": code.imports,
        "nested": code.nested,
        "producers": code.producers,
        "imports_prove_use": code.imports_prove_use,
        "dependencies": component.dependencies.iter().map(dependency).collect::<Vec<_>>(),
        "grants": component.grants.iter().map(grant).collect::<Vec<_>>(),
    })
}

fn dependency(dependency: &AuditedDependency) -> Value {
    let code = Code::of(&dependency.binary, &dependency.reach);
    json!({
        "name": dependency.name,
        "place": place(&dependency.place),
        "source": dependency.source,
        "kind": code.kind,
        "error": code.error,
        "imports": code.imports,
        "nested": code.nested,
        "producers": code.producers,
        "imports_prove_use": code.imports_prove_use,
        // As the manifest writes it.
        "inherit_configuration": match &dependency.inherits {
            Inherits::Nothing => json!(false),
            Inherits::Everything => json!(true),
            Inherits::Fields(fields) => json!(fields),
        },
    })
}

/// What is said of the code of a component or of a dependency.
struct Code<'a> {
    kind: Option<&'static str>,
    error: Option<String>,
    imports: &'a [String],
    nested: Vec<Value>,
    producers: &'a [String],
    imports_prove_use: bool,
}

impl<'a> Code<'a> {
    fn of(binary: &'a Result<Binary, BinaryError>, reach: &Reach) -> Self {
        match binary {
            Ok(binary) => Self {
                kind: Some(match binary.is_component {
                    true => "component",
                    false => "module",
                }),
                error: None,
                imports: &binary.imports,
                nested: binary.nested.iter().map(nested).collect(),
                producers: &binary.producers,
                imports_prove_use: reach.unproven.is_none(),
            },
            Err(error) => Self {
                kind: None,
                error: Some(error.to_string()),
                imports: &[],
                nested: Vec::new(),
                producers: &[],
                imports_prove_use: false,
            },
        }
    }
}

fn nested(nested: &Nested) -> Value {
    json!({ "name": nested.name, "imports": nested.imports })
}

fn grant(grant: &AuditedGrant) -> Value {
    json!({
        "kind": grant.kind,
        "name": grant.name,
        "place": grant.place.as_ref().map(place),
        "backing": grant.backing,
        "usable": grant.usable,
        "used": grant.used,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code.name(),
        "severity": finding.severity.name(),
        "denied": finding.denied,
        "message": finding.message,
        "component": finding.component,
        "place": finding.place.as_ref().map(place),
        "why": finding.why,
        "help": finding.help,
    })
}

fn place(place: &Place) -> Value {
    json!({
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    })
}

fn least(least: &Least) -> Value {
    let removed = least.removed.iter().map(|removed| {
        json!({ "component": removed.component, "kind": removed.kind, "name": removed.name })
    });
    json!({
        "removed": removed.collect::<Vec<_>>(),
        "patch": least.patch,
        "folder": least.folder,
    })
}

fn observed(audit: &Audit, observed: &Observed) -> Value {
    let (used, observable) = audit.coverage().unwrap_or_default();
    json!({
        "scenarios": observed.scenarios,
        "failed": observed.failed,
        "grants_used": used,
        "grants_observable": observable,
        "components": observed.components,
    })
}
