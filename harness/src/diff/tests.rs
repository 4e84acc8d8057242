//! Tests of the module above.

use super::*;

fn table(rows: &[&[&str]]) -> Vec<Vec<String>> {
    let row = |row: &&[&str]| row.iter().map(ToString::to_string).collect();
    rows.iter().map(row).collect()
}

#[test]
fn equal_texts_have_no_diff() {
    assert_eq!(diff_text("a\nb", "a\nb", true), "");
}

#[test]
fn a_changed_line_stands_in_its_context() {
    let diff = diff_text("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nd\ne\nX\ng\n", false);
    assert_eq!(
        diff,
        "--- expected\n+++ actual\n@@ -3,5 +3,5 @@\n c\n d\n e\n-f\n+X\n g"
    );
}

#[test]
fn hunk_headers_of_empty_sides_follow_posix() {
    assert_eq!(
        diff_text("", "a\nb\n", false),
        "--- expected\n+++ actual\n@@ -0,0 +1,2 @@\n+a\n+b"
    );
    assert_eq!(
        diff_text("a\n", "a\nb\n", false),
        "--- expected\n+++ actual\n@@ -1 +1,2 @@\n a\n+b"
    );
}

#[test]
fn a_missing_final_newline_is_told_not_shown_as_a_changed_line() {
    assert_eq!(
        diff_text("41\n", "41", false),
        "--- expected\n+++ actual\n(the expected text ends with a newline, the actual one does not)"
    );
}

#[test]
fn nothing_is_said_about_the_end_of_an_empty_text() {
    assert_eq!(
        diff_text("", "41", false),
        "--- expected\n+++ actual\n@@ -0,0 +1 @@\n+41"
    );
    assert!(!diff_text("41", "", false).contains("newline"));
}

#[test]
fn invisible_differences_become_visible() {
    let diff = diff_text("a  \nb\r\n", "a\nb\n", false);
    assert!(diff.contains("-a··"), "{diff}");
    assert!(diff.contains("-b\\r"), "{diff}");
    let diff = diff_text("x", "\u{1b}[31mred\u{202e}", false);
    assert!(diff.contains("+\\u{1b}[31mred\\u{202e}"), "{diff}");
}

#[test]
fn colour_marks_the_changed_word_only() {
    let diff = diff_text("the count is 41 now", "the count is 42 now", true);
    let strong = REMOVED.effects(Effects::BOLD | Effects::UNDERLINE);
    assert!(diff.contains(&format!("{strong}41{strong:#}")), "{diff}");
    assert!(!diff_text("a 1", "a 2", false).contains('\u{1b}'));
}

#[test]
fn a_long_line_is_cut_around_its_first_difference() {
    let (a, b) = ("x".repeat(1_000_000), "é".repeat(500));
    let old = format!("{a}1{b}");
    let new = format!("{a}2{b}");
    let diff = diff_text(&old, &new, false);
    assert!(diff.len() < 2_000, "{}", diff.len());
    let around = |digit| format!("(999960 characters) …{}{digit}é", "x".repeat(40));
    assert!(diff.contains(&format!("-{}", around('1'))), "{diff}");
    assert!(diff.contains(&format!("+{}", around('2'))), "{diff}");
    assert!(diff.ends_with("é… (381 more characters)"), "{diff}");
}

#[test]
fn many_differences_are_counted_not_shown() {
    let old: String = (0..9_000).map(|n| format!("old {n}\n")).collect();
    let new: String = (0..9_000).map(|n| format!("new {n}\n")).collect();
    let diff = diff_text(&old, &new, false);
    assert!(diff.lines().count() <= MAX_LINES + 3, "{diff}");
    // Both sides of the block are there, though one alone would fill the page.
    assert!(diff.contains("-old 0\n") && diff.contains("+new 0\n"));
    assert!(diff.contains("-… 1980 more such lines"), "{diff}");
    assert!(
        diff.ends_with("… 7000 further lines were not compared"),
        "{diff}"
    );

    // What was inserted far before the limit doesn't make the limit look like a difference.
    let old: String = (0..9_000).map(|n| format!("{n}\n")).collect();
    let one = format!("first\n{old}");
    assert_eq!(diff_text(&old, &one, false).lines().count(), 7);
    let two = diff_text(&old, &format!("{one}last\n"), false);
    assert!(
        two.contains("@@ -1,3 +1,4 @@\n+first\n 0\n 1\n 2\n…"),
        "{two}"
    );

    let old: String = (0..500).map(|n| format!("{n}\nsame\n")).collect();
    let new: String = (0..500).map(|n| format!("{n}!\nsame\n")).collect();
    let diff = diff_text(&old, &new, false);
    assert_eq!(diff.lines().count(), MAX_LINES + 1);
    // 2 heading lines, 1 hunk line and 3 for each pair (expected, actual, same); 60 are shown.
    assert!(diff.ends_with("… 1443 more lines of differences"), "{diff}");
}

#[test]
fn rows_are_aligned_and_marked() {
    let expected = table(&[&["get", "default", "a"], &["set", "default", "b"]]);
    let actual = table(&[&["get", "default", "a"], &["delete", "default", "b|c"]]);
    let diff = diff_rows(&expected, &actual, &["operation", "store", "key"], false);
    let expected = [
        "  | operation | store   | key  |",
        "  | get       | default | a    |",
        "- | set       | default | b    |",
        "+ | delete    | default | b\\|c |",
    ];
    assert_eq!(diff.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn ragged_and_long_tables_do_no_harm() {
    let many: Vec<_> = (0..30).map(|n| vec![n.to_string()]).collect();
    let mut other = many.clone();
    other[15] = vec!["x".repeat(500), "second\ncell".into()];
    let diff = diff_rows(&many, &other, &["n"], false);
    assert!(diff.contains("… 12 equal rows"), "{diff}");
    assert!(diff.contains("… 11 equal rows"), "{diff}");
    assert!(diff.contains("second\\ncell"), "{diff}");
    assert!(diff.lines().all(|line| line.chars().count() < 90), "{diff}");
    assert_eq!(diff_rows(&many, &many, &["n"], false), "");
    let all = diff_rows(&[], &many, &["n"], false);
    assert!(all.ends_with("+ … 10 more rows"), "{all}");
    let none: [&str; 0] = [];
    assert_eq!(diff_rows(&[vec![]], &[], &none, false), "- |");
}
