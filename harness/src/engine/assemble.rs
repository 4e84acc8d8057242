//! What an app is assembled of: its components, compiled and checked, and its stores, empty.

use super::app::AppError;
use super::compiler::{CompileError, Compiler, FileOfDependency};
use super::component::CompiledComponent;
use super::mounts::lay_out;
use super::redis_handler;
use crate::app::{
    Component, ComponentSource, LoadError, Manifest, Problem, RuntimeConfig, Span, StoreBackend,
};
use crate::storage::Store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Compiles, links and checks a component that a trigger names.
pub(super) fn compile(
    compiler: &Compiler,
    manifest: &Manifest,
    component: &Component,
) -> Result<CompiledComponent, AppError> {
    let id = || component.id.clone();
    let at =
        |problem: Problem, span: &Span| LoadError::from(problem.at(&manifest.source, span.clone()));
    let at_source =
        |problem: Problem| at(problem.labelled("this component"), &component.spans.source);
    let refused = |reason: CompileError| {
        let text = format!("component \"{}\": {reason}", component.id);
        let help = miette::Diagnostic::help(&reason).map(|help| help.to_string());
        let problem = Problem::error("app::bad_component", text).maybe_help(help);
        let dependency = match &reason {
            CompileError::Compose(reason) => reason.dependency(),
            _ => None,
        };
        let mut dependencies = component.dependencies.iter();
        let dependency = dependencies.find(|it| Some(it.name.as_str()) == dependency);
        AppError::Compile {
            component: id(),
            problem: match dependency {
                Some(dependency) => at(problem.labelled("this dependency"), &dependency.span),
                None => at_source(problem),
            },
            reason,
        }
    };
    let ComponentSource::LocalPath(path) = &component.source else {
        // `check_sources` refuses it before.
        return Err(refused(CompileError::Engine(
            "its source is not on this machine".to_owned(),
        )));
    };
    let sources: Vec<_> = component
        .dependencies
        .iter()
        .filter_map(|dependency| Some((dependency, manifest.code_of(dependency)?.0)))
        .collect();
    // `check_sources` refuses those that are not files before.
    let dependencies = sources.iter().filter_map(|(dependency, source)| {
        let ComponentSource::LocalPath(path) = source else {
            return None;
        };
        Some(FileOfDependency {
            name: &dependency.name,
            path,
            export: dependency.export.as_deref(),
            inherits: dependency.inherit_configuration.as_ref(),
        })
    });
    let dependencies: Vec<_> = dependencies.collect();
    let linked = compiler
        .load_composed(&component.id, path, &dependencies)
        .map_err(refused)?;
    let no_handler = |problem: Problem, exports: Vec<String>| AppError::NoHandler {
        component: id(),
        exports,
        problem: at_source(problem),
    };
    let takes_messages = manifest
        .redis_triggers()
        .any(|(trigger, _)| trigger.component.as_deref() == Some(&component.id));
    if takes_messages {
        redis_handler::require_one(&linked, &component.id)
            .map_err(|problem| no_handler(*problem, linked.exports()))?;
    }
    let takes_requests = manifest.http_trigger_of(&component.id).is_some();
    let arguments = manifest.program_arguments(&component.id);
    let as_program = arguments.is_some();
    let lacking = linked.lacks_handler(as_program);
    if let Some(wanted) = lacking.filter(|_| takes_requests) {
        let text = format!(
            "component \"{}\" has an HTTP trigger, and exports no {wanted} can call; it exports {}",
            component.id,
            linked.shown_exports()
        );
        let problem = Problem::error("app::no_handler", text).help(match as_program {
            true => "that executor runs `wasi:cli/run@0.2.x`, and modules with `_start`; leave `executor` out for others",
            false => {
                "spin-harness calls `wasi:http/incoming-handler@0.2.x`, `wasi:http/handler@0.3.0` and \
                 `fermyon:spin/inbound-http`; other generations of components are among the limits in the README"
            }
        });
        return Err(no_handler(problem, linked.exports()));
    }
    let files = manifest.resolve_files(component)?;
    let mounts = lay_out(&files).map_err(|source| AppError::Mount {
        component: id(),
        source,
    })?;
    let environment = component
        .environment
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Ok(CompiledComponent::new(
        &component.id,
        linked,
        environment,
        mounts,
        arguments.map(Arc::from),
    ))
}

/// Which labels are one store: those of one Redis URL, as under Spin.
pub(super) fn plan_stores(config: &RuntimeConfig) -> (BTreeMap<String, usize>, Vec<Store>) {
    let mut labels = BTreeMap::new();
    let mut templates = Vec::new();
    let mut redis: BTreeMap<&str, usize> = BTreeMap::new();
    for (label, backend) in &config.key_value_stores {
        let fresh = templates.len();
        let index = match backend {
            StoreBackend::Redis { url } => *redis.entry(url).or_insert(fresh),
            _ => fresh,
        };
        if index == fresh {
            templates.push(empty_store(backend));
        }
        labels.insert(label.clone(), index);
    }
    (labels, templates)
}

/// DynamoDB answers reads from any of its copies unless `consistent_read` asks for the newest.
fn empty_store(backend: &StoreBackend) -> Store {
    let store = Store::new(backend.provider());
    match backend {
        StoreBackend::AwsDynamo {
            consistent_read: false,
            ..
        } => store.without_consistent_reads(),
        _ => store,
    }
}
