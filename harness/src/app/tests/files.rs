//! What a component sees of the file system (`crates/loader/src/local.rs`).

use std::path::Path;

use super::super::*;
use super::{all, with};

/// An app with a few files; its component has these keys.
fn app(keys: &str) -> (tempfile::TempDir, Manifest) {
    // Its name looks like a pattern, which must not matter.
    let folder = tempfile::Builder::new().prefix("a[b]c").tempdir().unwrap();
    for file in [
        "a.txt",
        "static/x.css",
        "static/deep/y.css",
        "static/.hidden",
        "static/z.js",
        "other/a.txt",
    ] {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file).unwrap();
    }
    std::fs::write(folder.path().join("spin.toml"), with(keys)).unwrap();
    let manifest = Manifest::load(folder.path()).unwrap_or_else(|error| panic!("{}", all(&error)));
    (folder, manifest)
}

fn seen(keys: &str) -> Vec<(String, String)> {
    let (folder, manifest) = app(keys);
    let files = manifest
        .resolve_files(&manifest.components[0])
        .unwrap_or_else(|error| panic!("{}", all(&error)));
    let host = |path: &Path| {
        path.strip_prefix(folder.path())
            .unwrap()
            .display()
            .to_string()
    };
    files
        .into_iter()
        .map(|file| (file.guest, host(&file.host)))
        .collect()
}

fn same(paths: &[&str]) -> Vec<(String, String)> {
    paths
        .iter()
        .map(|path| (format!("/{path}"), (*path).to_owned()))
        .collect()
}

#[test]
fn patterns_keep_the_path() {
    assert_eq!(seen("files = [\"a.txt\"]"), same(&["a.txt"]));
    // In a pattern of files `*` stays within a folder.
    assert_eq!(seen("files = [\"static/*.css\"]"), same(&["static/x.css"]));
    assert_eq!(
        seen("files = [\"static/**/*.css\"]"),
        same(&["static/deep/y.css", "static/x.css"])
    );
    assert_eq!(
        seen("files = [\"static/*\"]"),
        same(&["static/.hidden", "static/x.css", "static/z.js"])
    );
    assert_eq!(seen("files = [\"nothing/*\"]"), same(&[]));
}

#[test]
fn excluding_patterns_reach_into_folders() {
    assert_eq!(
        seen("files = [\"static/**/*\"]\nexclude_files = [\"static/*.css\", \"**/.hidden\"]"),
        same(&["static/z.js"])
    );
    // A single file named as such is not asked about, as in Spin.
    assert_eq!(
        seen("files = [\"a.txt\"]\nexclude_files = [\"a.txt\"]"),
        same(&["a.txt"])
    );
}

#[test]
fn placements_put_files_elsewhere() {
    let pair = |guest: &str, host: &str| (guest.to_owned(), host.to_owned());
    assert_eq!(
        seen(
            "files = [{ source = \"static\", destination = \"/\" }]\nexclude_files = [\"*.css\", \"*/.*\"]"
        ),
        [pair("/z.js", "static/z.js")]
    );
    assert_eq!(
        seen(
            "files = [{ source = \"static/deep\", destination = \"/css\" }, { source = \"a.txt\", destination = \"/b/c.txt\" }]"
        ),
        [
            pair("/b/c.txt", "a.txt"),
            pair("/css/y.css", "static/deep/y.css")
        ]
    );
    // The later of two for one path stays.
    assert_eq!(
        seen("files = [\"a.txt\", { source = \"other\", destination = \"/\" }]"),
        [pair("/a.txt", "other/a.txt")]
    );
}

/// A folder without a pattern: Spin joins its path twice (`copy_glob_or_path` calls `copy_glob` with both prefixes).
#[test]
fn a_folder_without_a_pattern_is_put_where_spin_puts_it() {
    assert_eq!(
        seen("files = [\"static/deep\"]"),
        [(
            "/static/deep/static/deep/y.css".to_owned(),
            "static/deep/y.css".to_owned()
        )]
    );
}

#[test]
fn what_cannot_be_mounted_is_an_error_with_a_place() {
    for (keys, message) in [
        (
            "files = [\"nope.txt\"]",
            "[\"nope.txt\"] \"nope.txt\" does not exist and doesn't appear to be a glob pattern",
        ),
        (
            "files = [{ source = \"nope\", destination = \"/\" }]",
            "File or directory \"nope\" does not exist",
        ),
        (
            "files = [{ source = \"a.txt\", destination = \"/\" }]",
            "\"/\" is not a valid destination file name",
        ),
        (
            "files = [{ source = \"a.txt\", destination = \"/../x\" }]",
            "\"/../x\" is not a valid destination file name",
        ),
        (
            "files = [\"static/..\"]",
            "A file pattern can't end in a parent directory path (..)",
        ),
        (
            "files = [\".\"]",
            "A file pattern can't end in a current directory path (.)",
        ),
        (
            "files = [\"../*\"]",
            "because it is outside the application directory. Files must be within the application directory.",
        ),
        (
            "files = [{ source = \"/etc\", destination = \"/\" }]",
            "because it is outside the application directory.",
        ),
        ("files = [\"a/***\"]", "Failed to resolve glob pattern"),
        (
            "files = [\"a.txt\"]\nexclude_files = [\"[\"]",
            "[\"[\"] Invalid exclude_files glob pattern \"[\"",
        ),
    ] {
        let (_folder, manifest) = app(keys);
        let error = manifest
            .resolve_files(&manifest.components[0])
            .expect_err(keys);
        assert!(all(&error).contains(message), "{keys}: {}", all(&error));
    }
}
