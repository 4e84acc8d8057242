//! Dependencies that do not fit are told at their line of `spin.toml`, in Spin's words where it has some
//! (`ComposeError` in `crates/compose/src/lib.rs`).

use std::fs;
use std::path::Path;

use miette::Diagnostic as _;
use spin_harness::{App, AppError};

/// The problem with a till that has these dependencies: `line:column [underlined] message | help`.
fn problem(dependencies: &str) -> String {
    match load(dependencies) {
        Ok(_) => panic!("this loads: {dependencies}"),
        Err(error) => shown(&error),
    }
}

fn load(dependencies: &str) -> Result<App, AppError> {
    let folder = tempfile::tempdir().expect("a folder");
    let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/apps");
    for (from, name) in [
        ("composed/till.wasm", "till.wasm"),
        ("composed/quote.wasm", "quote.wasm"),
        ("dependencies/probe.wasm", "probe.wasm"),
        ("dependencies/prober.wasm", "prober.wasm"),
    ] {
        fs::copy(apps.join(from), folder.path().join(name)).expect("a fixture");
    }
    fs::write(folder.path().join("text.wasm"), "no wasm").expect("a file");
    let manifest = format!(
        "spin_manifest_version = 2\n[application]\nname = \"app\"\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"till\"\n\
         [component.till]\nsource = \"{}.wasm\"\n[component.till.dependencies]\n{dependencies}\n",
        if dependencies.contains("prob") {
            "prober"
        } else {
            "till"
        }
    );
    fs::write(folder.path().join("spin.toml"), manifest).expect("a manifest");
    App::load(folder.path())
}

fn shown(error: &AppError) -> String {
    let problem = match error {
        AppError::Load(problem) | AppError::Compile { problem, .. } => problem,
        other => panic!("{other}"),
    };
    let problems: Vec<String> = problem
        .problems()
        .map(|problem| {
            let location = problem.location().unwrap_or_default();
            let place = location.split("spin.toml:").nth(1).unwrap_or(&location);
            let help = problem.help().map(|help| format!(" | {help}"));
            let underlined = problem.underlined().unwrap_or_default();
            format!(
                "{place} [{underlined}] {problem}{}",
                help.unwrap_or_default()
            )
        })
        .collect();
    problems.join("\n")
}

#[test]
fn what_fits_loads() {
    for dependencies in [
        "\"shop:pricing/quote@1.0.0\" = { path = \"quote.wasm\" }",
        "\"shop:pricing/quote\" = { path = \"quote.wasm\" }",
        "\"shop:pricing@1.0.0\" = { path = \"quote.wasm\" }",
        "\"shop:pricing\" = { path = \"quote.wasm\", inherit_configuration = true }",
        "\"shop:pricing\" = { component = \"quote\" }\n[component.quote]\nsource = \"quote.wasm\"",
        "plain-attempt = { path = \"probe.wasm\" }\n\"probing:inside/ask\" = { path = \"probe.wasm\" }",
    ] {
        if let Err(error) = load(dependencies) {
            panic!("{dependencies}\n{}", shown(&error));
        }
    }
}

#[test]
fn a_dependency_that_nothing_imports() {
    assert_eq!(
        problem("\"shop:pricing/discount@1.0.0\" = { path = \"quote.wasm\" }"),
        "10:1 [\"shop:pricing/discount@1.0.0\"] component \"till\": dependency 'shop:pricing/discount@1.0.0' doesn't match \
         any imports of component 'till' | besides interfaces of Spin and WASI it imports shop:pricing/quote@1.0.0"
    );
}

#[test]
fn an_export_that_is_missing() {
    assert_eq!(
        problem(
            "\"shop:pricing/quote@1.0.0\" = { path = \"quote.wasm\", export = \"shop:pricing/offer@1.0.0\" }"
        ),
        "10:1 [\"shop:pricing/quote@1.0.0\"] component \"till\": dependency 'shop:pricing/quote@1.0.0' doesn't export \
         'shop:pricing/offer@1.0.0' to satisfy import 'shop:pricing/quote@1.0.0' | it exports shop:pricing/quote@1.0.0; \
         `export` says which of them to use"
    );
}

