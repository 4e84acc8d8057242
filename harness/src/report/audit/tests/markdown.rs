//! A table stays a table, whatever is written in it.

use super::super::markdown::markdown;
use super::{HOSTILE, assert_snapshot, of_name, two_apps};
use crate::audit::{Audit, Code, Finding};

/// The rows of a page's tables, head and rule too.
fn rows(page: &str) -> Vec<&str> {
    page.lines().filter(|line| line.starts_with('|')).collect()
}

#[test]
fn names_cannot_break_a_table() {
    let plain = markdown(&[of_name("plain")]);
    for name in HOSTILE {
        let page = markdown(&[of_name(name)]);
        assert_eq!(
            page.lines().count(),
            plain.lines().count(),
            "{name:?}\n{page}"
        );
        assert_eq!(rows(&page).len(), rows(&plain).len(), "{name:?}\n{page}");
        for (row, other) in rows(&page).into_iter().zip(rows(&plain)) {
            let bars = |row: &str| row.matches('|').count();
            assert_eq!(bars(row), bars(other), "{row}");
        }
    }
}

/// A line without what is between backticks; every one that is no text begins or ends code.
fn without_code(line: &str) -> String {
    let mut kept = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => kept.extend([character].into_iter().chain(characters.next())),
            '`' => assert!(
                characters.any(|it| it == '`'),
                "code without an end: {line}"
            ),
            _ => kept.push(character),
        }
    }
    kept
}

#[test]
fn names_are_neither_html_nor_markdown() {
    for name in HOSTILE {
        let page = markdown(&[of_name(name)]);
        let is_hidden = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!page.contains(is_hidden), "{name:?}");
        // What follows stands between fences, which the next test is about.
        let (page, _) = page.split_once("### Least manifest").unwrap();
        for line in page.lines() {
            let mut rest = without_code(line);
            for ours in ["<code>", "</code>", "<!-- -->", "**denied**"] {
                rest = rest.replace(ours, "");
            }
            assert!(!rest.contains(['<', '>']), "{name:?}: {line}");
            for escaped in ["\\\\", "\\*", "\\_", "\\[", "\\]", "\\~", "\\`", "\\:"] {
                rest = rest.replace(escaped, "");
            }
            let is_head = line.starts_with("**");
            assert!(
                is_head || !rest.contains(['*', '_', '[', ']', '~', '`', '\\']),
                "{name:?}: {line}"
            );
        }
    }
}

#[test]
fn a_patch_cannot_end_its_fence() {
    let page = markdown(&[of_name("x")]);
    let fences: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("````"))
        .collect();
    assert_eq!(fences, ["````diff", "````"]);
}

fn cells_of(message: &str, help: &str) -> String {
    let audit = Audit {
        findings: vec![Finding::new(Code::UnusedGrant, message, help)],
        components: Vec::new(),
        observed: None,
        ..of_name("x")
    };
    let page = markdown(&[audit]);
    let row = *rows(&page).last().unwrap();
    row.trim_start_matches("| warning | `unused-grant` |  | ")
        .trim_end_matches(" |")
        .to_owned()
}

#[test]
fn texts_are_escaped_and_code_is_code() {
    assert_eq!(
        cells_of("a|b *c* <d> & e_f", "write `x = [\"a|b\"]`"),
        "a&#124;b \\*c\\* &lt;d&gt; &amp; e\\_f. | \
         Write <code>x&#32;&#61;&#32;&#91;&#34;a&#124;b&#34;&#93;</code>."
    );
    assert_eq!(
        cells_of("one ` alone", "ask @me about https://x.example/a"),
        "One \\` alone. | Ask @<!-- -->me about https\\://x.example/a."
    );
    assert_eq!(
        cells_of("two\nlines\\", "``"),
        "Two\\\\nlines\\\\. | \\`\\`."
    );
}

#[test]
fn a_page_fits_into_a_comment() {
    let finding = |number: usize| {
        let message = format!("finding {number} about {}", "🦀".repeat(50));
        Finding::new(Code::UnusedGrant, message, "take it out")
    };
    let mut audits = two_apps();
    audits[0].findings = (0..1_000).map(finding).collect();
    let page = markdown(&audits);
    assert!(page.len() < 65_536, "{}", page.len());
    assert!(page.contains("**1000 warnings**"));
    assert!(
        page.contains("more rows left out") || page.contains("rows left out"),
        "{page}"
    );
    // What has no room there leaves the page whole.
    assert!(page.contains("## Permissions of `grants`"));
}

#[test]
fn no_app_is_said_to_be_none() {
    assert_eq!(markdown(&[]), "No app was audited.\n");
}

#[test]
fn the_markdown_of_two_apps() {
    assert_snapshot("markdown", &markdown(&two_apps()));
}
