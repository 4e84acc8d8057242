//! The file name of a snapshot, from the names that people gave.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::Meta;

/// Characters kept of each part: four parts with their hashes stay below the 255 bytes that
/// file systems allow, `.snap.new` included.
const MAX_PART: usize = 48;

/// Which snapshot: the feature, the scenario, the row of an outline, and the name in the step.
///
/// Its file is `<feature>__<scenario>__<snapshot>.snap`, with `@<row>` after the scenario of an
/// outline. In each part a space becomes `-` and a `-` becomes `--`. If other characters had to
/// go, or the part is too long, `~` and eight digits of its SHA-256 follow, so that different
/// names have different files (names that differ in case only have not on every system).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotName {
    scenario: String,
    snapshot: String,
    file_name: String,
}

impl SnapshotName {
    /// The name of a snapshot. `feature` is the feature file, of which the name without folder
    /// and ending counts; `row` tells the rows of an outline apart, such as `row-2`.
    pub fn new(feature: &Path, scenario: &str, row: Option<&str>, snapshot: &str) -> Self {
        let stem = feature.file_stem().unwrap_or_default().to_string_lossy();
        let row_part = row.map_or_else(String::new, |row| format!("@{}", row_slug(row)));
        let file_name = format!(
            "{}__{}{row_part}__{}.snap",
            stem_slug(&stem),
            text_slug(scenario),
            text_slug(snapshot)
        );
        let row = row.map_or_else(String::new, |row| format!(" @{row}"));
        Self {
            scenario: format!("{scenario}{row}"),
            snapshot: snapshot.to_string(),
            file_name,
        }
    }

    /// The name of the file, below 255 bytes, of ASCII letters, digits, and `-_.@~`.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The name in the step.
    pub fn snapshot(&self) -> &str {
        &self.snapshot
    }

    /// The step that `meta` is about, for messages.
    pub(super) fn owner(&self, meta: &Meta) -> String {
        let line = meta
            .line
            .map_or_else(String::new, |line| format!(":{line}"));
        format!("{}{line} in \"{}\"", meta.source, self.scenario)
    }
}

/// Lossless for ASCII words with one space, hyphen, dot or underscore between.
fn text_slug(text: &str) -> String {
    let mut slug = String::new();
    let mut lossless = true;
    let mut before = ' ';
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => slug.push(character),
            ' ' => slug.push('-'),
            '-' => slug.push_str("--"),
            '_' => slug.push('_'),
            '.' => slug.push('.'),
            _ => {
                lossless = false;
                if !slug.is_empty() && !slug.ends_with('-') {
                    slug.push('-');
                }
            }
        }
        // Two separators in a row could be read in several ways.
        lossless &= character.is_ascii_alphanumeric() || before.is_ascii_alphanumeric();
        before = character;
    }
    lossless &= before.is_ascii_alphanumeric();
    finish(slug, lossless, text)
}

/// As file names usually are; `-` stays. Without dots: Windows reserves `con.anything`.
fn stem_slug(stem: &str) -> String {
    let mut slug = String::new();
    let mut lossless = true;
    let mut before = '-';
    for character in stem.chars() {
        let kept = character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        slug.push(if kept { character } else { '-' });
        lossless &= kept && (character.is_ascii_alphanumeric() || before.is_ascii_alphanumeric());
        before = character;
    }
    lossless &= before.is_ascii_alphanumeric();
    finish(slug, lossless, stem)
}

/// Labels such as `row-2`.
fn row_slug(row: &str) -> String {
    stem_slug(row)
}

fn finish(slug: String, lossless: bool, text: &str) -> String {
    if lossless && slug.len() <= MAX_PART {
        return slug;
    }
    // `__` separates parts; whatever is lost here is in the hash.
    let mut short = slug;
    short.truncate(MAX_PART);
    while short.contains("__") {
        short = short.replace("__", "_");
    }
    let short = short.trim_matches(['-', '_', '.']);
    let short = if short.is_empty() { "x" } else { short };
    let digest = Sha256::digest(text);
    let hash: String = digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{short}~{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn file(scenario: &str, row: Option<&str>, snapshot: &str) -> String {
        let name = SnapshotName::new(Path::new("f/visits.feature"), scenario, row, snapshot);
        name.file_name().to_string()
    }

    #[test]
    fn plain_names_stay_readable() {
        assert_eq!(
            file("First visit", None, "after-checkout v1.2"),
            "visits__First-visit__after--checkout-v1.2.snap"
        );
        assert_eq!(
            file("First visit", Some("row-2"), "page"),
            "visits__First-visit@row-2__page.snap"
        );
    }

    #[test]
    fn what_is_lost_is_in_the_hash() {
        // The first eight digits of sha256sum.
        assert_eq!(text_slug("a/b"), "a-b~c14cddc0");
        assert_eq!(text_slug(""), "x~e3b0c442");
        assert!(text_slug("訪問").starts_with("x~"));
        assert!(text_slug("A \"quoted\" name").starts_with("A-quoted--name~"));
    }

    #[test]
    fn different_names_have_different_files() {
        let hostile = [
            "a b",
            "a-b",
            "a  b",
            "a- b",
            "a -b",
            "a--b",
            "a_b",
            "a__b",
            "a___b",
            "a_____b",
            "a/b",
            "a\\b",
            "a:b",
            "a\0b",
            "a\nb",
            "a~b",
            "a@b",
            " a b",
            "a b ",
            "a.b",
            "a..b",
            ".",
            "..",
            "",
            " ",
            "é",
            "e",
            "a-b~c14cddc0",
            "a b~c14cddc0",
            "CON",
            "-",
            "--",
            "_",
            "__",
            "a b\u{202e}",
        ];
        let long: Vec<_> = (0..3)
            .map(|n| format!("{}{n}", "long name ".repeat(1_000)))
            .collect();
        let names = hostile
            .iter()
            .copied()
            .chain(long.iter().map(String::as_str));
        let mut seen: BTreeMap<String, (String, String)> = BTreeMap::new();
        for a in names.clone() {
            for b in names.clone() {
                let file = file(a, None, b);
                let safe = |c: char| c.is_ascii_alphanumeric() || "-_.@~".contains(c);
                assert!(file.chars().all(safe), "{file}");
                assert!(!file.starts_with('.'), "{file}");
                assert_eq!(file.matches("__").count(), 2, "{file}");
                let other = seen.insert(file.clone(), (a.into(), b.into()));
                assert_eq!(other, None, "{file}");
            }
        }
    }

    #[test]
    fn the_length_is_bounded() {
        let long = "long name ".repeat(10_000);
        let path = format!("{long}.feature");
        let name = SnapshotName::new(Path::new(&path), &long, Some(&long), &long);
        let longest = format!("{}.new", name.file_name());
        assert!(longest.len() <= 255, "{}", longest.len());
    }

    #[test]
    fn feature_files_of_any_name_do() {
        for (path, start) in [
            ("a____b.feature", "a_b~"),
            ("key-value_v2.feature", "key-value_v2__"),
            ("con.x.feature", "con-x~"),
            ("..", "x~"),
            ("", "x~"),
        ] {
            let name = SnapshotName::new(Path::new(path), "s", None, "n");
            assert!(name.file_name().starts_with(start), "{}", name.file_name());
        }
    }
}
