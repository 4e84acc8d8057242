//! Tests of what an audit says of real components, and of damaged apps.

use super::*;
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/apps")
        .join(name)
}

fn audit(manifest: &Path) -> Audit {
    let (read, problems) = Manifest::examine(manifest).unwrap();
    let config = read.harness.runtime_config_file.as_ref();
    let config = config.map(|it| &it.value);
    let config = config.map(|file| Arc::new(RuntimeConfig::load(file).unwrap()));
    Audit::of_examined(&read, &problems, config)
}

fn codes(audit: &Audit) -> Vec<Code> {
    audit.findings.iter().map(|finding| finding.code).collect()
}

/// A component that imports these interfaces, each an instance that exports nothing: what the binary format says of them
/// (component-model, `Binary.md`).
fn importing(interfaces: &[&str], producer: &str) -> Vec<u8> {
    let section = |id: u8, content: Vec<u8>| {
        let mut bytes = vec![id];
        let mut left = content.len();
        while left >= 0x80 {
            bytes.push((left as u8 & 0x7f) | 0x80);
            left >>= 7;
        }
        bytes.push(left as u8);
        [bytes, content].concat()
    };
    let text = |text: &str| [vec![text.len() as u8], text.as_bytes().to_vec()].concat();
    // One type: an instance without exports.
    let types = section(7, vec![1, 0x42, 0]);
    let mut imports = vec![interfaces.len() as u8];
    for interface in interfaces {
        imports.extend([vec![0], text(interface), vec![5, 0]].concat());
    }
    let (name, version) = producer.split_once(' ').unwrap();
    let field = [
        vec![1],
        text("processed-by"),
        vec![1],
        text(name),
        text(version),
    ]
    .concat();
    let producers = section(0, [text("producers"), field].concat());
    [
        b"\0asm\x0d\0\x01\0".to_vec(),
        types,
        section(10, imports),
        producers,
    ]
    .concat()
}

const WORLD: [&str; 9] = [
    "fermyon:spin/key-value@2.0.0",
    "fermyon:spin/sqlite@2.0.0",
    "fermyon:spin/llm@2.0.0",
    "fermyon:spin/redis@2.0.0",
    "fermyon:spin/postgres@2.0.0",
    "fermyon:spin/mysql@2.0.0",
    "fermyon:spin/mqtt@2.0.0",
    "fermyon:spin/variables@2.0.0",
    "wasi:http/outgoing-handler@0.2.6",
];

/// An app of one component of these bytes, with these grants.
fn app_of(wasm: &[u8], grants: &str) -> Audit {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.wasm"), wasm).unwrap();
    let manifest = format!(
        "spin_manifest_version = 2\n[application]\nname = \"app\"\n[[trigger.http]]\nroute = \"/\"\ncomponent = \"app\"\n\
         [component.app]\nsource = \"app.wasm\"\n{grants}"
    );
    let path = folder.path().join("spin.toml");
    std::fs::write(&path, manifest).unwrap();
    audit(&path)
}

#[test]
fn what_the_reader_found_is_mended_as_the_reader_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spin.toml");
    let text = "spin_manifest_version = \"1\"\nspin_version = \"1\"\nname = \"x\"\ntrigger = { type = \"http\" }\n";
    std::fs::write(&path, text).unwrap();
    let audit = audit(&path);
    let twice = audit.findings.iter();
    let twice: Vec<_> = twice
        .filter(|finding| finding.message.starts_with("duplicate field"))
        .map(|finding| (finding.code, finding.help.as_str()))
        .collect();
    assert_eq!(twice, [(Code::RefusedManifest, "leave `spin_version` out")]);
}

#[test]
fn who_imports_the_whole_world_is_told_once() {
    let audit = app_of(&importing(&WORLD, "componentize-py 0.19.3"), "");
    assert_eq!(codes(&audit), [Code::WholeWorldImport]);
    assert_eq!(
        audit.findings[0].message,
        "the imports of component \"app\" prove nothing: it was made by componentize-py 0.19.3, which imports the whole \
         world of Spin"
    );
    // So few are no world, and each of them means something.
    let audit = app_of(&importing(&WORLD[4..], "componentize-py 0.19.3"), "");
    assert_eq!(codes(&audit), [Code::UngrantedImport; 5]);
}

