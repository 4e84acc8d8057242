//! `docs/interfaces.md` says of each interface of Spin 4.1 what the harness does with it, and that is so.
//!
//! The names come from `spin-world.txt`, which says where they are from, and from our own WIT; what is said of them is
//! compared with the host itself. A line that is missing or not true is printed as it should be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use spin_harness::audit::Binary;
use spin_harness::support::{Support, is_run, own_interfaces};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The names of `spin-world.txt` after `import` or `export`.
fn of_spin(kind: &str) -> Vec<&'static str> {
    let lines = include_str!("spin-world.txt").lines();
    lines
        .filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '))
        .collect()
}

/// The interfaces that worlds of `harness/wit` import, by their names, with the number of their functions: what the host
/// implements itself.
fn of_our_wit() -> BTreeMap<String, usize> {
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve
        .push_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/wit"))
        .expect("our WIT");
    let worlds = resolve.packages[package].worlds.values();
    worlds
        .flat_map(|world| resolve.worlds[*world].imports.values())
        .filter_map(|item| match item {
            wit_parser::WorldItem::Interface { id, .. } => Some(*id),
            _ => None,
        })
        .filter_map(|id| {
            let functions = resolve.interfaces[id].functions.len();
            Some((resolve.id_of(id)?, functions))
        })
        .collect()
}

/// Those of them that can be called.
fn callable(ours: &BTreeMap<String, usize>) -> impl Iterator<Item = &str> {
    let with_functions = ours.iter().filter(|(_, functions)| **functions > 0);
    with_functions.map(|(name, _)| name.as_str())
}

/// The name up to the first number of its version: wasmtime links an older one to what is written of a newer one.
fn track(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Interface and version, as a line of the table names them.
type Row = (String, String);

/// The line that a name belongs to: the releases of WASI 0.2 are one, and so are those of 0.3.
fn row_of(name: &str) -> Row {
    let (interface, version) = name.split_once('@').unwrap_or((name, "none"));
    let is_release = interface.starts_with("wasi:") && !version.contains('-');
    let track = if is_release {
        &version[.."0.2".len()]
    } else {
        version
    };
    (interface.to_owned(), track.to_owned())
}

/// The line for all of a package, of which a snapshot of WASI has one where all its interfaces are alike.
fn row_of_package((interface, version): &Row) -> Option<Row> {
    let package = interface.split('/').next()?;
    let is_snapshot = interface.starts_with("wasi:") && version.contains("-rc-20");
    is_snapshot.then(|| (format!("{package}/*"), version.clone()))
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// What the table says of an import.
fn cells_of_import(name: &str) -> String {
    let Support {
        works,
        faults,
        journal,
    } = Support::of_import(name);
    let cells = [works, faults, journal].map(yes_or_no);
    cells.join(" | ")
}

/// The lines of the page's tables by interface and version.
fn written(columns: usize) -> BTreeMap<Row, String> {
    let page =
        fs::read_to_string(Path::new(REPOSITORY).join("docs/interfaces.md")).expect("the page");
    let mut lines = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if cells.len() != columns {
            continue;
        }
        let key = (cells[0].trim_matches('`').to_owned(), cells[1].to_owned());
        let cells = cells.join(" | ");
        let twice = lines.insert(key, format!("| {cells} |"));
        assert_eq!(twice, None, "two lines are about the same");
    }
    lines
}

/// Compares what the page says with what is so: what it has to say of each name, in tables of so many columns.
fn compare<'a>(
    names: impl Iterator<Item = &'a str>,
    cells: impl Fn(&str) -> String,
    columns: usize,
) {
    let mut rows: BTreeMap<Row, BTreeSet<String>> = BTreeMap::new();
    let mut packages: BTreeMap<Row, Vec<String>> = BTreeMap::new();
    for name in names {
        let (row, cells) = (row_of(name), cells(name));
        if let Some(package) = row_of_package(&row) {
            packages.entry(package).or_default().push(cells.clone());
        }
        rows.entry(row).or_default().insert(cells);
    }
    let mut expected = BTreeMap::new();
    for (row, cells) in rows {
        let package = row_of_package(&row).filter(|package| {
            let cells = &packages[package];
            cells.len() > 1 && cells.iter().all(|it| *it == cells[0])
        });
        let row = package.unwrap_or(row);
        assert_eq!(
            cells.len(),
            1,
            "the releases of {} differ: {cells:?}",
            row.0
        );
        for cells in cells {
            let line = format!("| `{}` | {} | {cells} |", row.0, row.1);
            expected.insert(row.clone(), line);
        }
    }
    let mut written = written(columns);
    let mut wrong = Vec::new();
    for (row, line) in expected {
        match written.remove(&row) {
            Some(there) if there == line => {}
            Some(there) => wrong.push(format!("not so:     {there}\nso it is:   {line}")),
            None => wrong.push(format!("is missing: {line}")),
        }
    }
    let others = written.into_values();
    wrong.extend(others.map(|line| format!("of nothing: {line}")));
    assert!(
        wrong.is_empty(),
        "docs/interfaces.md:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_table_of_imports_is_true_and_whole() {
    let ours = of_our_wit();
    let names = of_spin("import").into_iter().chain(callable(&ours));
    compare(names, cells_of_import, 5);
}

#[test]
fn the_table_of_exports_is_true_and_whole() {
    let cells = |name: &str| yes_or_no(is_run(name)).to_owned();
    compare(of_spin("export").into_iter(), cells, 3);
}

/// What is written and not linked, or linked and not written, would be a mistake in `host/link.rs`.
#[test]
fn our_wit_is_what_the_host_implements() {
    let ours = of_our_wit();
    let of_spin: BTreeSet<&str> = of_spin("import").into_iter().collect();
    for name in callable(&ours) {
        assert!(
            Support::of_import(name).works,
            "{name} is in harness/wit and not in `OURS`"
        );
        assert!(of_spin.contains(name), "Spin has no interface {name}");
    }
    let tracks: BTreeSet<&str> = ours.keys().map(|name| track(name)).collect();
    for name in own_interfaces() {
        assert!(
            tracks.contains(track(name)),
            "{name} is in `OURS` and not in harness/wit"
        );
    }
}

/// What the host implements, some component of the fixtures imports, so that a feature can be about it.
#[test]
fn what_works_is_imported_by_a_fixture() {
    let mut imported = BTreeSet::new();
    for component in components(&Path::new(REPOSITORY).join("fixtures/apps")) {
        let binary = Binary::read(&component).expect("a component");
        imported.extend(binary.imports.iter().map(|name| track(name).to_owned()));
    }
    let unused: Vec<_> = own_interfaces()
        .iter()
        .filter(|name| !imported.contains(track(name)))
        .collect();
    assert!(
        unused.is_empty(),
        "no component under fixtures/apps imports {unused:?}"
    );
}

fn components(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(components(&path));
        } else if path.extension().is_some_and(|it| it == "wasm")
            && !path.components().any(|it| it.as_os_str() == "audit")
        {
            found.push(path);
        }
    }
    found
}
