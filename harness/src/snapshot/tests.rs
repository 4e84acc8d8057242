//! Snapshots as a run and a reviewer use them, on real files, checked with insta's own reader.

use std::path::Path;

use super::*;

const SOURCE: &str = "features/visits.feature";

fn name(scenario: &str, snapshot: &str) -> SnapshotName {
    SnapshotName::new(Path::new(SOURCE), scenario, None, snapshot)
}

fn meta() -> Meta {
    Meta {
        source: SOURCE.into(),
        line: Some(12),
        expression: "the response matches the snapshot \"page\"".into(),
    }
}

/// A folder with one snapshot of the given content, and its path.
fn stored(content: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let update = Snapshots::new(dir.path(), Mode::Update);
    let outcome = update.check(&name("s", "page"), content, &meta());
    assert_eq!(outcome.unwrap(), Outcome::Written);
    let path = dir.path().join("visits__s__page.snap");
    (dir, path)
}

fn check(dir: &Path, mode: Mode, content: &str) -> Result<Outcome, SnapshotError> {
    Snapshots::new(dir, mode).check(&name("s", "page"), content, &meta())
}

fn mismatch(result: Result<Outcome, SnapshotError>) -> SnapshotMismatch {
    match result {
        Err(SnapshotError::Mismatch(mismatch)) => *mismatch,
        other => panic!("{other:?}"),
    }
}

fn files(dir: &Path) -> Vec<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| name(e.unwrap()))
        .collect();
    names.sort();
    names
}

#[test]
fn the_file_is_as_insta_writes_it() {
    let (_dir, path) = stored("200\r\n\r\n41\n\n");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "---\nsource: features/visits.feature\n\
         expression: \"the response matches the snapshot \\\"page\\\"\"\n---\n200\n\n41\n"
    );
    let snapshot = insta::Snapshot::from_file(&path).unwrap();
    assert_eq!(snapshot.metadata().source(), Some(SOURCE));
    assert_eq!(snapshot.metadata().expression(), Some(&*meta().expression));
    assert_eq!(snapshot.as_text().unwrap().to_string(), "200\n\n41");
    assert_eq!(snapshot.snapshot_name(), Some("page"));
}

#[test]
fn insta_reads_and_rewrites_any_header_and_content_unchanged() {
    let strings = [
        "",
        " ",
        "a",
        "a: b",
        "a #b",
        "- a",
        "it's",
        "\"",
        "\\",
        "é",
        "訪問",
        "~",
        "null",
        "No",
        "1",
        "1.5",
        "1e3",
        "0x1",
        ".5",
        "inf",
        "NaN",
        "a\nb",
        "\t",
        "a\0b",
        "\u{7f}",
        "\u{1b}[0m",
        "@a",
        "`a`",
        "a, b",
        "{a}",
        "[a]",
        "%a",
        "---",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "a b ",
        "|",
        ">",
        "? a",
        "2026-01-01",
        "\r",
        "<<<<<<< a",
        "=",
        "on",
        "\u{8}\u{b}\u{c}",
    ];
    let dir = tempfile::tempdir().unwrap();
    for (index, text) in strings.iter().enumerate() {
        let expression = text.to_string();
        let meta = Meta {
            source: SOURCE.into(),
            line: None,
            expression,
        };
        let name = name("s", &format!("n{index}"));
        let snapshots = Snapshots::new(dir.path(), Mode::Update);
        let outcome = snapshots.check(&name, text, &meta);
        assert_eq!(outcome.unwrap(), Outcome::Written, "{text:?}");
        let again = Snapshots::new(dir.path(), Mode::Check).check(&name, text, &meta);
        assert_eq!(again.unwrap(), Outcome::Matched, "{text:?}");

        let path = dir.path().join(name.file_name());
        let snapshot = insta::Snapshot::from_file(&path).unwrap();
        let read = snapshot.metadata().expression();
        assert_eq!(read, Some(*text), "{}", fs::read_to_string(&path).unwrap());
        let content = snapshot.as_text().unwrap().to_string();
        assert_eq!(content, text.trim_end(), "{text:?}");

        // What `cargo insta accept` does: load and save. A file shouldn't change by it, where
        // insta quotes the string at all (it leaves some control characters bare).
        let ours = fs::read_to_string(&path).unwrap();
        snapshot.save(&path).unwrap();
        if !text.contains(|c: char| c.is_control() || "\u{2028}\u{feff}".contains(c)) {
            assert_eq!(fs::read_to_string(&path).unwrap(), ours);
        }
    }
}

