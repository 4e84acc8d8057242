//! The JSON is what the published schema says, and the schema says all that there is.

use super::super::json::{FORMAT, VERSION, json};
use super::{HOSTILE, all_real, assert_snapshot, hostile, of_name, two_apps};
use crate::app::GrantKind;
use crate::audit::{Code, Severity};
use serde_json::{Value, json as value};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../../docs/audit.schema.json")).unwrap()
}

/// What a schema says against a document.
pub(super) fn check(schema: Value, documents: &[Value]) -> Result<(), String> {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("schema.json", schema).unwrap();
    let schema = compiler.compile("schema.json", &mut schemas).unwrap();
    for document in documents {
        let checked = schemas.validate(document, schema);
        checked.map_err(|error| format!("{error:#}"))?;
    }
    Ok(())
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn reports_are_what_the_schema_says() {
    let reports = [
        parsed(&json(&[])),
        parsed(&json(&hostile())),
        parsed(&json(&all_real())),
        parsed(&json(&two_apps())),
    ];
    check(schema(), &reports).unwrap();
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let report = parsed(&json(&two_apps()));
    let changes: [(&str, Value); 9] = [
        ("/format", value!("else")),
        ("/version", value!(2)),
        ("/audits/0/app", value!(null)),
        ("/audits/0/findings/0/code", value!("unused-grants")),
        ("/audits/0/findings/0/severity", value!("fatal")),
        (
            "/audits/0/findings/0/place",
            value!({ "file": "spin.toml", "line": 1 }),
        ),
        ("/audits/0/components/0/kind", value!("archive")),
        ("/audits/0/components/0/grants/0/kind", value!("stores")),
        (
            "/audits/1/observed/components/catalog",
            value!({ "stores": {} }),
        ),
    ];
    for (pointer, wrong) in changes {
        let mut changed = report.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(check(schema(), &[changed]).is_err(), "{pointer}");
    }
    for pointer in [
        "",
        "/audits/0",
        "/audits/0/components/0",
        "/audits/1/observed",
    ] {
        let mut changed = report.clone();
        changed.pointer_mut(pointer).unwrap()["extra"] = value!(1);
        assert!(check(schema(), &[changed]).is_err(), "{pointer}");
    }
}

#[test]
fn the_schema_names_every_code_severity_and_kind() {
    let schema = schema();
    let finding = &schema["$defs"]["finding"]["properties"];
    assert_eq!(finding["code"]["enum"], value!(Code::ALL.map(Code::name)));
    assert_eq!(
        finding["severity"]["enum"],
        value!(Severity::ALL.map(Severity::name))
    );
    assert_eq!(
        schema["$defs"]["grant_kind"]["enum"],
        value!(GrantKind::ALL)
    );
    assert_eq!(schema["properties"]["format"]["const"], value!(FORMAT));
    assert_eq!(schema["properties"]["version"]["const"], value!(VERSION));
}

#[test]
fn the_schema_describes_every_property_and_requires_it() {
    fn walk(schema: &Value) {
        if let Some(properties) = schema["properties"].as_object() {
            let names: Vec<&String> = properties.keys().collect();
            assert_eq!(schema["required"], value!(names));
            assert_eq!(schema["additionalProperties"], value!(false));
            for (name, property) in properties {
                let is_kind = property["$ref"] == "#/$defs/grant_kind";
                assert!(is_kind || property["description"].is_string(), "{name}");
            }
        }
    }
    let schema = schema();
    walk(&schema);
    for definition in schema["$defs"].as_object().unwrap().values() {
        assert!(definition["description"].is_string());
        walk(definition);
    }
}

#[test]
fn nothing_is_lost() {
    for name in HOSTILE {
        let report = parsed(&json(&[of_name(name)]));
        let audit = &report["audits"][0];
        let component = &audit["components"][0];
        assert_eq!(audit["app"], name);
        assert_eq!(audit["runtime_config"], name);
        assert_eq!(component["imports"], value!([name, "wasi:io/poll@0.2.0"]));
        assert_eq!(
            component["nested"][0],
            value!({ "name": name, "imports": [name] })
        );
        assert_eq!(component["nested"][1]["name"], Value::Null);
        assert_eq!(component["imports_prove_use"], false);
        let dependencies = &component["dependencies"];
        assert_eq!(dependencies[0]["inherit_configuration"], false);
        assert_eq!(dependencies[1]["inherit_configuration"], true);
        assert_eq!(dependencies[2]["inherit_configuration"], value!([name]));
        assert_eq!(dependencies[0]["kind"], Value::Null);
        assert_eq!(dependencies[0]["error"], format!("it is damaged: {name}"));
        assert_eq!(dependencies[0]["imports_prove_use"], false);
        assert_eq!(dependencies[1]["kind"], "module");
        assert_eq!(dependencies[1]["imports_prove_use"], true);
        let finding = &audit["findings"][2];
        assert_eq!(
            finding["message"],
            format!("component \"{name}\" has `{name}`, {name}")
        );
        assert_eq!(finding["place"]["file"], name);
        assert_eq!(finding["place"]["end_line"], 7);
        assert_eq!(audit["findings"][1]["place"], Value::Null);
        let used = &audit["observed"]["components"][name]["key_value_stores"][name];
        assert_eq!(used["operations"]["get"], 1_u64 << 40);
        assert_eq!(used["more_keys"], true);
    }
}

#[test]
fn the_json_of_two_apps() {
    assert_snapshot("json", &json(&two_apps()));
}
