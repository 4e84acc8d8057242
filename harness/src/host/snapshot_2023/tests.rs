use crate::engine::App;
use crate::host::support::Support;
use std::fs;
use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Resolve, TypeDefKind, WorldItem, WorldKey};

const GUESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/guests");

/// What a core module imports: from which module, as what, and the type of the function.
struct Import(String, String, Vec<u8>);

/// A function's type, as the binary format has it.
fn function_type(params: &[WasmType], results: &[WasmType]) -> Vec<u8> {
    let code = |ty: &WasmType| match ty {
        WasmType::I64 | WasmType::PointerOrI64 => 0x7e,
        WasmType::F32 => 0x7d,
        WasmType::F64 => 0x7c,
        _ => 0x7f,
    };
    let mut encoded = vec![0x60];
    for types in [params, results] {
        encoded.push(u8::try_from(types.len()).unwrap());
        encoded.extend(types.iter().map(code));
    }
    encoded
}

/// All that a world imports, resources and their methods too.
fn imports(resolve: &Resolve, world: wit_parser::WorldId) -> Vec<Import> {
    let mut all = Vec::new();
    for (key, item) in &resolve.worlds[world].imports {
        let WorldItem::Interface { id, .. } = item else {
            panic!("not an interface: {key:?}");
        };
        let module = resolve.name_world_key(&WorldKey::Interface(*id));
        for (name, function) in &resolve.interfaces[*id].functions {
            let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
            let ty = function_type(&signature.params, &signature.results);
            all.push(Import(module.clone(), name.clone(), ty));
        }
        for (name, ty) in &resolve.interfaces[*id].types {
            if matches!(resolve.types[*ty].kind, TypeDefKind::Resource) {
                let drop = format!("[resource-drop]{name}");
                let ty = function_type(&[WasmType::I32], &[]);
                all.push(Import(module.clone(), drop, ty));
            }
        }
    }
    all
}

fn leb128(mut number: usize) -> Vec<u8> {
    let mut encoded = Vec::new();
    while number >= 0x80 {
        encoded.push((number % 0x80) as u8 | 0x80);
        number /= 0x80;
    }
    encoded.push(number as u8);
    encoded
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [leb128(items.len()), items.concat()].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&leb128(text.len())[..], text.as_bytes()].concat()
}

/// A core module that imports all that and exports a handler of requests.
fn module(imports: &[Import], handler: &str) -> Vec<u8> {
    let count = imports.len();
    let mut types: Vec<_> = imports.iter().map(|it| it.2.clone()).collect();
    types.push(function_type(&[WasmType::I32; 4], &[WasmType::I32]));
    types.push(function_type(&[WasmType::I32; 2], &[]));
    let imported: Vec<_> = imports
        .iter()
        .enumerate()
        .map(|(index, it)| [text(&it.0), text(&it.1), vec![0], leb128(index)].concat())
        .collect();
    let export = |name, kind, index| [text(name), vec![kind], leb128(index)].concat();
    let exports = [
        export("memory", 2, 0),
        export("cabi_realloc", 0, count),
        export(handler, 0, count + 1),
    ];
    // `unreachable` is all that a function does.
    let body = vec![3, 0, 0x00, 0x0b];
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    for (id, content) in [
        (1, list(&types)),
        (2, list(&imported)),
        (3, list(&[leb128(count), leb128(count + 1)])),
        (5, list(&[vec![0, 1]])),
        (7, list(&exports)),
        (10, list(&[body.clone(), body])),
    ] {
        wasm.push(id);
        wasm.extend(leb128(content.len()));
        wasm.extend(content);
    }
    wasm
}

/// A component that imports every function of the world of a guest, and does nothing with them.
fn component_of_all(guest: &str) -> (Vec<u8>, usize) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(Path::new(GUESTS).join(guest).join("wit"))
        .unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let (handler, _) = resolve.worlds[world].exports.first().unwrap();
    let handler = format!("{}#handle", resolve.name_world_key(handler));
    let imports = imports(&resolve, world);
    let mut module = module(&imports, &handler);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default().module(&module).unwrap();
    (encoder.encode().unwrap(), imports.len())
}

fn load(component: &[u8]) -> Result<App, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("all.wasm"), component).unwrap();
    let manifest = "spin_manifest_version = 2\n[application]\nname = \"all\"\n[[trigger.http]]\n\
                    route = \"/...\"\ncomponent = \"all\"\n[component.all]\nsource = \"all.wasm\"\n";
    fs::write(folder.path().join("spin.toml"), manifest).unwrap();
    App::load(folder.path().join("spin.toml")).map_err(|error| {
        let report = miette::Report::new(error);
        format!("{report:?}")
    })
}

/// What a component of the snapshot may import links, function by function and type by type.
#[test]
fn all_of_a_snapshot_links() {
    for guest in ["wasi-2023-10", "wasi-2023-11"] {
        let (component, imported) = component_of_all(guest);
        assert!(imported > 170, "{guest}: {imported}");
        let app = load(&component).unwrap_or_else(|error| panic!("{guest}: {error}"));
        let component = app.component("all").unwrap();
        for import in component.imports() {
            assert!(Support::of_import(import).works, "{import}");
        }
    }
}

/// The bytes of a fixture's component with other dates of WASI, of the same length.
fn with_date(component: &str, date: &str, other: &str) -> Vec<u8> {
    let apps = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps");
    let mut wasm = fs::read(format!("{apps}/{component}")).unwrap();
    let (date, other) = (date.as_bytes(), other.as_bytes());
    let places: Vec<usize> = wasm
        .windows(date.len())
        .enumerate()
        .filter_map(|(place, it)| (it == date).then_some(place))
        .collect();
    assert!(!places.is_empty());
    for place in places {
        wasm[place..place + other.len()].copy_from_slice(other);
    }
    wasm
}

#[tokio::test]
async fn a_call_of_a_date_that_nobody_has_says_which_there_are() {
    let wasm = with_date(
        "wasi-2023/wasi-2023-11.wasm",
        "wasi:cli/stdout@0.2.0-rc-2023-11-10",
        "wasi:cli/stdout@0.2.0-rc-2023-12-05",
    );
    let app = load(&wasm).unwrap_or_else(|error| panic!("{error}"));
    let sandbox = app.sandbox();
    assert_eq!(sandbox.get("/now").await.unwrap().status(), 200);
    assert_eq!(sandbox.get("/log?text=a").await.unwrap().status(), 500);
    let traps = format!("{:?}", sandbox.traps());
    let said = "Spin 4.1 has no version 0.2.0-rc-2023-12-05 of `wasi:cli/stdout`";
    assert!(traps.contains(said), "{traps}");
}

#[test]
fn a_handler_of_a_date_that_nobody_has_is_refused_with_those_that_there_are() {
    let wasm = with_date(
        "wasi-2023/wasi-2023-11.wasm",
        "0.2.0-rc-2023-11-10",
        "0.2.0-rc-2023-12-05",
    );
    let error = load(&wasm).err().unwrap();
    // The lines of a message end where they are long enough.
    let without_blanks = |text: &str| text.replace('│', "").split_whitespace().collect::<String>();
    let said = without_blanks(&error);
    for part in [
        "exports no HTTP handler that spin-harness can call; it exports",
        "Spin 4.1 has no version 0.2.0-rc-2023-12-05 of `wasi:http/incoming-handler`",
        "0.2.0-rc-2023-10-18, 0.2.0-rc-2023-11-10",
    ] {
        assert!(said.contains(&without_blanks(part)), "{error}");
    }
}
