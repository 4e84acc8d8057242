//! What an app is assembled of: its components, with their dependencies, the middleware before them and their files, and
//! its stores, empty.

use super::app::AppError;
use super::compiler::{CompileError, Compiler, FileOfDependency};
use super::component::CompiledComponent;
use super::mounts::lay_out;
use super::redis_handler;
use crate::app::{
    ComponentSource, Dependency, HttpExecutor, LoadError, Manifest, Problem, Run, RuntimeConfig,
    Span, StoreBackend, early_versions, of_no_version,
};
use crate::storage::Store;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Compiles a component with what is around it where it runs.
pub(super) fn compile(
    compiler: &Compiler,
    manifest: &Manifest,
    run: &Run<'_>,
) -> Result<CompiledComponent, AppError> {
    let component = run.component;
    let id = || component.id.clone();
    let middleware = run.middleware();
    let at =
        |problem: Problem, span: &Span| LoadError::from(problem.at(&manifest.source, span.clone()));
    let at_source =
        |problem: Problem| at(problem.labelled("this component"), &component.spans.source);
    let refused = |reason: CompileError| {
        let text = format!("component \"{}\": {reason}", component.id);
        let help = miette::Diagnostic::help(&reason).map(|help| help.to_string());
        let problem = Problem::error("app::bad_component", text).maybe_help(help);
        // One name may stand for a dependency and for middleware.
        let named = |all: &'_ [Dependency], name: Option<&str>| {
            let span = all.iter().find(|it| Some(it.name.as_str()) == name);
            span.map(|it| it.span.clone())
        };
        let (dependency, before) = match &reason {
            CompileError::Compose(reason) => (
                named(&component.dependencies, reason.dependency()),
                named(middleware, reason.middleware()),
            ),
            _ => (None, None),
        };
        AppError::Compile {
            component: id(),
            problem: match (dependency, before) {
                (Some(span), _) => at(problem.labelled("this dependency"), &span),
                (None, Some(span)) => at(problem.labelled("this middleware"), &span),
                (None, None) => at_source(problem),
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
    let dependencies = found(manifest, component.dependencies.iter().enumerate());
    // Of middleware of one name, the number of the first: what is compiled of it is the same for all triggers.
    let before = middleware.iter().map(|own| {
        let mut all = manifest.middleware();
        let place = all.position(|(_, it)| it.name == own.name);
        (
            component.dependencies.len() + place.unwrap_or_default(),
            own,
        )
    });
    let before = found(manifest, before);
    let linked = compiler
        .load_composed(&component.id, path, &files(&dependencies), &files(&before))
        .map_err(refused)?;
    let no_handler = |problem: Problem, exports: Vec<String>| AppError::NoHandler {
        component: id(),
        exports,
        problem: at_source(problem),
    };
    if run.takes_messages() {
        redis_handler::require_one(&linked, &component.id)
            .map_err(|problem| no_handler(*problem, linked.exports()))?;
    }
    let http = run.http_trigger().map(|(_, http)| http);
    let takes_requests = http.is_some();
    let arguments = http.and_then(|it| match &it.executor {
        HttpExecutor::Http => None,
        HttpExecutor::Wagi { argv } => Some(Arc::from(argv.as_str())),
    });
    let as_program = arguments.is_some();
    let lacking = linked.lacks_handler(as_program);
    if let Some(wanted) = lacking.filter(|_| takes_requests) {
        let text = format!(
            "component \"{}\" has an HTTP trigger, and exports no {wanted} can call; it exports {}",
            component.id,
            linked.shown_exports()
        );
        let exports = linked.exports();
        let of_no_version = exports.iter().find_map(|export| of_no_version(export));
        let help = match (as_program, of_no_version) {
            (true, _) => "that executor runs `wasi:cli/run@0.2.x`, and modules with `_start`; leave `executor` out for others"
                .to_owned(),
            (false, Some(why)) => why,
            (false, None) => format!(
                "spin-harness calls `wasi:http/incoming-handler@0.2.x`, `wasi:http/handler@0.3.0`, those of {}, and \
                 `fermyon:spin/inbound-http`",
                early_versions()
            ),
        };
        let problem = Problem::error("app::no_handler", text).help(help);
        return Err(no_handler(problem, exports));
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
        arguments,
    ))
}

/// A dependency with its number and its file.
struct Found<'a> {
    number: usize,
    dependency: &'a Dependency,
    path: PathBuf,
}

/// The files of dependencies; `Manifest::check_sources` has refused those that are none.
fn found<'a>(
    manifest: &Manifest,
    dependencies: impl Iterator<Item = (usize, &'a Dependency)>,
) -> Vec<Found<'a>> {
    let found =
        dependencies.filter_map(
            |(number, dependency)| match manifest.code_of(dependency)?.0 {
                ComponentSource::LocalPath(path) => Some(Found {
                    number,
                    dependency,
                    path,
                }),
                _ => None,
            },
        );
    found.collect()
}

fn files<'a>(found: &'a [Found<'a>]) -> Vec<FileOfDependency<'a>> {
    let files = found.iter().map(|it| FileOfDependency {
        name: &it.dependency.name,
        number: it.number,
        path: &it.path,
        export: it.dependency.export.as_deref(),
        inherits: it.dependency.inherit_configuration.as_ref(),
    });
    files.collect()
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
