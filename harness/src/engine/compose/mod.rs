//! Puts a component and its `dependencies` together into one, as Spin does before it compiles
//! (`crates/compose/src/lib.rs`).

mod capability;
mod middleware;

use super::compiler::CompileError;
use super::rename::rename_imports;
use crate::app::{InheritConfiguration, package_of, satisfies};
use crate::host::{SPIN_PACKAGES, denied_import};
use capability::denied_field;
pub(crate) use middleware::{Middleware, wrap};
use std::collections::{BTreeMap, HashSet};
use wac_graph::types::{Package, SubtypeChecker, WorldId};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

/// The code that puts components together: what it made may not outlive a change of it.
pub(super) const COMPOSITION: [&[u8]; 4] = [
    include_bytes!("mod.rs"),
    include_bytes!("capability.rs"),
    include_bytes!("middleware.rs"),
    include_bytes!("../rename.rs"),
];

/// A component that is to satisfy imports of another.
pub(crate) struct Plug<'a> {
    /// The import or imports that it satisfies, as `dependencies` names them.
    pub name: &'a str,
    /// Its bytes; of a component.
    pub wasm: Vec<u8>,
    /// What of it satisfies them; what has the import's own name, unless this says otherwise.
    pub export: Option<&'a str>,
    /// What it may do of what the component that uses it may do.
    pub inherits: Option<&'a InheritConfiguration>,
}

/// Why a component and its dependencies cannot be put together. The messages are Spin's where it has one.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ComposeError {
    /// The code of a dependency cannot be used.
    #[error("dependency '{dependency}': {reason}")]
    #[diagnostic(forward(reason))]
    Unusable {
        /// Its name in the manifest.
        dependency: String,
        /// Why.
        reason: Box<CompileError>,
    },
    /// The component imports nothing of this name.
    #[error("dependency '{dependency}' doesn't match any imports of component '{component}'")]
    #[diagnostic(help("{}", imported(imports)))]
    Unmatched {
        /// The component's id.
        component: String,
        /// The dependency's name in the manifest.
        dependency: String,
        /// What the component imports.
        imports: Vec<String>,
    },
    /// Several dependencies satisfy one import.
    #[error("component '{component}' has dependency conflicts: import '{import}' satisfied by dependencies: '{}'", dependencies.join(", "))]
    #[diagnostic(help("give each of them the name of one interface"))]
    Conflict {
        /// The component's id.
        component: String,
        /// The import.
        import: String,
        /// The names of the dependencies.
        dependencies: Vec<String>,
    },
    /// The dependency lacks what the import wants.
    #[error("dependency '{dependency}' doesn't export '{export}' to satisfy import '{import}'")]
    #[diagnostic(help("{}", exported(exports)))]
    MissingExport {
        /// The dependency's name in the manifest.
        dependency: String,
        /// What it should export.
        export: String,
        /// The import.
        import: String,
        /// What it exports.
        exports: Vec<String>,
    },
    /// What the dependency exports is of another type than the import.
    #[error(
        "dependency '{dependency}' exports '{export}' which is not compatible with import '{import}': {reason}"
    )]
    #[diagnostic(help("build both of them with the same WIT"))]
    Incompatible {
        /// The dependency's name in the manifest.
        dependency: String,
        /// What it exports.
        export: String,
        /// The import.
        import: String,
        /// In what they differ.
        reason: String,
    },
    /// A dependency that inherits no key-value stores imports what Spin cannot deny it.
    #[error(
        "dependency '{dependency}' imports '{import}' and inherits no `key_value_stores`, which Spin cannot compose: \
         it denies `wasi:keyvalue/store` alone, and the two share their buckets"
    )]
    #[diagnostic(help(
        "let it inherit them: `inherit_configuration = [\"key_value_stores\"]`; or build it without wasi:keyvalue's batch and atomics"
    ))]
    Undeniable {
        /// The dependency's name in the manifest.
        dependency: String,
        /// What it imports.
        import: String,
    },
    /// The dependency cannot become part of a composition.
    #[error("dependency '{dependency}' cannot be composed: {reason}")]
    Refused {
        /// Its name in the manifest.
        dependency: String,
        /// Why.
        reason: String,
    },
    /// What is to stand before a component lacks what requests come in by, or go on by.
    #[error("middleware '{middleware}' does not {lacks} '{HANDLER}'")]
    #[diagnostic(help(
        "middleware imports and exports that interface; `spin-sdk` 7 makes it with its feature `http-middleware`"
    ))]
    NotMiddleware {
        /// Its name.
        middleware: String,
        /// What it does not do: `import` or `export` the interface.
        lacks: &'static str,
    },
    /// What is to stand before a component is at fault, as a dependency may be.
    #[error(transparent)]
    #[diagnostic(forward(0))]
    InMiddleware(Box<Self>),
    /// The component cannot have anything before it.
    #[error("it has middleware, and does not export '{HANDLER}', by which that passes requests on")]
    #[diagnostic(help("only components of WASI 0.3 can have middleware; it exports {}", exports.join(", ")))]
    NoHandlerBehind {
        /// What it exports.
        exports: Vec<String>,
    },
    /// The component, or the whole, cannot become part of a composition.
    #[error("it cannot be composed with its dependencies: {0}")]
    Whole(String),
}

