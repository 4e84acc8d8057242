//! Commands say to GitHub's runner what was found, and nothing that is in a name is a command.

use super::super::github::github;
use super::{HOSTILE, assert_snapshot, of_name, two_apps};
use crate::audit::Code;
use std::collections::BTreeMap;

/// A command as the runner reads it (`src/Runner.Common/ActionCommand.cs`): name, properties, message.
fn read(line: &str) -> (String, BTreeMap<String, String>, String) {
    let (command, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (name, properties) = command.split_once(' ').unwrap();
    let unescaped = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n");
        text.replace("%25", "%")
    };
    let properties = properties.split(',').map(|property| {
        let (name, value) = property.split_once('=').unwrap();
        let value = value.replace("%3A", ":").replace("%2C", ",");
        (name.to_owned(), unescaped(&value))
    });
    (name.to_owned(), properties.collect(), unescaped(data))
}

#[test]
fn a_command_says_what_was_found_whatever_the_names() {
    for name in HOSTILE {
        let text = github(&[of_name(name)]);
        assert_eq!(text.lines().count(), Code::ALL.len(), "{name:?}\n{text}");
        for (line, code) in text.lines().zip(Code::ALL) {
            let (_, properties, message) = read(line);
            assert_eq!(properties["title"], code.name());
            assert_eq!(properties["file"], name);
            assert_eq!(
                message,
                format!(
                    "Component \"{name}\" has `{name}`, {name}. Write `[component.\"{name}\"]` or {name}."
                )
            );
        }
    }
}

#[test]
fn columns_are_told_of_what_is_on_one_line() {
    let text = github(&[of_name("spin.toml")]);
    let heads: Vec<_> = text
        .lines()
        .map(|line| line.split("::").nth(1).unwrap())
        .collect();
    assert_eq!(
        heads[..4],
        [
            "error file=spin.toml,line=2,endLine=2,col=3,endColumn=9,title=unused-grant",
            "warning file=spin.toml,title=ungranted-import",
            "notice file=spin.toml,line=6,endLine=7,title=whole-world-import",
            "error file=spin.toml,line=2,endLine=2,col=3,endColumn=9,title=undefined-store",
        ]
    );
    // Denied, though a warning or for information.
    assert!(heads[5].starts_with("error ") && heads[10].starts_with("error "));
}

#[test]
fn nothing_found_is_nothing_said() {
    assert_eq!(github(&[]), "");
}

#[test]
fn the_commands_of_two_apps() {
    assert_snapshot("github", &github(&two_apps()));
}