#[test]
fn the_fixture_of_it_is_what_stands_here() {
    // Components of such SDKs are too large to be committed; this one is only its imports.
    let fixture = fixture("audit/whole-world-import/world.wasm");
    assert_eq!(
        std::fs::read(fixture).unwrap(),
        importing(&WORLD, "componentize-py 0.19.3")
    );
}

#[test]
fn javascript_always_imports_outgoing_http() {
    let imports = [WORLD[0], WORLD[8]];
    let of = |producer: &str| {
        codes(&app_of(
            &importing(&imports, producer),
            "key_value_stores = [\"default\"]\n",
        ))
    };
    assert_eq!(of("ComponentizeJS 0.19.3"), []);
    assert_eq!(of("wit-component 0.240.0"), [Code::UngrantedImport]);
}

#[test]
fn a_composed_component_imports_what_the_composition_leaves_open() {
    let audit = audit(&fixture("composed/spin.toml"));
    assert_eq!(codes(&audit), []);
    let till = &audit.components[0];
    let binary = till.binary.as_ref().unwrap();
    assert!(
        binary
            .imports
            .iter()
            .any(|it| it == "fermyon:spin/key-value@2.0.0")
    );
    assert!(
        !binary
            .imports
            .iter()
            .any(|it| it.starts_with("shop:pricing"))
    );
    // Inside of it is the one that reads the store, and the one that asks it.
    let imports = |interface: &str| {
        let nested = binary.nested.iter();
        nested
            .filter(|it| it.imports.iter().any(|import| import == interface))
            .count()
    };
    assert_eq!(imports("fermyon:spin/key-value@2.0.0"), 1);
    assert_eq!(imports("shop:pricing/quote@1.0.0"), 1);
}

#[test]
fn a_dependency_has_what_it_inherits() {
    let path = fixture("dependencies/spin.toml");
    assert_eq!(codes(&audit(&path)), [Code::InheritedPermissions]);
    let text = std::fs::read_to_string(&path).unwrap();
    let of = |inherits: &str| {
        let text = text.replace("inherit_configuration = [\"key_value_stores\"]", inherits);
        let manifest = Manifest::parse(&path, &text).unwrap();
        codes(&Audit::of_examined(&manifest, &[], None))
    };
    assert_eq!(
        of("inherit_configuration = true"),
        [Code::InheritedPermissions]
    );
    // What it cannot use it is denied, and the component itself imports no store.
    assert_eq!(of("inherit_configuration = false"), [Code::UngrantedImport]);
    let fields = "inherit_configuration = [\"sqlite_databases\"]";
    assert_eq!(
        of(fields),
        [Code::UngrantedImport, Code::InheritedPermissions]
    );
}

#[test]
fn core_modules_are_read_too() {
    let audit = audit(&fixture("module/spin.toml"));
    let binary = audit.components[0].binary.as_ref().unwrap();
    assert!(!binary.is_component);
    assert!(
        binary
            .imports
            .iter()
            .any(|it| it == "wasi_snapshot_preview1")
    );
    assert!(
        !codes(&audit).contains(&Code::UngrantedImport),
        "{audit:#?}"
    );
}

#[test]
fn one_mistake_does_not_hide_the_others() {
    let grants = "key_value_stores = [\"no label\", \"cache\"]\nunknown = 1\nallowed_outbound_hosts = [\"example.com\", \"*://*:*\"]\n";
    let wasm = importing(&["fermyon:spin/key-value@2.0.0"], "wit-component 0.2");
    let found = codes(&app_of(&wasm, grants));
    for code in [
        Code::RefusedName,
        Code::UndefinedStore,
        Code::RefusedManifest,
        Code::WildcardHost,
        Code::UnusedGrant,
    ] {
        assert!(found.contains(&code), "{code} is not among {found:?}");
    }
}

#[test]
fn an_app_without_components_has_nothing_to_find() {
    let audit = audit(&fixture("static/spin.toml"));
    assert_eq!((audit.components.len(), codes(&audit)), (0, vec![]));
}