impl ComposeError {
    /// The middleware at fault, by its name in the manifest, which a dependency may have too.
    pub fn middleware(&self) -> Option<&str> {
        match self {
            Self::NotMiddleware { middleware, .. } => Some(middleware),
            Self::InMiddleware(reason) => reason.dependency(),
            _ => None,
        }
    }

    /// The dependency at fault, by its name in the manifest; nothing where it is none alone.
    pub fn dependency(&self) -> Option<&str> {
        match self {
            Self::Unusable { dependency, .. }
            | Self::Unmatched { dependency, .. }
            | Self::MissingExport { dependency, .. }
            | Self::Incompatible { dependency, .. }
            | Self::Undeniable { dependency, .. }
            | Self::Refused { dependency, .. } => Some(dependency),
            // The one that came too many.
            Self::Conflict { dependencies, .. } => dependencies.last().map(String::as_str),
            Self::NotMiddleware { .. }
            | Self::InMiddleware(_)
            | Self::NoHandlerBehind { .. }
            | Self::Whole(_) => None,
        }
    }
}

/// What a component imports besides what the host provides.
fn imported(imports: &[String]) -> String {
    let of_host = |import: &&String| !SPIN_PACKAGES.iter().any(|it| import.starts_with(it));
    let others: Vec<&str> = imports.iter().filter(of_host).map(String::as_str).collect();
    match others.as_slice() {
        [] => "it imports nothing but interfaces of Spin and WASI".to_owned(),
        others => format!(
            "besides interfaces of Spin and WASI it imports {}",
            others.join(", ")
        ),
    }
}

fn exported(exports: &[String]) -> String {
    match exports {
        [] => "it exports nothing".to_owned(),
        exports => format!(
            "it exports {}; `export` says which of them to use",
            exports.join(", ")
        ),
    }
}

/// What requests come in by where there is middleware, and go on by; Spin knows no other version.
const HANDLER: &str = "wasi:http/handler@0.3.0";

/// Puts a component and its dependencies together, those in the order of the manifest. What a dependency must not use
/// it imports afterwards under another name, which the host answers with a denial.
///
/// # Errors
///
/// A dependency that does not fit.
pub(crate) fn compose(
    component: &str,
    wasm: Vec<u8>,
    plugs: Vec<Plug<'_>>,
) -> Result<Vec<u8>, ComposeError> {
    let mut composition = Composition {
        graph: CompositionGraph::new(),
        component,
    };
    let (world, socket) = composition
        .register(component, wasm)
        .map_err(ComposeError::Whole)?;
    let plugs = composition.plugs(world, plugs)?;
    for (import, plug) in &plugs {
        let node = composition.fitting(world, import, plug)?;
        composition
            .graph
            .set_instantiation_argument(socket, import, node)
            .map_err(whole)?;
    }
    let exports = &composition.graph.types()[world].exports;
    let exports: Vec<String> = exports.keys().cloned().collect();
    for export in exports {
        let graph = &mut composition.graph;
        let node = graph
            .alias_instance_export(socket, &export)
            .map_err(whole)?;
        graph.export(node, &export).map_err(whole)?;
    }
    let encoded = composition.graph.encode(EncodeOptions::default());
    encoded.map_err(whole)
}

fn whole(error: impl std::error::Error) -> ComposeError {
    ComposeError::Whole(chain(&error))
}

/// An error with all that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// The code of the dependency of this number, with other names for what it does not inherit.
fn with_denials(
    name: &str,
    wasm: &[u8],
    number: usize,
    inherits: Option<&InheritConfiguration>,
) -> Result<Vec<u8>, ComposeError> {
    let denied = |import: &str| denied_field(import, inherits).is_some();
    let renamed = rename_imports(wasm, |import| {
        denied(import).then(|| denied_import(number, import))
    });
    let renamed = renamed.map_err(|error| ComposeError::Refused {
        dependency: name.to_owned(),
        reason: error.to_string(),
    })?;
    if renamed.any("wasi:keyvalue/store@0.2.0-draft2") {
        let with_buckets = ["batch", "atomics"]
            .map(|interface| format!("wasi:keyvalue/{interface}@0.2.0-draft2"))
            .into_iter()
            .find(|import| renamed.imports.contains(import));
        if let Some(import) = with_buckets {
            let dependency = name.to_owned();
            return Err(ComposeError::Undeniable { dependency, import });
        }
    }
    Ok(renamed.wasm)
}

struct Composition<'a> {
    graph: CompositionGraph,
    component: &'a str,
}

