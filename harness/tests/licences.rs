//! Every dependency is licensed for everyone: each has a licence that `deny.toml` allows.

use std::process::Command;

/// Whether an SPDX expression can be met with what is allowed. Only `AND`, `OR`, `WITH`, `/` and brackets occur.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.trim();
    if let Some(inner) = whole_bracket(expression) {
        return is_allowed(inner, allowed);
    }
    for (operator, all) in [(" OR ", false), ("/", false), (" AND ", true)] {
        let parts = split_outside_brackets(expression, operator);
        if parts.len() > 1 {
            let mut met = parts.iter().map(|part| is_allowed(part, allowed));
            return if all {
                met.all(|met| met)
            } else {
                met.any(|met| met)
            };
        }
    }
    // `X+` is X or anything later.
    let licence = expression.strip_suffix('+').unwrap_or(expression);
    allowed.iter().any(|allowed| allowed == licence)
}

fn whole_bracket(expression: &str) -> Option<&str> {
    let inner = expression.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0;
    for c in inner.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    Some(inner)
}

fn split_outside_brackets<'a>(text: &'a str, by: &str) -> Vec<&'a str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && at >= from && text[at..].starts_with(by) => {
                parts.push(&text[from..at]);
                from = at + by.len();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let deny: toml::Table = std::fs::read_to_string(format!("{root}/deny.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let allowed: Vec<String> = deny["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|licence| licence.as_str().unwrap().to_owned())
        .collect();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(
        packages.len() > 100,
        "cargo metadata gave {} packages",
        packages.len()
    );
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !is_allowed(package["license"].as_str().unwrap_or(""), &allowed))
        .map(|package| {
            format!(
                "{} {}: {}",
                package["name"], package["version"], package["license"]
            )
        })
        .collect();
    assert!(
        refused.is_empty(),
        "not allowed by deny.toml:\n{}",
        refused.join("\n")
    );
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let allowed = ["MIT", "Apache-2.0"].map(str::to_owned);
    assert!(is_allowed("MIT OR GPL-3.0", &allowed));
    assert!(is_allowed("(MIT OR Apache-2.0) AND MIT", &allowed));
    assert!(!is_allowed("MIT AND GPL-3.0", &allowed));
    assert!(!is_allowed("(MIT OR GPL-3.0) AND GPL-3.0", &allowed));
    assert!(!is_allowed("", &allowed));
}
