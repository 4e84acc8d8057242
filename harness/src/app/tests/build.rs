//! Building components, and noticing that they should be built.

use std::time::{Duration, SystemTime};

use super::super::*;
use super::{all, loaded, shown, with};

#[test]
fn build_steps_are_the_manifests_commands() {
    let manifest = loaded(&with(
        "build = { command = \"make\" }\n[component.b]\nsource = \"b\"\n[component.c]\nsource = \"c\"\nbuild = { command = [\"x\", \"y\"], workdir = \"../c\" }\n",
    ));
    assert_eq!(
        manifest.build_steps(),
        [
            BuildStep {
                component: "api".into(),
                commands: vec!["make".into()],
                workdir: "/app".into()
            },
            BuildStep {
                component: "c".into(),
                commands: vec!["x".into(), "y".into()],
                workdir: "/c".into()
            },
        ]
    );
}

fn app(keys: &str) -> (tempfile::TempDir, Manifest) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spin.toml"), with(keys)).unwrap();
    let manifest = Manifest::load(folder.path()).unwrap_or_else(|error| panic!("{}", all(&error)));
    (folder, manifest)
}

#[test]
fn a_component_that_is_not_there_is_named_with_the_way_to_build_it() {
    let (folder, manifest) = app("build = { command = \"make\" }\n");
    let path = folder.path().join("api.wasm");
    let place = folder.path().join("spin.toml");
    assert_eq!(
        all(&manifest.check_sources().unwrap_err()),
        format!(
            "{}:8:10 [\"api.wasm\"] component \"api\": there is no file {} | build it with `--build`",
            place.display(),
            path.display()
        )
    );
    std::fs::write(path, "").unwrap();
    assert!(manifest.check_sources().unwrap().is_empty());
    let (folder, manifest) = app("");
    assert!(
        all(&manifest.check_sources().unwrap_err())
            .contains("the manifest does not say how to build it")
    );
    std::fs::create_dir(folder.path().join("api.wasm")).unwrap();
    assert!(all(&manifest.check_sources().unwrap_err()).contains("is not a file"));
}

/// Whoever is told what to write must see where: at the component, unless the file is named where it is used.
#[test]
fn missing_code_is_told_where_it_is_named() {
    let middleware = |it: &str| {
        let trigger = "[[trigger.http]]\nroute = \"/m\"\ncomponent = \"api\"";
        let (folder, manifest) = app(&format!(
            "{trigger}\ndependencies.middleware = [{it}]\n[component.stamp]\nsource = {{ url = \"https://x/a.wasm\", \
             digest = \"sha256:0\" }}\n"
        ));
        std::fs::write(folder.path().join("api.wasm"), "").unwrap();
        let message = all(&manifest.check_sources().unwrap_err());
        message.split("spin.toml:").nth(1).unwrap().to_owned()
    };
    let remote = "tests download nothing | download the file once and name it here";
    let component = middleware("{ component = \"stamp\" }");
    assert!(component.starts_with("14:10 [{ url = "), "{component}");
    assert!(
        component.ends_with(&format!("{remote}: source = \"path/to/it.wasm\"")),
        "{component}"
    );
    let url = middleware("{ url = \"https://x/b.wasm\", digest = \"sha256:0\" }");
    assert!(url.starts_with("12:28 [{ url = "), "{url}");
    assert!(
        url.ends_with(&format!("{remote}: path = \"path/to/it.wasm\"")),
        "{url}"
    );
    let path = middleware("{ path = \"b.wasm\" }");
    assert!(path.starts_with("12:28 [{ path = "), "{path}");
    assert!(
        path.ends_with("| build it first, or correct the path"),
        "{path}"
    );
}

#[test]
fn remote_components_are_refused_with_what_to_do() {
    let url = with("").replace(
        "\"api.wasm\"",
        "{ url = \"https://x/a.wasm\", digest = \"sha256:0\" }",
    );
    let message = all(&loaded(&url).check_sources().unwrap_err());
    assert!(message.contains("component \"api\" is at https://x/a.wasm, and tests download nothing | download the file once"), "{message}");
    let registry = with("").replace(
        "\"api.wasm\"",
        "{ package = \"user:pkg\", version = \"1.0.0\" }",
    );
    let message = all(&loaded(&registry).check_sources().unwrap_err());
    assert!(
        message.contains("component \"api\" is user:pkg@1.0.0 of a registry"),
        "{message}"
    );
    assert!(message.contains("wkg get user:pkg@1.0.0"), "{message}");
}

#[test]
fn components_of_triggers_that_do_not_run_may_be_missing() {
    let manifest = loaded(
        "spin_manifest_version = 2\napplication.name = \"x\"\n[[trigger.mqtt]]\ntopic = \"x\"\ncomponent = \"a\"\n[component.a]\nsource = \"a.wasm\"\n",
    );
    assert!(manifest.check_sources().is_ok());
}

#[test]
fn a_component_older_than_its_sources_is_a_warning() {
    let (folder, manifest) = app(
        "build = { command = \"make\", workdir = \"crate\", watch = [\"src/**/*.rs\", \"Cargo.toml\"] }\n",
    );
    let write = |name: &str, age: u64| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::create(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age))
            .unwrap();
    };
    write("api.wasm", 100);
    write("crate/src/deep/lib.rs", 200);
    write("crate/Cargo.toml", 200);
    // Newer, but not watched.
    write("crate/src/notes.md", 1);
    write("crate/target/x.rs", 1);
    write("other.rs", 1);
    assert_eq!(
        manifest
            .check_sources()
            .unwrap()
            .iter()
            .map(shown)
            .collect::<Vec<_>>(),
        [""; 0]
    );
    write("crate/src/deep/lib.rs", 50);
    let warnings: Vec<String> = manifest
        .check_sources()
        .unwrap()
        .iter()
        .map(shown)
        .collect();
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].contains("component \"api\" is older than its sources: crate/src/deep/lib.rs has changed since it was built | build it with `--build`"),
        "{warnings:?}"
    );
    write("api.wasm", 10);
    assert!(manifest.check_sources().unwrap().is_empty());
}

#[test]
fn a_dependency_that_is_older_than_its_sources_is_told_once() {
    let (folder, manifest) = app(
        "dependencies = { \"a:b\" = { component = \"b\" }, \"a:c\" = { component = \"b\" } }\n\
         [component.b]\nsource = \"b.wasm\"\nbuild = { command = \"make\", watch = [\"b.rs\"] }\n",
    );
    for (name, age) in [("api.wasm", 1), ("b.wasm", 100), ("b.rs", 50)] {
        let file = std::fs::File::create(folder.path().join(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age))
            .unwrap();
    }
    let warnings: Vec<String> = manifest
        .check_sources()
        .unwrap()
        .iter()
        .map(shown)
        .collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let text = "component \"b\" is older than its sources: b.rs has changed since it was built";
    assert!(warnings[0].contains(text), "{warnings:?}");
}