#[test]
fn check_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = dir.path().join("snapshots");
    let error = mismatch(check(&snapshots, Mode::Check, "41"));
    assert_eq!((error.expected.as_deref(), &*error.actual), (None, "41"));
    assert_eq!(error.new_path, None);
    assert!(!snapshots.exists());
    let text = error.to_string();
    assert!(
        text.contains("does not exist yet") && text.contains("+41"),
        "{text}"
    );
    assert!(
        text.contains("spin-harness test --snapshots update"),
        "{text}"
    );
}

#[test]
fn review_leaves_a_new_file_until_it_matches() {
    let (dir, path) = stored("41");
    let error = mismatch(check(dir.path(), Mode::Review, "42"));
    let new = dir.path().join("visits__s__page.snap.new");
    assert_eq!((&error.path, error.new_path.as_ref()), (&path, Some(&new)));
    let text = error.to_string();
    assert!(text.contains("-41\n+42"), "{text}");
    assert!(text.contains("spin-harness snapshots accept"), "{text}");
    let left = insta::Snapshot::from_file(&new).unwrap();
    assert_eq!(left.metadata().assertion_line(), Some(12));

    // Neither Check nor a compared run touches it, a passing Review removes it.
    assert_eq!(
        check(dir.path(), Mode::Check, "41").unwrap(),
        Outcome::Matched
    );
    assert!(new.exists());
    assert_eq!(
        check(dir.path(), Mode::Review, "41\r\n").unwrap(),
        Outcome::Matched
    );
    assert_eq!(files(dir.path()), ["visits__s__page.snap"]);
}

#[test]
fn update_writes_only_what_differs() {
    let (dir, path) = stored("41");
    fs::write(&path, "---\nsource: by hand\n---\n41\n").unwrap();
    assert_eq!(
        check(dir.path(), Mode::Update, "41\n").unwrap(),
        Outcome::Matched
    );
    assert!(fs::read_to_string(&path).unwrap().contains("by hand"));
    let _ = mismatch(check(dir.path(), Mode::Review, "42"));
    assert_eq!(
        check(dir.path(), Mode::Update, "42").unwrap(),
        Outcome::Written
    );
    assert_eq!(files(dir.path()), ["visits__s__page.snap"]);
    assert_eq!(
        check(dir.path(), Mode::Check, "42").unwrap(),
        Outcome::Matched
    );
}

#[cfg(unix)]
#[test]
fn a_snapshot_is_readable_as_other_files_are() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, path) = stored("41");
    let plain = dir.path().join("plain");
    fs::write(&plain, "").unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&plain));
}

#[test]
fn compare_never_writes_and_never_claims() {
    let (dir, _) = stored("41");
    let update = Snapshots::new(dir.path(), Mode::Update);
    update.compare(&name("s", "page"), "41").unwrap();
    assert!(update.compare(&name("s", "page"), "503").is_err());
    assert!(update.compare(&name("s", "other"), "503").is_err());
    assert_eq!(files(dir.path()), ["visits__s__page.snap"]);
    let outcome = update.check(&name("s", "page"), "42", &meta());
    assert_eq!(outcome.unwrap(), Outcome::Written);
}

#[test]
fn one_file_for_two_scenarios_is_an_error_that_names_both() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = Snapshots::new(dir.path(), Mode::Update);
    snapshots.check(&name("A", "page"), "1", &meta()).unwrap();
    snapshots.check(&name("A", "page"), "1\n", &meta()).unwrap();
    // The same file on systems that don't mind case.
    let error = snapshots
        .check(&name("a", "page"), "2", &meta())
        .unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, SnapshotError::Collision { .. }), "{text}");
    assert!(
        text.contains("visits.feature:12 in \"A\"") && text.contains("in \"a\""),
        "{text}"
    );
    assert_eq!(files(dir.path()), ["visits__A__page.snap"]);
}

