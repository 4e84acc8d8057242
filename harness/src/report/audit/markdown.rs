//! An audit for a comment on a pull request: what was found, then who is granted what.

use super::{GRANT_HEADINGS, counts, grant_rows, sentence, shown_keys};
use crate::audit::{Audit, Finding, Observed};
use crate::value::plural;
use crate::value::visible;

/// GitHub takes comments of 65536 characters; what would make one longer is left out. In bytes, so it is fewer characters.
const LONGEST: usize = 60_000;

/// A section for each app.
pub(crate) fn markdown(audits: &[Audit]) -> String {
    if audits.is_empty() {
        return "No app was audited.\n".to_owned();
    }
    let mut page = String::new();
    for audit in audits {
        if !page.is_empty() {
            page.push('\n');
        }
        app(audit, &mut page);
    }
    page
}

fn app(audit: &Audit, page: &mut String) {
    let config = match &audit.runtime_config {
        Some(config) => format!("runtime config {}", code(config)),
        None => "no runtime config".to_owned(),
    };
    page.push_str(&format!(
        "## Permissions of {}\n\n{}, {config}.\n\n{}\n",
        code(&audit.app),
        code(&audit.manifest),
        totals(audit)
    ));
    if !audit.findings.is_empty() {
        let head = ["severity", "finding", "place", "what", "how to mend it"];
        table(&head, audit.findings.iter().map(finding), page);
    }
    if !audit.components.is_empty() {
        page.push_str("\n### Grants\n");
        if let Some(coverage) = audit.coverage_text() {
            page.push_str(&format!("\n{coverage}.\n"));
        }
        let head = GRANT_HEADINGS;
        // Without scenarios there is nothing to say of use.
        let columns = match audit.observed {
            Some(_) => head.len(),
            None => head.len() - 1,
        };
        table(
            &head[..columns],
            grant_rows(audit, code).into_iter().map(Vec::from),
            page,
        );
    }
    let observed = observed(audit);
    if !observed.is_empty() {
        page.push_str("\n### Observed\n");
        let head = ["component", "grant", "name", "operations", "keys", "denied"];
        table(&head, observed.into_iter(), page);
    }
    if let Some(least) = &audit.least {
        page.push_str("\n### Least manifest\n");
        diff(&least.patch, page);
    }
    if let Some(why) = &audit.no_least {
        page.push_str(&format!("\n{}\n", prose(&sentence(&why.to_string()))));
    }
}

/// What scenarios did with each grant, and with what is none.
fn observed(audit: &Audit) -> Vec<Vec<String>> {
    let uses = audit.observed.iter().flat_map(Observed::uses);
    uses.map(|(component, kind, name, one)| {
        let operations = one.operations.iter();
        let operations = operations.map(|(name, count)| format!("{} {count}x", code(name)));
        let other = match one.under_other_grants {
            0 => None,
            count => Some(format!("{count}x where the scenario said what it may use")),
        };
        let keys = shown_keys(one, code);
        vec![
            code(component),
            kind.name().to_owned(),
            match name.is_empty() {
                true => "(not known which)".to_owned(),
                false => code(name),
            },
            operations.chain(other).collect::<Vec<_>>().join(", "),
            keys.join(", "),
            match one.denied {
                0 => String::new(),
                count => format!("{count}x"),
            },
        ]
    })
    .collect()
}

/// A patch between fences that nothing in it can end.
fn diff(patch: &str, page: &mut String) {
    let longest = patch.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    if page.len() + patch.len() < LONGEST {
        page.push_str(&format!("\n{fence}diff\n{patch}{fence}\n"));
    } else {
        page.push_str("\nIt is too long for here: `--patch FILE` writes it.\n");
    }
}

/// How many there are of each severity.
fn totals(audit: &Audit) -> String {
    let mut parts = counts(audit);
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    }
    let mut totals = format!("**{}**", parts.join(", "));
    match audit.denied() {
        0 => {}
        number => totals.push_str(&format!("; {number} denied")),
    }
    match audit.allowed {
        0 => {}
        number => totals.push_str(&format!("; {number} allowed and left out")),
    }
    totals
}

fn finding(finding: &Finding) -> Vec<String> {
    let severity = match finding.denied {
        true => format!("{}, **denied**", finding.severity),
        false => finding.severity.to_string(),
    };
    let place = finding.place.as_ref();
    vec![
        severity,
        code(finding.code.name()),
        place.map_or_else(String::new, |place| code(&place.to_string())),
        prose(&sentence(&finding.message)),
        prose(&sentence(&finding.help)),
    ]
}

/// A table of as many rows as there is room for; cells beyond its head are left out.
fn table(head: &[&str], rows: impl ExactSizeIterator<Item = Vec<String>>, page: &mut String) {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|it| (*it).to_owned()).collect();
    let below = vec!["---".to_owned(); head.len()];
    page.push_str(&format!("\n{}{}", line(&head), line(&below)));
    let mut left = rows.len();
    for row in rows {
        let row = line(&row[..head.len()]);
        if page.len() + row.len() > LONGEST {
            break;
        }
        page.push_str(&row);
        left -= 1;
    }
    if left > 0 {
        page.push_str(&format!(
            "\n{left} more row{} left out, for which a comment has no room.\n",
            plural(left)
        ));
    }
}

/// A name of the user's, on one line, that nothing in it can end.
fn code(text: &str) -> String {
    let text = visible(text);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let is_harmless = !text.contains(['`', '|', '\\']) && text.trim() == text;
    if is_harmless {
        return format!("`{text}`");
    }
    // What Markdown makes of a backslash before a bar or backtick differs; of a character's number it never makes anything.
    let mut escaped = String::from("<code>");
    for character in text.chars() {
        match character.is_ascii_punctuation() || character.is_whitespace() {
            true => escaped.push_str(&format!("&#{};", u32::from(character))),
            false => escaped.push(character),
        }
    }
    escaped.push_str("</code>");
    escaped
}

/// A sentence, on one line, with what is between backticks as code. A name in it may have backticks too: then other parts
/// are taken for code, and are escaped as that.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let never_ends = parts.len().is_multiple_of(2);
    if never_ends || parts.iter().skip(1).step_by(2).any(|code| code.is_empty()) {
        return escaped(text);
    }
    let parts = parts.iter().enumerate();
    parts
        .map(|(number, part)| match number % 2 {
            0 => escaped(part),
            _ => code(part),
        })
        .collect()
}

/// Text in which nothing is Markdown, HTML, a link, a mention of a user or a reference to an issue.
fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut escaped = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        match character {
            '\\' | '`' | '*' | '_' | '~' | '[' | ']' => escaped.extend(['\\', character]),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' => escaped.push_str("&#124;"),
            ':' if text[at..].starts_with("://") => escaped.push_str("\\:"),
            // Escaped or not, these mean something where a word follows at once.
            '@' | '#' | '$' => escaped.extend([character.to_string().as_str(), "<!-- -->"]),
            _ => escaped.push(character),
        }
    }
    escaped
}