/// A dependency that is part of the composition.
#[derive(Clone)]
struct Registered<'a> {
    name: &'a str,
    export: Option<&'a str>,
    world: WorldId,
    instance: NodeId,
}

impl<'a> Composition<'a> {
    /// Adds a component under a name that no other one may have.
    fn register(&mut self, name: &str, wasm: Vec<u8>) -> Result<(WorldId, NodeId), String> {
        let package = Package::from_bytes(name, None, wasm, self.graph.types_mut())
            .map_err(|error| format!("{error:#}"))?;
        let world = package.ty();
        let registered = self.graph.register_package(package);
        let package = registered.map_err(|error| chain(&error))?;
        Ok((world, self.graph.instantiate(package)))
    }

    /// Adds the dependencies, and says which of them satisfies which import.
    fn plugs(
        &mut self,
        world: WorldId,
        plugs: Vec<Plug<'a>>,
    ) -> Result<BTreeMap<String, Registered<'a>>, ComposeError> {
        let imports: Vec<String> = self.graph.types()[world].imports.keys().cloned().collect();
        let mut satisfied: BTreeMap<String, Vec<Registered<'a>>> = BTreeMap::new();
        for (number, plug) in plugs.into_iter().enumerate() {
            let fits = |import: &&String| satisfies(plug.name, import);
            let matched: Vec<&String> = imports.iter().filter(fits).collect();
            if matched.is_empty() {
                return Err(ComposeError::Unmatched {
                    component: self.component.to_owned(),
                    dependency: plug.name.to_owned(),
                    imports,
                });
            }
            let registered = self.add(number, plug)?;
            for import in matched {
                let by = satisfied.entry(import.clone()).or_default();
                by.push(registered.clone());
            }
        }
        let mut one_each = BTreeMap::new();
        for (import, mut by) in satisfied {
            if by.len() > 1 {
                return Err(ComposeError::Conflict {
                    component: self.component.to_owned(),
                    import,
                    dependencies: by.iter().map(|it| it.name.to_owned()).collect(),
                });
            }
            one_each.extend(by.pop().map(|only| (import, only)));
        }
        Ok(one_each)
    }

    /// Adds a dependency, and takes from it what it does not inherit. As in Spin its package names it, so that there
    /// can be only one of each.
    fn add(&mut self, number: usize, plug: Plug<'a>) -> Result<Registered<'a>, ComposeError> {
        let refused = |reason| ComposeError::Refused {
            dependency: plug.name.to_owned(),
            reason,
        };
        let wasm = with_denials(plug.name, &plug.wasm, number, plug.inherits)?;
        let package = package_of(plug.name);
        let (world, instance) = self.register(package, wasm).map_err(refused)?;
        Ok(Registered {
            name: plug.name,
            export: plug.export,
            world,
            instance,
        })
    }

    /// What a dependency exports for an import, if it fits.
    fn fitting(
        &mut self,
        world: WorldId,
        import: &str,
        plug: &Registered<'_>,
    ) -> Result<NodeId, ComposeError> {
        let export = plug.export.unwrap_or(import);
        let dependency = || plug.name.to_owned();
        let types = self.graph.types();
        let exports = &types[plug.world].exports;
        let (Some(given), Some(wanted)) = (exports.get(export), types[world].imports.get(import))
        else {
            return Err(ComposeError::MissingExport {
                dependency: dependency(),
                export: export.to_owned(),
                import: import.to_owned(),
                exports: exports.keys().cloned().collect(),
            });
        };
        let mut cache = HashSet::new();
        SubtypeChecker::new(&mut cache)
            .is_subtype(*given, types, *wanted, types)
            .map_err(|error| ComposeError::Incompatible {
                dependency: dependency(),
                export: export.to_owned(),
                import: import.to_owned(),
                reason: format!("{error:#}"),
            })?;
        let node = self.graph.alias_instance_export(plug.instance, export);
        node.map_err(|error| ComposeError::Refused {
            dependency: dependency(),
            reason: chain(&error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spin's adapter denies `wasi:keyvalue/store` alone, and encoding fails since the buckets of the others are not the
    /// store's then: tried with `crates/capabilities/deny_adapter.wasm`.
    #[test]
    fn batches_of_wasi_keyvalue_cannot_be_denied() {
        let apps = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/apps");
        let wasm = std::fs::read(format!("{apps}/key-value-wasi/key-value-wasi.wasm")).unwrap();
        let add = |inherits| {
            let mut composition = Composition {
                graph: CompositionGraph::new(),
                component: "api",
            };
            let plug = Plug {
                name: "a:b/c",
                wasm: wasm.clone(),
                export: None,
                inherits: Some(&InheritConfiguration::All(inherits)),
            };
            composition.add(0, plug).map(|_| ())
        };
        add(true).unwrap();
        let error = add(false).unwrap_err();
        assert!(
            matches!(&error, ComposeError::Undeniable { import, .. } if import == "wasi:keyvalue/batch@0.2.0-draft2"),
            "{error}"
        );
    }
}