#[test]
fn damaged_files_are_told_with_their_line() {
    let (dir, path) = stored("41");
    let head = "---\nsource: a\n---\n";
    let conflict = "<<<<<<< ours\n41\n=======\n42\n>>>>>>> theirs\n";
    let cases: [(Vec<u8>, usize, &str); 10] = [
        (b"".into(), 1, "begin"),
        (b"41\n".into(), 1, "begin"),
        (b"---\nsource: a".into(), 3, "ends"),
        (b"---\n".into(), 2, "ends"),
        (b"---\nsource\n---\n".into(), 2, "header"),
        (b"---\nsource: a\n---\n\xff".into(), 4, "UTF-8"),
        (vec![0; 100], 1, "begin"),
        (format!("{head}a\n{conflict}").into(), 5, "conflict"),
        (conflict.into(), 1, "conflict"),
        (format!("---\n{conflict}---\n41").into(), 2, "conflict"),
    ];
    for (bytes, expected_line, expected) in cases {
        fs::write(&path, &bytes).unwrap();
        let error = check(dir.path(), Mode::Check, "41").unwrap_err();
        let SnapshotError::Damaged { line, reason, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(*line, expected_line, "{error}");
        assert!(reason.contains(expected), "{error}");
        assert!(
            error.to_string().contains("visits__s__page.snap:"),
            "{error}"
        );
    }

    // A review leaves what accepting it repairs.
    assert!(check(dir.path(), Mode::Review, "41").is_err());
    let [waiting] = &pending(&[dir.path()]).unwrap()[..] else {
        panic!()
    };
    assert!(diff(waiting, false).unwrap().contains("-<<<<<<< ours"));
    accept(waiting).unwrap();
    assert_eq!(
        check(dir.path(), Mode::Check, "41").unwrap(),
        Outcome::Matched
    );
}

#[test]
fn content_that_looks_damaged_is_no_problem() {
    let content = "---\n<<<<<<< a\n=======\n>>>>>>> b\n\0\u{feff}\n---";
    let (dir, _) = stored(content);
    assert_eq!(
        check(dir.path(), Mode::Check, content).unwrap(),
        Outcome::Matched
    );
    let (dir, _) = stored("");
    assert_eq!(
        check(dir.path(), Mode::Check, " \n").unwrap(),
        Outcome::Matched
    );
}

#[test]
fn a_folder_in_place_of_a_file_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("visits__s__page.snap")).unwrap();
    for mode in [Mode::Check, Mode::Review, Mode::Update] {
        let error = check(dir.path(), mode, "41").unwrap_err();
        assert!(matches!(error, SnapshotError::Io { .. }), "{error}");
    }
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = check(&file, Mode::Update, "41").unwrap_err();
    assert!(matches!(error, SnapshotError::Io { .. }), "{error}");
}

#[test]
fn files_that_insta_wrote_are_read() {
    let (dir, path) = stored("41");
    let header = "---\r\nsource: src/lib.rs\r\ninfo:\r\n  a: 1\r\n  b:\r\n    - c\r\n---\r\n";
    fs::write(&path, format!("{header}41\r\n")).unwrap();
    assert_eq!(
        check(dir.path(), Mode::Check, "41").unwrap(),
        Outcome::Matched
    );

    let new = new_path_of(&path);
    fs::write(
        &new,
        header.replace("info", "assertion_line: 3\r\ninfo") + "42\n",
    )
    .unwrap();
    accept(&pending(&[dir.path()]).unwrap()[0]).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "---\nsource: src/lib.rs\ninfo:\n  a: 1\n  b:\n    - c\n---\n42\n"
    );

    let binary = "---\nsource: a\nextension: png\nsnapshot_kind: binary\n---\n";
    fs::write(&new, binary).unwrap();
    let error = accept(&pending(&[dir.path()]).unwrap()[0]).unwrap_err();
    assert!(matches!(error, SnapshotError::Binary { .. }), "{error}");
}