#[test]
fn an_export_of_another_type() {
    let problem = problem(
        "\"probing:inside/ask@1.0.0\" = { path = \"probe.wasm\", export = \"probing:inside/ask-in-numbers@1.0.0\" }",
    );
    assert!(
        problem.starts_with(
            "10:1 [\"probing:inside/ask@1.0.0\"] component \"till\": dependency 'probing:inside/ask@1.0.0' exports \
             'probing:inside/ask-in-numbers@1.0.0' which is not compatible with import 'probing:inside/ask@1.0.0': "
        ),
        "{problem}"
    );
    assert!(
        problem.ends_with("| build both of them with the same WIT"),
        "{problem}"
    );
}

#[test]
fn two_dependencies_for_one_import() {
    assert_eq!(
        problem(
            "\"probing:inside/ask\" = { path = \"probe.wasm\" }\nplain-attempt = { path = \"probe.wasm\" }\n\
             \"probing:inside\" = { path = \"probe.wasm\" }"
        ),
        "12:1 [\"probing:inside\"] component \"till\": dependency 'probing:inside' cannot be composed: package \
         `probing:inside` has already been registered in the graph"
    );
}

#[test]
fn files_that_are_none() {
    let missing = problem("\"shop:pricing/quote@1.0.0\" = { path = \"nowhere.wasm\" }");
    assert!(
        missing.starts_with(
            "10:1 [\"shop:pricing/quote@1.0.0\"] dependency \"shop:pricing/quote@1.0.0\" of component \"till\": there is no file "
        ),
        "{missing}"
    );
    let text = problem("\"shop:pricing/quote@1.0.0\" = { path = \"text.wasm\" }");
    assert!(
        text.starts_with(
            "10:1 [\"shop:pricing/quote@1.0.0\"] component \"till\": dependency 'shop:pricing/quote@1.0.0': "
        ) && text.contains("is no WebAssembly file"),
        "{text}"
    );
}

#[test]
fn what_would_have_to_be_downloaded() {
    for (dependency, at) in [
        ("\"1.0\"", "shop:pricing@1.0 of a registry"),
        (
            "{ package = \"a:b\", version = \"2\", registry = \"r.example\" }",
            "a:b@2 of a registry",
        ),
        (
            &format!(
                "{{ url = \"https://example.com/x.wasm\", digest = \"sha256:{}\" }}",
                "0".repeat(64)
            ),
            "at https://example.com/x.wasm",
        ),
    ] {
        let problem = problem(&format!("\"shop:pricing/quote@1.0.0\" = {dependency}"));
        assert!(
            problem.starts_with(&format!(
                "10:1 [\"shop:pricing/quote@1.0.0\"] dependency \"shop:pricing/quote@1.0.0\" of component \"till\" is {at}, \
                 and tests download nothing"
            )),
            "{problem}"
        );
    }
}

#[test]
fn components_that_depend_on_each_other() {
    let problem = problem(
        "\"shop:pricing/quote@1.0.0\" = { component = \"quote\" }\n[component.quote]\nsource = \"quote.wasm\"\n\
         [component.quote.dependencies]\n\"shop:pricing/quote@1.0.0\" = { component = \"till\" }",
    );
    assert!(
        problem.contains("Component quote cannot be used as a dependency of till because it specifies: dependencies"),
        "{problem}"
    );
}

/// A plain name of an import may be that of a component which stands before another.
#[test]
fn middleware_that_has_the_name_of_a_dependency() {
    let folder = tempfile::tempdir().expect("a folder");
    let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/apps");
    for (from, name) in [
        ("dependencies/probe.wasm", "probe.wasm"),
        ("dependencies/prober.wasm", "prober.wasm"),
    ] {
        fs::copy(apps.join(from), folder.path().join(name)).expect("a fixture");
    }
    fs::write(folder.path().join("text.wasm"), "no wasm").expect("a file");
    let manifest = "spin_manifest_version = 2\n[application]\nname = \"app\"\n[[trigger.http]]\nroute = \"/...\"\n\
                    component = \"till\"\ndependencies.middleware = [{ component = \"plain-attempt\" }]\n\
                    [component.till]\nsource = \"prober.wasm\"\n[component.till.dependencies]\n\
                    plain-attempt = { path = \"probe.wasm\" }\n\
                    [component.plain-attempt]\nsource = \"text.wasm\"\n";
    fs::write(folder.path().join("spin.toml"), manifest).expect("a manifest");
    let Err(error) = App::load(folder.path()) else {
        panic!("it loads")
    };
    let shown = shown(&error);
    assert!(
        shown.starts_with("7:28 [{ component = \"plain-attempt\" }] "),
        "{shown}"
    );
    assert!(shown.contains("is no WebAssembly file"), "{shown}");
}
