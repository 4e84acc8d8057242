//! Paths as people name them and as messages show them, without a look at the disk.

use std::path::{Component, Path, PathBuf};

/// A path as seen from `base`, with `/` on every system, however the user named it.
pub(crate) fn seen_from(path: &Path, base: &Path) -> String {
    let whole = lexically_normal(&base.join(path));
    let base = lexically_normal(base);
    let (mut from, mut to) = (base.components().peekable(), whole.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| "..".to_owned());
    let down = to.map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<_> = up.chain(down).collect();
    parts.join("/")
}

/// Resolves `.` and, where that can be told from the text, `..`, as Spin does. Nothing is above the root.
pub(crate) fn lexically_normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        let last = normal.components().next_back();
        match (part, last) {
            (Component::CurDir, _)
            | (Component::ParentDir, Some(Component::RootDir | Component::Prefix(_))) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                normal.pop();
            }
            (other, _) => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_seen_alike_however_it_is_named() {
        let base = Path::new("/home/me/app");
        for name in [
            "features/a.feature",
            "./features/../features/a.feature",
            "/home/me/app/features/a.feature",
        ] {
            assert_eq!(
                seen_from(Path::new(name), base),
                "features/a.feature",
                "{name}"
            );
        }
        assert_eq!(
            seen_from(Path::new("../other/a.feature"), base),
            "../other/a.feature"
        );
    }

    #[test]
    fn nothing_is_above_the_root_and_what_is_above_a_relative_path_stays() {
        for (path, normal) in [
            ("/a/../../b", "/b"),
            ("/a/./b/..", "/a"),
            ("../a/../../b", "../../b"),
            ("a/..", ""),
        ] {
            assert_eq!(
                lexically_normal(Path::new(path)),
                Path::new(normal),
                "{path}"
            );
        }
    }
}