#[test]
fn redactions_come_before_comparing() {
    let dir = tempfile::tempdir().unwrap();
    let redacted = |mode| {
        let redactions = Redactions::new().json_path("$.id", "[id]").unwrap();
        Snapshots::new(dir.path(), mode).with_redactions(redactions)
    };
    let name = name("s", "page");
    redacted(Mode::Update)
        .check(&name, r#"{"id":1}"#, &meta())
        .unwrap();
    let outcome = redacted(Mode::Check).check(&name, r#"{"id":2}"#, &meta());
    assert_eq!(outcome.unwrap(), Outcome::Matched);
    assert!(redacted(Mode::Check).check(&name, "{}", &meta()).is_err());
}

#[test]
fn a_review_lists_accepts_and_rejects() {
    let (dir, path) = stored("41");
    let sub = dir.path().join("sub");
    for folder in ["sub", "target", ".git"] {
        let folder = dir.path().join(folder);
        let _ = mismatch(check(&folder, Mode::Review, "new"));
    }
    let _ = mismatch(check(dir.path(), Mode::Review, "42"));
    let roots = [
        dir.path().to_path_buf(),
        sub.join("../sub"),
        "/nonexistent".into(),
    ];
    let waiting = pending(&roots).unwrap();
    let paths: Vec<_> = waiting.iter().map(|pending| pending.path.clone()).collect();
    assert_eq!(paths, [sub.join("visits__s__page.snap"), path.clone()]);

    assert!(diff(&waiting[1], false).unwrap().ends_with("-41\n+42"));
    accept(&waiting[1]).unwrap();
    reject(&waiting[0]).unwrap();
    for gone in [accept(&waiting[1]), reject(&waiting[0])] {
        assert!(matches!(gone, Err(SnapshotError::Gone { .. })), "{gone:?}");
    }
    assert_eq!(pending(&roots).unwrap(), []);
    assert!(files(&sub).is_empty());
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.ends_with("---\n42\n") && !text.contains("assertion_line"),
        "{text}"
    );
}

#[test]
fn unused_files_are_found() {
    let (dir, path) = stored("41");
    fs::write(dir.path().join("old.snap"), "").unwrap();
    fs::write(dir.path().join("notes.md"), "").unwrap();
    let snapshots = Snapshots::new(dir.path().join("."), Mode::Check);
    assert_eq!(
        unreferenced(dir.path(), &snapshots.used()).unwrap(),
        [dir.path().join("old.snap"), path]
    );
    snapshots.compare(&name("s", "page"), "41").unwrap();
    assert_eq!(
        unreferenced(dir.path(), &snapshots.used()).unwrap(),
        [dir.path().join("old.snap")]
    );
    let none = unreferenced(Path::new("/nonexistent"), &snapshots.used());
    assert_eq!(none.unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn many_threads_share_one_folder() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = Snapshots::new(dir.path().join("snapshots"), Mode::Update);
    let collisions: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let snapshots = &snapshots;
                scope.spawn(move || {
                    for n in 0..50 {
                        let own = name(&format!("thread {thread}"), &format!("n{n}"));
                        snapshots.check(&own, "own", &meta()).unwrap();
                        let shared = name("shared", &format!("n{n}"));
                        snapshots.check(&shared, "shared", &meta()).unwrap();
                    }
                    let content = format!("by {thread}");
                    usize::from(
                        snapshots
                            .check(&name("s", "race"), &content, &meta())
                            .is_err(),
                    )
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(collisions, 7);
    // 8 × 50 of their own, 50 shared, the one all wanted; and no temporary file.
    let left = files(snapshots.dir());
    assert_eq!(left.len(), 451);
    assert!(left.iter().all(|file| file.ends_with(".snap")));
    assert_eq!(snapshots.used().len(), 451);
}

#[test]
fn ci_decides_the_default() {
    for (ci, mode) in [
        (None, Mode::Review),
        (Some(""), Mode::Review),
        (Some("false"), Mode::Review),
        (Some("0"), Mode::Review),
        (Some("true"), Mode::Check),
        (Some("1"), Mode::Check),
    ] {
        assert_eq!(Mode::for_ci(ci), mode, "{ci:?}");
    }
}
