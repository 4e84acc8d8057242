//! An audit for whoever ran it: a table of grants, the imports that need one, then each finding with how to mend it.

use super::{GRANT_HEADINGS, counts, grant_rows, shown_keys};
use crate::audit::{Audit, AuditedGrant, Binary, Finding, Reach, Severity};
use crate::report::paint::{BAD, DOUBTFUL, FAINT, GOOD, Paint, SENT, STRONG, plain};
use crate::report::table::{narrow, row, whole_row};
use crate::value::plural;
use textwrap::core::display_width;

/// The report of one app, no wider than `width` where that can be.
pub(crate) fn terminal(audit: &Audit, color: bool, width: usize) -> String {
    let paint = Paint(color);
    let mut lines = vec![paint.with(
        STRONG,
        format!(
            "audit of {} ({})",
            plain(&audit.app),
            plain(&audit.manifest)
        ),
    )];
    let config = match &audit.runtime_config {
        Some(config) => format!("runtime config {}", plain(config)),
        None => "no runtime config: only the stores and databases named \"default\"".to_owned(),
    };
    lines.push(paint.with(FAINT, config));
    grants(audit, paint, width, &mut lines);
    imports(audit, paint, width, &mut lines);
    keys(audit, paint, width, &mut lines);
    for finding in &audit.findings {
        lines.push(String::new());
        told(finding, paint, width, &mut lines);
    }
    if let Some(least) = &audit.least {
        lines.push(String::new());
        let grants = least.removed.len();
        lines.push(format!(
            "least manifest: the scenarios would have passed without {grants} grant{}",
            plural(grants)
        ));
        lines.extend(least.patch.lines().map(|line| {
            let style = match line.as_bytes().first() {
                Some(b'+') => GOOD,
                Some(b'-') => BAD,
                _ => FAINT,
            };
            // A tab is a tab: what is shown here is pasted.
            let shown: Vec<_> = line.split('\t').map(plain).collect();
            paint.with(style, shown.join("\t"))
        }));
        if let Some(folder) = &least.folder {
            lines.push(paint.with(FAINT, format!("(to be applied in {})", plain(folder))));
        }
    }
    if let Some(why) = &audit.no_least {
        lines.push(String::new());
        lines.extend(wrapped("", &why.to_string(), width));
    }
    lines.push(String::new());
    lines.extend(totals(audit, paint));
    lines.join("\n") + "\n"
}

/// What each component is granted.
fn grants(audit: &Audit, paint: Paint, width: usize, lines: &mut Vec<String>) {
    let rows = grant_rows(audit, |name| plain(name).into_owned());
    if rows.is_empty() {
        return;
    }
    let mut widths: Vec<usize> = (0..GRANT_HEADINGS.len())
        .map(|column| {
            let widest = rows.iter().map(|row| display_width(&row[column])).max();
            match widest {
                None | Some(0) => 0,
                Some(widest) => widest.max(GRANT_HEADINGS[column].len()),
            }
        })
        .collect();
    narrow(&mut widths, width);
    lines.push(String::new());
    lines.push(paint.with(FAINT, row(GRANT_HEADINGS.into_iter(), &widths)));
    for cells in &rows {
        lines.extend(whole_row(cells, &widths));
    }
}

/// What each component imports, as far as a grant is needed for it.
fn imports(audit: &Audit, paint: Paint, width: usize, lines: &mut Vec<String>) {
    if audit.components.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(paint.with(FAINT, "  imports"));
    for component in &audit.components {
        let about = match &component.binary {
            Ok(binary) => imports_of(binary, &component.reach, &component.grants),
            Err(reason) => format!("({}: {reason})", plain(&component.source)),
        };
        lines.extend(wrapped(
            &format!("  {}  ", plain(&component.id)),
            &about,
            width,
        ));
        let nested = component.binary.iter().flat_map(|binary| &binary.nested);
        for nested in nested {
            let reach = Reach::of(&nested.imports, &[]);
            let name = nested
                .name
                .as_deref()
                .unwrap_or("a component without a name");
            let head = format!("    inside: {}  ", plain(name));
            lines.extend(wrapped(
                &head,
                &interfaces(&reach, &component.grants),
                width,
            ));
        }
        for dependency in &component.dependencies {
            let about = match &dependency.binary {
                Ok(_) => interfaces(&dependency.reach, &component.grants),
                Err(reason) => reason.to_string(),
            };
            let head = format!("    dependency: {}  ", plain(&dependency.name));
            lines.extend(wrapped(&head, &about, width));
        }
    }
}

fn imports_of(binary: &Binary, reach: &Reach, grants: &[AuditedGrant]) -> String {
    let kind = match (binary.is_component, binary.nested.as_slice()) {
        (false, _) => "; a core module".to_owned(),
        (true, []) => String::new(),
        (true, nested) => format!("; composed of {} components", nested.len()),
    };
    let told = shown(reach, grants).count();
    let others = match binary.imports.len().saturating_sub(told) {
        0 => String::new(),
        1 => "; 1 other".to_owned(),
        more => format!("; {more} others"),
    };
    format!("{}{others}{kind}", interfaces(reach, grants))
}

/// The interfaces that need a grant. Those that every standard library imports are told only where there is one.
fn shown<'a>(reach: &'a Reach, grants: &'a [AuditedGrant]) -> impl Iterator<Item = &'a String> {
    let services = reach.services.iter().filter(|(service, _)| {
        service.import_means_use() || grants.iter().any(|grant| grant.kind == service.grant())
    });
    services.flat_map(|(_, interfaces)| interfaces)
}

fn interfaces(reach: &Reach, grants: &[AuditedGrant]) -> String {
    let names: Vec<_> = shown(reach, grants)
        .map(|name| plain(name).into_owned())
        .collect();
    match names.is_empty() {
        true => "nothing that needs a grant".to_owned(),
        false => names.join(", "),
    }
}

/// The operations and keys that scenarios used of each store.
fn keys(audit: &Audit, paint: Paint, width: usize, lines: &mut Vec<String>) {
    let Some(observed) = &audit.observed else {
        return;
    };
    if observed.components.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(paint.with(FAINT, "  observed"));
    for (component, kind, name, one) in observed.uses() {
        let mut parts: Vec<String> = Vec::new();
        if !one.operations.is_empty() {
            let operations = one.operations.iter();
            let operations: Vec<_> = operations
                .map(|(name, count)| format!("{} {count}x", plain(name)))
                .collect();
            parts.push(operations.join(", "));
        }
        let keys = shown_keys(one, |key| plain(key).into_owned());
        if !keys.is_empty() {
            parts.push(format!("keys {}", keys.join(", ")));
        }
        if one.denied > 0 {
            parts.push(format!("denied {}x", one.denied));
        }
        if one.under_other_grants > 0 {
            parts.push(format!(
                "{}x where the scenario said what it may use",
                one.under_other_grants
            ));
        }
        let name = if name.is_empty() {
            "(not known which)"
        } else {
            name
        };
        let head = format!("  {}  {kind} {}: ", plain(component), plain(name));
        lines.extend(wrapped(&head, &parts.join("; "), width));
    }
}

fn told(finding: &Finding, paint: Paint, width: usize, lines: &mut Vec<String>) {
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => DOUBTFUL,
        Severity::Information => SENT,
    };
    let severity = paint.with(style, format!("{}[{}]", finding.severity, finding.code));
    let place = finding.place.as_ref();
    let place = place.map_or_else(String::new, |place| {
        format!(" {}", plain(&place.to_string()))
    });
    let denied = match finding.denied {
        true => paint.with(BAD, " denied"),
        false => String::new(),
    };
    lines.push(format!("{severity}{place}{denied}"));
    lines.extend(wrapped("  ", &plain(&finding.message), width));
    lines.extend(wrapped("  why   ", finding.why, width));
    lines.extend(wrapped("  mend  ", &plain(&finding.help), width));
}

/// A text in lines, the first after `head` and the others below its text. A long head has a line of its own.
fn wrapped(head: &str, text: &str, width: usize) -> Vec<String> {
    let options = |head, indent| {
        textwrap::Options::new(width)
            .initial_indent(head)
            .subsequent_indent(indent)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
    };
    let lines = match display_width(head) {
        long if long > width / 2 => {
            let mut lines = textwrap::wrap(head.trim_end(), options("", "    "));
            lines.extend(textwrap::wrap(text, options("        ", "        ")));
            lines
        }
        short => textwrap::wrap(text, options(head, &" ".repeat(short))),
    };
    lines
        .iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn totals(audit: &Audit, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(audit.coverage_text());
    let denied = audit.denied();
    let allowed = match audit.allowed {
        0 => String::new(),
        allowed => format!(" ({allowed} allowed)"),
    };
    if audit.findings.is_empty() {
        lines.push(format!("{}{allowed}", paint.with(GOOD, "no findings")));
        return lines;
    }
    let number = audit.findings.len();
    let denied = match denied {
        0 => String::new(),
        denied => paint.with(BAD, format!("; {denied} denied")),
    };
    lines.push(format!(
        "{number} finding{}: {}{denied}{allowed}",
        plural(number),
        counts(audit).join(", ")
    ));
    lines
}
